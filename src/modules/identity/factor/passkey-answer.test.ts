import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { onEachDatabase } from '../test-house.ts';
import type { Claims } from './test-authenticator.ts';
import { factorHouse, tally } from './test-factor.ts';
import { answer, authenticate, registered, SESSION, WRONG_ORIGINS } from './test-passkeys.ts';

onEachDatabase((sql) => {
  describe('answering with a passkey', () => {
    it('signs in without naming an account, and tells whether the user was verified', async () => {
      const house = factorHouse(sql());
      const { owner, device, view } = await registered(house);
      const proven = { account: owner.id, passkey: view.id, userVerified: true };
      expect(await answer(house, device, null)).toEqual(proven);
      expect(await answer(house, device, owner.id)).toEqual(proven);
      expect(await answer(house, device, owner.id, { uv: false })).toEqual({
        ...proven,
        userVerified: false,
      });
      const [listed] = (await house.factors.summary(owner.id)).passkeys;
      expect(listed?.lastUsedAtMs).toBe(house.ports.clock.now());
    });

    it('A22: asks everybody the same when no account is named', async () => {
      const house = factorHouse(sql());
      await registered(house);
      const { challenge, options } = await house.factors.passkeys.authenticationOptions(null, SESSION);
      expect(JSON.parse(JSON.stringify(options))).toEqual({
        challenge,
        rpId: 'app.example.com',
        timeout: 300_000,
        userVerification: 'required',
      });
    });

    it('A45: is refused as a replay, for another session, and when it comes late', async () => {
      const house = factorHouse(sql());
      const { owner, device } = await registered(house);
      const ask = () => house.factors.passkeys.authenticationOptions(owner.id, SESSION);
      const one = await ask();
      const response = device.answer(one.options);
      expect(await authenticate(house, one.challenge, response, owner.id)).toBeDefined();
      expect(await authenticate(house, one.challenge, response, owner.id)).toBeUndefined();
      const two = await ask();
      const its = device.answer(two.options);
      expect(await authenticate(house, two.challenge, its, owner.id, 'ses_two')).toBeUndefined();
      expect(await authenticate(house, two.challenge, its, owner.id)).toBeUndefined();
      const three = await ask();
      house.ports.clock.advance(300_000);
      expect(
        await authenticate(house, three.challenge, device.answer(three.options), owner.id),
      ).toBeUndefined();
      for (const challenge of ['', 'A'.repeat(43), 'A'.repeat(1_000_000)]) {
        expect(await authenticate(house, challenge, device.answer({ challenge }), owner.id)).toBeUndefined();
      }
    });

    it('A45: is accepted once of 50 at once', async () => {
      const house = factorHouse(sql());
      const { owner, device } = await registered(house);
      const { challenge, options } = await house.factors.passkeys.authenticationOptions(null, SESSION);
      const response = device.answer(options);
      const all = Array.from({ length: 50 }, () => authenticate(house, challenge, response, null));
      const accounts = (await Promise.all(all)).map((one) => one?.account);
      expect(tally(accounts)).toEqual(
        new Map([
          [owner.id, 1],
          [undefined, 49],
        ]),
      );
    });

    it.each<[string, Partial<Claims>]>([
      ...WRONG_ORIGINS.map((origin): [string, Partial<Claims>] => [`origin ${origin}`, { origin }]),
      ['another relying party', { rpId: 'example.com' }],
      ['a frame of another site', { crossOrigin: true }],
      ['nobody present', { up: false }],
      ['no verified user where one is demanded', { uv: false }],
      ['another type', { type: 'webauthn.create' }],
      ['another challenge', { challenge: 'A'.repeat(43) }],
      ['an unknown credential', { id: 'A'.repeat(43) }],
      ['the handle of somebody else', { userHandle: 'A'.repeat(43) }],
      ['no handle', { userHandle: undefined }],
      ['another kind of backup than it was made with', { be: false, bs: false }],
      [
        'the signature of another key',
        { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
      ],
    ])('A45: is refused with %s', async (_, lies) => {
      const house = factorHouse(sql());
      const { device } = await registered(house);
      expect(await answer(house, device, null, lies)).toBeUndefined();
      expect(await answer(house, device, null)).toBeDefined();
    });

    it('A45: is refused with the passkey of another user, and a second-step challenge signs nobody in', async () => {
      const house = factorHouse(sql());
      const { owner, device } = await registered(house);
      const other = await registered(house);
      expect(await answer(house, other.device, owner.id)).toBeUndefined();
      expect(await answer(house, other.device, owner.id, { userHandle: owner.user })).toBeUndefined();
      expect(await answer(house, device, owner.id, { userHandle: other.owner.user })).toBeUndefined();
      const step = await house.factors.passkeys.authenticationOptions(owner.id, SESSION);
      expect(await authenticate(house, step.challenge, device.answer(step.options), null)).toBeUndefined();
    });

    it('A45: is refused, and told, when its counter does not grow', async () => {
      const house = factorHouse(sql());
      const { owner, device, view } = await registered(house, { lies: { counter: 5 } });
      expect(await answer(house, device, null, { counter: 6 })).toBeDefined();
      for (const counter of [6, 5, 0]) expect(await answer(house, device, null, { counter })).toBeUndefined();
      const told = house.ports.signals.filter((one) => one.type === 'PASSKEY_COUNTER_REGRESSION');
      expect(told.map((one) => one.fields)).toEqual(
        [6, 5, 0].map((received) => ({
          subject: owner.id,
          outcome: 'refused',
          details: { passkey: view.id, stored: 6, received },
        })),
      );
      expect(await answer(house, device, null, { counter: 7 })).toBeDefined();
    });

    it('tells no regression on the word of somebody without the key', async () => {
      const house = factorHouse(sql());
      const { device } = await registered(house, { lies: { counter: 5 } });
      const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      expect(await answer(house, device, null, { counter: 1, key })).toBeUndefined();
      expect(house.ports.signals).toEqual([]);
    });

    it('takes two answers with the same count once', async () => {
      const house = factorHouse(sql());
      const { device } = await registered(house, { lies: { counter: 5 } });
      const all = Array.from({ length: 10 }, () => answer(house, device, null, { counter: 6 }));
      expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
    });

    it('keeps whether the passkey is backed up now', async () => {
      const house = factorHouse(sql());
      const { owner, device } = await registered(house);
      await answer(house, device, null, { bs: false });
      expect((await house.factors.summary(owner.id)).passkeys[0]?.backedUp).toBe(false);
    });

    it('takes what is no response as a refusal', async () => {
      const house = factorHouse(sql());
      const { device } = await registered(house);
      const good = device.answer({ challenge: 'x' });
      const response = good['response'] as object;
      const hostile: unknown[] = [
        null,
        'x',
        {},
        { ...good, type: 'password' },
        { ...good, response: { ...response, signature: 'A'.repeat(20_000) } },
        { ...good, response: { ...response, authenticatorData: 'AA' } },
        { ...good, response: { ...response, clientDataJSON: 'bm90IGpzb24' } },
        { ...good, response: { ...response, clientDataJSON: 'bnVsbA' } },
        { ...good, response: { ...response, userHandle: { toString: 'x' } } },
      ];
      for (const one of hostile) {
        const { challenge } = await house.factors.passkeys.authenticationOptions(null, SESSION);
        expect(await authenticate(house, challenge, one, null)).toBeUndefined();
      }
    });
  });
});
