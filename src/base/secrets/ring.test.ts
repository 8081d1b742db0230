import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/clock.ts';
import { KeyRing, keyCheck } from './ring.ts';

const bytes = randomBytes(32);
const key = (
  id: string,
  writesFromMs: number,
  more: object = {},
): { id: string; key: Uint8Array; writesFromMs: number } => ({
  id,
  key: randomBytes(32),
  writesFromMs,
  ...more,
});

describe('a ring of keys', () => {
  it('seals with a new key only once its time has come', () => {
    const clock = new ManualClock(1_000);
    const ring = new KeyRing('fields', [key('k1', 0), key('k2', 2_000), key('k3', 3_000)], clock);
    expect(ring.sealing().id).toBe('k1');
    expect(ring.find('k3')).toBeDefined();
    clock.advance(1_000);
    expect(ring.sealing().id).toBe('k2');
    clock.advance(1_000);
    expect(ring.sealing().id).toBe('k3');
    expect(ring.keys().map(({ id }) => id)).toEqual(['k3', 'k2', 'k1']);
  });

  it('does not seal with an older key when the newest cannot be unwrapped', () => {
    const clock = new ManualClock(1_000);
    const ring = new KeyRing('fields', [key('k1', 0), { id: 'k2', key: null, writesFromMs: 2_000 }], clock);
    expect(ring.sealing().id).toBe('k1');
    clock.advance(1_000);
    expect(() => ring.sealing()).toThrow('No key for');
    expect(ring.find('k1')).toBeDefined();
    expect(ring.find('k2')).toBeUndefined();
    expect([ring.knows('k2'), ring.knows('k9')]).toEqual([true, false]);
  });

  it('has no key to seal with when it is empty', () => {
    expect(() => new KeyRing('fields', []).sealing()).toThrow('No key for');
  });

  it('counts its own uses on top of what all nodes have counted', () => {
    const ring = new KeyRing('fields', [{ id: 'k1', key: bytes, uses: 100 }]);
    ring.sealing().uses += 5;
    expect([...ring.takeUses()]).toEqual([['k1', 5]]);
    expect([...ring.takeUses()]).toEqual([]);
    ring.sealing().uses += 2;
    // 105 of before and 45 of another node.
    ring.replace([{ id: 'k1', key: bytes, uses: 150 }]);
    expect(ring.sealing().uses).toBe(152);
    expect([...ring.takeUses()]).toEqual([['k1', 2]]);
  });

  it('refuses keys of a wrong length, ids given twice, and what is no id', () => {
    expect(() => new KeyRing('fields', [{ id: 'k1', key: randomBytes(16) }])).toThrow('32 bytes');
    expect(() => new KeyRing('fields', [key('k1', 0), key('k1', 1)])).toThrow('given twice');
    expect(() => new KeyRing('fields', [key('k.1', 0)])).toThrow('not an id');
  });

  it('recognises a key without showing it', () => {
    expect(keyCheck(bytes, 'fields', 'k1')).toMatch(/^[A-Za-z0-9_-]{11}$/);
    expect(keyCheck(bytes, 'fields', 'k1')).toBe(keyCheck(bytes, 'fields', 'k1'));
    expect(keyCheck(bytes, 'fields', 'k1')).not.toBe(keyCheck(bytes, 'payment', 'k1'));
  });
});
