import { describe, expect, it } from 'vitest';
import type { FactorKind, FactorSummary } from '../contract.ts';
import { onEachDatabase } from '../test-house.ts';
import { usableOf } from './summary.ts';
import { TestAuthenticator } from './test-authenticator.ts';
import { clientFacts, type FactorHouse, factorHouse } from './test-factor.ts';
import { codeOf, secretOfBase32, stepAt } from './totp-code.ts';

const nothing: Omit<FactorSummary, 'usable'> = { totp: null, sms: null, backupCodes: null, passkeys: [] };
const all: Omit<FactorSummary, 'usable'> = {
  totp: { id: 'fac_1', confirmedAtMs: 1, lastUsedAtMs: null, disabled: false },
  sms: { id: 'fac_2', phone: '+4915112345678', disabled: false },
  backupCodes: { left: 3, createdAtMs: 1 },
  passkeys: [
    { id: 'fac_3', name: 'x', createdAtMs: 1, lastUsedAtMs: null, backedUp: true, deviceType: 'multiDevice' },
  ],
};

describe('what may finish a sign-in', () => {
  it('is listed strongest first', () => {
    expect(usableOf(all, [], false)).toEqual(['passkey', 'totp', 'sms', 'backup']);
    expect(usableOf(all, [], true)).toEqual(['passkey', 'totp', 'sms', 'backup', 'email']);
  });

  it('is no backup code alone, and none that is used up', () => {
    expect(usableOf({ ...nothing, backupCodes: all.backupCodes }, [], false)).toEqual([]);
    expect(usableOf({ ...all, backupCodes: { left: 0, createdAtMs: 1 } }, [], false)).not.toContain('backup');
  });

  it('leaves out what was tried wrongly too often, and keeps the backup codes then', () => {
    const has = { ...nothing, totp: all.totp, backupCodes: all.backupCodes };
    expect(usableOf(has, ['totp'], false)).toEqual(['backup']);
    expect(usableOf(all, ['sms', 'backup'], false)).toEqual(['passkey', 'totp']);
  });
});

/** An account that has everything. */
async function withAll(house: FactorHouse, to: string): Promise<string> {
  const owner = await house.account();
  const { factors, ports } = house;
  const { secret } = await house.act((tx) => factors.enrolTotp(tx, owner.id, owner.email));
  const now = ports.clock.now();
  const code = codeOf(secretOfBase32(secret), stepAt(now));
  await house.act((tx) => factors.confirmTotp(tx, owner.id, code, now));
  await house.act((tx) => factors.makeBackupCodes(tx, owner.id));
  const { challenge, options } = await factors.passkeys.registrationOptions(owner, 'ses_1');
  const response = new TestAuthenticator().register(options);
  await house.act((tx) => factors.passkeys.register(tx, owner.id, 'ses_1', challenge, response, undefined));
  const flow = `phone:${owner.id}`;
  const facts = clientFacts(owner.id);
  await factors.codes.send({ flow, account: owner.id, channel: 'sms', to, locale: 'en', facts });
  const typed = ports.messages.at(-1)?.text.slice(0, 6) as string;
  await house.act((tx) => factors.codes.verify(tx, flow, typed, now));
  return owner.id;
}

onEachDatabase((sql) => {
  describe('the factors of an account', () => {
    it('are summed up, removed one kind at a time, and leave those of others alone', async () => {
      const house = factorHouse(sql());
      const { factors } = house;
      const one = await withAll(house, '+4915112340678');
      const other = await withAll(house, '+4915112341678');
      expect((await factors.summary(one)).usable).toEqual(['passkey', 'totp', 'sms', 'backup']);
      const remove = (kind: FactorKind) => house.act((tx) => factors.remove(tx, one, kind));
      expect(await remove('passkey')).toBe(true);
      expect(await remove('passkey')).toBe(false);
      expect((await factors.summary(one)).usable).toEqual(['totp', 'sms', 'backup']);
      expect(await remove('totp')).toBe(true);
      expect(await remove('password')).toBe(false);
      expect((await factors.summary(one)).usable).toEqual(['sms', 'backup']);
      await house.act((tx) => factors.removeAll(tx, one));
      expect(await factors.summary(one)).toEqual({ ...nothing, usable: [] });
      expect((await factors.summary(other)).usable).toEqual(['passkey', 'totp', 'sms', 'backup']);
    });

    it('show what the lockout has disabled', async () => {
      const house = factorHouse(sql(), {}, { disabledOf: () => Promise.resolve(['totp', 'sms']) });
      const account = await withAll(house, '+4915112342678');
      const summary = await house.factors.summary(account);
      expect([summary.totp?.disabled, summary.sms?.disabled]).toEqual([true, true]);
      expect(summary.usable).toEqual(['passkey', 'backup']);
    });
  });
});
