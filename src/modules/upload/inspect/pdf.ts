import { refusedAs } from '../errors.ts';
import { inflateWithin, type Room } from './inflate.ts';

const MAX_OBJECTS = 500_000;
const MAX_STREAMS = 100_000;
const PIECE_BYTES = 16_384;
/** Long names alone: short ones turn up in compressed bytes by chance. */
const ACTING = /\/(JavaScript|Launch|RichMedia|SubmitForm|ImportData)(?![A-Za-z0-9])/;
const CHAIN = /\/Filter\s{0,20}\[(?:\s{0,20}\/[A-Za-z0-9]{1,40}){3,}/;

/** What a PDF holds beside its pages. */
export interface PdfLook {
  readonly flags: readonly string[];
}

/**
 * Looks through a PDF: actions wherever they stand, also in object streams and behind escaped names; streams that unpack
 * to more than there is room for; more objects than any honest document has.
 * @throws UploadRefused
 */
export async function lookThroughPdf(bytes: Buffer, room: Room): Promise<PdfLook> {
  if (count(bytes, ' obj', MAX_OBJECTS) >= MAX_OBJECTS)
    throw refusedAs('expands', 'pdf_objects', 'The document has more objects than honest ones have.');
  const text = bytes.toString('latin1');
  const plain = unescaped(text);
  const flags = new Set<string>();
  note(plain, flags);
  if (/\/Encrypt\s{0,20}(\d|<<)/.test(plain)) flags.add('pdf.encrypted');
  if (/\/EmbeddedFile(?![A-Za-z0-9])/.test(plain)) flags.add('pdf.attachment');
  if (CHAIN.test(plain)) throw refusedAs('expands', 'pdf_filters', 'A stream is packed several times over.');
  await unpackStreams(bytes, text, room, flags);
  return { flags: [...flags].toSorted() };
}

function note(text: string, flags: Set<string>): void {
  if (ACTING.test(text)) flags.add('pdf.action');
}

/** `/J#61vaScript` is the same name. */
function unescaped(text: string): string {
  if (!/#[0-9a-f]{2}/i.test(text)) return text;
  return text.replaceAll(/#([2-7][0-9a-f])/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Counts without making anything of what it finds. */
function count(bytes: Buffer, word: string, atMost: number): number {
  let found = 0;
  for (let at = bytes.indexOf(word); at >= 0 && found < atMost; at = bytes.indexOf(word, at + 4)) found += 1;
  return found;
}

/** What is left of one document's bounds. */
interface Search {
  readonly bytes: Buffer;
  readonly text: string;
  readonly room: Room;
  readonly flags: Set<string>;
  /** Packed bytes that may still be read: streams of honest documents don't lie within each other. */
  packedLeft: number;
}

/** Where words and names end (ISO 32000-1, 7.2.2). */
const BLANK = /[\0\t\n\f\r ]/;
const OBJECT_STREAM = /\/ObjStm(?![A-Za-z0-9])/;

/**
 * Unpacks whatever stands behind the word `stream` and begins as compressed bytes do, whatever its dictionary says of it.
 * The text between two streams is looked at once, so that no dictionary is too long for it.
 */
async function unpackStreams(bytes: Buffer, text: string, room: Room, flags: Set<string>): Promise<void> {
  const search: Search = { bytes, text, room, flags, packedLeft: 2 * bytes.length + 65_536 };
  let streams = 0;
  let from = 0;
  for (let at = text.indexOf('stream'); at >= 0; at = text.indexOf('stream', at + 6)) {
    if (text.startsWith('end', at - 3) || !BLANK.test(text[at + 6] ?? '')) continue;
    if (++streams > MAX_STREAMS)
      throw refusedAs('expands', 'pdf_objects', 'The document has too many streams.');
    const before = unescaped(text.slice(from, at));
    from = await unpackAt(search, startOf(text, at + 6), before);
  }
}

/** Compressed bytes never begin with a blank. */
function startOf(text: string, at: number): number {
  let start = at;
  while (start < text.length && BLANK.test(text[start] as string)) start += 1;
  return start;
}

/** @returns where what was unpacked ends */
async function unpackAt(search: Search, start: number, before: string): Promise<number> {
  const { bytes, room, flags } = search;
  const holdsObjects = OBJECT_STREAM.test(before);
  const names = new NameScan(holdsObjects);
  let end = start;
  let isRead = false;
  if (isZlib(bytes, start)) {
    // A page of one colour shrinks a thousandfold: the sum alone counts.
    const source = pieces(bytes.subarray(start));
    const { packed, whole } = await inflateWithin(source, 'deflate', room, false, (chunk) =>
      names.add(chunk),
    );
    if ((search.packedLeft -= packed) < 0)
      throw refusedAs('expands', 'pdf_objects', 'The streams of the document lie within each other.');
    names.end();
    if (names.acts) flags.add('pdf.action');
    if (whole) end = start + packed;
    isRead = whole && names.hasObjects;
  }
  // Objects behind another filter cannot be searched for actions; without any they have been.
  if (holdsObjects && !isRead && !isPlain(before)) flags.add('pdf.hidden');
  return end;
}

/** Whether the dictionary before a stream is as simple as they are, and names no filter. */
function isPlain(before: string): boolean {
  const dictionary = before.slice(before.lastIndexOf(' obj') + 1);
  return (
    /^obj\s{0,20}<<[^()]{0,400}>>\s{0,20}$/.test(dictionary) &&
    !/\/(?:Filter|F)(?![A-Za-z0-9])/.test(dictionary)
  );
}

/** RFC 1950: the method deflate, and a header that 31 divides. */
function isZlib(bytes: Buffer, at: number): boolean {
  const first = bytes[at] ?? 0;
  return (first & 15) === 8 && (first * 256 + (bytes[at + 1] ?? 0)) % 31 === 0;
}

/** No more at a time than is taken at once: most streams are short. */
async function* pieces(data: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < data.length; at += PIECE_BYTES) yield data.subarray(at, at + PIECE_BYTES);
}

/** How objects in a stream begin: numbers and places, behind blanks and comments. */
const OBJECTS = /^(?:[\0\s]|%[^\r\n]*(?:[\r\n]|$))*(?:\d{1,10}[\0\s]+\d{1,10}[\0\s]|$)/;
const START_CHARS = 4_096;
/** A name may lie across two pieces, each of its letters escaped. */
const OVERLAP = 64;

/** Looks for names of actions in what a stream unpacks to, if it holds objects or says so. */
class NameScan {
  acts = false;
  /** Whether it begins as objects do. */
  hasObjects = false;
  readonly #saysSo: boolean;
  #isDecided = false;
  #text = '';

  constructor(saysSo: boolean) {
    this.#saysSo = saysSo;
  }

  add(chunk: Buffer): void {
    if (this.#isDecided && !this.hasObjects && !this.#saysSo) return;
    this.#text += chunk.toString('latin1');
    if (this.#isDecided || this.#text.length >= START_CHARS) this.end();
  }

  /** Looks at what has come since the last time. */
  end(): void {
    if (!this.#isDecided) {
      this.#isDecided = true;
      this.hasObjects = OBJECTS.test(this.#text.slice(0, START_CHARS));
    }
    if ((this.hasObjects || this.#saysSo) && ACTING.test(unescaped(this.#text))) this.acts = true;
    this.#text = this.#text.slice(-OVERLAP);
  }
}
