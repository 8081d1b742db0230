import { closeSync, fstatSync, openSync, readdirSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readFrame } from './frame.ts';

/** One file of the journal. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  /** Bytes of whole frames written, or found when it was opened. */
  size: number;
  /** Offset up to which damage has been counted. */
  counted: number;
}

/** Bytes that are read at once while scanning. */
const READ_BYTES = 1024 * 1024;

/** Where a segment lies. */
export function segmentPath(dir: string, number: number): string {
  return join(dir, `${String(number).padStart(10, '0')}.log`);
}

/** The segments of a folder, oldest first. Empty ones are removed. */
export function findSegments(dir: string): Segment[] {
  const found: Segment[] = [];
  for (const name of readdirSync(dir)) {
    if (!/^\d{10,15}\.log$/.test(name)) continue;
    const path = join(dir, name);
    const size = sizeOf(path);
    if (size === 0) rmSync(path, { force: true });
    else found.push({ number: Number(name.slice(0, -4)), path, size, counted: 0 });
  }
  return found.sort((a, b) => a.number - b.number);
}

function sizeOf(path: string): number {
  const file = openSync(path, 'r');
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

/** What a scan found. */
export interface ScanResult {
  /** Offset after the last byte that was looked at. */
  readonly offset: number;
  /** Damaged places that no scan had seen before. */
  readonly damaged: number;
}

/**
 * Reads frames from an offset on and hands them over until `take` returns false or the segment ends.
 * @param take gets each entry and the offset after it
 */
export function scanSegment(
  segment: Segment,
  from: number,
  take: (entry: string, end: number) => boolean,
): ScanResult {
  const file = openSync(segment.path, 'r');
  try {
    const found = scanFile(file, segment, from, take);
    segment.counted = Math.max(segment.counted, found.offset);
    return found;
  } finally {
    closeSync(file);
  }
}

function scanFile(
  file: number,
  { size, counted }: Segment,
  from: number,
  take: (entry: string, end: number) => boolean,
): ScanResult {
  let damaged = 0;
  let base = from;
  let want = READ_BYTES;
  while (base < size) {
    const bytes = readAt(file, base, Math.min(want, size - base));
    // A file that was cut short behind our back ends here.
    const last = base + bytes.length >= size || bytes.length === 0;
    let at = 0;
    want = READ_BYTES;
    while (at < bytes.length) {
      const step = readFrame(bytes, at, last);
      if (step.kind === 'more') {
        want = Math.max(READ_BYTES, step.need);
        break;
      }
      if (step.kind === 'damage' && base + at >= counted) damaged++;
      at = step.next;
      if (step.kind === 'damage') continue;
      if (!take(step.text, base + at)) return { offset: base + at, damaged };
    }
    if (bytes.length === 0) return { offset: size, damaged: damaged + (base >= counted ? 1 : 0) };
    base += at;
  }
  return { offset: base, damaged };
}

function readAt(file: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(file, buffer, filled, length - filled, offset + filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}
