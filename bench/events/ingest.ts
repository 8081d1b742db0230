import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemTimers, type Timers } from '../../src/core/clock.ts';
import { EventCorridor } from '../../src/core/event-corridor.ts';
import type { EventFields } from '../../src/core/events.ts';
import type { SqlStore } from '../../src/ports/sql.ts';
import { EventStore } from '../../src/server/data/index.ts';
import { END_MS } from './data.ts';
import { Pump } from '../../src/server/pump.ts';
import { openJournal } from '../../src/stores/file/index.ts';
import { type BenchRow, rowOf } from '../lib/result.ts';
import { copyRates } from './copy.ts';

const EVENTS = 100_000;
const WAVE = 2_000;
/** Timers that never fire: nothing is moved out of the journal meanwhile. */
const STOPPED: Timers = { after: () => () => undefined };

/** How fast signal events go through the journal into the database, beside COPY, and what they cost the thread that emits them. */
export async function ingest(sql: SqlStore, url: string): Promise<readonly BenchRow[]> {
  const cpu = await withJournal((dir) => emitting(dir));
  const { rate, drainCpu } = await withJournal((dir) => moving(dir, new EventStore(sql)));
  // A database that is kept must look the same to the next searches.
  await sql.query('DELETE FROM rampart.events WHERE at_ms >= $1', [END_MS]);
  await sql.script('VACUUM (ANALYZE) rampart.events');
  const copies = await copyRates(url, EVENTS);
  const less = (name: string, rampart: number): BenchRow =>
    rowOf({ case: name, unit: 'µs/event', better: 'less' }, { rampart });
  return [
    less('CPU of the emitting thread, into the journal', cpu),
    less('CPU of the process, from the journal to the database', drainCpu),
    ...Object.entries(copies).map(([name, limit]) =>
      rowOf(
        { case: `through the journal, beside COPY ${name}`, unit: 'events/s', better: 'more' },
        { rampart: rate, limit },
      ),
    ),
  ];
}

async function withJournal<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-bench-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function stand(
  dir: string,
  timers: Timers,
  store?: EventStore,
): Promise<{ pump: Pump; events: EventCorridor }> {
  const journal = await openJournal({ dir });
  const target = {
    insertDecisions: () => Promise.resolve(),
    insertEvents: async (texts: readonly string[]) => void (await store?.insertTexts(texts)),
  };
  const pump = new Pump({ journal, clock: systemClock, timers, target });
  const events = new EventCorridor({ clock: systemClock, timers, node: 'one', watchers: [pump.watcher] });
  return { pump, events };
}

/** Made before the clock starts: a guard has them at hand. */
const FIELDS = Array.from({ length: EVENTS }, (_, i) => fieldsOf(i));

async function emitAll(events: EventCorridor): Promise<void> {
  for (let i = 0; i < EVENTS; i += WAVE) {
    for (const fields of FIELDS.slice(i, i + WAVE)) events.emit('SIGN_IN_FAILED', fields);
    await events.flush();
  }
}

/** µs of CPU per event. */
async function emitting(dir: string): Promise<number> {
  const { pump, events } = await stand(dir, STOPPED);
  await emitAll(events);
  const began = process.cpuUsage();
  await emitAll(events);
  const { user, system } = process.cpuUsage(began);
  await pump.close();
  return (user + system) / EVENTS;
}

async function moving(dir: string, store: EventStore): Promise<{ rate: number; drainCpu: number }> {
  const { pump, events } = await stand(dir, systemTimers, store);
  const began = performance.now();
  await emitAll(events);
  const cpu = process.cpuUsage();
  await pump.close();
  const { user, system } = process.cpuUsage(cpu);
  return { rate: (EVENTS / (performance.now() - began)) * 1_000, drainCpu: (user + system) / EVENTS };
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/** What a refused sign-in says: who, from where and under which ids come in no order, as attackers do. */
function fieldsOf(i: number): EventFields {
  return {
    actor: `user:${i % 5_000}`,
    subject: `acc_${i % 5_000}`,
    address: `10.${i % 60}.${i % 251}.${i % 241}`,
    route: 'POST /auth/sign-in',
    session: `ses_${i}`,
    requestId: `edge-${random(12)}`,
    traceId: random(16),
    outcome: 'failure',
    details: { reason: `reason${i % 500}`, tries: i % 7 },
  };
}
