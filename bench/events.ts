import { EVENTS } from '../src/core/events.ts';
import type { SqlStore } from '../src/ports/sql.ts';
import { type EventFilters, EventStore, migrations } from '../src/server/data/index.ts';
import { migrate, openServer } from '../src/stores/postgres/index.ts';
import { postgresService, temporaryDatabase } from '../src/testing/services.ts';
import { END_MS } from './events/data.ts';
import { ingest } from './events/ingest.ts';
import { flood, lay } from './events/lay.ts';
import { AFTER_FLOOD, SEARCHES } from './events/searches.ts';
import { fillSite } from './events/site.ts';
import { firstView, SPANS } from './events/views.ts';
import { type BenchResult, type BenchRow, machine, median, rowOf } from './lib/result.ts';

const ROWS = Number(process.env['BENCH_EVENTS_ROWS'] ?? 10_000_000);
const TURNS = Number(process.env['BENCH_ROUNDS'] ?? 15);
/** A database that is filled already, or is filled and left. */
const KEPT = process.env['BENCH_EVENTS_DATABASE_URL'];
const PAGE = 50;
/** Of all events, how many of another kind come after them. */
const FLOOD = 0.03;

/**
 * How long searches take among many events on PostgreSQL, on the first page and on the tenth, what the first page of the
 * console asks for, and how fast events are written into them, beside COPY. No peer does the same.
 */
export async function bench(): Promise<BenchResult> {
  const database = KEPT === undefined ? await ownDatabase() : { url: KEPT, drop: () => Promise.resolve() };
  const sql = await openServer({ url: database.url, queryLimit: '10m' });
  try {
    await make(sql);
    const results = [
      ...(await searching(sql, SEARCHES)),
      ...(await counting(sql)),
      ...(await viewing(sql)),
      ...(await afterFlood(sql)),
      ...(await ingest(sql, database.url)),
    ];
    return { name: 'events', machine: machine(), results };
  } finally {
    await sql.close();
    await database.drop();
  }
}

async function ownDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const { url } = await postgresService();
  if (url === undefined) throw new Error('PostgreSQL is not reachable: set DATABASE_URL');
  const database = await temporaryDatabase(url);
  const sql = await openServer({ url: database.url });
  // Indexes of whole partitions are made: with the usual memory it takes twice as long.
  await sql.script(
    `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET maintenance_work_mem = %L', current_database(), '512MB'); END $$`,
  );
  await sql.close();
  return database;
}

/** Fills a database, unless it is filled already. */
async function make(sql: SqlStore): Promise<void> {
  await migrate(sql, migrations);
  const { rows } = await sql.query('SELECT EXISTS (SELECT 1 FROM rampart.events) AS filled');
  if (rows[0]?.['filled'] === true) return;
  await lay(sql, ROWS);
  await fillSite(sql, { decisions: Math.ceil(ROWS / 20), accounts: Math.ceil(ROWS / 50) });
}

/** Searches for what none of the newest events is. */
async function afterFlood(sql: SqlStore): Promise<readonly BenchRow[]> {
  const { rows } = await sql.query(
    'SELECT EXISTS (SELECT 1 FROM rampart.events WHERE at_ms > $1) AS flooded',
    [END_MS],
  );
  if (rows[0]?.['flooded'] !== true) await flood(sql, ROWS, Math.ceil(ROWS * FLOOD));
  return searching(sql, AFTER_FLOOD);
}

async function searching(
  sql: SqlStore,
  searches: Readonly<Record<string, EventFilters>>,
): Promise<readonly BenchRow[]> {
  const store = new EventStore(sql);
  const results: BenchRow[] = [];
  for (const [name, filters] of Object.entries(searches)) {
    const first: number[] = [];
    const tenth: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      let page = await timed(first, () => store.search({ ...filters, limit: PAGE }));
      for (let i = 2; i < 10 && page.nextBefore !== null; i++)
        page = await store.search({ ...filters, limit: PAGE, before: page.nextBefore });
      const { nextBefore } = page;
      if (nextBefore !== null)
        await timed(tenth, () => store.search({ ...filters, limit: PAGE, before: nextBefore }));
    }
    results.push(...figures(`${name}, first page`, first), ...figures(`${name}, tenth page`, tenth));
  }
  return results;
}

async function counting(sql: SqlStore): Promise<readonly BenchRow[]> {
  const store = new EventStore(sql);
  const counted: number[] = [];
  for (let turn = 0; turn < TURNS; turn++)
    await timed(counted, () => store.countTypes(Object.keys(EVENTS), END_MS - 86_400_000));
  return figures('counts of all types over a day', counted);
}

async function viewing(sql: SqlStore): Promise<readonly BenchRow[]> {
  const results: BenchRow[] = [];
  for (const [span, lengthMs] of Object.entries(SPANS)) {
    const parts = firstView(sql, lengthMs);
    for (const [name, ask] of Object.entries(parts)) {
      const took: number[] = [];
      for (let turn = 0; turn < TURNS; turn++) await timed(took, ask);
      results.push(...figures(`overview of ${span}: ${name}`, took));
    }
    const all: number[] = [];
    for (let turn = 0; turn < TURNS; turn++)
      await timed(all, () => Promise.all(Object.values(parts).map((ask) => ask())));
    results.push(...figures(`overview of ${span}: all at once`, all));
  }
  return results;
}

async function timed<T>(into: number[], work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const value = await work();
  into.push(performance.now() - began);
  return value;
}

function figures(name: string, tookMs: readonly number[]): readonly BenchRow[] {
  if (tookMs.length === 0) return [];
  const p95 = tookMs.toSorted((a, b) => a - b)[Math.floor(tookMs.length * 0.95)] as number;
  const row = (which: string, value: number): BenchRow =>
    rowOf({ case: `${name}, ${which}`, unit: 'ms', better: 'less' }, { rampart: value });
  return [row('p50', median(tookMs)), row('p95', p95), row('slowest', Math.max(...tookMs))];
}
