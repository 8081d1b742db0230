import { open } from 'node:fs/promises';
import { RampartError } from '../../core/errors.ts';
import type { Segment } from './segment.ts';

/** Forces segments to the disk. Calls that come while one runs share the next. */
export class SegmentSync {
  readonly #dir: string;
  readonly #unsynced = new Set<Segment>();
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** @param dir folder of the segments, which is synced too: a new file's name must not be lost */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The segment holds something that the disk may not have. */
  add(segment: Segment): void {
    this.#unsynced.add(segment);
  }

  /** The segment is gone. */
  delete(segment: Segment): void {
    this.#unsynced.delete(segment);
  }

  /**
   * Returns when all that was added before is on the disk: one that began earlier does not count.
   * @throws RampartError `JOURNAL_FAILED`; the segments are tried again with the next call
   */
  sync(): Promise<void> {
    if (!this.#running) {
      this.#running = this.#once().finally(() => (this.#running = undefined));
      return this.#running;
    }
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.sync();
      });
    return this.#next;
  }

  async #once(): Promise<void> {
    const segments = [...this.#unsynced];
    if (segments.length === 0) return;
    this.#unsynced.clear();
    try {
      for (const segment of segments) await syncPath(segment.path);
      await syncPath(this.#dir);
    } catch (error) {
      for (const segment of segments) this.#unsynced.add(segment);
      throw new RampartError('JOURNAL_FAILED', 'The journal cannot be synced.', { cause: error });
    }
  }
}

/** A file that was removed meanwhile was taken: nothing left to keep. */
async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (!handle) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
