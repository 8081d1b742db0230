import { describe, expect, it } from 'vitest';
import type { CounterStep } from '../../ports/counter.ts';
import { ManualClock } from '../../testing/clock.ts';
import { counterSuite } from '../../testing/suites/counter.ts';
import { tally } from '../../testing/suites/counter-programs.ts';
import { memoryCounters } from './counter.ts';

counterSuite('memory', () => Promise.resolve({ store: memoryCounters(), end: () => Promise.resolve() }), {
  clock: 'caller',
});

const NOW_MS = 1_795_000_123_456;
const count = (key: string, max = 5, ttlMs = 60_000): CounterStep => ({
  program: tally,
  key,
  args: [max, 1, ttlMs],
});

describe('a full memory store', () => {
  it('never holds more than maxKeys, and counts what it forgot', () => {
    const store = memoryCounters({ maxKeys: 1_000 });
    for (let i = 0; i < 5_000; i++) store.run([count(`k${i}`)], NOW_MS);
    expect(store.stats()).toMatchObject({ rows: 1_000, evicted: 4_000 });
  });

  it('holds exactly maxKeys over many segments too', () => {
    const store = memoryCounters({ maxKeys: 20_000 });
    for (let i = 0; i < 19_000; i++) store.run([count(`k${i}`)], NOW_MS);
    expect(store.stats()).toMatchObject({ rows: 19_000, evicted: 0 });
    for (let i = 0; i < 19_000; i++) store.run([count(`m${i}`)], NOW_MS);
    expect(store.stats()).toMatchObject({ rows: 20_000, evicted: 18_000 });
  });

  it('keeps the rows that have refused somebody through a flood of new keys', async () => {
    const store = memoryCounters({ maxKeys: 2_000 });
    const closed = Array.from({ length: 50 }, (_, i) => `closed${i}`);
    for (const key of closed) for (let i = 0; i < 6; i++) store.run([count(key)], NOW_MS);
    for (let i = 0; i < 50_000; i++) store.run([count(`flood${i}`)], NOW_MS);
    expect(closed.every((key) => !store.run([count(key)], NOW_MS).granted)).toBe(true);
  });

  it('forgets rows that were used once before rows that were used more', async () => {
    const store = memoryCounters({ maxKeys: 2_000 });
    const used = Array.from({ length: 50 }, (_, i) => `used${i}`);
    for (const key of used) for (let i = 0; i < 3; i++) store.run([count(key)], NOW_MS);
    for (let i = 0; i < 20_000; i++) store.run([count(`flood${i}`)], NOW_MS);
    const rows = await store.read(used.map((key) => ({ program: tally, key })));
    expect(rows.every((row) => row?.row[0] === 3)).toBe(true);
  });

  it('drops dead rows before living ones, and does not count them as forgotten', () => {
    const store = memoryCounters({ maxKeys: 1_000 });
    for (let i = 0; i < 1_000; i++) store.run([count(`old${i}`, 5, 1_000)], NOW_MS);
    for (let i = 0; i < 300; i++) store.run([count(`new${i}`)], NOW_MS + 1_000);
    expect(store.stats()).toMatchObject({ rows: 1_000, evicted: 0 });
  });

  it('reports evictions at once, then at most once per second', () => {
    const heard: number[] = [];
    const store = memoryCounters({ maxKeys: 16, onEvicted: (evicted) => heard.push(evicted) });
    for (let i = 0; i < 116; i++) store.run([count(`k${i}`)], NOW_MS + i);
    expect(heard).toEqual([1]);
    store.run([count('k116')], NOW_MS + 1_016);
    expect(heard).toEqual([1, 100]);
    expect(store.stats().evicted).toBe(101);
  });
});

