import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemTimers, type Timers } from '../../src/core/clock.ts';
import { EventCorridor } from '../../src/core/event-corridor.ts';
import type { EventFields } from '../../src/core/events.ts';
import type { SqlStore } from '../../src/ports/sql.ts';
import { EventStore } from '../../src/server/data/index.ts';
import { Pump } from '../../src/server/pump.ts';
import { openJournal } from '../../src/stores/file/index.ts';
import { type BenchRow, median, rowOf } from '../lib/result.ts';
import { copyRates } from './copy.ts';
import { Keeping } from './keeping.ts';

const EVENTS = 100_000;
const WAVE = 2_000;
/** Turns of events in one go, and how many times as many come while indexes are made. */
const BURSTS = 3;
const SUSTAINED = 5;
/** Timers that never fire: nothing is moved out of the journal meanwhile. */
const STOPPED: Timers = { after: () => () => undefined };

/** How fast signal events go through the journal into the database, beside COPY, and what they cost the thread that emits them. */
export async function ingest(sql: SqlStore, url: string): Promise<readonly BenchRow[]> {
  const startedMs = Date.now();
  const cpu = await withJournal((dir) => emitting(dir));
  const bursts: Moved[] = [];
  const copies: Readonly<Record<string, number>>[] = [];
  // By turns: other work on the machine then slows all of them alike.
  for (let turn = 0; turn < BURSTS; turn++) {
    bursts.push(await withJournal((dir) => moving(dir, new EventStore(sql), 1)));
    copies.push(await copyRates(url, EVENTS));
  }
  const sustained = await sustaining(sql);
  // A database that is kept must look the same to the next searches.
  await sql.query('DELETE FROM rampart.events WHERE at_ms >= $1', [startedMs]);
  const less = (name: string, unit: string, rampart: number): BenchRow =>
    rowOf({ case: name, unit, better: 'less' }, { rampart });
  const rate = median(bursts.map((one) => one.rate));
  return [
    less('CPU of the emitting thread, into the journal', 'µs/event', cpu),
    less(
      'CPU of the process, from the journal to the database',
      'µs/event',
      median(bursts.map((one) => one.drainCpu)),
    ),
    ...Object.keys(copies[0] ?? {}).map((name) =>
      rowOf(
        { case: `through the journal, beside COPY ${name}`, unit: 'events/s', better: 'more' },
        { rampart: rate, limit: median(copies.map((one) => one[name] ?? 0)) },
      ),
    ),
    rowOf(
      { case: 'through the journal, indexes made meanwhile', unit: 'events/s', better: 'more' },
      { rampart: sustained.rate },
    ),
    less('until all of these had their indexes', 's', sustained.settledMs / 1_000),
  ];
}

/** Many more events, while a keeper ends partitions and makes their indexes. */
async function sustaining(sql: SqlStore): Promise<{ readonly rate: number; readonly settledMs: number }> {
  const keeping = new Keeping(sql);
  const { rate } = await withJournal((dir) => moving(dir, new EventStore(sql), SUSTAINED));
  const began = performance.now();
  await keeping.settled();
  await keeping.end();
  return { rate, settledMs: performance.now() - began };
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

interface Moved {
  /** Events a second, from the first that is emitted until the last one is in the database. */
  readonly rate: number;
  /** µs of CPU per event, once they are in the journal. */
  readonly drainCpu: number;
}

async function moving(dir: string, store: EventStore, times: number): Promise<Moved> {
  const { pump, events } = await stand(dir, systemTimers, store);
  const began = performance.now();
  for (let i = 0; i < times; i++) await emitAll(events);
  const cpu = process.cpuUsage();
  await pump.close();
  const { user, system } = process.cpuUsage(cpu);
  const count = EVENTS * times;
  return { rate: (count / (performance.now() - began)) * 1_000, drainCpu: (user + system) / count };
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
