import { describe, expect, it } from 'vitest';
import { wantedBy } from './ask.ts';
import { LeaseBook } from './book.ts';
import { addressDecider, callerDecider, type CallerFeatures } from './decide.ts';
import { partOf } from './guards.ts';
import { harmOf, WellbeingMeter } from './harm.ts';
import { parseLeaseTarget } from './lease.ts';
import { readResponseOptions } from './options.ts';
import { ScoreKeeper, scoreOf } from './score.ts';
import { testLease } from './test-lease.ts';

const seen = {
  id: 'det_1',
  rule: 'path_scanning',
  title: 'One address looks for what is not there',
  group: { network: '203.0.113.7' },
  events: ['evt_1'],
  updated: false,
};

describe('what a detection asks for', () => {
  it('is tried in shadow unless the house enforces', () => {
    expect(wantedBy(seen, readResponseOptions())?.mode).toBe('shadow');
    const enforced = wantedBy(seen, readResponseOptions({ mode: 'enforce' }));
    expect(enforced).toMatchObject({
      mode: 'enforce',
      lease: { responder: 'block', how: 'challenge', target: '203.0.113.7', evidence: ['det_1', 'evt_1'] },
    });
  });

  it('is nothing for updates, unknown detectors, rules that are off, and where nobody is named', () => {
    const options = readResponseOptions({ mode: 'enforce', rules: { scanner_fingerprint: false } });
    expect(wantedBy({ ...seen, updated: true }, options)).toBeUndefined();
    expect(wantedBy({ ...seen, rule: 'other' }, options)).toBeUndefined();
    expect(wantedBy({ ...seen, rule: 'scanner_fingerprint' }, options)).toBeUndefined();
    expect(wantedBy({ ...seen, group: {} }, options)).toBeUndefined();
    expect(wantedBy(seen, readResponseOptions({ mode: 'off' }))).toBeUndefined();
  });

  it('names an account only where the detection does, and never a name that an attacker chose', () => {
    const options = readResponseOptions({ mode: 'enforce' });
    const guessed = (account: string) =>
      wantedBy({ ...seen, rule: 'brute_force', group: { account } }, options);
    expect(guessed('acc_1')?.target.text).toBe('user:acc_1');
    expect(guessed('user:acc_1')?.target.text).toBe('user:acc_1');
    expect(guessed('mail@example.org')).toBeUndefined();
  });

  it('touches no account by itself but to ask its owner for a factor', () => {
    const harsh = [...readResponseOptions().rules.values()].filter(
      ({ of }) => of === 'account' || of === 'all',
    );
    expect(new Set(harsh.map(({ responder }) => responder))).toEqual(new Set(['require-step-up']));
  });
});

describe('options of responses', () => {
  it('refuse a subject that the responder cannot take, naming the path', () => {
    expect(() => readResponseOptions({ rules: { mine: { responder: 'block', of: 'all' } } })).toThrow(
      'responses.rules.mine.of',
    );
  });
});

describe('targets', () => {
  it('are what their responder takes, in one form', () => {
    expect(parseLeaseTarget('block', '::ffff:203.0.113.7')?.text).toBe('203.0.113.7');
    expect(parseLeaseTarget('block', '203.0.113.99/24')?.text).toBe('203.0.113.0/24');
    expect(parseLeaseTarget('block', '2001:db8::/64')?.text).toBe('2001:db8::/64');
    expect(parseLeaseTarget('lock-account', 'user:user:acc_1')?.text).toBe('user:acc_1');
    expect(parseLeaseTarget('lockdown', 'read-only')?.kind).toBe('read-only');
  });

  it('are refused where they are too wide, or of another responder', () => {
    expect(parseLeaseTarget('block', '0.0.0.0/0')).toBeUndefined();
    expect(parseLeaseTarget('block', '203.0.0.0/8')).toBeUndefined();
    expect(parseLeaseTarget('block', '2001::/16')).toBeUndefined();
    expect(parseLeaseTarget('block', 'all')).toBeUndefined();
    expect(parseLeaseTarget('lockdown', 'all')).toBeUndefined();
    expect(parseLeaseTarget('lock-account', 'user:')).toBeUndefined();
  });
});

