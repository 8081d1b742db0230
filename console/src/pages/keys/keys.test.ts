import { describe, expect, it } from 'vitest';
import type { KeyView, RotationProgress } from '../../api/keys.ts';
import { paceOf, withSample } from './pace.ts';
import type { Sample } from './pace.ts';
import { byPurpose, findingsOf, purposeOf, sealedOf, takesNonces } from './state.ts';
import { rotationSteps, wrapperText } from './words.ts';

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;
const key = (rest: Partial<KeyView>): KeyView => ({
  purpose: 'fields',
  id: 'k1',
  state: 'active',
  wrapper: 'secret',
  usable: true,
  createdAtMs: NOW - DAY,
  createdBy: 'server',
  writesFromMs: NOW - DAY,
  retiredAtMs: null,
  uses: 0,
  ...rest,
});
const rotation = (rest: Partial<RotationProgress>): RotationProgress => ({
  id: 'rot_1',
  purpose: 'fields',
  keyId: 'k2',
  startedAtMs: NOW - 103_000,
  endedAtMs: null,
  tables: [],
  ...rest,
});
const table = (rowsDone: number, rowsTotal: number, unreadable = 0): RotationProgress['tables'][number] => ({
  table: 'app.customers',
  rowsTotal,
  rowsDone,
  unreadable,
});

describe('purposes', () => {
  it('hold their keys, the one that seals, and whether a rotation runs', () => {
    const keys = [
      key({ purpose: 'payment', id: 'k7' }),
      key({ id: 'k3', state: 'pending' }),
      key({ id: 'k2' }),
      key({ state: 'decrypt-only' }),
    ];
    const ended = rotation({ purpose: 'payment', endedAtMs: NOW });
    const [fields, payment, ...more] = byPurpose({ keys, rotations: [ended, rotation({})] });
    expect(more).toEqual([]);
    expect(fields?.purpose).toBe('fields');
    expect(fields?.keys.map(({ id }) => id)).toEqual(['k3', 'k2', 'k1']);
    expect([fields?.active?.id, fields?.isRotating]).toEqual(['k2', true]);
    expect([payment?.active?.id, payment?.isRotating]).toEqual(['k7', false]);
  });

  it('of the address are known ones', () => {
    expect(purposeOf('hmac')).toBe('hmac');
    expect(purposeOf('constructor')).toBeUndefined();
    expect(purposeOf(undefined)).toBeUndefined();
  });
});

describe('a key', () => {
  it('is bound by nonces where it encrypts, not where it signs', () => {
    expect((['fields', 'payment', 'identity'] as const).every(takesNonces)).toBe(true);
    expect((['index', 'hmac'] as const).some(takesNonces)).toBe(false);
  });

  it('tells how it is kept', () => {
    expect(
      ['secret', 'derived', 'aws-kms eu-central-1 a1'].map((wrapper) => wrapperText({ wrapper })),
    ).toEqual([
      'wrapped by the server’s secret',
      'derived from the server’s secret',
      'wrapped by aws-kms eu-central-1 a1',
    ]);
  });
});

describe('findings', () => {
  it('name an active key of more than a year, and no other of that age', () => {
    const old = NOW - 366 * DAY;
    const found = findingsOf(
      [
        key({ id: 'k5', createdAtMs: old }),
        key({ id: 'k4', createdAtMs: NOW - 365 * DAY, purpose: 'index' }),
        key({ id: 'k3', createdAtMs: old, state: 'decrypt-only' }),
        key({ id: 'k2', createdAtMs: old, state: 'retired', usable: false }),
      ],
      NOW,
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ level: 'warning', purpose: 'fields', isRotatable: true });
    expect(found[0]?.text).toBe('Key k5 of fields is 366 days old.');
  });

  it('warn long before the bound of nonces', () => {
    expect(findingsOf([key({ uses: 2 ** 29 - 1 })], NOW)).toEqual([]);
    const [found] = findingsOf([key({ uses: 2 ** 29 })], NOW);
    expect(found?.text).toContain('536,870,912 times; at 4,294,967,296 it stops');
  });

  it('put a key that this node can’t use first; no rotation mends that', () => {
    const found = findingsOf(
      [key({ uses: 2 ** 30 }), key({ id: 'k0', state: 'decrypt-only', usable: false, wrapper: 'kms:eu' })],
      NOW,
    );
    expect(found.map(({ level }) => level)).toEqual(['error', 'warning']);
    expect(found[0]?.text).toContain('kms:eu');
    expect(found[0]?.isRotatable).toBe(false);
  });
});

