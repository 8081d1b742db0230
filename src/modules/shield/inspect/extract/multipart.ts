import { gate, gateValue } from '../gate/gate.ts';
import { readTexts } from './content.ts';
import { type JsonBounds, scanJson } from './json.ts';
import { type PartHead, readPartHead } from './part-head.ts';
import { Pending } from './pending.ts';
import type { Problem, ValueSink } from './sink.ts';

/** Bytes of a part's header lines at most. */
const MAX_HEAD_BYTES = 16_384;
/** Blanks behind a boundary at most. */
const MAX_PADDING = 256;
const CR = 13;
const LF = 10;
const DASH = 45;
const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/** Bounds of a multipart body. */
export interface MultipartBounds extends JsonBounds {
  /** Bytes of a text field at most. */
  readonly maxFieldBytes: number;
}

/**
 * Looks at the fields and file names of a multipart body while it comes. Files go by unread: of them nothing is kept but
 * as many bytes as a boundary has. What parsers would cut into parts in different ways is a problem (RFC 2046 5.1.1).
 */
export class MultipartScan {
  /** A boundary with the line feed before it: one without its carriage return is met as well. */
  readonly #mark: Buffer;
  readonly #bounds: MultipartBounds;
  readonly #sink: ValueSink;
  readonly #rest = new Pending();
  /** `line` is what follows a boundary on its line, `close` what follows the two dashes of the last one. */
  #state: 'preamble' | 'line' | 'head' | 'field' | 'file' | 'close' | 'epilogue' | 'over' = 'preamble';
  /** How much of the rest was searched in vain: each byte is searched once, in whatever pieces they come. */
  #searched = 0;
  #head: PartHead = { name: '', filenames: [], isFile: false, type: '' };
  #parts = 0;
  #isEmpty = true;
  /** Whether the rest begins with the line end behind a part's head. */
  #isPartStart = false;

  constructor(boundary: string, bounds: MultipartBounds, sink: ValueSink) {
    this.#mark = Buffer.from(`\n--${boundary}`, 'latin1');
    this.#bounds = bounds;
    this.#sink = sink;
    // A line end that is not there makes the first boundary like the others.
    this.#rest.add(LINE_END);
  }

  /** Takes the next bytes. */
  write(chunk: Uint8Array): void {
    if (this.#state === 'over' || chunk.length === 0) return;
    this.#isEmpty = false;
    this.#rest.add(chunk);
    while (this.#step());
  }

  /** Says that the body is whole: a field without a closing boundary is looked at, and a problem nevertheless. */
  end(): void {
    const state = this.#state;
    if (state === 'field') this.#field(this.#rest.slice(LINE_END.length, this.#rest.length));
    const isWhole = state === 'close' || state === 'epilogue' || state === 'over' || this.#isEmpty;
    this.#stop(isWhole ? undefined : 'malformed');
  }

  #stop(problem?: Problem): false {
    if (problem !== undefined) this.#sink.problem(problem);
    this.#state = 'over';
    this.#rest.clear();
    return false;
  }

  #enter(state: 'line' | 'head' | 'field' | 'file' | 'close' | 'epilogue', dropped: number): true {
    this.#state = state;
    this.#rest.drop(dropped);
    this.#searched = 0;
    this.#isPartStart = state === 'field' || state === 'file';
    return true;
  }

