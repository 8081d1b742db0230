import { beforeAll, describe, expect, it } from 'vitest';
import { onEachDatabase } from '../test-house.ts';
import { asGranted, browser, type House, houseOver, PASSWORD, refusalOf, stranger } from './test-account.ts';

onEachDatabase((sql) => {
  let house: House;
  beforeAll(async () => {
    house = await houseOver(sql());
  });

  describe('changing the mail address', () => {
    it('takes effect with the link to the new one; the old one is told', async () => {
      const { identity } = house;
      const person = await house.person();
      const next = house.email();
      await identity.changeEmail(person.session, next, person.facts);
      expect((await identity.accounts.get(person.session.account))?.email).toBe(person.email);
      const token = await house.token(next, 'email-change');
      expect(await identity.verifyEmail(token, browser)).toEqual({ email: next });
      expect((await identity.accounts.get(person.session.account))?.email).toBe(next);
      expect((await house.mailsTo(person.email)).at(-1)?.kind).toBe('email-changed');
      expect((await identity.sessions.fresh(person.session.id))?.email).toBe(next);
      expect((await identity.signIn({ email: next, password: PASSWORD }, person.facts)).kind).toBe('granted');
      expect(house.audited(person.session.account)).toContain('EMAIL_CHANGED');
    });

    it('A31: ends links that were mailed to the old address', async () => {
      const { identity } = house;
      const person = await house.person();
      await identity.forgotPassword(person.email, person.facts);
      const reset = await house.token(person.email, 'reset-password');
      const next = house.email();
      await identity.changeEmail(person.session, next, person.facts);
      await identity.verifyEmail(await house.token(next, 'email-change'), browser);
      const given = { token: reset, password: 'another horse battery staple 9' };
      expect(await refusalOf(identity.resetPassword(given, stranger))).toMatchObject({
        code: 'LINK_INVALID',
      });
    });

    it('needs a fresh factor: with a second one enrolled, that one', async () => {
      const { identity, clock } = house;
      const { secret, person } = await house.enrol(await house.person());
      clock.advance(600_001);
      const change = () => identity.changeEmail(person.session, house.email(), person.facts);
      expect(await refusalOf(change())).toMatchObject({ code: 'FRESH_AUTH_REQUIRED' });
      await identity.stepUp(person.session, { factor: 'password', password: PASSWORD }, person.facts);
      const refusal = await refusalOf(change());
      expect(refusal).toMatchObject({ code: 'FRESH_AUTH_REQUIRED' });
      expect((refusal['details'] as { factors: string[] }).factors).toEqual(['totp', 'backup']);
      await identity.stepUp(person.session, { factor: 'totp', code: house.code(secret) }, person.facts);
      await expect(change()).resolves.toBeUndefined();
    });

    it('A22: an address that has an account is answered alike and its owner mailed', async () => {
      const { identity } = house;
      const person = await house.person();
      const other = await house.person();
      await expect(identity.changeEmail(person.session, other.email, person.facts)).resolves.toBeUndefined();
      const kinds = (await house.mailsTo(other.email)).map((mail) => mail.kind);
      expect(kinds).toContain('already-registered');
      expect(kinds).not.toContain('email-change');
    });

    it('A32: of a change and a sign-up of the same address at once exactly one wins', async () => {
      const { identity } = house;
      const person = await house.person();
      const next = house.email();
      await identity.changeEmail(person.session, next, person.facts);
      const change = await house.token(next, 'email-change');
      await identity.signUp({ email: next, password: PASSWORD }, { ...browser, group: next });
      const signUp = await house.token(next, 'verify-email');
      const done = await Promise.allSettled([
        identity.verifyEmail(change, browser),
        identity.verifyEmail(signUp, browser),
      ]);
      expect(done.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      const lost = done.find((one) => one.status === 'rejected');
      expect(lost?.reason).toMatchObject({ code: 'LINK_INVALID' });
    });
  });

  describe('an account', () => {
    it('changes name and language, and nothing else (A34)', async () => {
      const { identity } = house;
      const person = await house.person();
      const given = { name: ' Ada\r\nBcc: x ', locale: 'ar-EG', roles: ['administrator'] };
      const user = await identity.changeProfile(person.session, given);
      expect(user).toMatchObject({ name: 'Ada Bcc: x', locale: 'ar', roles: ['customer'] });
      expect((await identity.sessions.fresh(person.session.id))?.name).toBe('Ada Bcc: x');
    });

    it('is deleted with all that is personal, and its address is free again', async () => {
      const { identity } = house;
      const { person } = await house.enrol(await house.person());
      const { account } = person.session;
      await identity.deleteAccount(person.session, person.facts);
      const left = await identity.accounts.get(account);
      expect(left).toMatchObject({ status: 'deleted', email: '', name: '', roles: [], password_hash: null });
      for (const table of [
        'identity_sign_ins',
        'identity_totp',
        'identity_backup_codes',
        'identity_devices',
      ]) {
        const { rows } = await sql().query(`SELECT 1 FROM rampart.${table} WHERE account = $1`, [account]);
        expect(rows, table).toEqual([]);
      }
      expect(await identity.sessions.fresh(person.session.id)).toBeUndefined();
      const sign = identity.signIn({ email: person.email, password: PASSWORD }, person.facts);
      expect(await refusalOf(sign)).toMatchObject({ code: 'INVALID_CREDENTIALS' });
      await house.signUp(person.email);
      const again = asGranted(
        await identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
      );
      expect(again.user.id).not.toBe(account);
    });

    it('ends single sessions, and none of somebody else', async () => {
      const { identity } = house;
      const person = await house.person();
      const other = await house.person();
      const end = (id: string) => identity.endSession(person.session, id, person.facts);
      expect(await end(other.session.id)).toBe(false);
      expect(await identity.sessions.fresh(other.session.id)).toBeDefined();
      const second = asGranted(
        await identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
      );
      expect(await end(second.grant.session.id)).toBe(true);
      expect(await identity.sessions.fresh(second.grant.session.id)).toBeUndefined();
    });

    it('signs out, and a session that has ended can do nothing more', async () => {
      const { identity } = house;
      const person = await house.person();
      await identity.signOut(person.session, person.facts);
      expect(house.audited(person.session.account)).toContain('SIGNED_OUT');
      const ended = { status: 401, code: 'SESSION_ENDED' };
      expect(await refusalOf(identity.changeProfile(person.session, { name: 'x' }))).toMatchObject(ended);
      expect(await refusalOf(identity.enrolTotp(person.session, person.facts))).toMatchObject(ended);
      expect(await refusalOf(identity.refresh('rr_x', person.facts))).toMatchObject(ended);
      await expect(identity.signOut(person.session, person.facts)).resolves.toBeUndefined();
    });

    it('A9: is mailed when a refresh token of its was used twice', async () => {
      const { identity, clock } = house;
      const person = await house.person();
      const first = person.granted.grant.cookie?.value as string;
      const second = await identity.refresh(first, person.facts);
      await identity.refresh(second.grant.cookie?.value as string, person.facts);
      clock.advance(60_000);
      expect(await refusalOf(identity.refresh(first, stranger))).toMatchObject({ code: 'SESSION_ENDED' });
      expect((await house.mailsTo(person.email)).map((mail) => mail.kind)).toContain('refresh-reuse');
    });
  });
});
