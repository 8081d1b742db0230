import type { SqlRunner } from '../../ports/sql.ts';
import { type Checkpoint, openNote } from './note.ts';
import type { CheckpointFile } from './ports.ts';
import { readCheckpoints, type StoredCheckpoint } from './read.ts';
import { type LogState, originOf } from './rows.ts';
import { Frontier, HASH_BYTES } from './tree.ts';

/** Leaves that are read at a time, and that one line of the file holds at most. */
const PAGE = 4_096;

/** A checkpoint that was written down: it fits what was seen, and our key has signed it. */
export interface KeptCheckpoint {
  readonly origin: string;
  readonly size: number;
  /** When it was signed, microseconds since the epoch. */
  readonly atUs: string;
  readonly note: string;
}

interface Line {
  readonly note?: string;
  readonly edge?: string;
  readonly from?: number;
  readonly leaves?: string;
}

/**
 * What this node has seen of the log, kept outside of the database: every leaf as it came, and every checkpoint that fits
 * them. Nothing is signed that contradicts it, so that a database that was changed, rewritten or put back cannot have its
 * new past signed.
 */
export class Witness {
  readonly #file: CheckpointFile;
  readonly #keys: readonly Uint8Array[];
  #origin: string | null = null;
  #tree = new Frontier();
  #unwritten: Uint8Array[] = [];
  #conflict: string | null = null;
  #strangers = false;
  #kept: KeptCheckpoint | null = null;

  /** @param keys public keys whose checkpoints are believed */
  constructor(file: CheckpointFile, keys: readonly Uint8Array[]) {
    this.#file = file;
    this.#keys = keys;
  }

  /** What the database and the file disagree on; null where they agree. */
  get conflict(): string | null {
    return this.#conflict;
  }

  /** Whether a checkpoint was met that another key has signed. */
  get strangers(): boolean {
    return this.#strangers;
  }

  /** Name of the log that was seen; null before the first event. */
  get origin(): string | null {
    return this.#origin;
  }

  /** The last checkpoint that was written down; no row of a database changes it. */
  get kept(): KeptCheckpoint | null {
    return this.#kept;
  }

  /** Leaves that were seen. */
  get size(): number {
    return this.#tree.size;
  }

  /** Root of the tree that was seen. */
  root(): Uint8Array {
    return this.#tree.root();
  }

