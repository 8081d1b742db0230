import { describe, expect, it } from 'vitest';
import { scene } from './test-lockout.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('one account from one client group', () => {
  it('delays from the fifth failure on: 30 s, doubling to an hour', async () => {
    const { wrong, clock, lockout, attempt } = scene({ accountDelayAfter: 100 });
    for (let i = 0; i < 5; i++) expect(await wrong({})).toBe('tried');
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const leave = await lockout.begin(attempt({}));
      if (leave.allowed || leave.why !== 'wait') throw new Error('expected a wait');
      waits.push(leave.retryAfterSeconds);
      clock.advance(leave.retryAfterSeconds * 1_000 - 1);
      expect(await wrong({})).toBe('wait');
      clock.advance(1);
      expect(await wrong({})).toBe('tried');
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
  });

  it('lets four typos in fifteen minutes pass for ever', async () => {
    const { wrong, clock } = scene({ passwordFailures: 100 });
    for (let i = 0; i < 96; i++) {
      expect(await wrong({})).toBe('tried');
      clock.advance(4 * MINUTE);
    }
  });

  it('forgets failures and delays with the first right try', async () => {
    const { wrong, right, clock } = scene();
    for (let i = 0; i < 5; i++) await wrong({});
    clock.advance(30_000);
    expect(await right({})).toBe('tried');
    for (let i = 0; i < 5; i++) expect(await wrong({})).toBe('tried');
    expect(await wrong({})).toBe('wait');
  });

  it('answers alike where there is no such account', async () => {
    const known = scene();
    const unknown = scene();
    for (let i = 0; i < 40; i++) {
      const one = known.attempt({});
      const other = unknown.attempt({ account: null });
      const leave = await known.lockout.begin(one);
      const otherLeave = await unknown.lockout.begin(other);
      expect({ ...otherLeave, ticket: '' }).toEqual({ ...leave, ticket: '' });
      if (leave.allowed && otherLeave.allowed)
        expect(await unknown.lockout.fail(other, otherLeave.ticket)).toEqual(
          await known.lockout.fail(one, leave.ticket),
        );
      known.clock.advance(20_000);
      unknown.clock.advance(20_000);
    }
  });

  it('is one bucket however the address is written (A27)', async () => {
    const { wrong } = scene();
    const ways = [
      'owner@example.com',
      ' OWNER@Example.COM ',
      'owner+1@example.com.',
      'ｏｗｎｅｒ@example.com',
      'own\u200Ber+x+y@EXAMPLE.com..',
    ];
    for (const email of ways) expect(await wrong({ email })).toBe('tried');
    expect(await wrong({ email: 'Owner@example.com' })).toBe('wait');
  });

  it('counts factors apart: a right password does not free the code (A29)', async () => {
    const { wrong, right } = scene();
    for (let i = 0; i < 5; i++) {
      expect(await right({})).toBe('tried');
      expect(await wrong({ factor: 'totp', authenticator: 'fac_1' })).toBe('tried');
    }
    expect(await right({})).toBe('tried');
    expect(await wrong({ factor: 'totp', authenticator: 'fac_1' })).toBe('wait');
  });

  it('does not free a victim by success on the attacker’s own account (A29)', async () => {
    const { wrong, right } = scene();
    let tried = 0;
    for (let i = 0; i < 20; i++) {
      await right({ email: 'attacker@example.com' });
      if ((await wrong({})) === 'tried') tried += 1;
    }
    expect(tried).toBe(5);
  });

  it('does not free a victim by success on an account with the same counting name (A29)', async () => {
    const { wrong, right } = scene();
    let tried = 0;
    for (let i = 0; i < 20; i++) {
      await right({ email: 'owner+mine@example.com', account: 'acc_attacker' });
      if ((await wrong({})) === 'tried') tried += 1;
    }
    expect(tried).toBe(5);
  });
});

describe('one account from many client groups', () => {
  it('delays unknown devices from the twentieth failure, and tells the owner once a day', async () => {
    const { lockout, attempt, clock, said } = scene();
    let notices = 0;
    let tried = 0;
    for (let i = 0; i < 400; i++) {
      const one = attempt({ from: `192.0.2.${i % 200}` });
      const leave = await lockout.begin(one);
      if (leave.allowed) {
        tried += 1;
        if ((await lockout.fail(one, leave.ticket)).notifyOwner) notices += 1;
      }
      if (i === 20) expect(tried).toBe(20);
      clock.advance(20_000);
    }
    expect(notices).toBe(1);
    expect(said('ACCOUNT_DELAYED')).toBeGreaterThan(1);
    expect(said('ACCOUNT_DELAYED')).toBeLessThanOrEqual(Math.ceil(400 / 45));
  });

  it('lets the owner in on the known device after 1,000 wrong passwords from elsewhere (A26, checklist 16)', async () => {
    const { wrong, right, clock } = scene();
    for (let i = 0; i < 1_000; i++) {
      await wrong({ from: `198.51.100.${i % 250}`, secret: `guess ${i}` });
      clock.advance(20_000);
    }
    expect(await right({ from: '203.0.113.9' })).toBe('wait');
    expect(await right({ device: 'dev_1', from: '198.51.100.7' })).toBe('tried');
  });

  it('counts a known device in a bucket of its own', async () => {
    const { wrong } = scene();
    for (let i = 0; i < 5; i++) expect(await wrong({ device: 'dev_1' })).toBe('tried');
    expect(await wrong({ device: 'dev_1' })).toBe('wait');
    expect(await wrong({ device: 'dev_2' })).toBe('tried');
    expect(await wrong({})).toBe('tried');
  });
});

