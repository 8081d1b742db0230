import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { secretBox } from './box.ts';

const old = { id: 'k1', key: randomBytes(32) };
const now = { id: 'k2', key: randomBytes(32) };

describe('a box for secrets', () => {
  it('opens what it sealed, under the same context only', () => {
    const box = secretBox([now]);
    const sealed = box.seal('JBSWY3DP', 'factor 1');
    expect(Buffer.from(box.open(sealed, 'factor 1')).toString()).toBe('JBSWY3DP');
    expect(() => box.open(sealed, 'factor 2')).toThrow('cannot be opened');
  });

  it('never seals the same secret to the same text', () => {
    const box = secretBox([now]);
    expect(box.seal('a', 'c')).not.toBe(box.seal('a', 'c'));
  });

  it('opens texts of an older key and seals with the newest', () => {
    const sealed = secretBox([old]).seal('a', 'c');
    const box = secretBox([now, old]);
    expect(Buffer.from(box.open(sealed, 'c')).toString()).toBe('a');
    expect(box.seal('a', 'c')).toMatch(/^rb1\.k2\./);
    expect(() => secretBox([now]).open(sealed, 'c')).toThrow('cannot be opened');
  });

  it('refuses every change of a text with the same words', () => {
    const box = secretBox([now, old]);
    const sealed = box.seal('secret', 'c');
    const body = sealed.slice('rb1.k2.'.length);
    const flipped = Buffer.from(body, 'base64url');
    flipped[20] = (flipped[20] as number) ^ 1;
    const wrong = [
      '',
      'rb1',
      sealed.slice(0, -4),
      `rb1.k1.${body}`,
      `rb1.k3.${body}`,
      `rb2.k2.${body}`,
      `${sealed}.x`,
      `rb1.__proto__.${body}`,
      `rb1.k2.${flipped.toString('base64url')}`,
    ];
    const words = wrong.map((text) => {
      try {
        box.open(text, 'c');
        return 'opened';
      } catch (error) {
        return String(error);
      }
    });
    expect(new Set(words).size).toBe(1);
    expect(words[0]).toContain('cannot be opened');
  });

  it('refuses keys of a wrong length, ids given twice, and none at all', () => {
    expect(() => secretBox([])).toThrow('at least one key');
    expect(() => secretBox([now, now])).toThrow('given twice');
    expect(() => secretBox([{ id: 'a', key: randomBytes(16) }])).toThrow('32 bytes');
    expect(() => secretBox([{ id: 'a.b', key: randomBytes(32) }])).toThrow('not an id');
  });
});
