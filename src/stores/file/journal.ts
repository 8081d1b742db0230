import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Timers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import { readOptions } from '../../core/options.ts';
import type { Journal, JournalBatch } from '../../ports/journal.ts';
import { FRAME_OVERHEAD, writeFrame } from './frame.ts';
import { type FolderLock, lockFolder } from './lock.ts';
import { journalFields, type JournalOptions } from './options.ts';
import { readPosition, writePosition } from './position.ts';
import { findSegments, scanSegment, type Segment, segmentPath } from './segment.ts';
import { SegmentSync } from './sync.ts';

/** Live objects of the journal. */
export interface JournalPorts {
  readonly timers?: Timers;
}

/** A place in the journal, with the number of entries before it since it was opened. */
interface Place {
  readonly segment: number;
  readonly offset: number;
  readonly ordinal: number;
}

/** Payload of one batch at most, characters: what is peeked is held in memory. */
const MAX_BATCH_CHARS = 4 * 1024 * 1024;
const SCRATCH_BYTES = 256 * 1024;

/**
 * Opens a journal in a folder that no other process may open meanwhile, counting what waits in it.
 * @throws OptionsError; RampartError `JOURNAL_LOCKED`
 */
export async function openJournal(options: JournalOptions, ports: JournalPorts = {}): Promise<Journal> {
  const read = readOptions('journal', options, journalFields);
  const dir = resolve(read.dir);
  const lost = { handler: (): void => undefined };
  const lock = await lockFolder({
    folder: dir,
    code: 'JOURNAL_LOCKED',
    what: 'The journal',
    onLost: () => lost.handler(),
    ...ports,
  });
  try {
    const journal = new FileJournal({ ...read, dir }, lock);
    lost.handler = () => journal.lose();
    return journal;
  } catch (error) {
    lock.release();
    throw error;
  }
}

class FileJournal implements Journal {
  readonly #dir: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #lock: FolderLock;
  readonly #segments: Segment[];
  #file: number | undefined;
  #next: number;
  #bytes = 0;
  #appended = 0;
  #damaged = 0;
  #place: Place;
  #scratch = Buffer.allocUnsafe(SCRATCH_BYTES);
  readonly #sync: SegmentSync;
  #ended: RampartError | undefined;

  constructor(options: { dir: string; maxBytes: number; segmentBytes: number }, lock: FolderLock) {
    this.#dir = options.dir;
    this.#maxBytes = options.maxBytes;
    this.#segmentBytes = Math.min(options.segmentBytes, Math.floor(options.maxBytes / 4));
    this.#lock = lock;
    this.#sync = new SegmentSync(options.dir);
    const start = readPosition(options.dir);
    this.#segments = findSegments(options.dir);
    this.#next = Math.max(start?.segment ?? 0, this.#segments.at(-1)?.number ?? 0) + 1;
    this.#place = { segment: start?.segment ?? 0, offset: start?.offset ?? 0, ordinal: 0 };
    for (const segment of this.#segments) this.#bytes += segment.size;
    this.#dropTaken();
    // Always a new file: what follows a torn tail in the old one could not be told from it.
    for (const segment of this.#segments) {
      const { damaged } = scanSegment(segment, this.#offsetIn(segment), () => {
        this.#appended++;
        return true;
      });
      this.#damaged += damaged;
    }
    for (const segment of this.#segments) this.#sync.add(segment);
  }

  #offsetIn(segment: Segment): number {
    return segment.number === this.#place.segment ? Math.min(this.#place.offset, segment.size) : 0;
  }

