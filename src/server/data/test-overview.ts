import type { Stores } from './index.ts';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { decision, limited } from '../../../test/api/samples.ts';
import {
  MAX_TOP_RECORDS,
  NO_FILTERS,
  noTraffic,
  overview,
  readFilters,
  totalOf,
  trafficClassOf,
} from './index.ts';

/** A multiple of ten seconds. */
const T0 = 1_795_000_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A midnight. */
const DAY0 = Math.floor(T0 / (24 * HOUR)) * 24 * HOUR;

/** Counts and the busiest on one database. */
export function overviewSuite(stores: () => Stores): void {
  beforeEach(() => stores().sql.script('TRUNCATE rampart.decisions, rampart.traffic'));
  const traffic = (bucketMs: number, route: string, counts: object, node = 'one'): Promise<void> =>
    stores().traffic.add([{ bucketMs, node, route, counts: { ...noTraffic(), ...counts } }]);
  const look = (fromMs: number, toMs: number, buckets: number, keep: readonly string[] = []) =>
    overview(stores().sql, { fromMs, toMs, buckets, filters: readFilters(keep, []) });

  it('adds up what several nodes and several writes counted, exactly', async () => {
    await traffic(T0, 'GET /a', { allowed: 5, limited: 2 });
    await traffic(T0, 'GET /a', { allowed: 1, wouldRefuse: 1 });
    await traffic(T0, 'GET /a', { allowed: 10 }, 'two');
    await traffic(T0 + MINUTE, '*', { blocked: 3 });
    await traffic(T0 + 10 * MINUTE, '*', { blocked: 99 });
    const found = await look(T0, T0 + 10 * MINUTE, 10);
    expect(found.bucketMs).toBe(MINUTE);
    expect(found.series).toHaveLength(10);
    expect(found.series[0]).toEqual({ atMs: T0, ...noTraffic(), allowed: 16, limited: 2, wouldRefuse: 1 });
    expect(found.series[1]).toEqual({ atMs: T0 + MINUTE, ...noTraffic(), blocked: 3 });
    expect(found.totals).toEqual({ ...noTraffic(), allowed: 16, limited: 2, blocked: 3, wouldRefuse: 1 });
    expect(found.topRoutes).toEqual([
      { value: 'GET /a', requests: 18, refused: 2 },
      { value: '*', requests: 3, refused: 3 },
    ]);
  });

  it('adds up entries of one write that name the same bucket', async () => {
    const counts = { ...noTraffic(), allowed: 1 };
    const entry = { bucketMs: T0, node: 'one', route: '*', counts };
    await stores().traffic.add([entry, entry, entry]);
    expect((await look(T0, T0 + MINUTE, 1)).totals.allowed).toBe(3);
  });

  it('reads wide spans from sums that say exactly what the buckets say', async () => {
    const entry = fc.record({
      at: fc.nat(4 * 8_640 - 1),
      node: fc.constantFrom('one', 'two'),
      route: fc.constantFrom('*', 'GET /a'),
      allowed: fc.nat(50),
      wouldRefuse: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 30 }), fc.nat(30), async (entries, together) => {
        await stores().sql.script('TRUNCATE rampart.traffic');
        const all = entries.map(({ at, node, route, ...counts }) => ({
          bucketMs: DAY0 + at * 10_000,
          node,
          route,
          counts: { ...noTraffic(), ...counts },
        }));
        await stores().traffic.add(all.slice(0, together));
        for (const one of all.slice(together)) await stores().traffic.add([one]);
        for (const hours of [1, 6, 24, 96]) {
          const found = await look(DAY0, DAY0 + hours * HOUR, 62);
          for (const { atMs, allowed, wouldRefuse } of found.series) {
            const within = all.filter((one) => one.bucketMs >= atMs && one.bucketMs < atMs + found.bucketMs);
            expect(allowed).toBe(within.reduce((sum, { counts }) => sum + counts.allowed, 0));
            expect(wouldRefuse).toBe(within.reduce((sum, { counts }) => sum + counts.wouldRefuse, 0));
          }
          const routes = found.topRoutes.reduce((sum, { requests }) => sum + requests, 0);
          expect(routes).toBe(totalOf(found.totals));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('does not look at the buckets of a span that sums cover', async () => {
    await traffic(DAY0 + 20_000, '*', { allowed: 3 });
    await stores().sql.query('DELETE FROM rampart.traffic');
    expect((await look(DAY0, DAY0 + HOUR, 62)).totals.allowed).toBe(0);
    expect((await look(DAY0, DAY0 + 6 * HOUR, 62)).totals.allowed).toBe(3);
    expect((await look(DAY0, DAY0 + 30 * 24 * HOUR, 62)).totals.allowed).toBe(3);
    // Few columns of a wide span are of no round width.
    expect((await look(DAY0 + 1, DAY0 + 25 * HOUR, 2)).totals.allowed).toBe(3);
  });

  it('sums nothing of a count that was not kept', async () => {
    await traffic(DAY0, '*', { allowed: 1 });
    const failing = stores().sql.transaction(async (runner) => {
      const counts = { ...noTraffic(), allowed: 100 };
      await stores().traffic.add([{ bucketMs: DAY0, node: 'one', route: '*', counts }], runner);
      throw new Error('the node died');
    });
    await expect(failing).rejects.toThrow('the node died');
    await traffic(DAY0, '*', { allowed: 2 });
    expect((await look(DAY0, DAY0 + 24 * HOUR, 62)).totals.allowed).toBe(3);
  });

  it('compares with the same span right before', async () => {
    await traffic(T0 - MINUTE, '*', { allowed: 7 });
    await traffic(T0 - 10_000, '*', { blocked: 1 });
    await traffic(T0 - MINUTE - 10_000, '*', { allowed: 1_000 });
    await traffic(T0, '*', { allowed: 1 });
    const found = await look(T0, T0 + MINUTE, 6);
    expect(found.previousTotals).toEqual({ ...noTraffic(), allowed: 7, blocked: 1 });
    expect(found.totals.allowed).toBe(1);
  });

  it('counts kept decisions by their weight where there are filters', async () => {
    await traffic(T0, '*', { allowed: 12_345 });
    await stores().decisions.insertMany([
      decision({ atMs: T0, weight: 10, principal: 'user:1' }),
      decision({ atMs: T0 + MINUTE, weight: 10, wouldRefuse: ['csrf'] }),
      limited({ atMs: T0 + MINUTE }),
      decision({ atMs: T0, weight: 10, address: '198.51.100.1' }),
    ]);
    const found = await look(T0, T0 + 2 * MINUTE, 2, ['address:203.0.113.7']);
    expect(found.totals).toEqual({ ...noTraffic(), allowed: 20, limited: 1, wouldRefuse: 10 });
    expect(found.series.map((bucket) => totalOf(bucket))).toEqual([10, 11]);
    expect(found.topAddresses).toEqual([{ value: '203.0.113.7', requests: 21, refused: 1 }]);
    expect(found.topGuards).toEqual([{ value: 'limit', requests: 1, refused: 1 }]);
    expect(found.topPrincipals).toEqual([{ value: 'user:1', requests: 10, refused: 0 }]);
    expect(found.sampleShare).toBeCloseTo(0.1);
    expect(found.topsSinceMs).toBeUndefined();
  });

  it('names the ten busiest at most, busiest first', async () => {
    await stores().decisions.insertMany(
      Array.from({ length: 14 }, (_, i) => decision({ atMs: T0, address: `10.0.0.${i}`, weight: i + 1 })),
    );
    const found = await look(T0, T0 + MINUTE, 1);
    expect(found.topAddresses).toHaveLength(10);
    expect(found.topAddresses[0]).toEqual({ value: '10.0.0.13', requests: 14, refused: 0 });
    expect(found.topAddresses[9]?.value).toBe('10.0.0.4');
  });

  it('leaves out no bucket and covers the span that was asked for, whatever it is', async () => {
    const span = fc.integer({ min: 1, max: 90 * 86_400_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(100_000_000),
        span,
        fc.integer({ min: 1, max: 500 }),
        async (start, length, n) => {
          const fromMs = T0 + start;
          const found = await look(fromMs, fromMs + length, n, ['route:none']);
          expect(found.bucketMs % 10_000).toBe(0);
          expect(found.fromMs).toBeLessThanOrEqual(fromMs);
          expect(found.toMs).toBeGreaterThanOrEqual(fromMs + length);
          expect(found.series.length).toBeLessThanOrEqual(n);
          expect(found.series.at(-1)?.atMs).toBe(found.toMs - found.bucketMs);
          expect(found.series[0]?.atMs).toBe(found.fromMs);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('begins its columns where a clock strikes, where there is room for it', async () => {
    const struck = Math.floor(T0 / (24 * 60 * MINUTE)) * 24 * 60 * MINUTE;
    const asked = struck + 12_345;
    const hour = await look(asked, asked + 60 * MINUTE, 62);
    expect(hour).toMatchObject({ fromMs: struck, toMs: struck + 61 * MINUTE, bucketMs: MINUTE });
    expect(hour.series).toHaveLength(61);
    expect((await look(asked, asked + 15 * MINUTE, 62)).bucketMs).toBe(20_000);
    expect((await look(asked, asked + 7 * 86_400_000, 62)).bucketMs).toBe(3 * 3_600_000);
  });

  it('says since when it counted, where a span holds more than it looks at', async () => {
    const many = (count: number, stepMs: number, address: string) =>
      Array.from({ length: count }, (_, i) => decision({ atMs: T0 + i * stepMs, address }));
    await stores().decisions.insertMany(many(MAX_TOP_RECORDS + 50, 10, '10.0.0.1'));
    const found = await look(T0, T0 + 10 * MINUTE, 10);
    expect(found.topAddresses).toEqual([{ value: '10.0.0.1', requests: MAX_TOP_RECORDS, refused: 0 }]);
    expect(found.topsSinceMs).toBe(T0 + 500);
    expect(found.seriesSinceMs).toBeUndefined();
    await stores().decisions.insertMany(many(3, 10, '10.0.0.2'));
    const rare = await look(T0, T0 + 10 * MINUTE, 10, ['address:10.0.0.2']);
    expect(rare.topAddresses).toEqual([{ value: '10.0.0.2', requests: 3, refused: 0 }]);
    expect(rare.topsSinceMs).toBeUndefined();
  });

  it('is all zeros over nothing', async () => {
    const found = await overview(stores().sql, {
      fromMs: T0,
      toMs: T0 + MINUTE,
      buckets: 3,
      filters: NO_FILTERS,
    });
    expect(found.totals).toEqual(noTraffic());
    expect(found.sampleShare).toBe(1);
    expect(found.topAddresses).toEqual([]);
  });
}

describe('the class of a request', () => {
  it('tells refusals by a limit from others', () => {
    expect(trafficClassOf('pass', 0, null)).toBe('allowed');
    expect(trafficClassOf('answer', 0, null)).toBe('answered');
    expect(trafficClassOf('challenge', 403, 'BOT')).toBe('challenged');
    expect(trafficClassOf('deny', 429, 'ANY')).toBe('limited');
    expect(trafficClassOf('deny', 0, 'API_RATE_LIMIT_EXCEEDED')).toBe('limited');
    expect(trafficClassOf('deny', 403, 'BLOCKED')).toBe('blocked');
  });
});
