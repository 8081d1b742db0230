import type { Stores } from './index.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decision, event, limited } from '../../../test/api/samples.ts';
import type { DecisionRecord } from '../../core/decision.ts';
import { ValidationError } from '../../core/errors.ts';
import { newId } from '../../core/id.ts';
import {
  deleteExpired,
  type Filters,
  FILTER_FIELDS,
  MAX_FILTERS,
  NO_FILTERS,
  readFilters,
  summaryOfRecord,
  type TargetHelp,
  tidyTables,
} from './index.ts';

const T0 = 1_795_000_000_000;
const DAY = 86_400_000;

/** Decisions, events, policies, settings and retention on one database. */
export function recordSuite(stores: () => Stores): void {
  const empty = async (): Promise<void> => {
    await stores().sql.script(
      'TRUNCATE rampart.decisions, rampart.traffic, rampart.events, rampart.policies',
    );
  };
  const ids = async (filters: Filters): Promise<readonly string[]> =>
    (await stores().decisions.page({ limit: 200, filters })).map((found) => found.id);

  describe('decisions', () => {
    it('come back as they were written, with every field', async () => {
      await empty();
      const record = limited({
        atMs: T0 + 5,
        address: '2001:db8::7',
        group: '2001:db8::/64',
        principal: 'user:42',
        wouldRefuse: ['bots', 'csrf'],
        durationMs: 0.123,
        weight: 12.5,
        steps: [
          {
            guard: 'limit',
            mode: 'enforce',
            verdict: 'deny',
            reason: { code: 'limit.exceeded', text: 'Too many.', values: { used: 61, max: 60 } },
            decider: { name: 'limit', version: 1 },
            evidence: { features: { key: 'k' }, state: [1, 2.5], atMs: T0 },
          },
        ],
      });
      expect(await stores().decisions.insertMany([record])).toEqual({ inserted: 1, refused: 0 });
      const found = await stores().decisions.get(record.id);
      expect(found?.record).toEqual(record);
      expect(found?.summary.trafficClass).toBe('limited');
      expect(summaryOfRecord(record)).toEqual(found?.summary);
    });

    it('are kept once, however often a batch comes', async () => {
      await empty();
      const batch = Array.from({ length: 1_203 }, (_, i) => decision({ atMs: T0 + i }));
      expect((await stores().decisions.insertMany(batch)).inserted).toBe(1_203);
      expect((await stores().decisions.insertMany(batch)).inserted).toBe(0);
      const again = await Promise.all([1, 2, 3].map(() => stores().decisions.insertMany(batch)));
      expect(again.map((count) => count.inserted)).toEqual([0, 0, 0]);
    });

    it('with NUL, lone surrogates and backslashes in a path do not hold up the others', async () => {
      await empty();
      const hostile = decision({
        atMs: T0,
        path: '/a\0b\ud800c\\u0000d\\\0',
        userAgent: '\udfff"\\',
        steps: [
          {
            guard: 'x',
            mode: 'enforce',
            verdict: 'pass',
            evidence: { features: { 'k\0': '\0' }, state: null, atMs: T0 },
          },
        ],
      });
      const other = decision({ atMs: T0 + 1 });
      expect(await stores().decisions.insertMany([hostile, other])).toEqual({ inserted: 2, refused: 0 });
      const found = await stores().decisions.get(hostile.id);
      expect(found?.record.path).toBe('/a\ufffdb\ufffdc\\u0000d\\\ufffd');
      expect(found?.record.userAgent).toBe('\ufffd"\\');
    });

    it('that the database can never take are left out and counted', async () => {
      await empty();
      const batch = Array.from({ length: 40 }, (_, i) => decision({ atMs: T0 + i }));
      batch[17] = decision({ atMs: T0, status: 9_999_999_999 });
      batch[31] = decision({ atMs: T0, durationMs: Number.NaN });
      expect(await stores().decisions.insertMany(batch)).toEqual({ inserted: 38, refused: 2 });
    });

    it('are paged newest first, each exactly once', async () => {
      await empty();
      const batch = Array.from({ length: 57 }, (_, i) => decision({ atMs: T0 + i * 7 }));
      await stores().decisions.insertMany(batch.toReversed());
      const seen: string[] = [];
      let before: string | undefined;
      do {
        const page = await stores().decisions.page({
          limit: 10,
          filters: NO_FILTERS,
          ...(before === undefined ? {} : { before }),
        });
        seen.push(...page.map((one) => one.id));
        before = page.at(-1)?.id;
      } while (before !== undefined);
      expect(seen).toEqual(batch.map((one) => one.id).toReversed());
    });

    it('are found within a span of time, its start included and its end not', async () => {
      await empty();
      const batch = [0, 10, 20, 30].map((offset) => decision({ atMs: T0 + offset }));
      await stores().decisions.insertMany(batch);
      const page = await stores().decisions.page({
        limit: 10,
        filters: NO_FILTERS,
        fromMs: T0 + 10,
        toMs: T0 + 30,
      });
      expect(page.map((one) => one.atMs)).toEqual([T0 + 20, T0 + 10]);
    });

    it('say which others came from the same address around that time', async () => {
      await empty();
      const one = decision({ atMs: T0 });
      const near = decision({ atMs: T0 + 1_000 });
      const nearer = decision({ atMs: T0 - 900 });
      const early = decision({ atMs: T0 - 3_600_000 });
      const far = decision({ atMs: T0 + 3_600_000 });
      const other = decision({ atMs: T0, address: '198.51.100.1' });
      await stores().decisions.insertMany([one, near, nearer, early, far, other]);
      const summary = (await stores().decisions.get(one.id))?.summary;
      expect(summary).toBeDefined();
      const related = await stores().decisions.related(summary as NonNullable<typeof summary>);
      expect(related.map((found) => found.id)).toEqual([nearer.id, near.id]);
    });

    it('tell whom a block would have hit, by address and by range', async () => {
      await empty();
      await stores().decisions.insertMany([
        decision({ atMs: T0, address: '10.0.0.1', principal: 'user:1', weight: 10 }),
        decision({ atMs: T0, address: '10.0.0.2', principal: 'user:2', weight: 10 }),
        limited({ atMs: T0, address: '10.0.0.2', principal: 'user:2' }),
        decision({ atMs: T0, address: '10.0.1.1', principal: 'user:3' }),
        decision({ atMs: T0, address: 'unknown' }),
        decision({ atMs: T0 - DAY, address: '10.0.0.1' }),
        decision({ atMs: T0, address: '2001:db8::1' }),
      ]);
      const { decisions } = stores();
      expect(await decisions.trafficOf('10.0.0.0/24', T0 - 1)).toEqual({
        requests: 21,
        passed: 20,
        principals: 2,
        sinceMs: T0 - 1,
      });
      expect(await decisions.trafficOf('10.0.0.2', T0 - 1)).toEqual({
        requests: 11,
        passed: 10,
        principals: 1,
        sinceMs: T0 - 1,
      });
      expect((await decisions.trafficOf('2001:db8::/32', T0 - 1)).requests).toBe(1);
      expect((await decisions.trafficOf('nonsense', T0 - 1)).requests).toBe(0);
    });

    it('tell whom a block would have hit, by network, country, user, session and device', async () => {
      await empty();
      const step = (features: object): DecisionRecord['steps'] => [
        {
          guard: 'blockList.caller',
          mode: 'enforce',
          verdict: 'pass',
          evidence: { features, state: { block: null }, atMs: T0 },
        },
      ];
      const ada = { principal: 'user:ada', steps: step({ session: 'ses_1', device: 'dev_1' }) };
      await stores().decisions.insertMany([
        decision({ atMs: T0, address: '10.0.0.1', weight: 10, ...ada }),
        limited({ atMs: T0, address: '10.0.0.1', ...ada }),
        decision({ atMs: T0, address: '10.0.0.2', principal: 'ada', steps: step({ session: 'ses_2' }) }),
        decision({ atMs: T0, address: '10.0.0.2', principal: 'user:bob', steps: step({ session: 'ses_1' }) }),
        decision({ atMs: T0, address: '10.0.1.1' }),
        decision({ atMs: T0, address: 'unknown' }),
        decision({ atMs: T0 - DAY, address: '10.0.0.1', ...ada }),
      ]);
      const places = (address: string) =>
        address.startsWith('10.0.0.') ? { asn: address.endsWith('1') ? 1 : 2, country: 'DE' } : undefined;
      const count = async (target: string, help?: TargetHelp) => {
        const { requests, passed, principals } = await stores().decisions.trafficOf(target, T0 - 1, help);
        return [requests, passed, principals];
      };
      expect(await count('asn:1', { places })).toEqual([11, 10, 1]);
      expect(await count('country:DE', { places })).toEqual([13, 12, 3]);
      expect(await count('country:FR', { places })).toEqual([0, 0, 0]);
      expect(await count('country:DE')).toEqual([0, 0, 0]);
      expect(await count('user:ada')).toEqual([12, 11, 2]);
      expect(await count('session:ses_1', { principals: ['user:ada'] })).toEqual([11, 10, 1]);
      expect(await count('device:dev_1', { principals: ['user:ada', 'user:bob'] })).toEqual([11, 10, 1]);
      expect(await count('session:ses_1')).toEqual([0, 0, 0]);
      expect(await count("user:' OR 1=1 --")).toEqual([0, 0, 0]);
      expect(await count("user:'OR/**/1=1--")).toEqual([0, 0, 0]);
    });
  });

  describe('filters', () => {
    it('give what a plain comparison over the records gives', async () => {
      await empty();
      const records = mixedRecords();
      await stores().decisions.insertMany(records, undefined, placeOf);
      const value = fc.constantFrom(
        ...records.flatMap((record) =>
          FILTER_FIELDS.flatMap((field) => valuesOf(record, field).map((one) => `${field}:${one}`)),
        ),
        'principal:',
        'country:',
        'asn:',
        'guard:',
        'address:8.8.8.8',
        'route:%',
        "code:' OR 1=1 --",
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(value, { maxLength: 4 }),
          fc.array(value, { maxLength: 3 }),
          async (keep, exclude) => {
            const filters = readFilters(keep, exclude);
            const expected = records
              .filter((record) => fits(record, filters))
              .map((record) => record.id)
              .toSorted();
            expect((await ids(filters)).toSorted()).toEqual(expected);
          },
        ),
        { numRuns: 60 },
      );
    });
  });

  describe('events', () => {
    it('are kept once and found by type and severity, newest first', async () => {
      await empty();
      const batch = [
        event('BLOCK_ADDED', T0, { details: { minutes: 5 }, actor: 'ada' }),
        event('GUARD_FAILED', T0 + 1),
        event('REQUEST_REFUSED', T0 + 2, { address: '10.0.0.1', decision: newId('dec', T0) }),
      ];
      expect((await stores().events.insertMany(batch)).inserted).toBe(3);
      expect((await stores().events.insertMany(batch)).inserted).toBe(0);
      const types = async (query: object): Promise<readonly string[]> =>
        (await stores().events.page({ limit: 10, ...query })).map((found) => found.type);
      expect(await types({})).toEqual(['REQUEST_REFUSED', 'GUARD_FAILED', 'BLOCK_ADDED']);
      expect(await types({ types: ['GUARD_FAILED'] })).toEqual(['GUARD_FAILED']);
      expect(await types({ severities: ['LOW', 'HIGH'] })).toEqual(['REQUEST_REFUSED', 'GUARD_FAILED']);
      expect(await types({ before: batch[1]?.id })).toEqual(['BLOCK_ADDED']);
      const [first] = await stores().events.page({ limit: 1, types: ['BLOCK_ADDED'] });
      expect(first).toMatchObject({ actor: 'ada', subject: null, details: { minutes: 5 } });
    });

    it('of an act are gone when the act fails', async () => {
      await empty();
      const failing = stores().sql.transaction(async (sql) => {
        await stores().events.write(sql, event('BLOCK_ADDED', T0));
        throw new Error('the act failed');
      });
      await expect(failing).rejects.toThrow('the act failed');
      expect(await stores().events.page({ limit: 10 })).toEqual([]);
    });
  });

  describe('retention', () => {
    it('deletes what is too old in bounded batches, and no audit event', async () => {
      await empty();
      await stores().decisions.insertMany([
        ...Array.from({ length: 25 }, (_, i) => decision({ atMs: T0 - 20 * DAY + i })),
        decision({ atMs: T0 - DAY }),
      ]);
      await stores().events.insertMany([
        event('REQUEST_REFUSED', T0 - 100 * DAY),
        event('BLOCK_ADDED', T0 - 1_000 * DAY),
      ]);
      await stores().traffic.add([
        { bucketMs: T0 - 100 * DAY, node: 'one', route: '*', counts: NOTHING },
        { bucketMs: T0 - DAY, node: 'one', route: '*', counts: NOTHING },
      ]);
      const retention = { decisionsMs: 14 * DAY, trafficMs: 90 * DAY, signalsMs: 90 * DAY };
      const once = (): Promise<number> => deleteExpired(stores().sql, retention, T0, 10);
      expect([await once(), await once(), await once(), await once()]).toEqual([14, 10, 5, 0]);
      expect(await ids(NO_FILTERS)).toHaveLength(1);
      const left = await stores().events.page({ limit: 10 });
      expect(left.map((one) => one.type)).toEqual(['BLOCK_ADDED']);
    });
  });

  it('the tables can be tidied at any time', async () => {
    await stores().decisions.insertMany([decision({ atMs: T0 })]);
    await tidyTables(stores().sql);
    if (stores().sql.kind === 'server') return;
    const found = await stores().sql.query(
      "SELECT reltuples::float8 AS n FROM pg_class WHERE oid = 'rampart.decisions'::regclass",
    );
    expect(found.rows[0]?.['n']).toBeGreaterThanOrEqual(1);
  });

  describe('policies and settings', () => {
    it('keep the first configuration of a hash', async () => {
      await empty();
      await stores().policies.save('h1', { limits: { api: { max: 60 } } }, T0);
      await stores().policies.save('h1', { limits: {} }, T0 + 1);
      expect(await stores().policies.find('h1')).toEqual({
        configuration: { limits: { api: { max: 60 } } },
        firstSeenMs: T0,
      });
      expect(await stores().policies.find('h2')).toBeUndefined();
    });

    it('keep the latest value of a setting', async () => {
      const set = (value: unknown): Promise<void> =>
        stores().sql.transaction((sql) => stores().settings.set(sql, 'posture', value, 'ada', T0));
      await set({ state: 'normal' });
      await set('elevated');
      expect(await stores().settings.get('posture')).toBe('elevated');
      expect(await stores().settings.get('never')).toBeUndefined();
    });
  });
}

