import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, link, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../core/clock.ts';
import { OptionsError } from '../../core/errors.ts';
import { newId } from '../../core/id.ts';
import type { FileReading, FileStore, FileZone, StagedFile } from '../../ports/files.ts';

/** Where files are kept. */
export interface DiskFilesOptions {
  /** Absolute path of a folder that no web server hands out; it is made with mode 0700. */
  readonly dir: string;
  /** For the ids and the age of what was begun; default the machine's. */
  readonly clock?: Clock;
}

const ZONES: readonly FileZone[] = ['kept', 'held', 'quarantine'];
const STAGE = 'stage';
/** Nothing here is a link; one that is there was not put by us. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
const PIECE_BYTES = 65_536;
const KEY = /^[a-z0-9_-]{1,100}$/;

/**
 * Files of one folder: each is written aside with mode 0600, synced, and then moved to its place in one step.
 * @throws OptionsError for a path that is not absolute
 */
export async function diskFiles({ dir, clock = systemClock }: DiskFilesOptions): Promise<FileStore> {
  if (!dir.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(dir))
    throw new OptionsError('dir', 'expected an absolute path');
  for (const folder of [STAGE, ...ZONES]) await mkdir(join(dir, folder), { recursive: true, mode: 0o700 });
  const pathOf = (zone: FileZone, key: string): string => {
    if (!KEY.test(key)) throw new OptionsError('key', 'expected 1 to 100 of a-z, 0-9, _ and -');
    return join(dir, zone, key);
  };
  return {
    async stage() {
      const path = join(dir, STAGE, newId('stg', clock.now()));
      return new Staged(path, await open(path, 'wx+', 0o600), pathOf);
    },
    async open(zone, key) {
      const handle = await orNothing(open(pathOf(zone, key), READ));
      return handle && readingOf(handle, (await handle.stat()).size);
    },
    async move(from, key, to) {
      const target = pathOf(to, key);
      const moved = await orNothing(rename(pathOf(from, key), target).then(() => true));
      if (moved !== true) return false;
      await syncFolder(join(dir, to));
      return true;
    },
    async remove(zone, key) {
      // Of several who try at the same time, one is told that it was there.
      return (await orNothing(unlink(pathOf(zone, key)).then(() => true))) === true;
    },
    sweep: (olderThanMs) => sweep(join(dir, STAGE), clock.now() - olderThanMs),
  };
}

class Staged implements StagedFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #pathOf: (zone: FileZone, key: string) => string;
  #bytes = 0;
  #open = true;
  #here = true;

  constructor(path: string, handle: FileHandle, pathOf: (zone: FileZone, key: string) => string) {
    this.#path = path;
    this.#handle = handle;
    this.#pathOf = pathOf;
  }

  async write(chunk: Uint8Array): Promise<void> {
    // A write may take less than it was given.
    for (let done = 0; done < chunk.byteLength;) {
      const { bytesWritten } = await this.#handle.write(chunk, done, chunk.byteLength - done, this.#bytes);
      done += bytesWritten;
      this.#bytes += bytesWritten;
    }
  }

  seal(): Promise<FileReading> {
    // The handle is closed with the file itself.
    return Promise.resolve({ ...readingOf(this.#handle, this.#bytes), close: () => Promise.resolve() });
  }

  async keep(zone: FileZone, key: string): Promise<void> {
    const target = this.#pathOf(zone, key);
    await this.#handle.sync();
    // A link, unlike a rename, replaces nothing.
    await link(this.#path, target);
    await syncFolder(join(target, '..'));
    await this.discard();
  }

  async discard(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      await this.#handle.close();
    }
    if (!this.#here) return;
    this.#here = false;
    await rm(this.#path, { force: true });
  }
}

function readingOf(handle: FileHandle, bytes: number): FileReading {
  let closed = false;
  const read = async (startByte: number, endByte: number): Promise<Uint8Array> => {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(endByte, bytes) - startByte));
    let done = 0;
    while (done < buffer.byteLength) {
      const { bytesRead } = await handle.read(buffer, done, buffer.byteLength - done, startByte + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return buffer.subarray(0, done);
  };
  return {
    bytes,
    read,
    async *stream() {
      for (let at = 0; at < bytes; at += PIECE_BYTES) yield await read(at, at + PIECE_BYTES);
    },
    async close() {
      if (closed) return;
      closed = true;
      await handle.close();
    },
  };
}

async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A file's new name must not be lost either. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sweep(folder: string, beforeMs: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await orNothing(stat(path));
    if (found === undefined || found.mtimeMs >= beforeMs) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}