  /** @returns whether another step may be made with what is there */
  #step(): boolean {
    if (this.#state === 'over') return false;
    if (this.#state === 'line') return this.#readLine();
    if (this.#state === 'close') return this.#readClose();
    return this.#state === 'head' ? this.#readHead() : this.#readContent();
  }

  /** Behind a boundary stand two dashes, or blanks and a line end. */
  #readLine(): boolean {
    const rest = this.#rest;
    if (rest.at(0) === DASH && rest.at(1) === DASH) return this.#enter('close', 2);
    const end = this.#skipBlanks();
    if (rest.length < end + 2) return end > MAX_PADDING ? this.#stop('malformed') : false;
    if (!this.#isLineEnd(end)) return this.#stop('malformed');
    // The line end may be half of the empty line of a part without headers.
    return this.#enter('head', end);
  }

  #readClose(): boolean {
    const end = this.#skipBlanks();
    if (this.#rest.length < end + 2) return end > MAX_PADDING ? this.#stop('malformed') : false;
    return this.#isLineEnd(end) ? this.#enter('epilogue', end) : this.#stop('malformed');
  }

  #skipBlanks(): number {
    let end = 0;
    while (end <= MAX_PADDING && (this.#rest.at(end) === 32 || this.#rest.at(end) === 9)) end++;
    return end;
  }

  #isLineEnd(at: number): boolean {
    return this.#rest.at(at) === CR && this.#rest.at(at + 1) === LF;
  }

  #readHead(): boolean {
    const rest = this.#rest;
    const end = rest.indexOf(HEAD_END, this.#searched);
    if (end > MAX_HEAD_BYTES || (end < 0 && rest.length > MAX_HEAD_BYTES)) return this.#stop('too-large');
    if (end < 0) {
      this.#searched = Math.max(0, rest.length - HEAD_END.length + 1);
      return false;
    }
    if (++this.#parts > this.#bounds.maxValues) return this.#stop('too-many-values');
    const head = readPartHead(rest.slice(Math.min(LINE_END.length, end), end).toString('utf8'));
    if (head === undefined) return this.#stop('malformed');
    this.#openPart(head);
    // The line end stays, so that a boundary that takes the place of the content is seen.
    return this.#enter(head.isFile ? 'file' : 'field', end + LINE_END.length);
  }

  #openPart(head: PartHead): void {
    this.#head = head;
    if (head.name !== '' && gate(head.name)) this.#sink.suspect(head.name, 'name', head.name);
    for (const filename of head.filenames)
      if (isOddFilename(filename)) this.#sink.suspect(filename, 'filename', head.name);
  }

  #readContent(): boolean {
    const rest = this.#rest;
    const at = rest.indexOf(this.#mark, this.#searched);
    if (at < 0) return this.#keepTail();
    const after = at + this.#mark.length;
    if (at === 0 || rest.at(at - 1) !== CR) return this.#passBareMark(at, after);
    // Some would take a boundary right behind a head for content, and nobody should go on behind the last one.
    if (this.#state === 'epilogue' || (this.#isPartStart && at === 1)) return this.#stop('malformed');
    if (this.#state === 'field') this.#field(rest.slice(LINE_END.length, at - 1));
    return this.#enter('line', after);
  }

  /** A boundary behind a line feed alone is one to lenient parsers, where its line ends like a boundary's. */
  #passBareMark(at: number, after: number): boolean {
    const next = this.#rest.at(after);
    this.#searched = next < 0 ? at : after;
    if (next < 0) return false;
    const ends = next === CR || next === LF || next === DASH || next === 32 || next === 9;
    return ends ? this.#stop('malformed') : true;
  }

  /** Forgets what can be no boundary's beginning; a field is kept whole, within its bound. */
  #keepTail(): false {
    const rest = this.#rest;
    // One more than the mark's, for the carriage return before it.
    const tail = Math.max(0, rest.length - this.#mark.length);
    if (this.#state === 'field') {
      this.#searched = tail;
      return rest.length > this.#bounds.maxFieldBytes + this.#mark.length ? this.#stop('too-large') : false;
    }
    if (tail > 0) this.#isPartStart = false;
    rest.drop(tail);
    this.#searched = 0;
    return false;
  }

  #field(bytes: Buffer): void {
    const texts = readTexts(bytes, this.#head.type);
    if (texts === undefined) return this.#sink.problem('bad-encoding');
    for (const text of texts) this.#value(text.trimEnd());
  }

  #value(value: string): void {
    const { name, type } = this.#head;
    const isJson = type.includes('json');
    if (isJson) scanJson(value, this.#bounds, { place: 'multipart', name }, this.#sink);
    // Its sender says that it is JSON, and most parsers do not care.
    if ((!isJson || !isJsonText(value)) && gateValue(value)) this.#sink.suspect(value, 'multipart', name);
  }
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isOddFilename(name: string): boolean {
  return gate(name) || name.includes('/') || name.includes('\\') || name.includes('\0');
}
