import { crc32 } from 'node:zlib';

/**
 * How an entry stands in a segment: `LLLLLLLL CCCCCCCC payload\n`, with the payload's length in bytes and its CRC-32, both
 * eight hexadecimal digits. Entries hold no line break, so that the next `\n` is a certain place to read on after damage,
 * and a person can read the file.
 */
const HEADER_BYTES = 18;
const NEWLINE = 10;
const SPACE = 32;

/** Bytes that a frame has beside its payload. */
export const FRAME_OVERHEAD = HEADER_BYTES + 1;

/**
 * Writes a frame at `at`. The buffer must have room for three bytes per character and {@link FRAME_OVERHEAD}.
 * @returns where the next frame begins
 */
export function writeFrame(buffer: Buffer, at: number, entry: string): number {
  const start = at + HEADER_BYTES;
  const length = buffer.write(entry, start, 'utf8');
  const end = start + length;
  writeHex(buffer, at, length);
  buffer[at + 8] = SPACE;
  writeHex(buffer, at + 9, crc32(buffer.subarray(start, end)));
  buffer[at + 17] = SPACE;
  buffer[end] = NEWLINE;
  return end + 1;
}

function writeHex(buffer: Buffer, at: number, value: number): void {
  for (let i = 7, rest = value; i >= 0; i--, rest >>>= 4) {
    const digit = rest & 15;
    buffer[at + i] = digit < 10 ? 48 + digit : 87 + digit;
  }
}

function readHex(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) {
    const code = bytes[i] as number;
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** One step through a segment. */
export type Scanned =
  | { readonly kind: 'entry'; readonly text: string; readonly next: number }
  /** Bytes that are no frame: skipped up to the next line. */
  | { readonly kind: 'damage'; readonly next: number }
  /** The bytes end before it can be told: `need` bytes from here would do. */
  | { readonly kind: 'more'; readonly need: number };

/**
 * Reads the frame at `at`.
 * @param last whether the segment ends with these bytes: what is not whole then is damage (a torn tail)
 */
export function readFrame(bytes: Buffer, at: number, last: boolean): Scanned {
  const rest = bytes.length - at;
  if (rest < HEADER_BYTES) return last ? damageAt(bytes, at, last) : { kind: 'more', need: HEADER_BYTES };
  const length = readHex(bytes, at);
  const checksum = readHex(bytes, at + 9);
  if (length < 0 || checksum < 0) return damageAt(bytes, at, last);
  const start = at + HEADER_BYTES;
  const end = start + length;
  if (end >= bytes.length) {
    // The terminator belongs to the frame: without it the last write was not whole.
    return last ? damageAt(bytes, at, last) : { kind: 'more', need: length + FRAME_OVERHEAD };
  }
  const payload = bytes.subarray(start, end);
  if (crc32(payload) !== checksum || bytes[at + 8] !== SPACE || bytes[at + 17] !== SPACE)
    return damageAt(bytes, at, last);
  return { kind: 'entry', text: payload.toString('utf8'), next: end + 1 };
}

function damageAt(bytes: Buffer, at: number, last: boolean): Scanned {
  const line = bytes.indexOf(NEWLINE, at);
  if (line >= 0) return { kind: 'damage', next: line + 1 };
  return last ? { kind: 'damage', next: bytes.length } : { kind: 'more', need: (bytes.length - at) * 2 };
}
