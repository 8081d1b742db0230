import { describe, expect, it } from 'vitest';
import type { CounterStore } from '../../ports/counter.ts';
import { memoryCounters } from '../../stores/memory/counter.ts';
import { redisCounters } from '../../stores/redis/counter.ts';
import { ManualClock } from '../../testing/clock.ts';
import { CounterFaults, faultyCounters } from '../../testing/faulty/counter.ts';
import { limitPrograms } from './algorithms/programs.ts';
import { createLimiter } from './limiter.ts';
import type { LimitPolicyOptions, LimitsOptions } from './options.ts';
import { house as build, type House, type Told } from './test-house.ts';

const api = { max: 8, window: '1m', by: 'ip', everywhere: true, algorithm: 'fixed' } as const;

interface FaultyHouse extends House {
  readonly clock: ManualClock;
  readonly faults: CounterFaults;
  readonly asked: () => number;
}

/** A house on a store that fails when told to; it says that `nodes` nodes share it. */
function house(
  policies: Readonly<Record<string, LimitPolicyOptions>>,
  nodes = 1,
  more: Partial<LimitsOptions> = {},
): FaultyHouse {
  const clock = new ManualClock();
  const faults = new CounterFaults(clock);
  const inner = faultyCounters(memoryCounters(), faults);
  let asked = 0;
  const store: CounterStore = {
    ...inner,
    kind: 'redis',
    nodeCount: () => Promise.resolve(nodes),
    run(steps, nowMs) {
      asked++;
      const answer = inner.run(steps, nowMs);
      return answer instanceof Promise ? answer : Promise.resolve(answer);
    },
  };
  const made = build({ policies, ...more }, clock, { store, local: memoryCounters() });
  return { ...made, clock, faults, asked: () => asked };
}

/** Asks and lets the budget run out for as long as no answer came. */
async function askPatiently(
  one: FaultyHouse,
  asked: Parameters<House['ask']>[0] = {},
): Promise<Told & { waitedMs: number }> {
  const settled: Told[] = [];
  const startMs = one.clock.monotonic();
  const asking = one.ask(asked).then((answer) => {
    settled.push(answer);
    return answer;
  });
  for (let i = 0; i < 100 && settled.length === 0; i++) {
    await turn();
    if (settled.length === 0) one.clock.advance(1);
  }
  return { ...(await asking), waitedMs: one.clock.monotonic() - startMs };
}