  /** Reads the file: the last checkpoint, which must be signed, and the leaves behind it. */
  async load(): Promise<void> {
    let last: Line | undefined;
    let behind: Line[] = [];
    for await (const text of this.#file.read()) {
      const line = parse(text);
      if (line.note !== undefined) [last, behind] = [line, []];
      else behind.push(line);
    }
    if (last !== undefined) this.#begin(last);
    for (const { from, leaves = '' } of behind) {
      if (from !== this.#tree.size) return this.#disagree('the file of checkpoints has a gap');
      for (const leaf of cut(Buffer.from(leaves, 'base64'))) this.#tree.append(leaf);
    }
  }

  #begin({ note = '', edge = '' }: Line): void {
    const opened = openNote(note, this.#keys);
    if (opened === undefined)
      return this.#disagree('its last checkpoint is not signed by the key of this house');
    try {
      this.#tree = Frontier.decode(opened.size, new Uint8Array(Buffer.from(edge, 'base64')));
    } catch {
      return this.#disagree('the file of checkpoints is damaged');
    }
    if (!same(this.#tree.root(), opened.root)) return this.#disagree('the file of checkpoints is damaged');
    this.#origin = opened.origin;
    this.#kept = { ...opened, note };
  }

  #disagree(reason: string): void {
    this.#conflict ??= reason;
  }

  /** Takes in what was sequenced since, with the checkpoints of other nodes. */
  async follow(sql: SqlRunner, state: LogState): Promise<void> {
    if (this.#conflict !== null) return;
    if (this.#origin !== null && this.#origin !== state.origin)
      return this.#disagree('the database holds another log');
    if (state.tree.size < this.#tree.size)
      return this.#disagree(`the database holds ${state.tree.size} events, and ${this.#tree.size} were seen`);
    if (await isSignedBeyond(sql))
      return this.#disagree('a checkpoint of more events than there are stands in the database');
    this.#origin = state.origin;
    while (this.#conflict === null && this.#tree.size < state.tree.size) await this.#page(sql, state);
    if (this.#conflict === null && !same(this.#tree.root(), state.tree.root()))
      this.#disagree('the events in the database are not those that were seen');
  }

  async #page(sql: SqlRunner, state: LogState): Promise<void> {
    const from = this.#tree.size;
    const to = Math.min(state.tree.size, from + PAGE);
    const { rows } = await sql.query(
      'SELECT leaf FROM rampart.audit_leaves WHERE seq >= $1 AND seq < $2 ORDER BY seq',
      [from, to],
    );
    if (rows.length !== to - from) return this.#disagree(`events from ${from} to ${to - 1} are missing`);
    const checkpoints = await readCheckpoints(sql, state.origin, from, PAGE);
    const bySize = new Map(checkpoints.map((one) => [one.size, one]));
    for (const row of rows) {
      const leaf = new Uint8Array(row['leaf'] as Uint8Array);
      this.#tree.append(leaf);
      this.#unwritten.push(leaf);
      const found = bySize.get(this.#tree.size);
      if (found !== undefined) await this.#meet(found);
    }
    if (this.#unwritten.length >= PAGE) await this.#write([]);
  }

  /** A checkpoint of another node. One with a key that is not ours is left to whoever verifies. */
  async #meet({ note }: StoredCheckpoint): Promise<void> {
    const opened = openNote(note, this.#keys);
    if (opened === undefined) {
      this.#strangers = true;
      return;
    }
    if (!same(opened.root, this.#tree.root()) || opened.size !== this.#tree.size)
      return this.#disagree(`the signed checkpoint of ${opened.size} events is of other events`);
    await this.keep(note, opened);
  }

  /** Writes down a checkpoint of what was seen. */
  async keep(note: string, { origin, size, atUs }: Checkpoint): Promise<void> {
    const edge = Buffer.from(this.#tree.encode()).toString('base64');
    await this.#write([JSON.stringify({ note, edge })]);
    this.#kept = { origin, size, atUs, note };
  }

  /** Leaves that are not in the file yet, and what follows them. */
  async #write(more: readonly string[]): Promise<void> {
    const count = this.#unwritten.length;
    const from = this.#tree.size - count;
    const leaves = Buffer.concat(this.#unwritten).toString('base64');
    await this.#file.append(count === 0 ? more : [JSON.stringify({ from, leaves }), ...more]);
    this.#unwritten.splice(0, count);
  }

  /** Forgets what was seen and believes the database as it stands; the file is put aside. @returns its name */
  async putAside(nowMs: number): Promise<string> {
    const name = await this.#file.putAside(nowMs);
    this.#conflict = null;
    this.#origin = null;
    this.#kept = null;
    this.#tree = new Frontier();
    this.#unwritten = [];
    return name;
  }
}

/** In one statement, so that what others sequence and sign meanwhile is seen together. */
async function isSignedBeyond(sql: SqlRunner): Promise<boolean> {
  const { rows } = await sql.query(
    `SELECT EXISTS (SELECT 1 FROM rampart.audit_checkpoints AS c, rampart.audit_log AS l
       WHERE c.origin = $1 || l.log_id AND c.size > l.size) AS beyond`,
    [originOf('')],
  );
  return rows[0]?.['beyond'] === true;
}

function parse(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    // Not one of ours: it leads nowhere, which is noticed as a gap.
    return { from: -1 };
  }
}

function* cut(bytes: Buffer): Iterable<Uint8Array> {
  for (let i = 0; i + HASH_BYTES <= bytes.length; i += HASH_BYTES)
    yield new Uint8Array(bytes.subarray(i, i + HASH_BYTES));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}
