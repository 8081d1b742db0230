import { describe, expect, it } from 'vitest';
import { makeToken, readToken, tokenHash } from './token.ts';

describe('a token with prefix and checksum', () => {
  it('is read back with its prefix and a hint', () => {
    const token = makeToken('rk_live');
    expect(token).toMatch(/^rk_live_[0-9A-Za-z]{49}$/);
    const read = readToken(token);
    expect(read?.prefix).toBe('rk_live');
    expect(read?.secret).toHaveLength(43);
    expect(token.startsWith(read?.hint ?? '?')).toBe(true);
    expect(read?.hint).toHaveLength('rk_live_'.length + 4);
  });

  it.each([16, 20, 32, 64])('keeps its length at %i bytes', (bytes) => {
    const lengths = new Set(Array.from({ length: 200 }, () => makeToken('a', bytes).length));
    expect(lengths.size).toBe(1);
    expect(readToken(makeToken('a', bytes))).toBeDefined();
  });

  it('never repeats itself', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => makeToken('rk_test', 16))).size).toBe(1_000);
  });

  it('is refused when any one character is another', () => {
    const token = makeToken('rk_live');
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'x' ? 'y' : 'x';
      expect(readToken(token.slice(0, at) + other + token.slice(at + 1))).toBeUndefined();
    }
  });

  it.each([
    ['', 'nothing'],
    ['rk_live', 'a prefix alone'],
    [`${makeToken('rk_live')}\n`, 'a line end'],
    [` ${makeToken('rk_live')}`, 'a space'],
    [makeToken('rk_live').slice(0, -1), 'one character less'],
    [makeToken('rk_live').replace('rk_live', 'rk_test'), 'the prefix of another environment'],
    [`rk__live_${'a'.repeat(49)}`, 'an empty part'],
    ['a'.repeat(1_000_000), 'a million letters'],
  ])('is not read from %#: %s', (text) => {
    expect(readToken(text)).toBeUndefined();
  });

  it('is kept as a hash that tells tokens apart', () => {
    const token = makeToken('rk_live');
    expect(tokenHash(token)).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(tokenHash(token)).toBe(tokenHash(token));
    expect(tokenHash(token)).not.toBe(tokenHash(makeToken('rk_live')));
    // FIPS 180-4, "abc".
    expect(Buffer.from(tokenHash('abc'), 'base64url').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('refuses prefixes that could not be told from the rest, and too few bytes', () => {
    for (const prefix of ['', 'RK', 'rk_', '_rk', 'rk live', 'rk__live', '1rk'])
      expect(() => makeToken(prefix), prefix).toThrow('not a prefix');
    for (const bytes of [0, 15, 65, 16.5, Number.NaN])
      expect(() => makeToken('rk', bytes)).toThrow('16 to 64');
  });
});
