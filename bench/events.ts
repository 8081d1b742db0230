import { EVENTS, type RampartEvent } from '../src/core/events.ts';
import { newId } from '../src/core/id.ts';
import { EventStore, migrations } from '../src/server/data/index.ts';
import { migrate, openServer } from '../src/stores/postgres/index.ts';
import { postgresService, temporaryDatabase } from '../src/testing/services.ts';
import { copyRate } from './events/copy.ts';
import { END_MS, fill, withoutIndexes } from './events/data.ts';
import { SEARCHES } from './events/searches.ts';
import { type BenchResult, type BenchRow, machine, median, rowOf } from './lib/result.ts';

const ROWS = Number(process.env['BENCH_EVENTS_ROWS'] ?? 10_000_000);
const TURNS = Number(process.env['BENCH_ROUNDS'] ?? 15);
const PAGE = 50;
const WRITTEN = 50_000;
const BATCH = 1_000;

/**
 * How long searches take among many events on PostgreSQL, on the first page and on the tenth, and how fast events are
 * written into them, beside what COPY puts into a table of the same columns without any index. No peer does the same.
 */
export async function bench(): Promise<BenchResult> {
  const { url } = await postgresService();
  if (url === undefined) throw new Error('PostgreSQL is not reachable: set DATABASE_URL');
  const database = await temporaryDatabase(url);
  const sql = await openServer({ url: database.url });
  try {
    await migrate(sql, migrations);
    const make = await withoutIndexes(sql);
    await fill(sql, ROWS);
    await make();
    const store = new EventStore(sql);
    const results: BenchRow[] = [];
    for (const [name, filters] of Object.entries(SEARCHES)) {
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
    const counted: number[] = [];
    for (let turn = 0; turn < TURNS; turn++)
      await timed(counted, () => store.countTypes(Object.keys(EVENTS), END_MS - 86_400_000));
    results.push(...figures('counts of all types over a day', counted));
    results.push(await writing(store, database.url));
    return { name: 'events', machine: machine(), results };
  } finally {
    await sql.close();
    await database.drop();
  }
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
  return [row('p50', median(tookMs)), row('p95', p95)];
}

async function writing(store: EventStore, url: string): Promise<BenchRow> {
  const events = Array.from({ length: WRITTEN }, (_, i) => eventOf(i));
  const began = performance.now();
  for (let at = 0; at < WRITTEN; at += BATCH) await store.insertMany(events.slice(at, at + BATCH));
  const rate = (WRITTEN / (performance.now() - began)) * 1_000;
  const limit = await copyRate(url, events);
  return rowOf(
    { case: 'written, 1,000 at a time', unit: 'events/s', better: 'more' },
    { rampart: rate, limit },
  );
}

function eventOf(i: number): RampartEvent {
  const atMs = END_MS + i;
  const { severity, class: kept, about } = EVENTS.SIGN_IN_FAILED;
  return {
    id: newId('evt', atMs),
    type: 'SIGN_IN_FAILED',
    severity,
    class: kept,
    atMs,
    node: 'one',
    about,
    actor: `user:${i % 5_000}`,
    subject: `acc_${i % 5_000}`,
    address: `198.51.${i % 200}.${i % 250}`,
    route: 'POST /auth/sign-in',
    session: `ses_${i}`,
    requestId: `edge-${i}`,
    traceId: newId('t', atMs).slice(2),
    outcome: 'failure',
    details: { reason: `reason${i % 500}`, tries: i % 7 },
  };
}
