import { describe, expect, it } from 'vitest';
import { idTimeMs, isId, newId, newNonce, newSecret } from './id.ts';
import { keyedHash } from './hash.ts';

describe('ids', () => {
  it('sort by time, tell it, and never repeat', () => {
    const ids = Array.from({ length: 5000 }, (_, i) => newId('dec', 1_795_000_000_000 + i));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(Array.from({ length: 5000 }, () => newId('dec', 1)))).toHaveProperty('size', 5000);
    expect(idTimeMs(ids[7] as string)).toBe(1_795_000_000_007);
  });
  it('have a form that can be checked before a database is asked', () => {
    expect(isId('dec', newId('dec', 5))).toBe(true);
    for (const text of [
      'dec_',
      'dec_x',
      newId('evt', 5),
      `${newId('dec', 5)}0`,
      `dec_${'u'.repeat(26)}`,
      `dec_'${'0'.repeat(25)}`,
    ]) {
      expect(isId('dec', text)).toBe(false);
    }
  });
  it('secrets and nonces are as long as they claim', () => {
    expect(Buffer.from(newSecret(), 'base64url')).toHaveLength(32);
    expect(Buffer.from(newNonce(), 'base64')).toHaveLength(16);
    expect(newNonce()).not.toBe(newNonce());
  });
});

describe('the keyed hash', () => {
  it('depends on the key and on every character', () => {
    const one = keyedHash(new Uint8Array(8));
    const other = keyedHash(new Uint8Array(8).fill(7));
    const texts = ['', 'a', 'b', 'ab', 'ba', 'a\0', '\0a', 'abc', 'abd', 'é', '10.0.0.1', '10.0.0.10'];
    expect(new Set(texts.map((text) => one.to53(text)))).toHaveProperty('size', texts.length);
    expect(one.to53('a')).not.toBe(other.to53('a'));
    expect(one.to53('a')).toBe(keyedHash(new Uint8Array(8)).to53('a'));
  });
  it('spreads similar names evenly', () => {
    const hash = keyedHash(new Uint8Array(8).fill(3));
    const buckets = new Uint32Array(64);
    for (let i = 0; i < 64_000; i++)
      buckets[Math.floor((hash.to32(`10.0.${i >> 8}.${i & 255}`) / 4294967296) * 64)]!++;
    expect(Math.min(...buckets)).toBeGreaterThan(850);
    expect(Math.max(...buckets)).toBeLessThan(1150);
  });
  it('is safe to use as a slot name: a whole number within 53 bits, never 0', () => {
    const hash = keyedHash();
    for (let i = 0; i < 1000; i++) {
      const value = hash.to53(`k${i}`);
      expect(Number.isSafeInteger(value) && value > 0).toBe(true);
    }
  });
});