describe('reading filters', () => {
  it('refuses unknown fields, over-long values and too many', () => {
    const refused = (keep: readonly string[], exclude: readonly string[] = []): unknown => {
      try {
        readFilters(keep, exclude);
        return 'taken';
      } catch (error) {
        expect(error).toBeInstanceOf(ValidationError);
        return (error as ValidationError & { details: { code: string }[] }).details[0]?.code;
      }
    };
    expect(refused(['password:x'])).toBe('UNKNOWN_FIELD');
    expect(refused(['__proto__:x'])).toBe('UNKNOWN_FIELD');
    expect(refused(['toString:x'])).toBe('UNKNOWN_FIELD');
    expect(refused(['nocolon'])).toBe('UNKNOWN_FIELD');
    expect(refused(['status:abc'])).toBe('INVALID');
    expect(refused(['asn:AS64500'])).toBe('INVALID');
    expect(refused(['range:everywhere'])).toBe('INVALID');
    expect(refused([`path:${'x'.repeat(10)}`])).toBe('UNKNOWN_FIELD');
    expect(refused([`route:${'x'.repeat(301)}`])).toBe('TOO_LONG');
    expect(refused(Array(MAX_FILTERS).fill('route:x'))).toBe('taken');
    expect(refused(Array(MAX_FILTERS).fill('route:x'), ['route:y'])).toBe('TOO_MANY');
  });
});

