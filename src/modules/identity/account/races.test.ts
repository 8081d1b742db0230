import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentity } from '../identity.ts';
import { onEachDatabase } from '../test-house.ts';
import { transactions } from '../transaction.ts';
import {
  asSecondStep,
  type House,
  houseOver,
  OPERATOR,
  PASSWORD,
  PUBLIC_URL,
  refusalOf,
} from './test-account.ts';

onEachDatabase((sql) => {
  let house: House;
  beforeAll(async () => {
    house = await houseOver(sql());
  });

  const won = (done: readonly PromiseSettledResult<unknown>[]): number =>
    done.filter((one) => one.status === 'fulfilled').length;

  describe('at the same moment', () => {
    it('fifty confirmations of one enrolment make one factor and ten backup codes', async () => {
      const { identity } = house;
      const person = await house.person();
      const { secret } = await identity.enrolTotp(person.session, person.facts);
      const code = house.code(secret);
      const tries = Array.from({ length: 50 }, () =>
        identity.confirmTotp(person.session, code, person.facts),
      );
      expect(won(await Promise.allSettled(tries))).toBe(1);
      const status = await identity.mfaStatus(person.session);
      expect(status.backupCodes?.left).toBe(10);
      expect(house.audited(person.session.account).filter((type) => type === 'MFA_ENABLED')).toHaveLength(1);
    });

    it('two proofs finish one challenge once, and the one that came too late is not used up', async () => {
      const { identity } = house;
      const { secret, backupCodes, person } = await house.enrol(await house.person());
      const begin = async () =>
        asSecondStep(await identity.signIn({ email: person.email, password: PASSWORD }, person.facts))
          .challenge;
      const challenge = await begin();
      const backup = { factor: 'backup', code: backupCodes[0] as string } as const;
      const totp = { factor: 'totp', code: house.code(secret) } as const;
      const done = await Promise.allSettled([
        identity.finishSecondStep(challenge, backup, person.facts),
        identity.finishSecondStep(challenge, totp, person.facts),
      ]);
      expect(won(done)).toBe(1);
      const late = done[0]?.status === 'fulfilled' ? totp : backup;
      const granted = await identity.finishSecondStep(await begin(), late, person.facts);
      expect(granted.grant.session.aal).toBe(2);
    });

    it('a lock and sign-ins leave no session behind', async () => {
      const { identity } = house;
      const person = await house.person();
      const { account } = person.session;
      await Promise.allSettled([
        ...Array.from({ length: 4 }, () =>
          identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
        ),
        identity.accounts.lock(account, { reason: 'test' }, OPERATOR),
      ]);
      expect(await identity.sessions.list(account, null)).toEqual([]);
    });

    it('ten deletions, changes and sign-outs of one account end without an error of ours', async () => {
      const { identity } = house;
      const person = await house.person();
      const { session, facts } = person;
      const done = await Promise.allSettled([
        identity.deleteAccount(session, facts),
        identity.changeEmail(session, house.email(), facts),
        identity.changeProfile(session, { name: 'x' }),
        identity.changePassword(session, { newPassword: 'another horse battery staple 9' }, facts),
        identity.signOut(session, facts),
        identity.forgotPassword(person.email, facts),
        identity.signUp({ email: person.email, password: PASSWORD }, facts),
        identity.accounts.endSessions(session.account, OPERATOR),
        identity.accounts.setRoles(session.account, ['customer', 'viewer'], OPERATOR),
        identity.stepUp(session, { factor: 'password', password: PASSWORD }, facts),
      ]);
      const codes = done.flatMap((one) =>
        one.status === 'rejected' ? [(one.reason as { code?: string }).code] : [],
      );
      for (const code of codes) {
        expect(['SESSION_ENDED', 'CONFLICT', 'INVALID_CREDENTIALS', 'FRESH_AUTH_REQUIRED']).toContain(code);
      }
    });
  });

  it('an act whose audit event cannot be written does not happen', async () => {
    const { ports, clock } = house;
    const person = await house.person();
    const broken = createIdentity(
      { publicUrl: PUBLIC_URL },
      {
        ...ports,
        transaction: transactions(sql(), clock, {
          node: 'n1',
          write: () => Promise.reject(new Error('the trail is full')),
        }),
      },
    );
    await broken.start();
    const change = { currentPassword: PASSWORD, newPassword: 'another horse battery staple 9' };
    await expect(broken.changePassword(person.session, change, person.facts)).rejects.toThrow('full');
    await expect(broken.accounts.lock(person.session.account, { reason: '' }, OPERATOR)).rejects.toThrow(
      'full',
    );
    const sign = (password: string) => house.identity.signIn({ email: person.email, password }, person.facts);
    expect((await sign(PASSWORD)).kind).toBe('granted');
    expect(await refusalOf(sign(change.newPassword))).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    await broken.close();
  });
});