describe('a memory store', () => {
  it('forgets nothing while it grows to many rows, and takes at most 70 bytes for each', () => {
    const store = memoryCounters({ maxKeys: 40_000 });
    for (let i = 0; i < 40_000; i++) store.run([count(`k${i}`, 9)], NOW_MS);
    for (let i = 0; i < 40_000; i++) {
      if (store.run([count(`k${i}`, 9)], NOW_MS).rows[0] !== 1) throw new Error(`k${i} was forgotten`);
    }
    expect(store.stats()).toMatchObject({ rows: 40_000, evicted: 0 });
    expect(store.stats().bytes / 40_000).toBeLessThan(70);
  });

  it('gives dead rows back to new ones instead of growing', () => {
    const store = memoryCounters();
    for (let i = 0; i < 20_000; i++) store.run([count(`a${i}`, 5, 1_000)], NOW_MS);
    const { bytes } = store.stats();
    for (let turn = 1; turn < 10; turn++) {
      for (let i = 0; i < 20_000; i++) store.run([count(`${turn}-${i}`, 5, 1_000)], NOW_MS + turn * 1_000);
    }
    expect(store.stats().bytes).toBeLessThan(bytes * 1.05);
    expect(store.stats().evicted).toBe(0);
  });

  it('keeps rows apart whose keys fall on the same place, through removals', async () => {
    let next = 1;
    const prints = new Map<string, number>();
    const to53 = (key: string): number => {
      if (!prints.has(key)) prints.set(key, next++ * 2 ** 32 + 7);
      return prints.get(key) as number;
    };
    const store = memoryCounters({ maxKeys: 300, hash: { to53, to32: to53 } });
    const keys = Array.from({ length: 200 }, (_, i) => `k${i}`);
    keys.forEach((key, i) => store.run([{ program: tally, key, args: [1_000, i, 60_000] }], NOW_MS));
    await store.reset(keys.filter((_, i) => i % 3 === 0).map((key) => ({ program: tally, key })));
    const rows = await store.read(keys.map((key) => ({ program: tally, key })));
    expect(rows.map((row) => row?.row[0])).toEqual(keys.map((_, i) => (i % 3 === 0 ? undefined : i)));
  });

  it('answers at once, not with a promise', () => {
    expect(memoryCounters().run([count('k')], NOW_MS)).toMatchObject({ granted: true, atMs: NOW_MS });
  });

  it('fills the answer that it is lent where the rows fit, and else answers with its own', () => {
    const store = memoryCounters();
    const lent = { granted: false, atMs: 0, rows: new Float64Array(4).fill(9), at: 1 };
    expect(store.run([count('k')], NOW_MS, lent)).toBe(lent);
    expect(lent).toEqual({ granted: true, atMs: NOW_MS, rows: Float64Array.of(9, 0, 9, 9), at: 1 });
    expect(store.run([count('k'), count('l')], NOW_MS, lent)).toBe(lent);
    expect(lent.rows).toEqual(Float64Array.of(9, 1, 0, 9));
    lent.at = 3;
    const own = store.run([count('k'), count('l')], NOW_MS + 1, lent);
    expect(own).toEqual({ granted: true, atMs: NOW_MS + 1, rows: Float64Array.of(2, 1) });
    expect(lent).toMatchObject({ atMs: NOW_MS, rows: Float64Array.of(9, 1, 0, 9) });
  });

  it('forgets nodes that were not heard of for 30 seconds', async () => {
    const clock = new ManualClock();
    const store = memoryCounters({ clock });
    await store.nodeCount('a');
    clock.advance(29_999);
    expect(await store.nodeCount('b')).toBe(2);
    clock.advance(1);
    expect(await store.nodeCount('b')).toBe(1);
  });

  it('reads by the clock that it was given', async () => {
    const clock = new ManualClock();
    const store = memoryCounters({ clock });
    store.run([count('k', 5, 1_000)], clock.now());
    clock.advance(1_000);
    expect(await store.read([{ program: tally, key: 'k' }])).toEqual([undefined]);
  });

  it('refuses nonsense at the door', () => {
    expect(() => memoryCounters({ maxKeys: 0 })).toThrow('counters.maxKeys: 0 is outside 16 to 16000000');
    expect(() => memoryCounters({ onEvicted: 5 as never })).toThrow(
      'counters.onEvicted: expected a function',
    );
    expect(() => memoryCounters({ clock: {} as never })).toThrow(
      'counters.clock: expected a clock with now()',
    );
    expect(() => memoryCounters({ maxKey: 9 } as object)).toThrow("did you mean 'maxKeys'");
  });
});
