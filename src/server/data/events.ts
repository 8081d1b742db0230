import type { RampartEvent } from '../../core/events.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { EventEntry } from '../api/types.ts';
import { eventText } from '../event-text.ts';
import type { EventFilters } from './event-filters.ts';
import { entryOf, insertEvents } from './event-rows.ts';
import { type SearchBounds, searchEvents } from './event-search.ts';
import { tailOf } from './event-tail.ts';
import { insertInChunks, type InsertCount, type InsertLimits } from './insert.ts';
import { firstIdAt } from './id-range.ts';
import { db, firstRow, rows } from './query.ts';

/** Events of one page at most. */
export const MAX_EVENTS_PAGE = 200;
/** How what comes from the journal is written: one statement is read by the database while another one is made durable. */
const LIMITS: InsertLimits = { atOnce: 2_000, together: 2 };
/** Events that are counted at most. */
const MAX_COUNTED = 1_000;

/** A page of events to look up. */
export interface EventQuery extends EventFilters {
  /** 1 to 200. */
  readonly limit: number;
  /** Only events older than this id. */
  readonly before?: string;
}

/** A page of events, newest first. */
export interface EventPage {
  readonly events: readonly EventEntry[];
  /** Where to go on, null at the end. */
  readonly nextBefore: string | null;
}

/** Everything that happened. */
export class EventStore {
  readonly #sql: SqlRunner;

  readonly #bounds: Pick<SearchBounds, 'rounds' | 'tail'>;

  /** @param bounds events that one search looks at before it answers with what it has */
  constructor(runner: SqlRunner, bounds: Pick<SearchBounds, 'rounds' | 'tail'> = {}) {
    this.#sql = runner;
    this.#bounds = bounds;
  }

  /** Inserts events; those that are there already are left alone. */
  insertMany(events: readonly RampartEvent[], runner: SqlRunner = this.#sql): Promise<InsertCount> {
    return this.insertTexts(events.map(eventText), runner);
  }

  /** The same for what `eventText` made of each event. */
  insertTexts(texts: readonly string[], runner: SqlRunner = this.#sql): Promise<InsertCount> {
    return insertInChunks(texts, (chunk) => insertEvents(runner, chunk), {
      ...LIMITS,
      // A transaction has one connection.
      ...(runner === this.#sql ? {} : { together: 1 }),
    });
  }

  /**
   * Writes an audit event within the transaction of its act: when it cannot be written, the act fails too.
   * @param runner the transaction's runner
   */
  async write(runner: SqlRunner, event: RampartEvent): Promise<void> {
    await insertEvents(runner, [eventText(event)]);
  }

  /**
   * A page, newest first. The work is bounded: a page may hold fewer events than asked for, or none, and still say where
   * to go on.
   */
  async search({ limit, before, ...filters }: EventQuery): Promise<EventPage> {
    const most = Math.min(MAX_EVENTS_PAGE, Math.max(1, limit));
    const found = await searchEvents(this.#sql, filters, { limit: most, before, ...this.#bounds });
    return { events: found.rows.map(entryOf), nextBefore: found.nextBefore };
  }

  /** The newest that fit, however far back they lie. */
  async page(query: EventQuery): Promise<readonly EventEntry[]> {
    const events: EventEntry[] = [];
    for await (const event of this.all(query)) {
      events.push(event);
      if (events.length >= query.limit) break;
    }
    return events;
  }

  /** All that fit, newest first, read a page at a time as they are taken. */
  async *all(query: EventQuery): AsyncGenerator<EventEntry, void, undefined> {
    let page = await this.search(query);
    for (;;) {
      yield* page.events;
      if (page.nextBefore === null) return;
      page = await this.search({ ...query, before: page.nextBefore });
    }
  }

  /** Those of these events that are kept, newest first. @param ids at most 200 */
  async byIds(ids: readonly string[]): Promise<readonly EventEntry[]> {
    if (ids.length === 0) return [];
    const select = db
      .selectFrom('rampart.events')
      .selectAll()
      .where('id', 'in', ids.slice(0, 200))
      .orderBy('id', 'desc');
    return (await rows(this.#sql, select)).map(entryOf);
  }

  /** How many fit, of the newest that a search looks at; at most 1,000 are counted. */
  async count(filters: EventFilters): Promise<number> {
    return (await searchEvents(this.#sql, filters, { limit: MAX_COUNTED })).rows.length;
  }

  /** How often types happened since a time; at most 1,000 of each are counted. Types that did not are left out. */
  async countTypes(types: readonly string[], sinceMs: number): Promise<ReadonlyMap<string, number>> {
    const since = firstIdAt('evt', sinceMs);
    const tail = await tailOf(this.#sql);
    const start = tail?.from ?? '';
    // The newest have no index of types: they are counted in one go, instead of being read for each type.
    const { rows: found } = await this.#sql.query(
      `WITH newest AS MATERIALIZED (
         SELECT type, count(*)::int AS n FROM rampart.events WHERE $3 AND id >= $4 GROUP BY type)
       SELECT given.type, least(${MAX_COUNTED}, counted.n + coalesce(newest.n, 0))::int AS n
       FROM jsonb_array_elements_text($1::text::jsonb) AS given (type) LEFT JOIN newest ON newest.type = given.type
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS n FROM (
           SELECT 1 FROM rampart.events AS e
           WHERE e.type = given.type AND e.id >= $2 AND (NOT $3 OR e.id < $5) LIMIT ${MAX_COUNTED}) AS few
       ) AS counted WHERE counted.n + coalesce(newest.n, 0) > 0`,
      [JSON.stringify(types), since, tail !== undefined, since > start ? since : start, start],
    );
    return new Map(found.map((row) => [row['type'] as string, Number(row['n'])]));
  }

  /**
   * Notes that an event is resolved, or no longer.
   * @param runner the transaction's runner
   * @param done who and when (milliseconds since the epoch); null to take it back
   * @returns the event; `undefined` where there is none, or nothing would change
   */
  async settle(
    runner: SqlRunner,
    id: string,
    done: { readonly by: string; readonly atMs: number } | null,
  ): Promise<EventEntry | undefined> {
    const update = db
      .updateTable('rampart.events')
      .set({ resolved_at_ms: done?.atMs ?? null, resolved_by: done?.by ?? null })
      .where('id', '=', id)
      .where('resolved_at_ms', done ? 'is' : 'is not', null)
      .returningAll();
    const row = await firstRow(runner, update);
    return row && entryOf(row);
  }
}
