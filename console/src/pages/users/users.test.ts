import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuthFactor } from '../../../../src/server/api/auth-types.ts';
import type { UserAnswer } from '../../../../src/server/api/user-types.ts';
import { factorWords, proofOf, usableFactors } from './factors.ts';
import { joinRoles, readRoles, ROLES, rolesChange, splitRoles } from './roles.ts';
import { consequences, reasonAgainst } from './words.ts';

const session = (id: string, deviceName: string, current = false): UserAnswer['sessions'][number] => ({
  id,
  client: 'browser',
  deviceName,
  address: '203.0.113.7',
  place: null,
  aal: 2,
  factors: ['password', 'totp'],
  createdAtMs: 1,
  seenAtMs: 2,
  expiresAtMs: 3,
  current,
});

const grace = (part: Partial<UserAnswer['user']> = {}, rest: Partial<UserAnswer> = {}): UserAnswer => ({
  user: {
    id: 'acc_1',
    email: 'grace@example.org',
    name: 'Grace',
    status: 'active',
    roles: ['customer'],
    factors: ['totp'],
    createdAtMs: 1,
    lastSignInAtMs: null,
    locale: 'en',
    emailVerifiedAtMs: 1,
    passwordChangedAtMs: 1,
    mustReset: false,
    lockedUntilMs: null,
    lockedReason: null,
    mfaEnforced: false,
    ...part,
  },
  sessions: [session('ses_1', 'Firefox on Linux'), session('ses_2', 'Safari on macOS')],
  devices: [],
  factors: {
    totp: { confirmedAtMs: 1, lastUsedAtMs: null, disabled: false },
    sms: null,
    backupCodes: { left: 8, createdAtMs: 1 },
    passkeys: [],
  },
  attempts: [],
  history: [],
  events: [],
  ...rest,
});

describe('what an act will do is said before it is done', () => {
  it('counts the sessions that a lock ends, and says for how long it holds', () => {
    const said = consequences({ kind: 'lock', hours: 24 }, grace());
    expect(said[0]).toBe('2 sessions on 2 devices end within a second.');
    expect(said[1]).toBe('Nobody signs in with this account for 24 hours.');
    expect(consequences({ kind: 'lock', hours: null }, grace())[1]).toContain('until somebody unlocks it');
  });

  it('names the device where there is one, and nobody where nobody is signed in', () => {
    const one = grace({}, { sessions: [session('ses_1', 'Firefox on Linux')] });
    expect(consequences({ kind: 'end-sessions' }, one)[0]).toBe(
      '1 session on Firefox on Linux ends within a second.',
    );
    const none = grace({}, { sessions: [] });
    expect(consequences({ kind: 'require-reset' }, none)[0]).toContain('nobody is signed in');
  });

  it('lists the factors that a reset takes away, and what is left to sign in with', () => {
    expect(consequences({ kind: 'reset-factors' }, grace())).toEqual([
      'These no longer count: the authenticator app, 8 backup codes.',
      '2 sessions on 2 devices end within a second.',
      'From then on the password alone signs in.',
      'A mail tells grace@example.org. Be sure that it was the owner who asked.',
    ]);
    expect(consequences({ kind: 'reset-factors' }, grace({ mfaEnforced: true }))[2]).toContain('enrol');
  });

  it('warns of ending the session that one sits in, and of one that is gone', () => {
    const mine = grace({}, { sessions: [session('ses_9', 'Firefox on Linux', true)] });
    expect(consequences({ kind: 'end-session', session: 'ses_9' }, mine)[1]).toContain(
      'the one you are using',
    );
    expect(consequences({ kind: 'end-session', session: 'ses_0' }, mine)).toEqual([
      'The session has ended already.',
    ]);
  });

  it('ends sessions for a new role, none for one that is taken away', () => {
    const more = consequences({ kind: 'roles', roles: ['customer', 'analyst'] }, grace());
    expect(more).toContain('Given: analyst.');
    expect(more.join(' ')).toContain('2 sessions');
    const less = consequences(
      { kind: 'roles', roles: ['customer'] },
      grace({ roles: ['customer', 'administrator'] }),
    );
    expect(less.join(' ')).toContain('Taken away: administrator.');
    expect(less.join(' ')).not.toContain('sessions');
    expect(consequences({ kind: 'roles', roles: ['customer'] }, grace())).toEqual(['Nothing changes.']);
  });

  it('tells that the console will ask for a second factor where there is none', () => {
    const said = consequences({ kind: 'roles', roles: ['viewer'] }, grace({ factors: [] }));
    expect(said.at(-1)).toContain('must enrol one');
  });
});

