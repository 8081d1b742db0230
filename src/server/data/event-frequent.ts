import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { idTimeMs } from '../../core/id.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { firstIdAt } from './id-range.ts';
import { db, rows } from './query.ts';

/** Points of time that one look takes samples at, and how often it looks closer between two of them. */
const POINTS = 12;
const LOOKS = 3;
/** Events of one sample, and how many of them have to fit where what is looked for is frequent. */
const SAMPLE = 40;
const FREQUENT = 4;
/** First distance of the samples, milliseconds. */
const FIRST_MS = 1_000;
/** Characters of an id. */
const FULL = 'evt_'.length + 26;

/** Ids from `from` on and below `below`. */
interface Ends {
  readonly from: string;
  readonly below: string;
}

/**
 * Where in a span what is looked for begins to be frequent, going back in time: it tells by samples, so that it may miss a
 * short time of it, and guides a search without deciding what it finds. The first points lie the wider apart the older they are.
 * @param fits what is looked for
 * @returns an id: of the events right below it many fit, of those above it probably few; undefined where it is frequent nowhere
 */
export async function frequentBelow(
  runner: SqlRunner,
  span: Ends,
  fits: readonly RawBuilder<SqlBool>[],
): Promise<string | undefined> {
  const newestMs = idTimeMs(whole(span.below));
  const lengthMs = newestMs - idTimeMs(whole(span.from));
  if (lengthMs <= FIRST_MS) return undefined;
  const factor = (lengthMs / FIRST_MS) ** (1 / POINTS);
  let points = Array.from({ length: POINTS }, (_, i) => newestMs - FIRST_MS * factor ** i);
  let found: number | undefined;
  for (let look = 0; look < LOOKS; look++) {
    const at = await firstFrequent(runner, span, points, fits);
    if (at === undefined) break;
    found = points[at] as number;
    const newer = points[at - 1] ?? newestMs;
    const step = (newer - found) / (POINTS + 1);
    points = Array.from({ length: POINTS }, (_, i) => newer - step * (i + 1));
  }
  return found === undefined ? undefined : whole(firstIdAt('evt', found));
}

/** The first of the points below which what is looked for is frequent. */
async function firstFrequent(
  runner: SqlRunner,
  { from }: Ends,
  points: readonly number[],
  fits: readonly RawBuilder<SqlBool>[],
): Promise<number | undefined> {
  const ids = points.map((ms) => whole(firstIdAt('evt', ms)));
  const statement = sql<{ readonly n: number }>`
    select counted.n from unnest(${ids}::text[]) with ordinality as point (id, place)
    cross join lateral (
      select count(*)::int as n from (
        select * from rampart.events where events.id < point.id and events.id >= ${from}
        order by events.id desc limit ${SAMPLE}) as near
      where ${sql.join([...fits], sql` and `)}) as counted
    order by point.place`;
  const counted = await rows(runner, { compile: () => statement.compile(db) });
  const at = counted.findIndex(({ n }) => n >= FREQUENT);
  return at === -1 ? undefined : at;
}

/** An id in its full length: the first of all that begin with it. */
function whole(id: string): string {
  return id.slice(0, FULL).padEnd(FULL, '0');
}