describe('the book of leases', () => {
  it('finds those about an address, a caller and everybody, until they have run out', () => {
    const book = new LeaseBook();
    book.replaceAll([
      testLease({ id: 'one', target: '203.0.113.0/24' }),
      testLease({ id: 'v6', target: '2001:db8::/64' }),
      testLease({ id: 'user', responder: 'lock-account', target: 'user:acc_1' }),
      testLease({ id: 'all', responder: 'lockdown', target: 'read-only' }),
      testLease({ id: 'waits', state: 'waiting', target: '198.51.100.1' }),
    ]);
    const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);
    expect(ids(book.ofAddress('203.0.113.9', 2_000))).toEqual(['one']);
    expect(ids(book.ofAddress('2001:db8::5', 2_000))).toEqual(['v6']);
    expect(ids(book.ofAddress('198.51.100.1', 2_000))).toEqual([]);
    expect(ids(book.ofUser('acc_1', 2_000))).toEqual(['user']);
    expect(ids(book.ofAll(2_000))).toEqual(['all']);
    expect(ids(book.ofAddress('203.0.113.9', 61_000))).toEqual([]);
    book.replaceAll([]);
    expect(ids(book.ofAddress('203.0.113.9', 2_000))).toEqual([]);
    expect(book.isEmpty).toBe(true);
  });
});

describe('the decisions', () => {
  const lease = testLease();

  it('meet the share of clients that is staged, the same ones each time', () => {
    const parts = Array.from({ length: 4_000 }, (_, i) => partOf('rsp_1', `client ${i}`));
    const share = parts.filter((part) => part < 0.05).length / parts.length;
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.07);
    const staged = { leases: [{ ...lease, stage: 0.05 }] };
    const verdict = (part: number) =>
      addressDecider.decide({ address: 'x', part, cleared: false }, staged, 2_000).kind;
    expect([verdict(0.04), verdict(0.06)]).toEqual(['deny', 'pass']);
  });

  it('let in who has solved a challenge, and nobody past a refusal', () => {
    const asked = (how: 'deny' | 'challenge', cleared: boolean) =>
      addressDecider.decide({ address: 'x', part: 0, cleared }, { leases: [{ ...lease, how }] }, 2_000).kind;
    expect(asked('challenge', false)).toBe('challenge');
    expect(asked('challenge', true)).toBe('pass');
    expect(asked('deny', true)).toBe('deny');
  });

  const caller: CallerFeatures = {
    user: 'acc_1',
    isAdmin: false,
    isOperator: false,
    writes: true,
    place: 'application',
    pays: false,
    provenAtMs: null,
    part: 0,
  };
  const ask = (responder: string, target: string, given: Partial<CallerFeatures> = {}): string => {
    const one = { ...lease, responder, target };
    const verdict = callerDecider.decide({ ...caller, ...given }, { leases: [one] }, 2_000);
    return verdict.kind === 'deny' ? verdict.refusal.code : verdict.kind;
  };

  it('close the house to writes, or to all but administrators, and never the console', () => {
    expect(ask('lockdown', 'read-only')).toBe('LOCKDOWN');
    expect(ask('lockdown', 'read-only', { writes: false })).toBe('pass');
    expect(ask('lockdown', 'admins-only', { writes: false })).toBe('LOCKDOWN');
    expect(ask('lockdown', 'admins-only', { isAdmin: true })).toBe('pass');
    for (const place of ['admin-api', 'sign-in', 'health'] as const)
      expect(ask('lockdown', 'admins-only', { place })).toBe('pass');
  });

  it('ask for a factor that was proven since, but not where it is proven', () => {
    expect(ask('require-step-up', 'user:acc_1')).toBe('FRESH_AUTH_REQUIRED');
    expect(ask('require-step-up', 'user:acc_1', { provenAtMs: 999 })).toBe('FRESH_AUTH_REQUIRED');
    expect(ask('require-step-up', 'user:acc_1', { provenAtMs: 1_500 })).toBe('pass');
    expect(ask('require-step-up', 'all', { place: 'sign-in' })).toBe('pass');
    expect(ask('require-step-up', 'all', { user: null })).toBe('pass');
  });

  it('lock an account, freeze what pays, and close administration but for the operator', () => {
    expect(ask('lock-account', 'user:acc_1')).toBe('ACCOUNT_LOCKED');
    expect(ask('freeze-payments', 'all', { pays: true })).toBe('PAYMENTS_FROZEN');
    expect(ask('freeze-payments', 'all')).toBe('pass');
    expect(ask('disable-admins', 'all', { place: 'admin-api' })).toBe('ADMINS_DISABLED');
    expect(ask('disable-admins', 'all', { place: 'admin-api', isOperator: true })).toBe('pass');
    expect(ask('disable-admins', 'all')).toBe('pass');
  });
});

