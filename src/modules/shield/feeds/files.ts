import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FeedKind } from './kinds.ts';

/** What is kept beside a feed's file. */
export interface FeedRecord {
  /** Fingerprint of where it comes from: what another source said of its file means nothing. */
  readonly source: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** SHA-256 of the file in use, hexadecimal. */
  readonly sha256: string | null;
  readonly entries: number | null;
  readonly bytes: number | null;
  /** Milliseconds since the epoch, all of them. */
  readonly builtAtMs: number | null;
  readonly checkedAtMs: number | null;
  readonly updatedAtMs: number | null;
  readonly triedAtMs: number | null;
  /** Tries in a row that failed. */
  readonly failures: number;
  readonly error: string | null;
  /** SHA-256 of what was taken back by hand: it does not come again by itself. */
  readonly rejected: string | null;
}

/** Of a feed that was never there. */
export const NO_RECORD: FeedRecord = {
  source: null,
  etag: null,
  lastModified: null,
  sha256: null,
  entries: null,
  bytes: null,
  builtAtMs: null,
  checkedAtMs: null,
  updatedAtMs: null,
  triedAtMs: null,
  failures: 0,
  error: null,
  rejected: null,
};

const SUFFIX: Readonly<Record<FeedKind, string>> = {
  list: 'list',
  mmdb: 'mmdb',
  bots: 'json',
  disposable: 'domains',
};
/** A temporary file that is older was left behind by a process that died. */
const LEFT_BEHIND_MS = 3_600_000;

/** The files of one feed: what is in use, what was before, and what is known of them. */
export class FeedFiles {
  /** What is in use. */
  readonly current: string;
  /** What was in use before. */
  readonly previous: string;
  readonly #folder: string;
  readonly #record: string;
  readonly #temporary: string;

  constructor(folder: string, { name, kind }: { readonly name: string; readonly kind: FeedKind }) {
    this.#folder = folder;
    this.current = join(folder, `${name}.${SUFFIX[kind]}`);
    this.previous = `${this.current}.previous`;
    this.#record = join(folder, `${name}.state`);
    this.#temporary = `${this.current}.new-`;
  }

  /** Tells one state of the files from the next; undefined where there is no file. */
  stamp(): string | undefined {
    const found = statSync(this.current, { throwIfNoEntry: false });
    return found && `${found.ino}-${found.size}-${found.mtimeMs}`;
  }

  /** When the file in use was written, milliseconds since the epoch; undefined where there is none. */
  writtenAtMs(): number | undefined {
    const found = statSync(this.current, { throwIfNoEntry: false });
    return found && Math.round(found.mtimeMs);
  }

  /** Bytes of the file in use; undefined where there is none. */
  size(): number | undefined {
    return statSync(this.current, { throwIfNoEntry: false })?.size;
  }

  /** Whether there is a file to go back to. */
  hasPrevious(): boolean {
    return existsSync(this.previous);
  }

  /** What is known of the files. A record that cannot be read is none: the file is only fetched once more than needed. */
  read(): FeedRecord {
    try {
      const found = JSON.parse(readFileSync(this.#record, 'utf8')) as Partial<FeedRecord> | null;
      return { ...NO_RECORD, ...pick(found) };
    } catch {
      return NO_RECORD;
    }
  }

  /** Keeps what is known. */
  async write(record: FeedRecord): Promise<void> {
    await this.#put(this.#record, Buffer.from(`${JSON.stringify(record)}\n`));
  }

  /** Writes a new file beside the one in use. @returns its path */
  async stage(bytes: Uint8Array): Promise<string> {
    const path = `${this.#temporary}${randomBytes(6).toString('hex')}`;
    await this.#create(path, bytes);
    return path;
  }

  /** Puts a staged file in the place of the one in use, which is kept as the previous one. */
  async take(staged: string): Promise<void> {
    if (existsSync(this.current)) {
      const kept = `${this.#temporary}${randomBytes(6).toString('hex')}`;
      // A second name, so that at no moment there is no file in use.
      await link(this.current, kept).catch(() => copyFile(this.current, kept));
      await rename(kept, this.previous);
    }
    await rename(staged, this.current);
    await this.#settle();
  }

  /** Lets the file in use and the one before change their places. */
  async swap(): Promise<void> {
    const aside = `${this.#temporary}${randomBytes(6).toString('hex')}`;
    await link(this.previous, aside).catch(() => copyFile(this.previous, aside));
    await this.take(aside);
  }

  /** SHA-256 of a file, hexadecimal; undefined where it is not there. */
  async hash(path: string): Promise<string | undefined> {
    if ((await stat(path).catch(() => undefined)) === undefined) return undefined;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
  }

  /** Removes what a process that died has left behind. */
  async sweep(nowMs: number): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      const path = join(this.#folder, name);
      if (!path.startsWith(this.#temporary)) continue;
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && nowMs - found.mtimeMs > LEFT_BEHIND_MS) await rm(path, { force: true });
    }
  }

  async #put(path: string, bytes: Uint8Array): Promise<void> {
    const staged = await this.stage(bytes);
    await rename(staged, path);
    await this.#settle();
  }

  async #create(path: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Names are on the disk only once their folder is; not every system lets folders be synced. */
  async #settle(): Promise<void> {
    const folder = await open(this.#folder, 'r').catch(() => undefined);
    await folder?.sync().catch(() => undefined);
    await folder?.close();
  }
}

/** What of a record on the disk has the right form. */
function pick(found: Partial<FeedRecord> | null): Partial<FeedRecord> {
  const known = Object.entries(NO_RECORD).flatMap(([name, empty]) => {
    const value: unknown = found?.[name as keyof FeedRecord];
    const isText = ['source', 'etag', 'lastModified', 'sha256', 'error', 'rejected'].includes(name);
    const fits = isText ? typeof value === 'string' : typeof value === 'number' && Number.isFinite(value);
    return [[name, fits ? value : empty]];
  });
  return Object.fromEntries(known) as Partial<FeedRecord>;
}
