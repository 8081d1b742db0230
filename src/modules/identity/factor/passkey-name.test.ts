import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanName, defaultName } from './passkey-name.ts';

const UNKNOWN = '00000000-0000-0000-0000-000000000000';

describe('the name of a passkey', () => {
  it('has at most 60 characters and no control character, whatever is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (given) => {
        const name = cleanName(given) ?? '-';
        expect(Array.from(name).length).toBeLessThanOrEqual(60);
        expect(name).toBe(name.trim());
        expect(/[\p{Cc}\p{Cf}\p{Cs}]/u.test(name)).toBe(false);
      }),
    );
  });

  it('is that of its maker, else of its kind, when its owner gives none', () => {
    expect(defaultName('fbfc3007-154e-4ecc-8c0b-6e020557d7bd', ['internal'])).toBe('Apple Passwords');
    expect(defaultName(UNKNOWN, ['hybrid', 'internal'])).toBe('This device');
    expect(defaultName(UNKNOWN, ['hybrid'])).toBe('Phone or tablet');
    expect(defaultName(UNKNOWN, ['usb', 'nfc'])).toBe('Security key');
    expect(defaultName('__proto__', [])).toBe('Passkey');
  });
});
