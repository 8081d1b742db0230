import { randomFillSync } from 'node:crypto';
import { EVENTS } from '../src/core/events.ts';
import { newId } from '../src/core/id.ts';
import {
  bundleLines,
  localSigner,
  readBundlePage,
  signNote,
  verifyBundle,
} from '../src/modules/audit/index.ts';
import { readState } from '../src/modules/audit/rows.ts';
import { sequence } from '../src/modules/audit/sequencer.ts';
import { EventStore, migrations } from '../src/server/data/index.ts';
import { migrate, openServer } from '../src/stores/postgres/index.ts';
import { postgresService, temporaryDatabase } from '../src/testing/services.ts';
import { type BenchResult, type BenchRow, machine, rowOf } from './lib/result.ts';

const EVENTS_IN_ALL = Number(process.env['BENCH_AUDIT_EVENTS'] ?? 20_000);
const PAGE = 500;

/** How fast audit events get their places on PostgreSQL, and how fast the log of them is verified; no peer does the same. */
export async function bench(): Promise<BenchResult> {
  const { url } = await postgresService();
  if (url === undefined) throw new Error('PostgreSQL is not reachable: set DATABASE_URL');
  const database = await temporaryDatabase(url);
  const sql = await openServer({ url: database.url });
  try {
    await migrate(sql, migrations);
    const store = new EventStore(sql);
    const written = await seconds(async () => {
      for (let at = 0; at < EVENTS_IN_ALL; at += PAGE) await store.insertMany(events(at, PAGE));
    });
    const sequenced = await seconds(async () => {
      while ((await sequence(sql)) > 0);
    });
    const signer = localSigner(randomFillSync(new Uint8Array(32)));
    const state = await readState(sql);
    if (state === undefined) throw new Error('nothing was sequenced');
    const { origin, tree, nowUs } = state;
    const note = await signNote({ origin, size: tree.size, root: tree.root(), atUs: String(nowUs) }, signer);
    const lines = [JSON.stringify({ note })];
    const exported = await seconds(async () => {
      for await (const line of bundleLines((from) => readBundlePage(sql, { from, payloads: true })))
        lines.push(line);
    });
    const key = Buffer.from(signer.publicKey).toString('base64');
    const verified = await seconds(async () => {
      const report = await verifyBundle(lines, [key]);
      if (!report.ok || report.covered !== EVENTS_IN_ALL) throw new Error(JSON.stringify(report.problems));
    });
    const figure = (name: string, took: number): BenchRow =>
      rowOf({ case: name, unit: 'events/s', better: 'more' }, { rampart: EVENTS_IN_ALL / took });
    const results = [
      figure('written, 500 a statement', written),
      figure('given their places, 1,000 a transaction', sequenced),
      figure('exported', exported),
      figure('verified', verified),
    ];
    return { name: 'audit', machine: machine(), results };
  } finally {
    await sql.close();
    await database.drop();
  }
}

function events(from: number, count: number) {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const atMs = 1_795_000_000_000 + n;
    const { severity, class: kind, about } = EVENTS.ROLE_ASSIGNED;
    const details = { role: 'support', reason: 'on call this week', until: atMs + 604_800_000, before: null };
    const who = { actor: `user:${n % 50}`, subject: `user:${n % 5_000}`, address: `198.51.100.${n % 250}` };
    return {
      id: newId('evt', atMs),
      type: 'ROLE_ASSIGNED',
      severity,
      class: kind,
      atMs,
      node: 'one',
      about,
      details,
      ...who,
    };
  });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}
