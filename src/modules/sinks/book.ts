import type { SqlRunner, SqlStore } from '../../ports/sql.ts';

/** Where a sink stands, as all nodes know it. Times are milliseconds since the epoch. */
export interface SinkRow {
  readonly name: string;
  readonly kind: string;
  /** Where it sends to, without anything secret. */
  readonly target: string;
  readonly cursor: number;
  /** When a process last said that it has this sink. */
  readonly seenMs: number;
  /** Process that sends; null: none at present. */
  readonly holder: string | null;
  readonly heldUntilMs: number;
  /** Not before this time it is tried again. */
  readonly dueMs: number;
  /** Tries that failed in a row. */
  readonly attempts: number;
  readonly sent: number;
  readonly refused: number;
  /** Events that were deleted before they could be sent. */
  readonly lost: number;
  readonly sentAtMs: number | null;
  readonly failingSinceMs: number | null;
  /** Why the last try failed; null once one went well. */
  readonly error: string | null;
  /** Why the last event that was refused was refused. */
  readonly refusal: string | null;
}

/** A sink, with what waits for it. */
export interface SinkState extends SinkRow {
  /** Events that it has still to go through. */
  readonly waiting: number;
  /** When the oldest of them arrived; null: none waits. */
  readonly oldestAtMs: number | null;
}

/** What a pass achieved. */
export interface Progress {
  readonly cursor: number;
  readonly sent: number;
  readonly refused: number;
  readonly lost: number;
  /** Of the last refused one. */
  readonly refusal: string | null;
}

/** Longer than a send may take: whoever holds a sink for longer without a word is dead. */
const LEASE_MS = 60_000;
/** A sink that no process has had for so long is forgotten, and what waited for it. */
const FORGET_MS = 7 * 86_400_000;
/** Places are kept for so long at most, whoever waits for them. */
const KEEP_MS = 30 * 86_400_000;
const PRUNE_BATCH = 5_000;
/** Up to here what waits is counted one by one. */
const COUNTED = 10_000;

const REGISTER = `INSERT INTO rampart.sinks (name, kind, target, cursor, seen_ms)
SELECT n.name, n.kind, n.target, coalesce((SELECT max(seq) FROM rampart.sink_feed), 0), $4::bigint
FROM unnest($1::text[], $2::text[], $3::text[]) AS n (name, kind, target)
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, target = excluded.target, seen_ms = excluded.seen_ms`;

const CLAIM = `UPDATE rampart.sinks SET holder = $2, held_until_ms = $4, seen_ms = greatest(seen_ms, $3)
WHERE name = $1 AND (holder = $2 OR holder IS NULL OR held_until_ms <= $3) RETURNING *`;

const PROGRESS = `UPDATE rampart.sinks SET cursor = $3, sent = sent + $4, refused = refused + $5, lost = lost + $6,
  refusal = coalesce($7, refusal), sent_at_ms = CASE WHEN $4 > 0 THEN $8 ELSE sent_at_ms END
WHERE name = $1 AND holder = $2 AND cursor <= $3`;

const STATES = `SELECT s.*, f.waiting, f.head, f.oldest FROM rampart.sinks s CROSS JOIN LATERAL (
  SELECT count(*) AS waiting, min(at_ms) AS oldest, (SELECT max(seq) FROM rampart.sink_feed) AS head
  FROM (SELECT at_ms FROM rampart.sink_feed WHERE seq > s.cursor ORDER BY seq LIMIT ${COUNTED}) w) f
ORDER BY s.name`;

/** What all nodes know of the sinks, in the database. Of one sink one process at a time moves the cursor. */
export class SinkBook {
  readonly #sql: SqlStore;

  constructor(sql: SqlStore) {
    this.#sql = sql;
  }

  /** Makes sinks known: new ones begin with what arrives from now on. */
  async register(sinks: readonly Pick<SinkRow, 'name' | 'kind' | 'target'>[], nowMs: number): Promise<void> {
    if (sinks.length === 0) return;
    const column = (of: 'name' | 'kind' | 'target') => sinks.map((sink) => sink[of]);
    await this.#sql.query(REGISTER, [column('name'), column('kind'), column('target'), Math.floor(nowMs)]);
  }

  /**
   * Takes a sink for this process alone, or keeps it.
   * @returns undefined where another process has it, or where it is not known
   */
  async claim(name: string, me: string, nowMs: number): Promise<SinkRow | undefined> {
    const now = Math.floor(nowMs);
    const read = await this.#sql.query('SELECT * FROM rampart.sinks WHERE name = $1', [name]);
    const row = read.rows[0] === undefined ? undefined : rowOf(read.rows[0]);
    // Written only when half of it is over: an idle sink writes twice a minute.
    if (row?.holder === me && row.heldUntilMs - now > LEASE_MS / 2) return row;
    const { rows } = await this.#sql.query(CLAIM, [name, me, now, now + LEASE_MS]);
    return rows[0] === undefined ? undefined : rowOf(rows[0]);
  }

