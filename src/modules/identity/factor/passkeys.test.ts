import { describe, expect, it } from 'vitest';
import { onEachDatabase } from '../test-house.ts';
import { type Claims, TestAuthenticator } from './test-authenticator.ts';
import { factorHouse } from './test-factor.ts';
import { answer, authenticate, register, registered, SESSION, WRONG_ORIGINS } from './test-passkeys.ts';

/** COSE key of RSA (RFC 8812) with a modulus of so many bytes. */
function rsaKey(bytes: number, algorithm = -257): Map<number, number | Uint8Array> {
  return new Map<number, number | Uint8Array>([
    [1, 3],
    [3, algorithm],
    [-1, Buffer.alloc(bytes, 0xc5)],
    [-2, Buffer.from([1, 0, 1])],
  ]);
}

onEachDatabase((sql) => {
  describe('registering a passkey', () => {
    it('asks for a discoverable credential under a handle that says nothing of the person', async () => {
      const house = factorHouse(sql());
      const { owner, device, view } = await registered(house, { name: ' My\u0000 \u202ephone ' });
      expect(view).toEqual({
        id: expect.stringMatching(/^fac_/) as string,
        name: 'My phone',
        createdAtMs: house.ports.clock.now(),
        lastUsedAtMs: null,
        backedUp: true,
        deviceType: 'multiDevice',
      });
      const { challenge, options } = await house.factors.passkeys.registrationOptions(owner, SESSION);
      expect(Buffer.from(challenge, 'base64url')).toHaveLength(32);
      expect(options).toMatchObject({
        challenge,
        rp: { id: 'app.example.com', name: 'Harbour' },
        user: { id: owner.user, name: owner.email },
        attestation: 'none',
        timeout: 300_000,
        authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
        excludeCredentials: [{ id: device.id, transports: ['hybrid', 'internal'] }],
      });
      expect((await house.factors.summary(owner.id)).usable).toEqual(['passkey']);
    });

    it('A45: is refused as a replay, for another session and account, and when it comes late', async () => {
      const house = factorHouse(sql());
      const owner = await house.account();
      const other = await house.account();
      const { passkeys } = house.factors;
      const ask = async () => {
        const { challenge, options } = await passkeys.registrationOptions(owner, SESSION);
        return { challenge, response: new TestAuthenticator().register(options) };
      };
      const one = await ask();
      expect(await register(house, owner, one.challenge, one.response)).toBeDefined();
      expect(await register(house, owner, one.challenge, one.response)).toBeUndefined();
      const two = await ask();
      expect(
        await house.act((tx) =>
          passkeys.register(tx, owner.id, 'ses_two', two.challenge, two.response, undefined),
        ),
      ).toBeUndefined();
      const three = await ask();
      expect(await register(house, other, three.challenge, three.response)).toBeUndefined();
      const four = await ask();
      house.ports.clock.advance(300_000);
      expect(await register(house, owner, four.challenge, four.response)).toBeUndefined();
      const five = await passkeys.authenticationOptions(owner.id, SESSION);
      const response = new TestAuthenticator().register({ ...five.options, user: { id: owner.user } });
      expect(await register(house, owner, five.challenge, response)).toBeUndefined();
      expect((await house.factors.summary(owner.id)).passkeys).toHaveLength(1);
    });

    it.each<[string, Partial<Claims>]>([
      ...WRONG_ORIGINS.map((origin): [string, Partial<Claims>] => [`origin ${origin}`, { origin }]),
      ['another relying party', { rpId: 'example.com' }],
      ['a frame of another site', { crossOrigin: true }],
      ['nobody present', { up: false }],
      ['another type', { type: 'webauthn.get' }],
      ['another challenge', { challenge: 'A'.repeat(43) }],
      ['another credential id than it attests', { id: 'A'.repeat(43) }],
      ['backed up, though it cannot be', { be: false, bs: true }],
      ['an attestation of a certificate', { format: 'packed', statement: new Map([['x5c', []]]) }],
      ['an unknown attestation', { format: 'tpm' }],
      ['a statement in the empty attestation', { statement: new Map([['sig', 'x']]) }],
      ['a key that is costly to verify with', { publicKey: rsaKey(1_100) }],
      ['an algorithm that was not asked for', { publicKey: rsaKey(256, -65535) }],
      ['an oversized attestation', { padding: 16_000 }],
    ])('A45: is refused with %s', async (_, lies) => {
      const house = factorHouse(sql());
      await expect(registered(house, { lies })).rejects.toThrow('not registered');
    });

    it('takes what is no response, nested too deep or too large, as a refusal', async () => {
      const house = factorHouse(sql());
      const owner = await house.account();
      const deep = Buffer.alloc(12_000, 0x81).toString('base64url');
      const hostile: unknown[] = [
        undefined,
        null,
        'x',
        [],
        {},
        { id: 1 },
        { id: 'a', rawId: 'a', type: 'public-key', response: null },
        {
          id: 'a',
          rawId: 'a',
          type: 'public-key',
          response: { clientDataJSON: 'e30', attestationObject: deep },
        },
        { id: 'a'.repeat(2_000), rawId: 'a', type: 'public-key', response: {} },
      ];
      for (const response of hostile) {
        const { challenge } = await house.factors.passkeys.registrationOptions(owner, SESSION);
        expect(await register(house, owner, challenge, response)).toBeUndefined();
      }
    });

    it('takes the RSA keys of Windows machines', async () => {
      const house = factorHouse(sql());
      const { view } = await registered(house, { lies: { publicKey: rsaKey(256), bs: false, be: false } });
      expect(view).toMatchObject({ deviceType: 'singleDevice', backedUp: false, name: 'This device' });
    });

    it('is done once by 50 at once', async () => {
      const house = factorHouse(sql());
      const owner = await house.account();
      const { challenge, options } = await house.factors.passkeys.registrationOptions(owner, SESSION);
      const response = new TestAuthenticator().register(options);
      const all = Array.from({ length: 50 }, () => register(house, owner, challenge, response));
      expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1);
    });

    it('refuses a credential that belongs to somebody already', async () => {
      const house = factorHouse(sql());
      const { device } = await registered(house);
      const other = await house.account();
      const { challenge, options } = await house.factors.passkeys.registrationOptions(other, SESSION);
      expect(await register(house, other, challenge, device.register(options))).toBeUndefined();
    });

    it('stops at the limit of an account, also where many come at once', async () => {
      const house = factorHouse(sql(), { passkeys: { max: 2 } });
      const owner = await house.account();
      const asked = await Promise.all(
        Array.from({ length: 5 }, () => house.factors.passkeys.registrationOptions(owner, SESSION)),
      );
      const made = await Promise.all(
        asked.map(({ challenge, options }) =>
          register(house, owner, challenge, new TestAuthenticator().register(options)),
        ),
      );
      expect(made.filter(Boolean)).toHaveLength(2);
      const more = house.factors.passkeys.registrationOptions(owner, SESSION);
      await expect(more).rejects.toMatchObject({ status: 409, code: 'PASSKEY_LIMIT' });
    });
  });

  describe('the passkeys of an account', () => {
    it('are renamed and removed by their owner alone', async () => {
      const house = factorHouse(sql());
      const { owner, device, view } = await registered(house);
      const other = await house.account();
      const { passkeys } = house.factors;
      const rename = (id: string, name: string) => house.act((tx) => passkeys.rename(tx, id, view.id, name));
      expect(await rename(other.id, 'stolen')).toBe(false);
      expect(await rename(owner.id, ' \u0007 ')).toBe(false);
      expect(await rename(owner.id, 'ä'.repeat(100))).toBe(true);
      expect((await house.factors.summary(owner.id)).passkeys[0]?.name).toBe('ä'.repeat(60));
      expect(await house.act((tx) => passkeys.remove(tx, other.id, view.id))).toBe(false);
      expect(await house.act((tx) => passkeys.remove(tx, owner.id, view.id))).toBe(true);
      expect(await answer(house, device, null)).toBeUndefined();
    });

    it('work on every origin that is listed', async () => {
      const origins = ['https://app.example.com', 'https://shop.example.com'];
      const house = factorHouse(sql(), { passkeys: { rpId: 'example.com', origins } });
      const { device } = await registered(house, { lies: { rpId: 'example.com' } });
      for (const origin of origins) {
        expect(await answer(house, device, null, { rpId: 'example.com', origin })).toBeDefined();
      }
      const wrong = { rpId: 'example.com', origin: 'https://example.com' };
      expect(await answer(house, device, null, wrong)).toBeUndefined();
    });

    it('are asked for by anybody without filling the database: beyond a ceiling the oldest are forgotten', async () => {
      const house = factorHouse(sql());
      const { passkeys } = house.factors;
      const table = 'rampart.identity_passkey_challenges';
      await sql().query(`DELETE FROM ${table}`);
      await sql().query(
        `INSERT INTO ${table} SELECT 'x' || n, 'authenticate', NULL, 'y', $1::bigint + n, $1::bigint + 300000
         FROM generate_series(1, 100050) AS n`,
        [house.ports.clock.now() - 200_000],
      );
      const { challenge, options } = await passkeys.authenticationOptions(null, SESSION);
      expect((await sql().query(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.['n']).toBe(100_001);
      expect((await sql().query(`SELECT 1 FROM ${table} WHERE challenge_hash = 'x50'`)).rows).toEqual([]);
      await sql().query(`DELETE FROM ${table} WHERE bound_hash = 'y'`);
      const { device } = await registered(house);
      expect(await authenticate(house, challenge, device.answer(options), null)).toBeDefined();
    });

    it('stand behind challenges of which only hashes are kept, and which are forgotten in time', async () => {
      const house = factorHouse(sql());
      const { challenge } = await house.factors.passkeys.authenticationOptions(null, SESSION);
      const read = async () => (await sql().query('SELECT * FROM rampart.identity_passkey_challenges')).rows;
      expect(JSON.stringify(await read())).not.toContain(challenge);
      house.ports.clock.advance(300_000_000);
      await house.factors.passkeys.authenticationOptions(null, SESSION);
      expect(await read()).toHaveLength(1);
    });
  });
});