const NOTHING = { allowed: 1, answered: 0, challenged: 0, limited: 0, blocked: 0, wouldRefuse: 0 };

function mixedRecords(): readonly DecisionRecord[] {
  return [
    decision({ atMs: T0 }),
    decision({ atMs: T0 + 1, method: 'POST', principal: 'user:1', status: 500 }),
    limited({ atMs: T0 + 2, address: '2001:db8::1', group: '2001:db8::/64' }),
    limited({ atMs: T0 + 3, principal: "o'hara", userAgent: null }),
    decision({ atMs: T0 + 4, wouldRefuse: ['csrf'], route: 'GET /health' }),
    decision({ atMs: T0 + 5, wouldRefuse: ['csrf', 'bots'], address: 'unknown' }),
    decision({ atMs: T0 + 6, verdict: 'deny', guard: 'blockList', code: 'BLOCKED', status: 403 }),
  ];
}

type Field = (typeof FILTER_FIELDS)[number];

function valuesOf(record: DecisionRecord, field: Field): readonly string[] {
  if (field === 'wouldRefuse') return record.wouldRefuse.length > 0 ? [...record.wouldRefuse, 'any'] : [];
  const value = valueOf(record, field);
  return value === null ? [] : [String(value)];
}

/** Where the addresses of the tests are. */
function placeOf(address: string): { readonly asn?: number; readonly country?: string } | undefined {
  if (address.startsWith('2001:')) return { country: 'FR' };
  return address === 'unknown' ? undefined : { asn: 64_500, country: 'DE' };
}

function valueOf(record: DecisionRecord, field: Exclude<Field, 'wouldRefuse'>): string | number | null {
  const { address } = record;
  if (field === 'asn' || field === 'country') return placeOf(address)?.[field] ?? null;
  if (field !== 'range') return record[field];
  if (address === 'unknown') return null;
  return address.includes(':') ? '2001:db8::/48' : address.replace(/\.\d+$/, '.0/24');
}

/** The slow, obviously right reading of filters. */
function fits(record: DecisionRecord, filters: Filters): boolean {
  const one = ({ field, value }: Filters['keep'][number]): boolean =>
    field === 'wouldRefuse' || value !== ''
      ? valuesOf(record, field).includes(value)
      : valueOf(record, field) === null;
  const fields = new Set(filters.keep.map((filter) => filter.field));
  const kept = [...fields].every((field) =>
    filters.keep.filter((filter) => filter.field === field).some((filter) => one(filter)),
  );
  return kept && !filters.exclude.some((filter) => one(filter));
}
