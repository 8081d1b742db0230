import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../base/observe/index.ts';
import type { DecisionRecord } from '../core/decision.ts';
import { AppError, RampartError } from '../core/errors.ts';
import type { RampartEvent } from '../core/events.ts';
import type { Reply } from '../core/verdict.ts';
import { memoryCounters } from '../stores/memory/counter.ts';
import { ManualClock } from '../testing/clock.ts';
import { readConfig } from './config.ts';
import { buildHouse, type House } from './house.ts';

let clock: ManualClock;
let house: House;
let records: DecisionRecord[];
let events: RampartEvent[];
let lines: string[];
beforeEach(() => {
  clock = new ManualClock();
  [records, events, lines] = [[], [], []];
  const counters = memoryCounters({ clock });
  house = buildHouse(readConfig({}), {
    clock,
    timers: clock,
    node: 'node-a',
    log: createLogger({ level: 'warn', sink: { write: (line) => void lines.push(line) } }),
    counters,
    localCounters: counters,
    sink: { write: (record) => void records.push(record) },
    watchers: [{ name: 'journal', stage: 'journal', on: '*', handle: (batch) => void events.push(...batch) }],
  });
});
afterEach(() => house.close());

const unread = (peer: string): Reply =>
  house.fail(new AppError('The request could not be read.', 400, 'INVALID_REQUEST'), undefined, peer);
const decisionIn = (reply: Reply): string | undefined => {
  const { error } = JSON.parse(String(reply.body)) as { error: { decision?: string } };
  return error.decision;
};

describe('what never became a request', () => {
  it('leaves a decision with the address of its socket, and its id in the answer', () => {
    const reply = unread('::ffff:203.0.113.7');
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      id: decisionIn(reply),
      guard: 'http',
      verdict: 'deny',
      code: 'INVALID_REQUEST',
      status: 400,
      address: '203.0.113.7',
      route: '(unreadable)',
      weight: 1,
      steps: [{ guard: 'http', verdict: 'deny', reason: { code: 'http.unreadable' } }],
    });
    expect(reply.headers).toContain('x-rampart-decision');
  });

  it('has no address where the socket has none', () => {
    unread('');
    expect(records[0]?.address).toBe('unknown');
  });

  it('is something else than a request that met no guard', () => {
    const reply = house.fail(new AppError('There is nothing here.', 404, 'NOT_FOUND'), undefined);
    expect([reply.status, decisionIn(reply), records]).toEqual([404, undefined, []]);
  });

  it('is recorded fifty times a second at most; the rest is answered without an id, and counted', () => {
    const ids = Array.from({ length: 80 }, () => decisionIn(unread('203.0.113.7')));
    expect(ids.filter((id) => id !== undefined)).toHaveLength(50);
    expect(records.map(({ id }) => id)).toEqual(ids.slice(0, 50));
    expect(house.traffic.takeSecond()).toMatchObject({ blocked: 80, allowed: 0 });
    clock.advance(1_000);
    expect(decisionIn(unread('203.0.113.7'))).toBe(records[50]?.id);
  });
});

describe('a handler that needed the database while it was away', () => {
  it('answers 503 and when to come again, without an alarm for each request', async () => {
    const reply = house.fail(
      new RampartError('DATABASE_UNAVAILABLE', 'connect ECONNREFUSED db.internal'),
      undefined,
    );
    expect([reply.status, reply.headers.slice(0, 2)]).toEqual([503, ['retry-after', '5']]);
    expect(String(reply.body)).toContain('"DATABASE_UNAVAILABLE"');
    expect(String(reply.body)).not.toContain('db.internal');
    expect(lines).toHaveLength(1);
    await house.close();
    expect(events).toEqual([]);
    expect(records).toEqual([]);
  });

  it('is told from any other failure, which is an alarm', async () => {
    expect(house.fail(new Error('boom'), undefined).status).toBe(500);
    await house.close();
    expect(events.map(({ type }) => type)).toEqual(['SYSTEM_ERROR']);
  });
});