describe('sealed fields', () => {
  it('are told apart: under the active key, under older ones, under none of ours', () => {
    expect(sealedOf({ k3: 60, k2: 30, k1: 5, '': 5 }, 'k3')).toEqual({
      total: 100,
      byActive: 60,
      byOlder: 35,
      unknown: 5,
    });
    expect(sealedOf({}, 'k1').total).toBe(0);
    expect(sealedOf({ k1: 4 }, undefined).byOlder).toBe(4);
  });
});

describe('the pace of a rotation', () => {
  const half = rotation({ tables: [table(500, 500), table(1500, 4500, 3)] });

  it('is the average since its key seals, right after a reload', () => {
    const pace = paceOf(half, NOW - 100_000, [{ atMs: NOW, rows: 2000 }]);
    expect(pace).toMatchObject({ rowsDone: 2000, rowsTotal: 5000, unreadable: 3, rowsPerSecond: 20 });
    expect(pace.leftMs).toBe(150_000);
  });

  it('is that of what was seen, once enough was seen', () => {
    const samples = [
      { atMs: NOW - 10_000, rows: 1000 },
      { atMs: NOW, rows: 2000 },
    ];
    expect(paceOf(half, NOW - 100_000, samples)).toMatchObject({ rowsPerSecond: 100, leftMs: 30_000 });
  });

  it('says nothing of the time left before anything moved', () => {
    const pace = paceOf(half, NOW, [{ atMs: NOW, rows: 0 }]);
    expect([pace.rowsPerSecond, pace.leftMs, pace.isStill]).toEqual([null, null, false]);
  });

  it('is a standstill only after a while without a row', () => {
    const still = (ms: number): boolean =>
      paceOf(half, NOW - 100_000, [
        { atMs: NOW - ms, rows: 2000 },
        { atMs: NOW, rows: 2000 },
      ]).isStill;
    expect([still(19_000), still(20_000)]).toEqual([false, true]);
  });

  it('never counts more rows done than there are: another pass may find more', () => {
    const pace = paceOf(rotation({ tables: [table(120, 100)] }), NOW, [{ atMs: NOW, rows: 120 }]);
    expect([pace.rowsDone, pace.rowsTotal]).toEqual([120, 120]);
  });

  it('forgets what was seen half a minute ago, and of another rotation', () => {
    let samples: readonly Sample[] = [];
    for (const second of [0, 15, 31])
      samples = withSample(samples, { atMs: NOW + second * 1000, rows: second });
    expect(samples.map(({ rows }) => rows)).toEqual([15, 31]);
    expect(withSample(samples, { atMs: NOW + 32_000, rows: 0 })).toEqual([{ atMs: NOW + 32_000, rows: 0 }]);
  });
});

describe('what a rotation will do', () => {
  const of = { keys: [], active: key({ id: 'k4' }), rotation: null, isRotating: false } as const;

  it('names the key that only opens from then on', () => {
    expect(rotationSteps({ ...of, purpose: 'fields' })[0]).toContain('key k4 only opens');
  });

  it('says that signatures of the present key are verified until somebody ends that', () => {
    expect(rotationSteps({ ...of, purpose: 'hmac' }).join(' ')).toContain('goes on verifying what it signed');
  });

  it('promises no other key where one rotation has begun', () => {
    expect(rotationSteps({ ...of, purpose: 'fields', isRotating: true })[0]).toMatch(/^No other key/);
  });
});
