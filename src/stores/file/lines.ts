import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Timers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import { type FolderLock, lockFolder } from './lock.ts';

/** A file of lines that is only ever added to, held by one process. */
export interface LineFile {
  /** All whole lines, oldest first. */
  read(): AsyncIterable<string>;
  /**
   * Resolves when they would survive a loss of power; what failed half-way is taken back with the next call.
   * @throws RampartError `CHECKPOINTS_LOCKED` once another process has the folder, `CHECKPOINTS_CHANGED`
   */
  append(lines: readonly string[]): Promise<void>;
  /** Renames the file by the time; the next line begins a new one. @returns its new name; empty where there was none */
  putAside(nowMs: number): Promise<string>;
  /** Gives the folder back. */
  close(): Promise<void>;
}

/** What a file of lines may be given. */
export interface LinePorts {
  readonly timers?: Timers;
}

const NEWLINE = 10;
const CODE = 'CHECKPOINTS_LOCKED';
const WHAT = 'The file of checkpoints';

/**
 * Takes a folder and opens `NAME.jsonl` in it (folder mode 0700, file 0600). A line that a crash has cut off is removed.
 * @throws RampartError `CHECKPOINTS_LOCKED` when another process holds the folder
 */
export async function openLines(folder: string, name: string, ports: LinePorts = {}): Promise<LineFile> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await lockFolder({ folder, code: CODE, what: WHAT, ...ports });
  const path = join(folder, `${name}.jsonl`);
  let bytes: number;
  try {
    bytes = await wholeBytes(path);
  } catch (error) {
    lock.release();
    throw error;
  }
  return new LockedLines({ folder, name, lock, bytes });
}

interface LockedParts {
  readonly folder: string;
  readonly name: string;
  readonly lock: FolderLock;
  readonly bytes: number;
}

class LockedLines implements LineFile {
  readonly #folder: string;
  readonly #name: string;
  readonly #lock: FolderLock;
  /** Of whole lines that this process has read or written. */
  #bytes: number;

  constructor({ folder, name, lock, bytes }: LockedParts) {
    this.#folder = folder;
    this.#name = name;
    this.#lock = lock;
    this.#bytes = bytes;
  }

  get #path(): string {
    return join(this.#folder, `${this.#name}.jsonl`);
  }

  // Arrows: a node may take the file apart.
  readonly read = (): AsyncIterable<string> => readLines(this.#path, this.#bytes);

  readonly append = async (lines: readonly string[]): Promise<void> => {
    if (lines.length === 0) return;
    const text = Buffer.from(`${lines.join('\n')}\n`);
    this.#demandHeld();
    const handle = await open(this.#path, 'a', 0o600);
    try {
      await this.#takeBack(handle);
      await handle.writeFile(text);
      await handle.sync();
      this.#bytes += text.length;
    } finally {
      await handle.close();
    }
  };

  /** What a call before has left half-written. */
  async #takeBack(handle: FileHandle): Promise<void> {
    const { size } = await handle.stat();
    // Never upwards: that would fill what somebody took away with zeros.
    if (size < this.#bytes) throw changedError(this.#path);
    if (size === this.#bytes) return;
    this.#demandHeld();
    await handle.truncate(this.#bytes);
  }

  /** Whoever was stopped for long may have lost the folder: lines of its new owner must stay. */
  #demandHeld(): void {
    if (this.#lock.isHeld()) return;
    throw new RampartError(
      CODE,
      `${WHAT} in ${this.#folder} was taken over by another process, which took this one for dead. Start it again.`,
    );
  }

  readonly putAside = async (nowMs: number): Promise<string> => {
    if (this.#bytes === 0) return '';
    this.#demandHeld();
    const aside = await freeName(
      this.#folder,
      `${this.#name}-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`,
    );
    await rename(this.#path, join(this.#folder, aside));
    this.#bytes = 0;
    return aside;
  };

  readonly close = (): Promise<void> => {
    this.#lock.release();
    return Promise.resolve();
  };
}

function changedError(path: string): RampartError {
  return new RampartError(
    'CHECKPOINTS_CHANGED',
    `${path} is shorter than what was written to it. Nothing is added: put the file back from a copy, or move it away and start again.`,
  );
}

/** Two within a millisecond must not replace one another. */
async function freeName(folder: string, stem: string): Promise<string> {
  for (let n = 1; ; n++) {
    const name = `${stem}${n === 1 ? '' : `-${n}`}.jsonl`;
    const isTaken = await stat(join(folder, name)).then(
      () => true,
      () => false,
    );
    if (!isTaken) return name;
  }
}

/** Bytes up to the last newline. */
async function wholeBytes(path: string): Promise<number> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  let whole = 0;
  if (size === 0) return 0;
  let at = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last >= 0) whole = at + last + 1;
    at += chunk.length;
  }
  return whole;
}

/** Lines of the first `bytes` bytes of a file. */
export async function* readLines(path: string, bytes = Infinity): AsyncIterable<string> {
  if (bytes === 0) return;
  let rest = '';
  const stream = createReadStream(path, { encoding: 'utf8', end: bytes - 1 });
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
