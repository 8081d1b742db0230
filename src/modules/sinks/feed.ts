import type { RampartEvent } from '../../core/events.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { type Candidate, cutBatch } from './batch.ts';
import type { Only } from './options.ts';

/** What is sent next. */
export interface Batch {
  /** In the order of the feed, at most as many and as large as was asked for. */
  readonly events: readonly RampartEvent[];
  /** Place in the feed of each of them. */
  readonly places: readonly number[];
  /** Place up to which there is nothing else that the sink wants. */
  readonly through: number;
  /** Places up to there whose event was deleted before it could be sent. */
  readonly lost: readonly number[];
}

/** What the feed stands on. */
export interface FeedPorts {
  /** Must hold `sinkTables`. */
  readonly sql: SqlStore;
  /** An event of a row of `rampart.events`. */
  readonly eventOf: (row: Readonly<Record<string, unknown>>) => RampartEvent;
}

/** Arrivals that are given places in one transaction. */
const AT_ONCE = 2_000;
const MAX_EVENTS = 500;
/** Places that are looked through for a sink that wants only some. */
const MAX_LOOKED_AT = 5_000;
const MAX_BYTES = 1_048_576;

const TAKE = `WITH next AS (
  SELECT event FROM rampart.sink_arrivals ORDER BY event LIMIT $1),
taken AS (
  DELETE FROM rampart.sink_arrivals a USING next n WHERE a.event = n.event RETURNING a.event)
INSERT INTO rampart.sink_feed (event, at_ms) SELECT event, $2::bigint FROM taken ORDER BY event`;

const CANDIDATES = `SELECT f.seq, e.id, coalesce(octet_length(e.details::text), 0) AS bytes,
  ($3::text[] IS NULL OR e.type = ANY($3)) AND ($4::text[] IS NULL OR e.severity = ANY($4)) AS wanted
FROM (SELECT seq, event FROM rampart.sink_feed WHERE seq > $1 ORDER BY seq LIMIT $2) f
LEFT JOIN rampart.events e ON e.id = f.event ORDER BY f.seq`;

/**
 * The one order in which events reach all sinks.
 *
 * A reader that remembers the last id, time or serial number it saw misses rows: numbers are given when a row is written,
 * and rows are seen when their transaction ends, which may be later and in another order (and ids come from the clocks of
 * many nodes). Waiting until no older transaction runs (`pg_snapshot_xmin`) would be safe, but one forgotten transaction
 * anywhere in the server would hold all sinks back. So places are given afterwards: an arrival is a row that is there or is
 * not; whoever holds the lock takes those that can be seen and gives them the next numbers in one transaction, and the next
 * one begins when the lock is free again, which is when that transaction has ended. Hence a number is never seen before a
 * smaller one, and `seq > cursor` misses nothing.
 */
export class SinkFeed {
  readonly #ports: FeedPorts;
  #advancing: Promise<void> | null = null;

  constructor(ports: FeedPorts) {
    this.#ports = ports;
  }

  /** Gives places to what has arrived. Those who call at the same time share one run; on another node it runs already. */
  advance(nowMs: number): Promise<void> {
    this.#advancing ??= this.#advance(nowMs).finally(() => (this.#advancing = null));
    return this.#advancing;
  }

  async #advance(nowMs: number): Promise<void> {
    const { sql } = this.#ports;
    // Asked without a transaction first: most of the time there is nothing.
    const any = await sql.query('SELECT EXISTS (SELECT 1 FROM rampart.sink_arrivals) AS any');
    if (any.rows[0]?.['any'] !== true) return;
    await sql.transaction(async (tx) => {
      const lock = await tx.query(
        `SELECT pg_try_advisory_xact_lock(hashtextextended('rampart.sink_feed', 0)) AS mine`,
      );
      if (lock.rows[0]?.['mine'] === true) await tx.query(TAKE, [AT_ONCE, Math.floor(nowMs)]);
    });
  }

  /**
   * What comes after a place, at most `atOnce` events and about a megabyte of details; one that is larger comes alone.
   * @returns undefined where nothing comes
   */
  async read(cursor: number, only: Only, atOnce = MAX_EVENTS): Promise<Batch | undefined> {
    const { sql, eventOf } = this.#ports;
    const isAll = only.types === null && only.severities === null;
    const { rows } = await sql.query(CANDIDATES, [
      cursor,
      isAll ? Math.min(MAX_EVENTS, atOnce) : MAX_LOOKED_AT,
      only.types === null ? null : [...only.types],
      only.severities === null ? null : [...only.severities],
    ]);
    if (rows.length === 0) return undefined;
    const cut = cutBatch(rows.map(candidateOf), Math.min(MAX_EVENTS, atOnce), MAX_BYTES);
    const byId = new Map((await rowsOf(sql, cut.ids)).map((row) => [row['id'] as string, row]));
    const events: RampartEvent[] = [];
    const places: number[] = [];
    const lost = [...cut.lost];
    cut.ids.forEach((id, i) => {
      const row = byId.get(id);
      const place = cut.places[i] as number;
      if (row === undefined) return void lost.push(place);
      events.push(eventOf(row));
      places.push(place);
    });
    return { events, places, through: cut.through, lost };
  }
}

async function rowsOf(sql: SqlRunner, ids: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  if (ids.length === 0) return [];
  return (await sql.query('SELECT * FROM rampart.events WHERE id = ANY($1)', [[...ids]])).rows;
}

function candidateOf(row: Readonly<Record<string, unknown>>): Candidate {
  return {
    place: Number(row['seq']),
    id: row['id'] as string | null,
    bytes: Number(row['bytes']),
    wanted: row['wanted'] === true,
  };
}
