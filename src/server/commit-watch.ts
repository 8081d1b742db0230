import type { Timers } from '../core/clock.ts';
import type { RampartEvent } from '../core/events.ts';
import type { SqlRunner, SqlStore } from '../ports/sql.ts';

/** What the watch stands on. */
export interface CommitWatchParts {
  /** A database of ours to look from, asked late; undefined where there is none. */
  readonly sql: () => Pick<SqlStore, 'query'> | undefined;
  readonly timers: Timers;
  /** Told of each event once it is certain. Must not throw. */
  readonly tell: (event: RampartEvent) => void;
}

/** Tells of events that were written in somebody else's transaction once that is committed, and never before. */
export interface CommitWatch {
  /** Events of which it is not known yet. */
  readonly waiting: number;
  /** Takes an event that was just written. @param tx the transaction, in which it asks one thing */
  readonly written: (tx: SqlRunner, event: RampartEvent) => Promise<void>;
  /** Looks once more; what is not certain then is not told. */
  close(): Promise<void>;
}

interface Pending {
  readonly event: RampartEvent;
  readonly xid: string;
  /** Its transaction was committed when the event was not seen yet. */
  committed: boolean;
}

/** Of one server since its start one database: the tables of another one cannot be looked at from ours. */
const SELF = `SELECT pg_postmaster_start_time()::text || ' ' || oid::text AS self FROM pg_database WHERE datname = current_database()`;
const LOOK = `SELECT a.id, pg_xact_status(a.xid::text::xid8) AS state,
    EXISTS (SELECT 1 FROM rampart.events AS e WHERE e.id = a.id) AS there
  FROM jsonb_to_recordset($1::text::jsonb) AS a (id text, xid text)`;
/** Events that wait for their commit at most; the oldest beyond are not told. */
const MAX_PENDING = 10_000;
/** One look asks of so many. */
const AT_ONCE = 1_000;
const FIRST_LOOK_MS = 25;
const LAST_LOOK_MS = 1_000;

/**
 * Watches transactions of the application by their numbers: it need not say when it commits. Where its transaction runs on a
 * database that is not ours, or there is none to look from, an event is told at once, whatever becomes of its transaction.
 */
export function commitWatch({ sql, timers, tell }: CommitWatchParts): CommitWatch {
  let pending: Pending[] = [];
  let ours: Promise<unknown> | undefined;
  let cancel: (() => void) | undefined;
  let looking = Promise.resolve();
  let closed = false;

  const selfOf = async (runner: Pick<SqlRunner, 'query'>): Promise<unknown> =>
    (await runner.query(SELF)).rows[0]?.['self'];

  /** @returns whether it has to be looked for again */
  const settle = (one: Pending, found: Readonly<Record<string, unknown>> | undefined): boolean => {
    if (found?.['there'] === true) {
      tell(one.event);
      return false;
    }
    if (found?.['state'] === 'in progress') return true;
    // It may have been committed after the look began: then the next one sees its event, unless that was taken back alone.
    const isNews = found?.['state'] === 'committed' && !one.committed;
    one.committed = true;
    return isNews;
  };

  const look = async (): Promise<void> => {
    const asked = pending.slice(0, AT_ONCE);
    const list = JSON.stringify(asked.map(({ event, xid }) => ({ id: event.id, xid })));
    const rows = (await sql()?.query(LOOK, [list]))?.rows ?? [];
    const byId = new Map(rows.map((row) => [row['id'], row]));
    const kept = asked.filter((one) => settle(one, byId.get(one.event.id)));
    // Those that wait longest are looked for last, so that none stands in the way of others.
    const done = new Set(asked);
    pending = [...pending.filter((one) => !done.has(one)), ...kept];
  };

  const again = (delayMs: number): void => {
    if (closed || pending.length === 0 || cancel !== undefined) return;
    cancel = timers.after(delayMs, () => {
      // Without the database nothing is known yet.
      looking = look()
        .catch(() => undefined)
        .finally(() => {
          cancel = undefined;
          again(Math.min(2 * delayMs, LAST_LOOK_MS));
        });
    });
  };

  return {
    get waiting() {
      return pending.length;
    },
    async written(tx, event) {
      const own = sql();
      if (own === undefined) return tell(event);
      const { rows } = await tx.query(`SELECT pg_current_xact_id()::text AS xid, (${SELF}) AS self`);
      ours ??= selfOf(own).catch(() => (ours = undefined));
      const self = await ours;
      if (self !== undefined && self !== rows[0]?.['self']) return tell(event);
      pending.push({ event, xid: String(rows[0]?.['xid']), committed: false });
      if (pending.length > MAX_PENDING) pending.shift();
      again(FIRST_LOOK_MS);
    },
    async close() {
      closed = true;
      cancel?.();
      await looking;
      for (let round = 0; round <= MAX_PENDING / AT_ONCE && pending.length > 0; round++)
        await look().catch(() => undefined);
    },
  };
}