describe('authenticators that are guessed', () => {
  it('disables a password at 100 consecutive failures until it is cleared (checklist 15)', async () => {
    const { lockout, attempt, clock, said } = scene();
    let tried = 0;
    let disabled = 0;
    for (let i = 0; i < 3_000; i++) {
      const one = attempt({ from: `198.51.100.${i % 250}` });
      const leave = await lockout.begin(one);
      if (leave.allowed) {
        tried += 1;
        if ((await lockout.fail(one, leave.ticket)).disabled) disabled += 1;
      }
      clock.advance(MINUTE);
    }
    expect({ tried, disabled }).toEqual({ tried: 100, disabled: 1 });
    expect(said('PASSWORD_DISABLED')).toBe(1);
    clock.advance(400 * DAY);
    expect(await lockout.begin(attempt({}))).toEqual({ allowed: false, why: 'disabled' });
  });

  it('disables a known device’s own 100 without touching others', async () => {
    const { wrong, clock } = scene();
    let tried = 0;
    for (let i = 0; i < 200; i++) {
      if ((await wrong({ device: 'dev_1' })) === 'tried') tried += 1;
      clock.advance(HOUR);
    }
    expect(tried).toBe(100);
    expect(await wrong({ device: 'dev_1' })).toBe('disabled');
    expect(await wrong({ device: 'dev_2' })).toBe('tried');
  });

  it.each(['totp', 'sms', 'email', 'backup'] as const)(
    'gives ten guesses at %s in all, over devices, groups and challenges (A39)',
    async (factor) => {
      const { wrong, clock, said } = scene();
      let tried = 0;
      for (let i = 0; i < 300; i++) {
        const device = i % 3 === 0 ? `dev_${i}` : null;
        const given = { factor, authenticator: 'fac_1', from: `198.51.100.${i % 250}`, device };
        if ((await wrong(given)) === 'tried') tried += 1;
        clock.advance(10 * MINUTE);
      }
      expect(tried).toBe(10);
      expect(said('MFA_FACTOR_DISABLED')).toBe(1);
      expect(await wrong({ factor, authenticator: 'fac_1' })).toBe('disabled');
      expect(await wrong({ factor, authenticator: 'fac_2', from: '203.0.113.1' })).toBe('tried');
    },
  );

  it('starts again after a right code', async () => {
    const { wrong, right, clock } = scene();
    const given = { factor: 'totp', authenticator: 'fac_1' } as const;
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 4; i++) expect(await wrong(given)).toBe('tried');
      expect(await right(given)).toBe('tried');
      clock.advance(MINUTE);
    }
  });

  it('delays passkeys and never disables them', async () => {
    const { wrong, clock } = scene();
    const seen = new Set<string>();
    for (let i = 0; i < 300; i++) {
      seen.add(await wrong({ factor: 'passkey' }));
      clock.advance(MINUTE);
    }
    expect([...seen].toSorted()).toEqual(['tried', 'wait']);
  });
});

describe('tickets', () => {
  it('settle once, whatever comes twice', async () => {
    const { lockout, attempt, wrong } = scene();
    const one = attempt({});
    const leave = await lockout.begin(one);
    if (!leave.allowed) throw new Error('expected leave');
    await Promise.all([lockout.fail(one, leave.ticket), lockout.succeed(one, leave.ticket)]);
    for (let i = 0; i < 4; i++) expect(await wrong({})).toBe('tried');
    await lockout.succeed(one, leave.ticket);
    expect(await wrong({})).toBe('wait');
  });

  it('settle nothing but what they were given for, and made-up ones nothing at all', async () => {
    const { lockout, attempt, wrong } = scene();
    for (let i = 0; i < 4; i++) await wrong({ email: 'victim@example.com' });
    const own = attempt({ email: 'attacker@example.com' });
    const leave = await lockout.begin(own);
    if (!leave.allowed) throw new Error('expected leave');
    await lockout.succeed(attempt({ email: 'victim@example.com' }), leave.ticket);
    await lockout.succeed(attempt({ email: 'victim@example.com' }), 'x'.repeat(100_000));
    expect(await wrong({ email: 'victim@example.com' })).toBe('tried');
    expect(await wrong({ email: 'victim@example.com' })).toBe('wait');
  });

  it('that never come back stay counted', async () => {
    const { lockout, attempt } = scene();
    for (let i = 0; i < 5; i++) expect((await lockout.begin(attempt({}))).allowed).toBe(true);
    expect((await lockout.begin(attempt({}))).allowed).toBe(false);
  });
});
