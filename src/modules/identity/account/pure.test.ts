import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { FactorKind, FactorSummary } from '../contract.ts';
import { readIdentityOptions } from '../options.ts';
import { likePattern } from './accounts-list.ts';
import { cleanRoles, isMorePower } from './accounts-roles.ts';
import { cleanEmail, cleanLocale, cleanName, isEmail } from './clean.ts';
import { isFresh } from './current.ts';
import { hasSecondFactor, isEnforced, levelOf, scopeOf } from './level.ts';

const KINDS: readonly FactorKind[] = ['password', 'totp', 'backup', 'sms', 'email', 'passkey'];
const kinds = fc.subarray([...KINDS]);

describe('the level of proven factors', () => {
  it.each<[readonly FactorKind[], boolean, 1 | 2]>([
    [[], false, 1],
    [['password'], false, 1],
    [['password', 'totp'], false, 2],
    [['password', 'backup'], false, 2],
    [['password', 'sms'], false, 2],
    [['password', 'passkey'], false, 2],
    [['passkey'], true, 2],
    [['passkey'], false, 1],
    [['password', 'email'], false, 1],
    [['totp'], true, 1],
    [['totp', 'sms'], false, 1],
  ])('of %j (user verified: %j) is %i', (proven, verified, level) => {
    expect(levelOf(proven, verified)).toBe(level);
  });

  it('never falls with another factor, and is never 2 for one kind without verification (checklist 19)', () => {
    fc.assert(
      fc.property(kinds, fc.constantFrom(...KINDS), fc.boolean(), (proven, more, verified) => {
        expect(levelOf([...proven, more], verified)).toBeGreaterThanOrEqual(levelOf(proven, verified));
        expect(levelOf([more, more], false)).toBe(1);
      }),
    );
  });
});

describe('what a session may reach', () => {
  it('is a new password first, then enrolling, then everything', () => {
    expect(scopeOf({ mustReset: true, enforced: true, secondFactor: false })).toBe('reset');
    expect(scopeOf({ mustReset: false, enforced: true, secondFactor: false })).toBe('enrol');
    expect(scopeOf({ mustReset: false, enforced: true, secondFactor: true })).toBe('full');
    expect(scopeOf({ mustReset: false, enforced: false, secondFactor: false })).toBe('full');
  });

  it('counts a disabled factor as enrolled: it must not open the door', () => {
    const none: FactorSummary = { totp: null, sms: null, backupCodes: null, passkeys: [], usable: [] };
    expect(hasSecondFactor(none)).toBe(false);
    const totp = { id: 'fac_1', confirmedAtMs: 1, lastUsedAtMs: null, disabled: true };
    expect(hasSecondFactor({ ...none, totp })).toBe(true);
  });

  it('is enforced by any one role', () => {
    expect(isEnforced(['customer', 'admin'], ['admin'])).toBe(true);
    expect(isEnforced(['customer'], ['admin'])).toBe(false);
  });
});

describe('freshness', () => {
  const now = 1_000_000_000;
  const need = (factor: FactorKind | 'any' | 'second') => ({ withinMs: 600_000, factor });
  const at = (provenAtMs: Partial<Record<FactorKind, number>>) => ({ provenAtMs });

  it('ends to the millisecond', () => {
    expect(isFresh(at({ password: now - 599_999 }), need('any'), false, now)).toBe(true);
    expect(isFresh(at({ password: now - 600_000 }), need('any'), false, now)).toBe(false);
  });

  it('takes no time that lies ahead', () => {
    expect(isFresh(at({ password: now + 1 }), need('any'), false, now)).toBe(false);
  });

  it('takes a password for a second factor only while there is none', () => {
    expect(isFresh(at({ password: now }), need('second'), false, now)).toBe(true);
    expect(isFresh(at({ password: now }), need('second'), true, now)).toBe(false);
    expect(isFresh(at({ email: now }), need('second'), true, now)).toBe(false);
    expect(isFresh(at({ password: now, totp: now }), need('second'), true, now)).toBe(true);
    expect(isFresh(at({ totp: now }), need('passkey'), true, now)).toBe(false);
  });
});