  /** Lets another process have it at once. */
  async release(name: string, me: string): Promise<void> {
    await this.#sql.query(
      'UPDATE rampart.sinks SET holder = NULL, held_until_ms = 0 WHERE name = $1 AND holder = $2',
      [name, me],
    );
  }

  /** Moves the cursor on. @returns false where another process has taken the sink over */
  async progress(name: string, me: string, done: Progress, nowMs: number): Promise<boolean> {
    const { cursor, sent, refused, lost, refusal } = done;
    const values = [name, me, cursor, sent, refused, lost, refusal, Math.floor(nowMs)];
    return (await this.#sql.query(PROGRESS, values)).affected > 0;
  }

  /** Takes down that a try failed, and when the next one is due. */
  async failed(name: string, me: string, error: string, dueMs: number, nowMs: number): Promise<void> {
    await this.#sql.query(
      `UPDATE rampart.sinks SET error = $3, due_ms = $4, attempts = attempts + 1,
         failing_since_ms = coalesce(failing_since_ms, $5) WHERE name = $1 AND holder = $2`,
      [name, me, error, Math.floor(dueMs), Math.floor(nowMs)],
    );
  }

  /** Takes down that it works. */
  async recovered(name: string, me: string): Promise<void> {
    await this.#sql.query(
      `UPDATE rampart.sinks SET error = NULL, due_ms = 0, attempts = 0, failing_since_ms = NULL
       WHERE name = $1 AND holder = $2`,
      [name, me],
    );
  }

  /** Ends the pause of a sink. @param sql a transaction, of which it is part then @returns false where there is none */
  async retry(name: string, sql: SqlRunner = this.#sql): Promise<boolean> {
    return (await sql.query('UPDATE rampart.sinks SET due_ms = 0 WHERE name = $1', [name])).affected > 0;
  }

  /** How all sinks fare, in the order of their names. */
  async states(): Promise<readonly SinkState[]> {
    return (await this.#sql.query(STATES)).rows.map(stateOf);
  }

  /**
   * Forgets sinks that nobody has any more, and places that nobody waits for.
   * @returns how many rows went; call again while it is not 0
   */
  async prune(nowMs: number): Promise<number> {
    const now = Math.floor(nowMs);
    const sinks = await this.#sql.query('DELETE FROM rampart.sinks WHERE seen_ms < $1', [now - FORGET_MS]);
    await this.#giveUp(now - KEEP_MS);
    const arrivals = await this.#sql.query(
      `DELETE FROM rampart.sink_arrivals WHERE NOT EXISTS (SELECT 1 FROM rampart.sinks)
         AND event IN (SELECT event FROM rampart.sink_arrivals LIMIT $1)`,
      [PRUNE_BATCH],
    );
    const places = await this.#sql.query(
      `DELETE FROM rampart.sink_feed WHERE seq IN (SELECT seq FROM rampart.sink_feed
         WHERE seq <= coalesce((SELECT min(cursor) FROM rampart.sinks), 9223372036854775807)
         ORDER BY seq LIMIT $1)`,
      [PRUNE_BATCH],
    );
    return sinks.affected + arrivals.affected + places.affected;
  }

  /** Moves sinks past what has waited for too long, and counts it as lost. */
  async #giveUp(beforeMs: number): Promise<void> {
    await this.#sql.query(
      `UPDATE rampart.sinks s SET cursor = old.seq, lost = s.lost +
         (SELECT count(*) FROM rampart.sink_feed f WHERE f.seq > s.cursor AND f.seq <= old.seq)
       FROM (SELECT max(seq) AS seq FROM rampart.sink_feed WHERE at_ms < $1
         AND (SELECT at_ms FROM rampart.sink_feed ORDER BY seq LIMIT 1) < $1) old
       WHERE s.cursor < old.seq`,
      [beforeMs],
    );
  }
}

function rowOf(row: Readonly<Record<string, unknown>>): SinkRow {
  const time = (name: string): number | null => (row[name] === null ? null : Number(row[name]));
  return {
    name: row['name'] as string,
    kind: row['kind'] as string,
    target: row['target'] as string,
    cursor: Number(row['cursor']),
    seenMs: Number(row['seen_ms']),
    holder: row['holder'] as string | null,
    heldUntilMs: Number(row['held_until_ms']),
    dueMs: Number(row['due_ms']),
    attempts: Number(row['attempts']),
    sent: Number(row['sent']),
    refused: Number(row['refused']),
    lost: Number(row['lost']),
    sentAtMs: time('sent_at_ms'),
    failingSinceMs: time('failing_since_ms'),
    error: row['error'] as string | null,
    refusal: row['refusal'] as string | null,
  };
}

function stateOf(row: Readonly<Record<string, unknown>>): SinkState {
  const sink = rowOf(row);
  const counted = Number(row['waiting']);
  return {
    ...sink,
    // Beyond that the numbers say it: they have gaps only where giving them failed.
    waiting: counted < COUNTED ? counted : Number(row['head']) - sink.cursor,
    oldestAtMs: row['oldest'] === null ? null : Number(row['oldest']),
  };
}
