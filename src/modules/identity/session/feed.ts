import { isId } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { IdentityPorts } from '../ports.ts';

/** What has changed: every node looks again. */
export type Change =
  | { readonly kind: 'session'; readonly id: string }
  | { readonly kind: 'account'; readonly id: string }
  | { readonly kind: 'keys' };

/** What follows from changes. */
export interface FeedTarget {
  /** Forget these. */
  forget(sessions: ReadonlySet<string>, accounts: ReadonlySet<string>): void;
  /** Forget everything: more has changed than is worth naming. */
  forgetAll(): void;
  /** The signing keys have changed. */
  keysChanged(): Promise<void>;
}

/** A change reaches every node within this time. */
export const POLL_MS = 500;
const CHANNEL = 'rampart.identity';
const KEEP_MS = 3_600_000;
const MAX_ROWS = 10_000;
const MAX_DOUBTS = 10_000;
/** A transaction that is longer than this commits after its change was forgotten here; the poll tells it then. */
const DOUBT_MS = 30_000;
/** Rows that are too old are deleted once in so many polls. */
const SWEEP_EVERY = 240;

/**
 * Tells all nodes which sessions and accounts have changed. The row in `identity_revocations` commits with the change
 * and is the truth; the bus only makes it faster. Rows are found by the transaction that wrote them: a look remembers
 * the oldest transaction that was still running, and the next one begins there, so that none is missed in whatever
 * order they commit. On an embedded database there is one process, which is told directly.
 */
export class RevocationFeed {
  readonly #ports: IdentityPorts;
  readonly #target: FeedTarget;
  readonly #maxStaleMs: number;
  readonly #shared: boolean;
  /** What is changing but may not have committed: it is read from the database and not kept. */
  readonly #doubts = new Map<string, number>();
  #doubtAllUntilMs = Number.NEGATIVE_INFINITY;
  #cursor = '0';
  #seen: ReadonlySet<number> = new Set();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #polls = 0;
  #closed = false;
  #failing = false;
  #cancel: (() => void) | undefined;
  #silence: (() => Promise<void>) | undefined;
  #running: Promise<void> | undefined;

  constructor(ports: IdentityPorts, maxStaleMs: number, target: FeedTarget) {
    this.#ports = ports;
    this.#target = target;
    this.#maxStaleMs = maxStaleMs;
    this.#shared = ports.sql.kind === 'server';
  }

  async start(): Promise<void> {
    if (!this.#shared) return;
    const { sql, bus, log, clock } = this.#ports;
    const at = clock.monotonic();
    const { rows } = await sql.query('SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS next');
    this.#cursor = String(rows[0]?.['next']);
    this.#readAtMs = at;
    try {
      this.#silence = await bus.subscribe(CHANNEL, (message) => this.#hear(message));
    } catch (error) {
      log.warn('Revocations are not heard over the bus; the database tells them within a second.', { error });
    }
    this.#schedule();
  }

  /** Whether memory may be believed. */
  trusted(): boolean {
    return !this.#shared || this.#ports.clock.monotonic() - this.#readAtMs <= this.#maxStaleMs;
  }

  /** Whether a change of this session or account may not have committed yet. */
  inDoubt(session: string, account: string): boolean {
    if (!this.#shared) return false;
    const now = this.#ports.clock.monotonic();
    if (now < this.#doubtAllUntilMs) return true;
    return (this.#doubts.get(session) ?? 0) > now || (this.#doubts.get(account) ?? 0) > now;
  }

  /** Writes a change in its transaction, forgets it here, and tells the other nodes at once. */
  async write(tx: SqlRunner, change: Change): Promise<void> {
    if (this.#shared) {
      const id = change.kind === 'keys' ? null : change.id;
      await tx.query(
        'INSERT INTO rampart.identity_revocations (session, account, at_ms) VALUES ($1, $2, $3)',
        [
          change.kind === 'session' ? id : null,
          change.kind === 'account' ? id : null,
          this.#ports.clock.now(),
        ],
      );
    }
    this.#note(change);
    if (!this.#shared) return;
    const message = change.kind === 'keys' ? 'keys' : change.id;
    // Not awaited: the bus may stand on the same database, and this transaction must not wait for a second connection.
    this.#ports.bus.publish(CHANNEL, message).catch((error: unknown) => {
      this.#ports.log.warn(
        'A revocation could not be put on the bus; the database tells it within a second.',
        {
          error,
        },
      );
    });
  }

  /** Reads what has changed. Called by a timer; a failure is logged once and tried again. */
  poll(): Promise<void> {
    this.#running ??= this.#read().finally(() => {
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

  #hear(message: string): void {
    if (message === 'keys') void this.poll();
    else if (isId('ses', message)) this.#note({ kind: 'session', id: message });
    else if (isId('acc', message)) this.#note({ kind: 'account', id: message });
  }

  #note(change: Change): void {
    if (change.kind === 'keys') return;
    const only = new Set([change.id]);
    const none = new Set<string>();
    if (this.#shared) this.#doubt(change.id);
    this.#target.forget(change.kind === 'session' ? only : none, change.kind === 'account' ? only : none);
  }

  #doubt(id: string): void {
    const until = this.#ports.clock.monotonic() + DOUBT_MS;
    if (this.#doubts.size >= MAX_DOUBTS) {
      this.#doubts.clear();
      this.#doubtAllUntilMs = until;
    }
    this.#doubts.set(id, until);
  }

  async #read(): Promise<void> {
    const { sql, clock, log } = this.#ports;
    try {
      const at = clock.monotonic();
      const { rows } = await sql.query(
        `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS next, r.seq, r.session, r.account
         FROM (SELECT 1) AS one LEFT JOIN rampart.identity_revocations r ON r.written_by >= $1::xid8
         LIMIT ${MAX_ROWS}`,
        [this.#cursor],
      );
      const keys = this.#apply(rows);
      if (keys) await this.#target.keysChanged();
      this.#cursor = String(rows[0]?.['next']);
      this.#seen = new Set(rows.map((row) => Number(row['seq'])));
      this.#readAtMs = at;
      this.#failing = false;
      if (this.#polls++ % SWEEP_EVERY === 0) await this.#sweep();
    } catch (error) {
      if (!this.#failing)
        log.error('Revocations cannot be read; memory is believed for a short time only.', { error });
      this.#failing = true;
    }
  }

  /** @returns whether the signing keys are among what has changed */
  #apply(rows: readonly Record<string, unknown>[]): boolean {
    if (rows.length >= MAX_ROWS) {
      this.#target.forgetAll();
      return true;
    }
    const sessions = new Set<string>();
    const accounts = new Set<string>();
    let keys = false;
    for (const { seq, session, account } of rows) {
      if (seq === null || this.#seen.has(Number(seq))) continue;
      if (typeof session === 'string') sessions.add(session);
      else if (typeof account === 'string') accounts.add(account);
      else keys = true;
    }
    if (sessions.size + accounts.size > 0) this.#target.forget(sessions, accounts);
    for (const id of [...sessions, ...accounts]) this.#doubts.delete(id);
    return keys;
  }

  async #sweep(): Promise<void> {
    const { sql, clock } = this.#ports;
    await sql.query('DELETE FROM rampart.identity_revocations WHERE at_ms < $1', [clock.now() - KEEP_MS]);
    const now = clock.monotonic();
    for (const [id, until] of this.#doubts) if (until <= now) this.#doubts.delete(id);
  }
}
