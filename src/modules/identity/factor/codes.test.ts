import { describe, expect, it } from 'vitest';
import { onEachDatabase } from '../test-house.ts';
import { newNumber, send, verify, withPhone, wrongFor } from './test-codes.ts';
import { clientFacts, factorHouse, tally } from './test-factor.ts';

onEachDatabase((sql) => {
  describe('a code by SMS', () => {
    it('confirms a number, which then is a second factor', async () => {
      const house = factorHouse(sql());
      const { id: account } = await house.account();
      const to = newNumber();
      const code = await send(house, { account, to: `${to.slice(0, 3)} ${to.slice(3)}` });
      expect(house.ports.messages.at(-1)?.to).toBe(to);
      expect((await house.factors.summary(account)).sms).toBeNull();
      expect(await verify(house, `phone:${account}`, code)).toBe('ok');
      const { sms, usable } = await house.factors.summary(account);
      expect(sms).toMatchObject({ phone: to, disabled: false });
      expect(usable).toEqual(['sms']);
    });

    it('is refused for a number that the account has not confirmed (checklist 25)', async () => {
      const house = factorHouse(sql());
      const { account } = await withPhone(house);
      const sent = house.ports.messages.length;
      const ask = send(house, { account, to: newNumber(), flow: 'challenge-x' });
      await expect(ask).rejects.toMatchObject({ status: 400, details: [{ code: 'PHONE_INVALID' }] });
      expect(house.ports.messages).toHaveLength(sent);
    });

    it('A43: is good for its own flow alone', async () => {
      const house = factorHouse(sql());
      const a = await withPhone(house);
      const b = await withPhone(house);
      const codeA = await send(house, { ...a, flow: 'sign-in a' });
      house.ports.clock.advance(31_000);
      let codeB = await send(house, { ...b, flow: 'sign-in b' });
      if (codeA === codeB) codeB = wrongFor(codeB);
      await send(house, { ...a, flow: 'payout a' });
      expect(await verify(house, 'sign-in b', codeA)).toBe('wrong');
      expect(await verify(house, 'nowhere', codeA)).toBe('none');
      expect(await verify(house, 'sign-in a', codeA)).toBe('ok');
    });

    it('A43: ends with the next one of its flow', async () => {
      const house = factorHouse(sql());
      const one = await withPhone(house);
      const first = await send(house, { ...one, flow: 'again' });
      house.ports.clock.advance(31_000);
      let second = await send(house, { ...one, flow: 'again' });
      while (second === first) {
        house.ports.clock.advance(31_000);
        second = await send(house, { ...one, flow: 'again' });
      }
      expect(await verify(house, 'again', first)).toBe('wrong');
      expect(await verify(house, 'again', second)).toBe('ok');
    });

    it('is sent for no flow that is longer than a name of one', async () => {
      const house = factorHouse(sql());
      const one = await withPhone(house);
      const ask = send(house, { ...one, flow: 'x'.repeat(201) });
      await expect(ask).rejects.toMatchObject({ status: 400 });
    });

    it('is good once of 50 at once (checklist 21)', async () => {
      const house = factorHouse(sql());
      const one = await withPhone(house);
      const code = await send(house, { ...one, flow: 'once' });
      const answers = await Promise.all(Array.from({ length: 50 }, () => verify(house, 'once', code)));
      expect(tally(answers)).toEqual(
        new Map([
          ['ok', 1],
          ['used', 49],
        ]),
      );
    });

    it('takes five tries, counted before they are compared: of 50 guesses at once five are looked at', async () => {
      const house = factorHouse(sql());
      const one = await withPhone(house);
      const code = await send(house, { ...one, flow: 'guess' });
      const guesses = Array.from({ length: 50 }, () => verify(house, 'guess', wrongFor(code)));
      expect(tally(await Promise.all(guesses))).toEqual(
        new Map([
          ['wrong', 5],
          ['used', 45],
        ]),
      );
      expect(await verify(house, 'guess', code)).toBe('used');
    });

    it('counts input that cannot be a code as a try', async () => {
      const house = factorHouse(sql());
      const one = await withPhone(house);
      const code = await send(house, { ...one, flow: 'odd' });
      const odd = ['', '12345', 'abcdef', '\0\0\0\0\0\0', '1'.repeat(1_000_000)];
      for (const text of odd) expect(await verify(house, 'odd', text)).toBe('wrong');
      expect(await verify(house, 'odd', code)).toBe('used');
    });

    it('ends after five minutes (checklist 23)', async () => {
      const house = factorHouse(sql());
      const one = await withPhone(house);
      const code = await send(house, { ...one, flow: 'late' });
      house.ports.clock.advance(300_000);
      expect(await verify(house, 'late', code)).toBe('expired');
      expect(house.ports.signals.at(-1)).toMatchObject({
        type: 'SMS_EXPIRED',
        fields: { subject: one.account },
      });
    });

    it('stands nowhere: not in the database, not in an event; the number in no event either', async () => {
      const house = factorHouse(sql());
      const one = await withPhone(house);
      const code = await send(house, { ...one, flow: 'secret' });
      await verify(house, 'secret', wrongFor(code));
      await verify(house, 'secret', code);
      const { rows } = await sql().query(`SELECT * FROM rampart.identity_codes WHERE flow = 'secret'`);
      expect(Object.values(rows[0] ?? {})).not.toContain(code);
      const sends = await sql().query('SELECT * FROM rampart.identity_code_sends WHERE account = $1', [
        one.account,
      ]);
      expect(JSON.stringify(sends.rows)).not.toContain(one.to.slice(4));
      const said = JSON.stringify(house.ports.signals);
      expect(said).not.toContain(code);
      expect(said).not.toContain(one.to.slice(4));
      expect(house.ports.signals.map((one) => one.type).slice(-3)).toEqual([
        'SMS_SENT',
        'SMS_FAILED',
        'SMS_SUCCESS',
      ]);
    });

    it('that cannot be delivered is an error that names no number', async () => {
      const sms = { kind: 'http' as const, send: () => Promise.reject(new Error('gateway down')) };
      const house = factorHouse(sql(), {}, { sms });
      const { id: account } = await house.account();
      const to = newNumber();
      const error = await send(house, { account, to }).catch((reason: unknown) => reason as Error);
      expect(error).toMatchObject({ status: 503, code: 'SMS_NOT_SENT' });
      expect(JSON.stringify(error)).not.toContain(to);
      expect(house.ports.signals.at(-1)).toMatchObject({ type: 'SMS_FAILED' });
    });

    it('does not bring back a number that was removed while it was on its way', async () => {
      const house = factorHouse(sql());
      const { account, to } = await withPhone(house);
      const code = await send(house, { account, to });
      expect(await house.act((tx) => house.factors.remove(tx, account, 'sms'))).toBe(true);
      expect(await verify(house, `phone:${account}`, code)).toBe('none');
      expect((await house.factors.summary(account)).sms).toBeNull();
    });
  });

  describe('a number that is replaced or removed', () => {
    it('A48: leaves no code good that was on its way to it', async () => {
      const house = factorHouse(sql());
      const one = await withPhone(house);
      const code = await send(house, { ...one, flow: 'sign-in old number' });
      const confirm = await send(house, { account: one.account, to: newNumber() });
      expect(await verify(house, `phone:${one.account}`, confirm)).toBe('ok');
      expect(await verify(house, 'sign-in old number', code)).toBe('none');
      const { sms } = await house.factors.summary(one.account);
      house.ports.clock.advance(31_000);
      const next = await send(house, {
        account: one.account,
        to: sms?.phone ?? '',
        flow: 'sign-in new number',
      });
      await house.act((tx) => house.factors.remove(tx, one.account, 'sms'));
      expect(await verify(house, 'sign-in new number', next)).toBe('none');
    });

    it('keeps the one that is confirmed until the code of the next one was typed', async () => {
      const house = factorHouse(sql());
      const { account, to } = await withPhone(house);
      const code = await send(house, { account, to: newNumber() });
      expect(await verify(house, `phone:${account}`, wrongFor(code))).toBe('wrong');
      expect((await house.factors.summary(account)).sms?.phone).toBe(to);
    });
  });

  describe('a code by mail', () => {
    it('goes out as a notice, is bound to its flow, and is no second factor unless the options say so', async () => {
      const house = factorHouse(sql());
      const { id: account, email: to } = await house.account();
      const facts = clientFacts(account);
      const { expiresAtMs } = await house.factors.codes.send({
        flow: 'mail',
        account,
        channel: 'email',
        to,
        locale: 'ar',
        facts,
      });
      expect(expiresAtMs).toBe(house.ports.clock.now() + 300_000);
      const [notice] = house.notices;
      expect(notice).toMatchObject({ kind: 'code', to, locale: 'ar' });
      const code = notice?.values['code'] as string;
      expect(code).toMatch(/^\d{6}$/);
      expect(await verify(house, 'mail', wrongFor(code))).toBe('wrong');
      expect(await verify(house, 'mail', code)).toBe('ok');
      expect(house.ports.signals.map((one) => one.type)).toEqual(['EMAIL_CODE_SENT', 'EMAIL_CODE_FAILED']);
      expect((await house.factors.summary(account)).usable).toEqual([]);
      const lax = factorHouse(sql(), { emailAsFactor: true });
      expect((await lax.factors.summary(account)).usable).toEqual(['email']);
    });
  });
});
