import { describe, expect, it } from 'vitest';
import { memoryCounters } from '../../stores/memory/counter.ts';
import { ManualClock } from '../../testing/clock.ts';
import { BusiestKeys } from './busiest.ts';
import { RateCounts } from './histogram.ts';
import { mapCounters } from './map-counters.ts';
import { FIXED } from './algorithms/fixed.ts';
import { house } from './test-house.ts';

const START = 1_795_000_123_456;
const api = {
  max: 2,
  window: '1m',
  by: 'ip',
  everywhere: true,
  algorithm: 'fixed',
  penalties: true,
} as const;

describe('inspection', () => {
  it('shows a key, its penalty, and forgets both when told', async () => {
    const clock = new ManualClock();
    const { ask, limits } = house({ policies: { api } }, clock, { store: memoryCounters() });
    expect(await limits.inspect('api', '203.0.113.7')).toMatchObject({
      used: 0,
      remaining: 2,
      penaltyLevel: 0,
    });
    for (let i = 0; i < 4; i++) await ask();
    expect(await limits.inspect('api', '203.0.113.7')).toEqual({
      key: '203.0.113.7',
      used: 2,
      max: 2,
      remaining: 0,
      resetAtMs: clock.now() + 60_000,
      penaltyLevel: 1,
      penaltyUntilMs: clock.now() + 60_000,
    });
    expect(limits.stats('api')).toEqual({ passed: 2, refused: 2 });
    expect(await limits.reset('api', '203.0.113.7')).toBe(true);
    expect(await limits.reset('api', '203.0.113.7')).toBe(false);
    expect((await ask()).status).toBe(200);
  });

  it('lists the busiest keys first, each as it can be inspected and reset', async () => {
    const by = ['ip', 'account'] as const;
    const { ask, limits } = house({ policies: { api: { ...api, by } } }, new ManualClock(), {
      store: memoryCounters(),
    });
    for (const [account, times] of [
      ['ann', 1],
      ['bob', 2],
      ['Jürgen', 3],
    ] as const)
      for (let i = 0; i < times; i++) await ask({ account });
    const keys = await limits.topKeys('api', 2);
    expect(keys.map((one) => one.used)).toEqual([2, 2]);
    expect(keys[1]?.key).toBe('203.0.113.7|bob');
    expect(await limits.inspect('api', '203.0.113.7', 'bob')).toEqual(keys[1]);
    for (const { key } of keys) expect(await limits.reset('api', key)).toBe(true);
  });

  it('shows the policies as they were configured', () => {
    const { limits } = house(
      { policies: { api, mine: { ...api, by: ['user', (): string => 'x'] } } },
      new ManualClock(),
    );
    expect(limits.policies).toMatchObject([
      {
        name: 'api',
        algorithm: 'fixed',
        max: 2,
        windowMs: 60_000,
        by: ['ip'],
        phase: 'admit',
        everywhere: true,
      },
      { name: 'mine', by: ['user', 'function'], phase: 'meter', mode: 'enforce', onStoreFailure: 'local' },
    ]);
  });

  it('knows only policies that exist', async () => {
    const { limits } = house({ policies: { api } }, new ManualClock());
    await expect(limits.inspect('nobody', 'x')).rejects.toThrow(
      expect.objectContaining({ code: 'LIMIT_UNKNOWN_POLICY' }),
    );
  });
});

describe('busiest keys', () => {
  it('finds the heavy ones among a crowd, in bounded space', () => {
    const keys = new BusiestKeys(60_000);
    for (let i = 0; i < 10_000; i++) {
      keys.saw(`one-time ${i}`, START);
      if (i % 10 === 0) keys.saw('heavy', START);
      if (i % 20 === 0) keys.saw('less heavy', START);
    }
    const top = keys.top(1000);
    expect(top.length).toBeLessThanOrEqual(256);
    expect(top.slice(0, 2).map((one) => one.key)).toEqual(['heavy', 'less heavy']);
    expect(top[0]?.count).toBeGreaterThanOrEqual(1000);
  });

  it('forgets what is over', () => {
    const keys = new BusiestKeys(60_000);
    for (let i = 0; i < 100; i++) keys.saw('yesterday', START);
    for (let minute = 1; minute < 9; minute++) keys.saw('today', START + minute * 60_000);
    expect(keys.top(5).map((one) => one.key)).toEqual(['today']);
  });
});

describe('the histogram of a policy', () => {
  it('counts what keys asked for per window, refused or not, the open windows included', async () => {
    const clock = new ManualClock();
    const { ask, limits } = house({ policies: { api: { ...api, penalties: false } } }, clock, {
      store: memoryCounters(),
    });
    expect(limits.histogram('api')).toEqual({ bins: [], shareWithin: null, p99: null, p999: null });
    for (let i = 0; i < 3; i++) await ask({ from: `198.51.100.${i}` });
    for (let i = 0; i < 9; i++) await ask();
    clock.advance(60_000);
    await ask();
    const found = limits.histogram('api');
    expect(found.bins.filter((bin) => bin.keys > 0)).toEqual([
      { from: 1, upTo: 1, keys: 4 },
      { from: 9, upTo: 9, keys: 1 },
    ]);
    expect(found.bins.at(-1)?.upTo).toBeNull();
    expect(found).toMatchObject({ shareWithin: 0.8, p99: 9, p999: 9 });
  });

  it('forgets after an hour', () => {
    const rates = new RateCounts(60_000);
    rates.saw('a', START);
    rates.saw('b', START + 61 * 60_000);
    expect(rates.answer(1, START + 66 * 60_000).bins.reduce((sum, bin) => sum + bin.keys, 0)).toBe(1);
  });

  it('stays true and bounded for a crowd', () => {
    const rates = new RateCounts(60_000);
    const start = Math.ceil(START / 60_000) * 60_000;
    for (let key = 0; key < 50_000; key++)
      for (let i = 0; i < (key % 100 === 0 ? 40 : 2); i++) rates.saw(`10.0.${key >> 8}.${key & 255}`, start);
    const { bins, shareWithin, p99, p999 } = rates.answer(10, start);
    const total = bins.reduce((sum, bin) => sum + bin.keys, 0);
    expect(total).toBeGreaterThan(40_000);
    expect(total).toBeLessThan(60_000);
    expect(shareWithin).toBeGreaterThan(0.97);
    expect(p99).toBeLessThanOrEqual(40);
    expect(p999).toBeGreaterThanOrEqual(40);
    expect(p999).toBeLessThanOrEqual(45);
  });
});

it('counters in a plain map never hold more rows than they may', async () => {
  const store = mapCounters({ maxRows: 50 });
  const args = [1, 60_000, 1, 0, 0];
  for (let i = 0; i < 500; i++) await store.run([{ program: FIXED.program, key: `k${i}`, args }], START);
  const rows = await store.read(
    Array.from({ length: 500 }, (_, i) => ({ program: FIXED.program, key: `k${i}` })),
  );
  expect(rows.filter((row) => row !== undefined)).toHaveLength(50);
  expect(rows[499]).toBeDefined();
});
