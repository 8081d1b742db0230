import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import { EventCorridor } from '../../core/event-corridor.ts';
import type { EventFields, EventType, RampartEvent } from '../../core/events.ts';
import type { CounterStore } from '../../ports/counter.ts';
import { memoryCounters } from '../../stores/memory/counter.ts';
import { redisCounters } from '../../stores/redis/counter.ts';
import { ManualClock } from '../../testing/clock.ts';
import { CounterFaults, faultyCounters } from '../../testing/faulty/counter.ts';
import { redisService } from '../../testing/services.ts';
import { readDetection } from './detection.ts';
import { createDetector, type Detector, type DetectorPorts } from './detector.ts';
import type { DetectOptions } from './options.ts';
import { detectPrograms } from './state/programs.ts';
import { detections, event, MINUTE, SECOND, several, START } from './test-house.ts';

const redis = await redisService();
const bob: EventFields = { subject: 'usr_bob', address: '198.51.100.7', outcome: 'failure' };
const guesses = (count: number, fromMs = START): RampartEvent[] =>
  several('SIGN_IN_FAILED', count, SECOND, () => bob, fromMs);
/** Looks at nothing but what a test names. */
const ALONE: DetectOptions = {
  rules: {
    guessing: {
      title: 'Guessing',
      description: '{count} failures on {account} within {window}.',
      on: ['SIGN_IN_FAILED'],
      group: 'account',
      window: '10m',
      count: 5,
      severity: 'HIGH',
    },
  },
};

interface House {
  readonly detector: Detector;
  readonly told: { readonly type: EventType; readonly fields: EventFields }[];
}

function house(options: DetectOptions, ports: Partial<DetectorPorts> = {}): House {
  const told: House['told'] = [];
  const clock = new ManualClock(START);
  const events = { emit: (type: EventType, fields: EventFields = {}) => void told.push({ type, fields }) };
  const detector = createDetector(options, {
    store: memoryCounters({ maxKeys: 1_000 }),
    clock,
    timers: clock,
    events: () => events,
    ...ports,
  });
  return { detector, told };
}

const ofRule = (told: House['told'], rule: string) =>
  told.filter((one) => one.fields.details?.['rule'] === rule);