describe('acts that make no sense', () => {
  it('are refused with the reason: locking oneself, ending nothing, resetting nothing', () => {
    expect(reasonAgainst('lock', grace(), 'grace@example.org')).toContain('your own');
    expect(reasonAgainst('roles', grace(), 'grace@example.org')).toContain('Another administrator');
    expect(reasonAgainst('lock', grace(), 'ada@example.org')).toBeNull();
    expect(reasonAgainst('lock', grace(), null)).toBeNull();
    expect(reasonAgainst('end-sessions', grace({}, { sessions: [] }), null)).toContain('Nobody');
    const bare = grace({}, { factors: { totp: null, sms: null, backupCodes: null, passkeys: [] } });
    expect(reasonAgainst('reset-factors', bare, null)).toContain('no second factor');
    expect(reasonAgainst('require-reset', grace({ passwordChangedAtMs: null }), null)).toContain(
      'no password',
    );
    expect(reasonAgainst('unlock', grace({ status: 'deleted' }), null)).toContain('deleted');
  });
});

describe('roles', () => {
  it('are split and joined without loss or repetition, the highest of the console standing for those below', () => {
    const name = fc.constantFrom('customer', 'support', 'admin', ...ROLES);
    fc.assert(
      fc.property(fc.array(name), (roles) => {
        const split = splitRoles(roles);
        const back = joinRoles(split.console, split.others);
        expect(splitRoles(back)).toEqual({ console: split.console, others: [...new Set(split.others)] });
        expect(new Set(back).size).toBe(back.length);
      }),
    );
    expect(splitRoles(['viewer', 'administrator']).console).toBe('administrator');
  });

  it('of the console cannot be given by typing them among those of the application', () => {
    expect(joinRoles(null, readRoles('customer, administrator'))).toEqual(['customer']);
  });

  it('are read with commas, spaces or both between them', () => {
    expect(readRoles(' customer,support  customer;\n')).toEqual(['customer', 'support']);
    expect(readRoles('  ')).toEqual([]);
  });

  it('that change are told as given and taken', () => {
    expect(rolesChange(['a', 'b'], ['b', 'c'])).toEqual({ added: ['c'], removed: ['a'] });
  });
});

describe('proofs', () => {
  it('leave passwords as they were typed, and codes without what people put between digits', () => {
    expect(proofOf('password', ' a b-c ')).toEqual({ factor: 'password', password: ' a b-c ' });
    expect(proofOf('totp', '123 456')).toEqual({ factor: 'totp', code: '123456' });
    expect(proofOf('backup', ' abcd-efgh ')).toEqual({ factor: 'backup', code: 'abcd-efgh' });
  });

  it('are those that the account has and the act takes, in the order of their strength', () => {
    const has: readonly AuthFactor[] = ['passkey', 'totp', 'password'];
    expect(usableFactors(has, ['password', 'passkey'])).toEqual(['passkey', 'password']);
    expect(usableFactors(has, null)).toEqual(has);
    expect(usableFactors(has, ['sms'])).toEqual([]);
  });

  it('are told in words that keep their abbreviations', () => {
    expect(factorWords(['password', 'sms'])).toBe('Password, then SMS code');
    expect(factorWords(['password', 'totp'])).toBe('Password, then authenticator app');
    expect(factorWords([])).toBe('no factor');
  });
});