describe('harm', () => {
  const rules = { fall: 0.15, least: 30 };
  const well = (good: number, all: number) => ({
    signIns: { good, all },
    signedIn: { good: 0, all: 0 },
    solved: { good: 0, all: 0 },
  });

  it('is a fall that chance does not explain', () => {
    expect(harmOf(well(90, 100), well(40, 100), rules)).toContain('90 % to 40 %');
    expect(harmOf(well(90, 100), well(89, 100), rules)).toBeUndefined();
    expect(harmOf(well(30, 31), well(23, 31), rules)).toBeUndefined();
    expect(harmOf(well(90, 100), well(0, 29), rules)).toBeUndefined();
  });

  it('is measured by people: one who is refused again and again weighs no more than any other', () => {
    const meter = new WellbeingMeter();
    for (let i = 0; i < 50; i++) meter.met(`user:honest${i}`, true, 1_000);
    for (let i = 0; i < 500; i++) meter.met('user:eve', false, 2_000);
    meter.met('user:honest0', true, 3_000);
    expect(meter.around(120_000).before.signedIn).toEqual({ good: 50, all: 51 });
    // Who is refused once has not fared well in that minute; in the next one they begin anew.
    meter.met('user:honest1', false, 4_000);
    meter.met('user:honest1', true, 5_000);
    expect(meter.around(120_000).before.signedIn).toEqual({ good: 49, all: 51 });
    meter.met('user:honest1', true, 61_000);
    expect(meter.around(120_000).before.signedIn).toEqual({ good: 50, all: 52 });
  });

  it('is measured before and after, and not within the minute of the beginning', () => {
    const meter = new WellbeingMeter();
    meter.count('signIns', true, 30_000);
    meter.count('signIns', false, 60_000);
    meter.count('signIns', false, 120_000);
    expect(meter.around(90_000)).toMatchObject({
      before: { signIns: { good: 1, all: 1 } },
      since: { signIns: { good: 0, all: 1 } },
    });
  });
});

describe('the score of a client', () => {
  const calm = { failedLogins: 0, requests: 10, answers: 10, errors: 0, moved: false };

  it('is the mean of four factors', () => {
    expect(scoreOf(calm)).toBe(0);
    expect(scoreOf({ ...calm, failedLogins: 5 })).toBe(0.25);
    expect(scoreOf({ failedLogins: 5, requests: 300, answers: 300, errors: 300, moved: true })).toBe(1);
  });

  it('stays low for one who mistypes a password and meets a few errors', () => {
    expect(scoreOf({ ...calm, failedLogins: 2, errors: 3 })).toBeLessThan(0.2);
  });

  it('is forgotten after a quarter of an hour, and holds a bounded number of clients', () => {
    const keeper = new ScoreKeeper(2);
    for (let i = 0; i < 5; i++) keeper.failedLogin('a', 1_000);
    expect(keeper.scoreOf('a', 2_000)).toBe(0.25);
    expect(keeper.scoreOf('a', 901_000)).toBe(0);
    keeper.failedLogin('b', 2_000);
    keeper.failedLogin('c', 2_000);
    expect(keeper.scoreOf('a', 2_000)).toBe(0);
  });

  it('knows a change of country', () => {
    const keeper = new ScoreKeeper();
    keeper.signedIn('acc_1', 'x', 'DE', 1_000);
    expect(keeper.scoreOf('x', 1_000)).toBe(0);
    keeper.signedIn('acc_1', 'y', 'BR', 2_000);
    expect(keeper.scoreOf('y', 2_000)).toBe(0.25);
  });
});
