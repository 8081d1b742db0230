import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/base/observe/index.ts';
import type { DecisionRecord } from '../../src/core/decision.ts';
import type { RampartEvent } from '../../src/core/events.ts';
import { readConfig } from '../../src/server/config.ts';
import { buildHouse, type House } from '../../src/server/house.ts';
import { memoryCounters } from '../../src/stores/memory/counter.ts';
import { ManualClock } from '../../src/testing/clock.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { call } from '../../src/testing/suites/adapter-client.ts';
import { INPUT_APPS } from '../attacks/input-apps.ts';

const SECRET = 'x'.repeat(3);
let app: RunningApp;
let house: House;
afterEach(async () => {
  await app.close();
  await house.close();
});

function composed(): { records: DecisionRecord[]; events: RampartEvent[] } {
  const clock = new ManualClock();
  const records: DecisionRecord[] = [];
  const events: RampartEvent[] = [];
  const counters = memoryCounters({ clock });
  house = buildHouse(readConfig({}), {
    clock,
    timers: clock,
    node: 'n1',
    log: createLogger({ level: 'silent', sink: { write: () => undefined } }),
    counters,
    localCounters: counters,
    sink: { write: (record) => void records.push(record) },
    watchers: [{ name: 'test', stage: 'journal', on: '*', handle: (some) => void events.push(...some) }],
  });
  return { records, events };
}

const put = (body: string, type = 'application/json') =>
  call(app.port, {
    method: 'PUT',
    path: '/orders/o1',
    body,
    headers: { 'content-type': type, 'content-length': String(body.length) },
  });

describe.each(INPUT_APPS)('what guard.validate refuses on %s', (_name, start) => {
  it('is a part of the decision: fields and codes, never values', async () => {
    const { records } = composed();
    app = await start(house, () => undefined);
    const { status, body } = await put(JSON.stringify({ name: 7, quantity: SECRET }));
    expect(status).toBe(400);
    const { decision } = (JSON.parse(body) as { error: { decision: string } }).error;
    const record = records.find(({ id }) => id === decision);
    expect(record).toMatchObject({
      verdict: 'deny',
      guard: 'validate',
      code: 'VALIDATION_ERROR',
      status: 400,
    });
    const reason = record?.steps.find(({ guard }) => guard === 'validate')?.reason;
    expect(reason?.because?.map(({ values }) => values?.['field']).toSorted()).toEqual(['name', 'quantity']);
    expect(JSON.stringify(record)).not.toContain(SECRET);
    expect((await put('a=1', 'text/plain')).status).toBe(415);
    expect(records.at(-1)).toMatchObject({ guard: 'validate', code: 'UNSUPPORTED_MEDIA_TYPE' });
  });
});

it('is an event where one client is refused again and again, and none for a few', async () => {
  const { events } = composed();
  const [, start] = INPUT_APPS[0] as (typeof INPUT_APPS)[number];
  app = await start(house, () => undefined);
  const refusals = (): number => events.filter(({ type }) => type === 'REQUEST_REFUSED').length;
  for (let i = 0; i < 19; i++) await put('{}');
  expect(refusals()).toBe(0);
  for (let i = 0; i < 9; i++) await put('{}');
  expect(refusals()).toBe(1);
  // The tenth tells of those before it.
  for (let i = 0; i < 2; i++) await put('{}');
  expect(refusals()).toBe(2);
});