describe('a detector', () => {
  it('tells a detection once, then each doubling, under the same id', async () => {
    const { detector, told } = house(ALONE);
    for (const one of guesses(25)) detector.take(one);
    await detector.flush();
    const found = ofRule(told, 'guessing');
    expect(found.map((one) => [one.type, one.fields.details?.['count']])).toEqual([
      ['DETECTION', 5],
      ['DETECTION_UPDATED', 10],
      ['DETECTION_UPDATED', 20],
    ]);
    expect(new Set(found.map((one) => one.fields.details?.['detection'])).size).toBe(1);
    expect(found[0]?.fields).toMatchObject({ severity: 'HIGH', subject: 'usr_bob' });
    expect(found[0]?.fields.details?.['what']).toBe('5 failures on usr_bob within 10 minutes.');
  });

  it('tells the same group again only after its cool-down', async () => {
    const { detector, told } = house(ALONE);
    for (const one of [...guesses(6), ...guesses(6, START + 9 * MINUTE), ...guesses(6, START + 30 * MINUTE)])
      detector.take(one);
    await detector.flush();
    expect(ofRule(told, 'guessing').filter((one) => one.type === 'DETECTION')).toHaveLength(2);
  });

  it('tells again, under the same id, what a node that died had to tell, until it is written down', async () => {
    const store = memoryCounters({ maxKeys: 1_000 });
    const [dead, alive] = [
      house(ALONE, { store, comesBack: true }),
      house(ALONE, { store, comesBack: true }),
    ];
    const see = async ({ detector, told }: House, events: readonly RampartEvent[]): Promise<string[]> => {
      const before = told.length;
      await detector.watcher.handle(events);
      await detector.flush();
      return ofRule(told.slice(before), 'guessing').map(
        ({ type, fields }) => `${type} ${String(fields.details?.['detection'])}`,
      );
    };
    const [first] = await see(dead, guesses(5));
    expect(first).toMatch(/^DETECTION det_/);
    const fired = START + 4 * SECOND;
    expect(await see(alive, guesses(1, fired + 9 * SECOND))).toEqual([]);
    expect(await see(alive, guesses(1, fired + 10 * SECOND))).toEqual([first]);
    expect(await see(alive, guesses(1, fired + 19 * SECOND))).toEqual([]);
    expect(await see(alive, guesses(1, fired + 20 * SECOND))).toEqual([first]);
    const written = alive.told.map(({ type, fields }) => event(type, fired + 20 * SECOND, fields));
    expect(await see(alive, written)).toEqual([]);
    expect(await see(alive, guesses(1, fired + 9 * MINUTE))).toEqual([
      `DETECTION_UPDATED ${first?.split(' ')[1]}`,
    ]);
    expect(await see(alive, guesses(1, fired + 9.5 * MINUTE))).toEqual([]);
  });

  it('links the events that led to it, the newest fifty at most', async () => {
    const { detector, told } = house(ALONE);
    const events = guesses(80);
    for (const one of events) detector.take(one);
    await detector.flush();
    const linked = ofRule(told, 'guessing').map((one) => String(one.fields.details?.['events']).split(' '));
    expect(linked[0]).toEqual(events.slice(0, 5).map((one) => one.id));
    expect(linked.at(-1)).toEqual(events.slice(30, 80).map((one) => one.id));
  });

  it('reads a detection back from its event', async () => {
    const events = guesses(6);
    const [wanted] = (await detections(events, ALONE)).filter((one) => one.rule === 'guessing');
    const { detector, told } = house(ALONE);
    for (const one of events) detector.take(one);
    await detector.flush();
    const [first] = ofRule(told, 'guessing');
    expect(readDetection(event(first?.type as string, START, first?.fields))).toEqual(wanted);
    expect(
      readDetection(event('DETECTION', START, { details: { note: 'of somebody else' } })),
    ).toBeUndefined();
  });

  it('never looks at detections, so that nothing feeds itself', async () => {
    const { detector, told } = house({
      rules: {
        everything: {
          title: 'Everything',
          description: 'All.',
          on: '*',
          window: '1h',
          severity: 'LOW',
          coolDown: '1s',
        },
      },
    });
    detector.take(event('DETECTION', START, { details: { detection: 'det_x', rule: 'other' } }));
    await detector.flush();
    expect(told).toEqual([]);
    detector.take(event('SYSTEM_ERROR', START));
    await detector.flush();
    expect(ofRule(told, 'everything')).toHaveLength(1);
  });

  it('looks at nothing where it is switched off', async () => {
    const { detector, told } = house({ ...ALONE, enabled: false });
    for (const one of guesses(25)) detector.take(one);
    await detector.flush();
    expect(told).toEqual([]);
  });

  it('holds at most so many events that wait, and tells how many it skipped', async () => {
    const { detector, told } = house({ ...ALONE, maxWaiting: 100 });
    for (const one of guesses(300)) detector.take(one);
    expect(detector.state()).toMatchObject({ waiting: 100, skipped: 200 });
    await detector.flush();
    expect(told.find((one) => one.type === 'DETECT_EVENTS_SKIPPED')?.fields.details).toEqual({ count: 200 });
    expect(told.filter((one) => one.type === 'DETECT_EVENTS_SKIPPED')).toHaveLength(1);
  });

  it('skips an event that cannot be read and goes on with the others', async () => {
    const { detector, told } = house(
      {
        rules: {
          ...ALONE.rules,
          by_country: {
            title: 'By country',
            description: 'x y',
            on: ['SIGN_IN_FAILED'],
            group: 'country',
            window: '1m',
            severity: 'LOW',
          },
        },
      },
      {
        placeOf: (address) => {
          if (address === '198.51.100.66') throw new Error('the file is broken');
          return undefined;
        },
      },
    );
    const [bad, ...rest] = guesses(6);
    detector.take({ ...(bad as RampartEvent), address: '198.51.100.66' });
    for (const one of rest) detector.take(one);
    await detector.flush();
    expect(detector.state().skipped).toBe(1);
    expect(ofRule(told, 'guessing')).toHaveLength(1);
  });

  it('does not hold up the corridor: the watcher has returned before anything was looked at', () => {
    const { detector, told } = house(ALONE);
    expect(detector.watcher.handle(guesses(5))).toBeUndefined();
    expect(told).toEqual([]);
    expect(detector.state().waiting).toBe(5);
  });

  it('refuses a shared store without one of this process beside it', () => {
    const store = faultyCounters(memoryCounters(), new CounterFaults());
    expect(() => house(ALONE, { store: { ...store, kind: 'redis' } })).toThrow(/detector.local/);
  });
});

describe('while the shared store is down', () => {
  const failing = () => {
    const faults = new CounterFaults();
    const clock = new ManualClock(START);
    const store: CounterStore = { ...faultyCounters(memoryCounters(), faults), kind: 'redis' };
    const wrapped: CounterStore = { ...store, run: async (steps, nowMs) => store.run(steps, nowMs) };
    const parts = { store: wrapped, local: memoryCounters({ maxKeys: 1_000 }), clock, timers: clock };
    return { faults, clock, ...house(ALONE, parts) };
  };

  it('each node counts alone and says so, once', async () => {
    const { faults, detector, told } = failing();
    faults.reject();
    for (const one of guesses(6)) detector.take(one);
    await detector.flush();
    expect(told.filter((one) => one.type === 'DETECT_STORE_DEGRADED')).toHaveLength(1);
    expect(ofRule(told, 'guessing')[0]?.fields.details).toMatchObject({ countedBy: 'local', count: 5 });
    expect(detector.state().counts).toBe('local');
  });

  it('asks the store again after a second, and says when it answers', async () => {
    const { faults, clock, detector, told } = failing();
    faults.reject();
    for (const one of guesses(2)) detector.take(one);
    await detector.flush();
    faults.heal();
    for (const one of guesses(1)) detector.take(one);
    await detector.flush();
    expect(detector.state().counts).toBe('local');
    clock.advance(1_000);
    for (const one of guesses(6, START + MINUTE)) detector.take(one);
    await detector.flush();
    expect(detector.state().counts).toBe('shared');
    expect(told.filter((one) => one.type === 'DETECT_STORE_RECOVERED')).toHaveLength(1);
  });

  it('waits no longer than a second for a store that hangs', async () => {
    const { faults, clock, detector, told } = failing();
    faults.hang();
    for (const one of guesses(6)) detector.take(one);
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    await detector.flush();
    expect(ofRule(told, 'guessing')).toHaveLength(1);
  });
});

