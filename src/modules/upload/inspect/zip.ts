import { Readable } from 'node:stream';
import type { Entry, ZipFile } from 'yauzl';
import { hasControl } from '../control.ts';
import { refusedAs } from '../errors.ts';
import type { ArchiveOptions } from '../options.ts';
import { WHOLE_BYTES } from './facts.ts';
import { inflateWithin, type Room } from './inflate.ts';
import { entriesOf, openZip, unpacked, type ZipSource } from './zip-reader.ts';

/** What an archive is, and what is in it. */
export interface ZipLook {
  readonly type: string;
  readonly flags: readonly string[];
}

/** What all archives of one file share. */
export interface ZipState {
  readonly options: Required<ArchiveOptions>;
  readonly room: Room;
  readonly flags: Set<string>;
  entries: number;
}

const HEAD_BYTES = 4_096;
const LOCAL_HEADER_BYTES = 30;
const SYMLINK = 0o120000;
const FORMAT = 0o170000;
/** Packed things that cannot be looked into here. */
const CLOSED: readonly Buffer[] = [
  Buffer.from('Rar!'),
  Buffer.from('7z\u00bc\u00af\u0027\u001c', 'latin1'),
  Buffer.from('BZh'),
  Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]),
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
];
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

/**
 * Looks through an archive: by its central directory first, then by unpacking all of it and counting, since both sizes and
 * checksums there are only claims.
 * @throws UploadRefused
 */
export async function lookThroughZip(source: ZipSource, state: ZipState, depth = 0): Promise<ZipLook> {
  const zip = await openZip(source);
  try {
    if (zip.entryCount + state.entries > state.options.maxEntries) throw tooMany(state);
    const entries = await listed(zip, state);
    refuseOverlaps(entries);
    let type = typeByNames(entries);
    for (const [at, entry] of entries.entries()) {
      if (entry.fileName.endsWith('/')) continue;
      const head = await lookThroughEntry(zip, entry, state, depth);
      if (at === 0 && entry.fileName === 'mimetype') type = head.toString('latin1', 0, 100).trim();
    }
    return { type, flags: [...state.flags].toSorted() };
  } finally {
    zip.close();
  }
}

function tooMany({ options }: ZipState): Error {
  return refusedAs('expands', 'zip_entries', 'The archive holds more files than are accepted.', {
    maxEntries: options.maxEntries,
  });
}

async function listed(zip: ZipFile, state: ZipState): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  const names = new Set<string>();
  let claimed = 0;
  for await (const entry of entriesOf(zip)) {
    if (++state.entries > state.options.maxEntries) throw tooMany(state);
    refuseEntry(entry, names);
    claimed += entry.uncompressedSize;
    if (claimed > state.room.left)
      throw refusedAs('expands', 'zip_claims', 'The archive says itself that it becomes too large.');
    state.room.ratio(entry.uncompressedSize, entry.compressedSize);
    entries.push(entry);
  }
  return entries;
}

function refuseEntry(entry: Entry, names: Set<string>): void {
  const name = entry.fileName;
  if (hasControl(name) || /^[a-z]:/i.test(name) || name.split('/').includes('..'))
    throw refusedAs('mismatch', 'zip_name', 'A name in the archive leads out of it.');
  if (((entry.externalFileAttributes >>> 16) & FORMAT) === SYMLINK)
    throw refusedAs('mismatch', 'zip_link', 'The archive holds a link.');
  if ((entry.generalPurposeBitFlag & 1) !== 0)
    throw refusedAs('unsafe', 'zip_encrypted', 'The archive is encrypted: nobody can look into it.');
  const key = name.normalize('NFC').toLowerCase();
  if (names.has(key)) throw refusedAs('mismatch', 'zip_twice', 'Two files in the archive have one name.');
  names.add(key);
}

/** Entries that share their bytes are how a small archive becomes a huge one. */
function refuseOverlaps(entries: readonly Entry[]): void {
  const sorted = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const { relativeOffsetOfLocalHeader: start, compressedSize, fileNameLength } of sorted) {
    if (start < end) throw refusedAs('expands', 'zip_overlap', 'Files in the archive share their bytes.');
    end = start + LOCAL_HEADER_BYTES + fileNameLength + compressedSize;
  }
}

async function lookThroughEntry(zip: ZipFile, entry: Entry, state: ZipState, depth: number): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  let inner: Buffer[] | undefined;
  let bytes = 0;
  for await (const chunk of unpacked(zip, entry)) {
    bytes += chunk.byteLength;
    state.room.take(chunk.byteLength);
    if (head.length < HEAD_BYTES) {
      head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      if (bytes === chunk.byteLength && (isZip(head) || isGzip(head))) inner = [];
    }
    inner?.push(chunk);
    if (inner !== undefined && bytes > WHOLE_BYTES) throw nested('is too large to be looked into');
  }
  noteEntry(entry.fileName, head, state);
  if (inner !== undefined) await lookInside(Buffer.concat(inner), state, depth + 1);
  else if (isClosed(head)) throw nested('is of a kind that is not looked into');
  return head;
}

async function lookInside(bytes: Buffer, state: ZipState, depth: number): Promise<void> {
  if (depth > state.options.maxDepth) throw nested('is one too many');
  if (isGzip(bytes)) return lookInsideGzip(bytes, state);
  const read = (start: number, end: number): Promise<Buffer> => Promise.resolve(bytes.subarray(start, end));
  await lookThroughZip({ bytes: bytes.length, read }, state, depth);
}

/** Letters hold old drawings so (.emz), and archives their logs. */
async function lookInsideGzip(bytes: Buffer, { room }: ZipState): Promise<void> {
  const { head, whole } = await inflateWithin(Readable.from([bytes]), 'gzip', room, true);
  if (!whole) throw refusedAs('mismatch', 'gzip_broken', 'A compressed file in the archive is broken.');
  if (isZip(head) || isGzip(head) || isClosed(head)) throw nested('is one too many');
}

function nested(what: string): Error {
  return refusedAs('expands', 'nested', `An archive inside of the archive ${what}.`);
}

function isGzip(head: Buffer): boolean {
  return head.subarray(0, GZIP.length).equals(GZIP);
}

function isClosed(head: Buffer): boolean {
  return CLOSED.some((magic) => head.subarray(0, magic.length).equals(magic));
}

function isZip(head: Buffer): boolean {
  return head.length >= 4 && head.readUInt32LE(0) === 0x04_03_4b_50;
}

function noteEntry(name: string, head: Buffer, state: ZipState): void {
  if (/(^|\/)vbaproject\.bin$|(^|\/)activex\d*\.bin$/i.test(name)) state.flags.add('office.macros');
  if (/\.(xml|rels|opf|xhtml|svg)$/i.test(name) && /<!entity/i.test(head.toString('latin1')))
    throw refusedAs('unsafe', 'xml_entity', 'A document in the archive defines entities.');
}

const OFFICE: readonly (readonly [string, string])[] = [
  ['word/', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xl/', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['ppt/', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
];

function typeByNames(entries: readonly Entry[]): string {
  const names = entries.map((entry) => entry.fileName);
  if (names.includes('[Content_Types].xml'))
    return OFFICE.find(([folder]) => names.some((name) => name.startsWith(folder)))?.[1] ?? 'application/zip';
  if (names.includes('META-INF/MANIFEST.MF')) return 'application/java-archive';
  if (names.includes('AndroidManifest.xml')) return 'application/vnd.android.package-archive';
  return 'application/zip';
}
