import { describe, expect, it } from 'vitest';
import { onEachDatabase } from '../test-house.ts';
import { type FactorHouse, factorHouse, tally } from './test-factor.ts';
import { codeOf, secretOfBase32, STEP_MS, stepAt } from './totp-code.ts';

/** Code of a secret, `away` steps from the house's clock. */
function codeAt(house: FactorHouse, secret: string, away = 0): string {
  return codeOf(secretOfBase32(secret), stepAt(house.ports.clock.now()) + away);
}

async function confirmed(house: FactorHouse): Promise<{ account: string; secret: string }> {
  const { id: account, email } = await house.account();
  const { secret } = await house.act((tx) => house.factors.enrolTotp(tx, account, email));
  const code = codeAt(house, secret);
  const now = house.ports.clock.now();
  expect(await house.act((tx) => house.factors.confirmTotp(tx, account, code, now))).toBe(true);
  house.ports.clock.advance(2 * STEP_MS);
  return { account, secret };
}

function verify(
  house: FactorHouse,
  account: string,
  code: string,
  factors = house.factors,
): Promise<boolean> {
  return house.act((tx) => factors.verifyTotp(tx, account, code, house.ports.clock.now()));
}

onEachDatabase((sql) => {
  describe('an enrolment', () => {
    it('gives 160 bits, the address, and the code as SVG and PNG', async () => {
      const house = factorHouse(sql());
      const { id, email } = await house.account();
      const made = await house.act((tx) => house.factors.enrolTotp(tx, id, email));
      expect(made.id).toMatch(/^fac_/);
      expect(secretOfBase32(made.secret)).toHaveLength(20);
      expect(made.uri).toContain(`secret=${made.secret}`);
      expect(made.qrSvg).toMatch(/^<svg [^>]*viewBox/);
      expect(made.qrSvg).not.toMatch(/style|script|href/);
      expect(made.qrPng).toMatch(/^data:image\/png;base64,iVBOR/);
    });

    it('counts only once a code has confirmed it', async () => {
      const house = factorHouse(sql());
      const { id, email } = await house.account();
      const { secret } = await house.act((tx) => house.factors.enrolTotp(tx, id, email));
      expect(await verify(house, id, codeAt(house, secret))).toBe(false);
      expect((await house.factors.summary(id)).totp).toBeNull();
      const now = house.ports.clock.now();
      expect(await house.act((tx) => house.factors.confirmTotp(tx, id, '000000', now))).toBe(false);
      const code = codeAt(house, secret);
      expect(await house.act((tx) => house.factors.confirmTotp(tx, id, code, now))).toBe(true);
      expect((await house.factors.summary(id)).usable).toEqual(['totp']);
    });

    it('is confirmed once by 50 at once, and uses its code up', async () => {
      const house = factorHouse(sql());
      const { id, email } = await house.account();
      const { secret } = await house.act((tx) => house.factors.enrolTotp(tx, id, email));
      const code = codeAt(house, secret);
      const now = house.ports.clock.now();
      const confirm = () => house.act((tx) => house.factors.confirmTotp(tx, id, code, now));
      expect(tally(await Promise.all(Array.from({ length: 50 }, confirm))).get(true)).toBe(1);
      expect(await verify(house, id, code)).toBe(false);
    });

    it('is replaced by the next one, also when 10 come at once', async () => {
      const house = factorHouse(sql());
      const { id, email } = await house.account();
      const enrol = () => house.act((tx) => house.factors.enrolTotp(tx, id, email));
      const made = await Promise.all(Array.from({ length: 10 }, enrol));
      const now = house.ports.clock.now();
      const fits: boolean[] = [];
      for (const { secret } of made) {
        const code = codeAt(house, secret);
        fits.push(await house.act((tx) => house.factors.confirmTotp(tx, id, code, now)));
      }
      expect(tally(fits).get(true)).toBe(1);
    });

    it('leaves the old secret in force until the new one is confirmed', async () => {
      const house = factorHouse(sql());
      const { account, secret } = await confirmed(house);
      const next = await house.act((tx) => house.factors.enrolTotp(tx, account, 'x'));
      expect(await verify(house, account, codeAt(house, secret))).toBe(true);
      const now = house.ports.clock.now();
      const code = codeAt(house, next.secret);
      expect(await house.act((tx) => house.factors.confirmTotp(tx, account, code, now))).toBe(true);
      house.ports.clock.advance(STEP_MS);
      expect(await verify(house, account, codeAt(house, secret))).toBe(false);
      expect(await verify(house, account, codeAt(house, next.secret))).toBe(true);
    });

    it('is forgotten after an hour', async () => {
      const house = factorHouse(sql());
      const { id, email } = await house.account();
      const { secret } = await house.act((tx) => house.factors.enrolTotp(tx, id, email));
      house.ports.clock.advance(3_600_000);
      const now = house.ports.clock.now();
      const code = codeAt(house, secret);
      expect(await house.act((tx) => house.factors.confirmTotp(tx, id, code, now))).toBe(false);
    });

    it('is sealed at rest, for its own row (checklist 22)', async () => {
      const house = factorHouse(sql());
      const { account, secret } = await confirmed(house);
      const other = await confirmed(house);
      const read = (id: string) =>
        sql().query('SELECT * FROM rampart.identity_totp WHERE account = $1', [id]);
      const { rows } = await read(account);
      expect(JSON.stringify(rows)).not.toContain(secret);
      expect(rows[0]?.['secret']).toMatch(/^rb1\./);
      await sql().query('UPDATE rampart.identity_totp SET secret = $1 WHERE account = $2', [
        rows[0]?.['secret'] as string,
        other.account,
      ]);
      await expect(verify(house, other.account, codeAt(house, secret))).rejects.toThrow('cannot be opened');
    });
  });

  describe('a code of an authenticator app', () => {
    it('A37: is good once, on every node and in every spelling', async () => {
      const house = factorHouse(sql());
      const { account, secret } = await confirmed(house);
      const code = codeAt(house, secret);
      const wide = Array.from(code, (digit) => String.fromCodePoint(0xff10 + Number(digit))).join('');
      expect(await verify(house, account, wide)).toBe(true);
      const again = [
        code,
        ` ${code.slice(0, 3)} ${code.slice(3)}`,
        `${code.slice(0, 3)}-${code.slice(3)}`,
        wide,
      ];
      for (const text of again) expect(await verify(house, account, text)).toBe(false);
      expect(await verify(house, account, code, house.node())).toBe(false);
    });

    it('A37: of an earlier step is refused once a later one was used', async () => {
      const house = factorHouse(sql());
      const { account, secret } = await confirmed(house);
      expect(await verify(house, account, codeAt(house, secret))).toBe(true);
      expect(await verify(house, account, codeAt(house, secret, -1))).toBe(false);
      expect(await verify(house, account, codeAt(house, secret, 1))).toBe(true);
    });

    it('A38: is accepted once of 50 at once on two nodes', async () => {
      const house = factorHouse(sql());
      const { account, secret } = await confirmed(house);
      const code = codeAt(house, secret);
      const other = house.node();
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => verify(house, account, code, i % 2 ? other : house.factors)),
      );
      expect(tally(answers).get(true)).toBe(1);
    });

    it('A40: of two steps away is refused; strict takes the present step alone', async () => {
      const house = factorHouse(sql());
      const { account, secret } = await confirmed(house);
      for (const away of [-2, 2])
        expect(await verify(house, account, codeAt(house, secret, away))).toBe(false);
      const strict = factorHouse(sql(), { totp: { strict: true } });
      const its = await confirmed(strict);
      for (const away of [-1, 1]) {
        expect(await verify(strict, its.account, codeAt(strict, its.secret, away))).toBe(false);
      }
      expect(await verify(strict, its.account, codeAt(strict, its.secret))).toBe(true);
    });

    it("is refused for another account's secret, for hostile input, and where there is none", async () => {
      const house = factorHouse(sql());
      const { account, secret } = await confirmed(house);
      const other = await confirmed(house);
      expect(await verify(house, other.account, codeAt(house, secret))).toBe(false);
      expect(await verify(house, 'acc_none', codeAt(house, secret))).toBe(false);
      for (const text of ['', "' OR 1=1 --", '\0'.repeat(6), '9'.repeat(100_000)]) {
        expect(await verify(house, account, text)).toBe(false);
      }
    });
  });
});