describe('what people type', () => {
  it('is a name of one line, at most 80 characters, that turns no text around', () => {
    expect(cleanName(' Ada\r\nBcc: x@y.z\0 ')).toBe('Ada Bcc: x@y.z');
    expect(cleanName('\u202eadA\u200b')).toBe('adA');
    expect(Array.from(cleanName('🙂'.repeat(500)))).toHaveLength(80);
    expect(cleanName(undefined)).toBe('');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const name = cleanName(text);
        expect(Array.from(name).length).toBeLessThanOrEqual(80);
        expect(name).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
        expect(name.isWellFormed()).toBe(true);
        expect(cleanName(name)).toBe(name);
      }),
    );
  });

  it('is one mail address, and never a list', () => {
    for (const good of [
      'a@b',
      'ada+tag@example.org',
      'ü@bücher.example',
      '"'.length === 1 ? 'a.b@c.d' : '',
    ]) {
      expect(isEmail(good)).toBe(true);
    }
    const bad = [
      '',
      'a',
      '@b',
      'a@',
      'a@b@c',
      'a b@c',
      'a@b,c@d',
      'A <a@b>',
      'a@b\r\nBcc: c',
      'a'.repeat(65) + '@b',
    ];
    for (const text of bad) expect(isEmail(text), text).toBe(false);
    expect(cleanEmail('  a@b ')).toBe('a@b');
    expect(() => cleanEmail(`${'a'.repeat(60)}@${'b'.repeat(250)}`)).toThrow('The request is not valid.');
  });

  it('is a language we speak, or ours', () => {
    expect(cleanLocale('ar-EG,ar;q=0.9', 'en')).toBe('ar');
    expect(cleanLocale('de', 'en')).toBe('en');
    expect(cleanLocale(undefined, 'ar')).toBe('ar');
    expect(cleanLocale('../../etc', 'en')).toBe('en');
  });

  it('is searched for as it stands', () => {
    expect(likePattern('50%_A\\')).toBe('%50\\%\\_a\\\\%');
  });
});

describe('roles', () => {
  it('are kept sorted and once', () => {
    expect(cleanRoles(['b', 'a', 'b'])).toEqual(['a', 'b']);
    expect(() => cleanRoles(['__proto__'])).toThrow('The request is not valid.');
    expect(() => cleanRoles(Array.from({ length: 21 }, (_, i) => `r${i}`))).toThrow(
      'The request is not valid.',
    );
  });

  it('are more power as soon as one is new', () => {
    expect(isMorePower(['a', 'b'], ['a'])).toBe(false);
    expect(isMorePower(['a'], ['b'])).toBe(true);
  });
});

describe('options of identity', () => {
  const publicUrl = 'https://app.example.com';

  it('have defaults for all but the address', () => {
    expect(readIdentityOptions('identity', { publicUrl: `${publicUrl}/base/` })).toMatchObject({
      product: 'Rampart',
      publicUrl: `${publicUrl}/base`,
      signUp: 'open',
      roles: { signUp: ['customer'], administrators: ['administrator'] },
      links: { verify: 86_400_000, reset: 1_800_000 },
      freshFor: 600_000,
      challengeTtl: 600_000,
      allowSkipWithKnownDevice: false,
    });
  });

  it.each([
    [{}, 'identity.publicUrl'],
    [{ publicUrl: 'http://app.example.com' }, 'identity.publicUrl'],
    [{ publicUrl: 'https://user:pass@app.example.com' }, 'identity.publicUrl'],
    [{ publicUrl, links: { reset: '48h' } }, 'identity.links.reset'],
    [{ publicUrl, freshfor: '1m' }, 'identity.freshfor'],
    [{ publicUrl, roles: { signUp: ['a b'] } }, 'identity.roles.signUp[0]'],
    [{ publicUrl, sessions: { accessTtl: '1h' } }, 'identity.sessions.accessTtl'],
    [{ publicUrl, lockout: { delayAfter: 1 } }, 'identity.lockout.delayAfter'],
    [{ publicUrl, passwords: { hash: { passes: 1 } } }, 'identity.passwords.hash.memoryKib'],
    [{ publicUrl, factors: { totp: { window: 1 } } }, 'identity.factors.totp.window'],
    [{ publicUrl, devices: [] }, 'identity.devices'],
  ])('are refused with their path: %j', (given, path) => {
    expect(() => readIdentityOptions('identity', given)).toThrow(path);
  });
});
