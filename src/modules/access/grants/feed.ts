import type { SqlRunner } from '../../../ports/sql.ts';
import type { GrantPorts } from './ports.ts';

/** How often a node asks for changes that no message told it. */
export const POLL_MS = 400;
/** Memory that is older than this is not believed: a change counts everywhere within a second, or the database is asked. */
export const MAX_STALE_MS = 1_000;
const CHANNEL = 'rampart.access';
const KEEP_MS = 3_600_000;
const MAX_ROWS = 5_000;
/** Old changes are deleted once in so many polls. */
const SWEEP_EVERY = 600;

/** What follows from changes. */
export interface FeedTarget {
  /** Forget these. */
  forget(what: readonly string[]): void;
  /** Forget everything: more has changed than is worth naming. */
  forgetAll(): void;
}

/**
 * Tells all nodes which subjects and keys have changed. The version and the names of what changed commit with the change
 * and are the truth; the bus only makes it faster. On an embedded database there is one process, which is told directly.
 */
export class ChangeFeed {
  readonly #ports: GrantPorts;
  readonly #target: FeedTarget;
  readonly #shared: boolean;
  #version = 0;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #polls = 0;
  #closed = false;
  #failing = false;
  #again = false;
  #cancel: (() => void) | undefined;
  #silence: (() => Promise<void>) | undefined;
  #running: Promise<void> | undefined;

  constructor(ports: GrantPorts, target: FeedTarget) {
    this.#ports = ports;
    this.#target = target;
    this.#shared = ports.sql.kind === 'server';
  }

  /** Version that this node knows: what was loaded at an older one is not kept. */
  get version(): number {
    return this.#version;
  }

  async start(): Promise<void> {
    const { sql, bus, log, clock } = this.#ports;
    const at = clock.monotonic();
    const { rows } = await sql.query('SELECT version FROM rampart.access_state');
    this.#version = Number(rows[0]?.['version'] ?? 0);
    this.#readAtMs = at;
    if (!this.#shared) return;
    try {
      this.#silence = await bus.subscribe(CHANNEL, () => void this.poll());
    } catch (error) {
      log.warn('Changes of access are not heard over the bus; the database tells them within a second.', {
        error,
      });
    }
    this.#schedule();
  }

  /** Whether memory may be believed. */
  trusted(): boolean {
    return !this.#shared || this.#ports.clock.monotonic() - this.#readAtMs <= MAX_STALE_MS;
  }

  /** Writes what changes, in the transaction of the change. @returns the new version */
  async write(tx: SqlRunner, what: readonly string[]): Promise<number> {
    const { rows } = await tx.query(
      'UPDATE rampart.access_state SET version = version + 1 RETURNING version',
    );
    const version = Number(rows[0]?.['version']);
    if (this.#shared) {
      await tx.query(
        'INSERT INTO rampart.access_changes (version, what, at_ms) SELECT $1, unnest($2::text[]), $3',
        [version, what, this.#ports.clock.now()],
      );
    }
    return version;
  }

  /** To be called after the commit: acts here at once, and tells the other nodes. */
  committed(what: readonly string[]): void {
    this.#target.forget(what);
    if (!this.#shared) return;
    this.#ports.bus.publish(CHANNEL, 'changed').catch((error: unknown) => {
      this.#ports.log.warn(
        'A change of access could not be put on the bus; the database tells it within a second.',
        { error },
      );
    });
  }

  /** Reads what has changed. A call while it is being read has it read once more, since that may have begun too early. */
  poll(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#readAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#running;
    await this.#silence?.().catch(() => undefined);
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#cancel = this.#ports.timers.after(POLL_MS, () => {
      void this.poll().then(() => this.#schedule());
    });
  }

  async #readAll(): Promise<void> {
    do {
      this.#again = false;
      await this.#read();
    } while (this.#again && !this.#closed);
  }

  async #read(): Promise<void> {
    const { sql, clock, log } = this.#ports;
    try {
      const at = clock.monotonic();
      // One statement, one snapshot: the version and every change up to it.
      const { rows } = await sql.query(
        `SELECT s.version, c.what FROM rampart.access_state s
         LEFT JOIN rampart.access_changes c ON c.version > $1 LIMIT ${MAX_ROWS}`,
        [this.#version],
      );
      const what = rows.flatMap((row) => (typeof row['what'] === 'string' ? [row['what']] : []));
      // After a long silence the names of old changes may have been deleted.
      if (rows.length >= MAX_ROWS || at - this.#readAtMs > KEEP_MS / 2) this.#target.forgetAll();
      else if (what.length > 0) this.#target.forget(what);
      this.#version = Number(rows[0]?.['version'] ?? 0);
      this.#readAtMs = at;
      this.#failing = false;
      if (this.#polls++ % SWEEP_EVERY === 0) await this.#sweep();
    } catch (error) {
      if (!this.#failing)
        log.error('Changes of access cannot be read; memory is believed for a second only.', { error });
      this.#failing = true;
    }
  }

  async #sweep(): Promise<void> {
    const { sql, clock } = this.#ports;
    await sql.query('DELETE FROM rampart.access_changes WHERE at_ms < $1', [clock.now() - KEEP_MS]);
  }
}
