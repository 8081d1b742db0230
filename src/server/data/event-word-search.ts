import { sql } from 'kysely';
import { idTimeMs } from '../../core/id.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { conditionOf, type Term } from './event-filters.ts';
import { frequentBelow } from './event-frequent.ts';
import { type Span, timeLexemes, within } from './event-spans.ts';
import { EVENT_TERMS } from './event-tables.ts';
import { firstIdAt } from './id-range.ts';
import { db, firstRow, rows } from './query.ts';
import type { EventsTable } from './tables.ts';

/** Time that is asked for at once above events that hold the words often: one question names it by its narrow lexemes. */
const MAX_ABOVE_MS = 10 * 2 ** 25;
/** By how much the next span of time is longer at most. */
const WIDEN = 16;
/** Shortest of these spans; the first one is `WIDEN` times what was looked through already. */
const MIN_SPAN_MS = 1_000;

/** What is looked for in the index of words. */
export interface WordQuery {
  readonly terms: readonly Term[];
  /** What is asked for. */
  readonly whole: Span;
  /** Id down to which everything was looked at already. */
  readonly reach: string;
  /** Events at most. */
  readonly want: number;
  /** Events at most, about, that the index leads to and that are held against what it does not know. */
  readonly most: number;
}

/** What was found there. */
export interface WordsFound {
  /** Newest first. */
  readonly rows: readonly EventsTable[];
  /** The id below which nothing was looked at yet; null when everything was, or enough is found. */
  readonly below: string | null;
}

/**
 * Asks the index of words, in spans that grow backwards in time, so that the newest are found first. Words, spans and the
 * most usual filters meet within the index; what it leads to is held against the others, so many events at most.
 */
export async function searchByWords(runner: SqlRunner, query: WordQuery): Promise<WordsFound> {
  const { terms, whole, reach, want, most } = query;
  const ends = db
    .selectFrom('rampart.events')
    .select((eb) => [eb.fn.min('id').as('first'), eb.fn.max('id').as('last')])
    .where(within(whole));
  const end = await firstRow(runner, ends);
  if (!end?.first || !end.last) return { rows: [], below: null };
  const found: EventsTable[] = [];
  const guess = await frequentBelow(
    runner,
    { from: end.first, below: reach },
    terms.filter(({ index, lexemes }) => index === 'words' || lexemes).map(conditionOf),
  );
  let lengthMs = Math.max(MIN_SPAN_MS, idTimeMs(end.last) - idTimeMs(reach)) * WIDEN;
  let left = most;
  for (let below = reach; below > end.first;) {
    if (found.length >= want) return { rows: found, below: null };
    if (below === guess) {
      const depth = Math.ceil(most / 2);
      const near = await readInOrder(
        runner,
        query,
        { from: end.first, below },
        { want: want - found.length, depth },
      );
      found.push(...near.fitting);
      if (near.reach === null) return { rows: found, below: null };
      below = near.reach;
      left -= depth;
      if (left <= 0) return { rows: found, below: found.length >= want ? null : below };
      continue;
    }
    const isAbove = guess !== undefined && below > guess;
    if (isAbove) lengthMs = Math.min(lengthMs, MAX_ABOVE_MS);
    // A whole id: it may become the place where the reader goes on.
    const start = firstIdAt('evt', idTimeMs(below) - lengthMs).padEnd(below.length, '0');
    const first = isAbove ? guess : end.first;
    const from = start > first ? start : first;
    // The rest of all that there is: narrowing it would cost more than what it leaves out.
    const isRest = whole.from === undefined && from === end.first;
    const times = isRest ? [] : timeLexemes({ from, below });
    const { hits, fitting } = await readSpan(runner, query, { from, below, times }, want - found.length);
    if (hits > most) {
      // The index gives them in no order: a part of them says nothing.
      lengthMs /= WIDEN;
      if (lengthMs < MIN_SPAN_MS) return { rows: found, below };
      continue;
    }
    found.push(...fitting);
    below = from;
    left -= hits;
    if (left <= 0) return { rows: found, below: found.length >= want || below <= end.first ? null : below };
    const wanted = (2 * (want - found.length)) / Math.max(1, fitting.length);
    lengthMs *= Math.min(WIDEN, left / Math.max(1, hits), Math.max(1, wanted));
  }
  return { rows: found, below: null };
}

/** Reads the newest of a span one by one. @returns what fits everything, and where to go on: null where it was read to its end */
async function readInOrder(
  runner: SqlRunner,
  { terms }: WordQuery,
  span: Required<Span>,
  { want, depth }: { readonly want: number; readonly depth: number },
): Promise<{ readonly fitting: readonly EventsTable[]; readonly reach: string | null }> {
  const newest = db.selectFrom('rampart.events').where(within(span)).orderBy('id', 'desc');
  const last = newest
    .select('id')
    .offset(depth - 1)
    .limit(1);
  const reach = (await firstRow(runner, last))?.id ?? null;
  const select = db
    .selectFrom(newest.selectAll().limit(depth).as('looked'))
    .selectAll()
    .where((eb) => eb.and([...terms.map(conditionOf), within({ from: reach ?? span.from })]))
    .orderBy('id', 'desc')
    .limit(want);
  return { fitting: await rows(runner, select), reach };
}

type Found = { readonly hits: number } & { readonly [Name in keyof EventsTable]: EventsTable[Name] | null };

/** What the index leads to in a span, and of it the newest that fit everything. */
async function readSpan(
  runner: SqlRunner,
  { terms, most }: WordQuery,
  span: Required<Span> & { readonly times: readonly string[] },
  want: number,
): Promise<{ readonly hits: number; readonly fitting: readonly EventsTable[] }> {
  const words = terms.flatMap(({ words: text }) => (text === undefined ? [] : [text]));
  const groups = [...terms.map(({ lexemes }) => lexemes ?? []), span.times].filter((any) => any.length > 0);
  const asked = sql.join(
    [
      ...words.map((text) => sql`plainto_tsquery('simple', ${text})`),
      ...groups.map((any) => sql`${any.map(quoted).join(' | ')}::text::tsquery`),
    ],
    sql` && `,
  );
  const others = terms.filter((one) => one.index !== 'words').map(conditionOf);
  // Without the fence the plan would hope to meet the word soon, and walk through all events.
  const statement = sql<Found>`
    with hits as materialized (
      select * from rampart.events where ${sql.raw(EVENT_TERMS)} @@ (${asked}) and ${within(span)}
        ${sql.join(
          words.map((text) => sql`and numnode(plainto_tsquery('simple', ${text})) > 0`),
          sql` `,
        )}
      limit ${most + 1})
    select counted.hits, fitting.* from (select count(*)::int as hits from hits) as counted
    left join (select * from hits where ${sql.join([sql`true`, ...others], sql` and `)}
      order by id desc limit ${want}) as fitting on true
    order by fitting.id desc`;
  const found = await rows(runner, { compile: () => statement.compile(db) });
  const fitting = found.filter((row) => row.id !== null) as unknown as readonly EventsTable[];
  return { hits: found[0]?.hits ?? 0, fitting };
}

/** A lexeme as it stands in a question. */
function quoted(lexeme: string): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