  append(entries: readonly string[]): void {
    if (this.#ended) throw this.#ended;
    if (entries.length === 0) return;
    const length = this.#write(entries);
    if (this.#bytes + length > this.#maxBytes) {
      this.#dropTakenActive();
      if (this.#bytes + length > this.#maxBytes) throw full(this.#maxBytes);
    }
    const segment = this.#active(length);
    this.#put(segment, length);
    segment.size += length;
    this.#bytes += length;
    this.#appended += entries.length;
    this.#sync.add(segment);
    if (this.#scratch.length > SCRATCH_BYTES) this.#scratch = Buffer.allocUnsafe(SCRATCH_BYTES);
  }

  /** Frames all entries into the scratch buffer. @returns bytes */
  #write(entries: readonly string[]): number {
    let room = 0;
    for (const entry of entries) {
      if (entry.includes('\n')) throw new TypeError('an entry of the journal holds no line break');
      room += entry.length * 3 + FRAME_OVERHEAD;
    }
    if (room > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(room);
    let at = 0;
    for (const entry of entries) at = writeFrame(this.#scratch, at, entry);
    return at;
  }

  #put(segment: Segment, length: number): void {
    const file = this.#file as number;
    try {
      for (let done = 0; done < length;) {
        done += writeSync(file, this.#scratch, done, length - done, segment.size + done);
      }
    } catch (error) {
      this.#undo(file, segment.size);
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT') throw full(this.#maxBytes, error);
      throw new RampartError('JOURNAL_FAILED', 'The journal cannot be written.', { cause: error });
    }
  }

  /** Half a write must not stand in front of the next one; a file that cannot be cut is left behind. */
  #undo(file: number, size: number): void {
    try {
      ftruncateSync(file, size);
    } catch {
      this.#closeFile();
    }
  }

  #active(length: number): Segment {
    const last = this.#segments.at(-1);
    if (this.#file !== undefined && last && (last.size === 0 || last.size + length <= this.#segmentBytes))
      return last;
    this.#closeFile();
    const number = this.#next++;
    const segment: Segment = { number, path: segmentPath(this.#dir, number), size: 0, counted: 0 };
    this.#file = openSync(segment.path, 'wx', 0o600);
    this.#segments.push(segment);
    return segment;
  }

  #closeFile(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  // The following are asynchronous for the port's sake; each does its work in one go, so that none sees half of another.
  async peek(maxEntries: number): Promise<JournalBatch> {
    if (this.#ended) throw this.#ended;
    const entries: string[] = [];
    let chars = 0;
    let end = this.#place;
    for (const segment of this.#segments) {
      if (entries.length >= maxEntries || chars >= MAX_BATCH_CHARS) break;
      const found = scanSegment(segment, this.#offsetIn(segment), (entry) => {
        entries.push(entry);
        chars += entry.length;
        return entries.length < maxEntries && chars < MAX_BATCH_CHARS;
      });
      this.#damaged += found.damaged;
      // An entry that was damaged after it had been appended waits no longer.
      this.#appended -= found.damaged;
      end = {
        segment: segment.number,
        offset: found.offset,
        ordinal: this.#place.ordinal + entries.length,
      };
    }
    return { entries, end };
  }

  async take(batch: JournalBatch): Promise<void> {
    if (this.#ended) throw this.#ended;
    const end = batch.end as Place;
    const { segment, offset } = this.#place;
    if (end.segment < segment || (end.segment === segment && end.offset <= offset)) return;
    writePosition(this.#dir, end);
    this.#place = end;
    this.#dropTaken();
    const last = this.#segments.at(-1);
    if (last && last.size >= this.#segmentBytes / 4) this.#dropTakenActive();
  }

  /** Removes segments before the place; one that was read to its end too, unless it is being written. */
  #dropTaken(): void {
    const { segment, offset } = this.#place;
    for (;;) {
      const first = this.#segments[0];
      if (!first || first.number > segment) return;
      const written = this.#file !== undefined && this.#segments.length === 1;
      if (first.number === segment && (offset < first.size || written)) return;
      this.#drop(first);
    }
  }

  /** The segment that is being written too, when all of it was taken. */
  #dropTakenActive(): void {
    const last = this.#segments.at(-1);
    if (!last || last.number !== this.#place.segment || this.#place.offset < last.size) return;
    this.#closeFile();
    this.#drop(last);
  }

  #drop(segment: Segment): void {
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    this.#sync.delete(segment);
    this.#bytes -= segment.size;
    rmSync(segment.path, { force: true });
  }

  stats(): { readonly waiting: number; readonly bytes: number; readonly damaged: number } {
    const atEnd = this.#segments.every((one) => this.#offsetIn(one) >= one.size);
    return {
      waiting: atEnd ? 0 : Math.max(0, this.#appended - this.#place.ordinal),
      bytes: this.#bytes,
      damaged: this.#damaged,
    };
  }

  sync(): Promise<void> {
    return this.#sync.sync();
  }

  /** Another process took the folder over: not one more byte. */
  lose(): void {
    this.#ended ??= new RampartError('JOURNAL_LOCKED', 'The journal was taken over by another process.');
    this.#closeFile();
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = new RampartError('JOURNAL_CLOSED', 'The journal was closed.');
    try {
      await this.sync();
    } finally {
      this.#closeFile();
      this.#lock.release();
    }
  }
}

function full(maxBytes: number, cause?: unknown): RampartError {
  const message = `The journal has reached its bound of ${maxBytes} bytes, or the disk is full.`;
  return new RampartError('JOURNAL_FULL', message, cause === undefined ? {} : { cause });
}