/** Lets promises that are settled already go on. */
async function turn(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

async function statuses(one: FaultyHouse, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push((await askPatiently(one)).status);
  return found;
}

const FAULTS: readonly (readonly [string, (faults: CounterFaults) => void])[] = [
  ['does not answer', (faults) => faults.hang()],
  ['refuses connections', (faults) => faults.reject(new Error('ECONNREFUSED'))],
  [
    'has become a replica',
    (faults) => faults.reject(new Error("READONLY You can't write against a read only replica.")),
  ],
  [
    'is out of memory',
    (faults) => faults.reject(new Error("OOM command not allowed when used memory > 'maxmemory'.")),
  ],
  ['takes five seconds', (faults) => faults.slow(5_000)],
];

describe.each(FAULTS)('a store that %s', (_name, breakIt) => {
  it('leaves a local policy counting here, with its share of the limit', async () => {
    const one = house({ api }, 4);
    await turn();
    breakIt(one.faults);
    expect(await statuses(one, 4)).toEqual([200, 200, 429, 429]);
  });

  it('lets an open policy pass and closes a closed one with 503 and Retry-After', async () => {
    const open = house({ api: { ...api, max: 1, onStoreFailure: 'open' } });
    breakIt(open.faults);
    expect(await statuses(open, 5)).toEqual([200, 200, 200, 200, 200]);
    const closed = house({ api: { ...api, onStoreFailure: 'closed' } });
    breakIt(closed.faults);
    const told = await askPatiently(closed);
    expect([told.status, told.code, told.headers.get('retry-after')]).toEqual([
      503,
      'LIMIT_STORE_UNAVAILABLE',
      '1',
    ]);
    expect(closed.failures).toEqual([]);
  });

  it('never keeps a request waiting for longer than the budget', async () => {
    const one = house({ api }, 1, { storeBudget: '20ms' });
    breakIt(one.faults);
    for (let i = 0; i < 5; i++) expect((await askPatiently(one)).waitedMs).toBeLessThanOrEqual(21);
  });

  it('is said to be degraded once and recovered once, and is only probed between', async () => {
    const one = house({ api: { ...api, max: 1000 } });
    breakIt(one.faults);
    await statuses(one, 10);
    const asked = one.asked();
    expect(asked).toBe(3);
    await statuses(one, 50);
    expect(one.asked()).toBe(asked);
    expect(one.limits.storeState()).toMatchObject({ state: 'local', kind: 'redis' });
    for (let i = 0; i < 50; i++) {
      one.clock.advance(100);
      await turn();
    }
    expect(one.asked() - asked).toBeGreaterThan(1);
    expect(one.asked() - asked).toBeLessThanOrEqual(6);
    one.faults.heal();
    for (let i = 0; i < 30; i++) {
      one.clock.advance(100);
      await turn();
    }
    expect(one.limits.storeState().state).toBe('shared');
    expect(one.events.map((event) => event.type)).toEqual(['LIMIT_STORE_DEGRADED', 'LIMIT_STORE_RECOVERED']);
    expect((await askPatiently(one)).status).toBe(200);
  });
});

describe('while the store is silent', () => {
  it('one closed policy refuses the request, and the others count nothing', async () => {
    const one = house({ api, login: { ...api, onStoreFailure: 'closed' } });
    one.faults.reject();
    expect(await statuses(one, 3)).toEqual([503, 503, 503]);
    expect((await one.limits.inspect('api', '203.0.113.7')).used).toBe(0);
  });

  it('a policy in shadow mode refuses nothing, closed or not', async () => {
    const one = house({ api: { ...api, onStoreFailure: 'closed', mode: 'shadow' } });
    one.faults.reject();
    const told = await askPatiently(one);
    expect([told.status, told.context.trail?.[0]?.shadow]).toEqual([200, true]);
  });

  it('a share of less than one request is one', async () => {
    const one = house({ api: { ...api, max: 2 } }, 50);
    await turn();
    one.faults.reject();
    expect(await statuses(one, 3)).toEqual([200, 429, 429]);
  });

  it('a store that flaps gives no fresh local limit each time', async () => {
    const one = house({ api: { ...api, max: 4 } }, 2);
    await turn();
    let granted = 0;
    for (let round = 0; round < 5; round++) {
      one.faults.reject();
      for (const status of await statuses(one, 6)) if (status === 200) granted++;
      one.faults.heal();
      one.clock.advance(1_100);
      await turn();
    }
    // Two here while it was down; while it was up nobody asked.
    expect(granted).toBe(2);
  });

  it('says in its reason who counted and among how many nodes', async () => {
    const one = house({ api }, 4);
    await turn();
    one.faults.reject();
    for (let i = 0; i < 2; i++) await askPatiently(one);
    const { verdict } = (await askPatiently(one)).context;
    expect(verdict.kind === 'deny' && verdict.reason.because?.[0]?.values).toMatchObject({
      countedBy: 'local',
      nodes: 4,
      max: 2,
      fullMax: 8,
    });
  });
});

it('ignores the answer that comes after its time', async () => {
  const one = house({ api: { ...api, max: 1 } });
  one.faults.hang();
  expect((await askPatiently(one)).status).toBe(200);
  expect((await askPatiently(one)).status).toBe(429);
  one.faults.heal();
  await turn();
  expect(one.failures).toEqual([]);
  expect(one.events).toEqual([]);
});

it('counts on where it stood when the store was emptied, without a word to the caller', async () => {
  const clock = new ManualClock();
  let store = memoryCounters();
  const made = build({ policies: { api: { ...api, max: 1 } } }, clock, {
    store: {
      ...store,
      kind: 'redis',
      run: (steps, nowMs) => Promise.resolve(store.run(steps, nowMs)),
      nodeCount: () => Promise.resolve(1),
    },
  });
  expect([(await made.ask()).status, (await made.ask()).status]).toEqual([200, 429]);
  store = memoryCounters();
  expect([(await made.ask()).status, (await made.ask()).status]).toEqual([200, 429]);
});

it('survives a store that throws instead of rejecting', async () => {
  const clock = new ManualClock();
  const store = memoryCounters();
  const broken: CounterStore = {
    ...store,
    kind: 'memory',
    run() {
      throw new Error('bug');
    },
  };
  const made = build({ policies: { api: { ...api, max: 1 } } }, clock, { store: broken, local: store });
  expect([(await made.ask()).status, (await made.ask()).status]).toEqual([200, 429]);
  expect(made.failures).toEqual([]);
});

it('leaves no timer behind once closed', async () => {
  const one = house({ api });
  one.faults.reject();
  await statuses(one, 4);
  expect(one.clock.pending).toBeGreaterThan(0);
  one.limits.close();
  await turn();
  expect(one.clock.pending).toBe(0);
});

it('treats Redis without a connection as a store that is silent', async () => {
  const store = redisCounters({
    client: { isReady: false, sendCommand: () => Promise.reject(new Error('offline')) },
    programs: limitPrograms,
  });
  const limiter = createLimiter(
    { max: 1, window: '1m' },
    { store, local: memoryCounters(), clock: new ManualClock() },
  );
  expect((await limiter.take('a')).allowed).toBe(true);
  expect((await limiter.take('a')).allowed).toBe(false);
  limiter.close();
});