describe('a flood of groups', () => {
  it('is counted on the node alone beyond the bound', async () => {
    const asked = new Set<string>();
    const inner = memoryCounters({ maxKeys: 2_000 });
    const store: CounterStore = {
      ...inner,
      kind: 'redis',
      run: async (steps, nowMs) => {
        for (const { key } of steps) asked.add(key);
        return inner.run(steps, nowMs);
      },
      read: (rows) => inner.read(rows),
    };
    const { detector } = house(
      { ...ALONE, maxGroups: 100 },
      { store, local: memoryCounters({ maxKeys: 1_000 }) },
    );
    for (const one of several('SIGN_IN_FAILED', 500, 1, (i) => ({ subject: `usr_${i}` }))) detector.take(one);
    await detector.flush();
    expect(asked.size).toBe(100);
  });
});

describe('several nodes', () => {
  it.skipIf(redis.absent !== undefined)('see one attack, and one of them tells it', async () => {
    const prefix = `detect-nodes-${randomBytes(6).toString('hex')}`;
    const clients = [0, 1].map(() => createClient({ url: redis.url ?? 'redis://127.0.0.1:6379' }));
    for (const client of clients) await client.connect();
    const nodes = clients.map((client) =>
      house(ALONE, {
        store: redisCounters({ client, prefix, programs: detectPrograms }),
        local: memoryCounters({ maxKeys: 1_000 }),
      }),
    );
    for (const [i, one] of guesses(8).entries()) {
      nodes[i % 2]?.detector.take(one);
      await nodes[i % 2]?.detector.flush();
    }
    const told = nodes.flatMap((node) => ofRule(node.told, 'guessing'));
    expect(
      told.map((one) => [one.type, one.fields.details?.['count'], one.fields.details?.['countedBy']]),
    ).toEqual([['DETECTION', 5, 'shared']]);
    const [client] = clients;
    for await (const keys of (client as NonNullable<typeof client>).scanIterator({ MATCH: `*${prefix}*` }))
      if (keys.length > 0) await client?.del(keys);
    for (const one of clients) one.destroy();
  });
});

describe('a replay', () => {
  const life = fc.array(
    fc.record({
      type: fc.constantFrom<EventType[]>(
        'SIGN_IN_FAILED',
        'SIGN_IN_SUCCEEDED',
        'INJECTION_ATTEMPT',
        'DDOS_DETECTED',
        'TRAFFIC_MEASURED',
        'SENSITIVE_ROWS_READ',
        'PAYMENT_FAILED',
        'UNAUTHORIZED_ACCESS_ATTEMPT',
      ),
      who: fc.integer({ min: 0, max: 3 }),
      from: fc.integer({ min: 0, max: 6 }),
      count: fc.integer({ min: 0, max: 400 }),
      gapMs: fc.constantFrom(0, 1, 900, 15_000, 60_000, 400_000, 4_000_000),
    }),
    { minLength: 30, maxLength: 200 },
  );

  it('finds what was found live, bit by bit', async () => {
    await fc.assert(
      fc.asyncProperty(life, async (given) => {
        const clock = new ManualClock(START);
        const live: unknown[] = [];
        const stored: RampartEvent[] = [];
        const detector = createDetector(
          {},
          {
            store: memoryCounters({ maxKeys: 5_000 }),
            clock,
            timers: clock,
            events: () => corridor,
            onDetection: (one) => live.push(one),
          },
        );
        const journal = {
          name: 'journal',
          stage: 'journal',
          on: '*',
          handle: (events: readonly RampartEvent[]) => void stored.push(...events),
        } as const;
        const corridor = new EventCorridor({
          clock,
          timers: clock,
          node: 'test',
          watchers: [journal, detector.watcher],
        });
        for (const { type, who, from, count, gapMs } of given) {
          clock.advance(gapMs);
          corridor.emit(type, {
            actor: `user:usr_${who}`,
            subject: `usr_${who}`,
            address: `198.51.100.${from}`,
            route: 'GET /x',
            details: { count, class: `c${from}`, requests: count, errors: from, p95Ms: count, nodes: 1 },
          });
        }
        await corridor.flush();
        await detector.flush();
        await corridor.flush();
        expect(await detections(stored)).toEqual(live);
        expect(stored.filter((one) => readDetection(one) !== undefined)).toHaveLength(live.length);
      }),
      { numRuns: 40 },
    );
  });
});
