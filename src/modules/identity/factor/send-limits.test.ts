import { describe, expect, it } from 'vitest';
import { onEachDatabase } from '../test-house.ts';
import { type Asked, newNumber, send, verify } from './test-codes.ts';
import { type FactorHouse, factorHouse } from './test-factor.ts';

onEachDatabase((sql) => {
  describe('send limits', () => {
    const refusal = (house: FactorHouse, asked: Asked): Promise<unknown> =>
      send(house, asked).then(
        () => 'sent',
        (error: unknown) => error,
      );

    it('allow one code in 30 seconds to a number, of 50 at once', async () => {
      const house = factorHouse(sql());
      const { id: account } = await house.account();
      const to = newNumber();
      const answers = await Promise.all(Array.from({ length: 50 }, () => refusal(house, { account, to })));
      expect(answers.filter((one) => one === 'sent')).toHaveLength(1);
      expect(answers.find((one) => one !== 'sent')).toMatchObject({ status: 429, retryAfterSeconds: 30 });
      expect(house.ports.messages).toHaveLength(1);
      house.ports.clock.advance(30_000);
      expect(await refusal(house, { account, to })).toBe('sent');
    });

    it('allow five in an hour and ten in a day to a number, whoever asks', async () => {
      const house = factorHouse(sql(), { codes: { unusedToStop: 1_000 } });
      const to = newNumber();
      const outcomes: unknown[] = [];
      for (let hour = 0; hour < 3; hour++) {
        for (let i = 0; i < 6; i++) {
          const { id: account } = await house.account();
          outcomes.push(await refusal(house, { account, to }));
          house.ports.clock.advance(60_000);
        }
        house.ports.clock.advance(3_300_000);
      }
      expect(outcomes.map((one) => one === 'sent')).toEqual(
        [
          [true, true, true, true, true, false],
          [true, true, true, true, true, false],
          [false, false, false, false, false, false],
        ].flat(),
      );
    });

    it('allow ten in an hour to a user and to a group of addresses, over all numbers', async () => {
      const house = factorHouse(sql(), { codes: { unusedToStop: 1_000 } });
      const { id: account } = await house.account();
      const byUser: unknown[] = [];
      for (let i = 0; i < 11; i++)
        byUser.push(await refusal(house, { account, to: newNumber(), group: `g${i}` }));
      expect(byUser.filter((one) => one === 'sent')).toHaveLength(10);
      const byGroup: unknown[] = [];
      for (let i = 0; i < 11; i++) {
        const { id } = await house.account();
        byGroup.push(await refusal(house, { account: id, to: newNumber(), group: '198.51.100.9' }));
      }
      expect(byGroup.filter((one) => one === 'sent')).toHaveLength(10);
      expect(byGroup.at(-1)).toMatchObject({ retryAfterSeconds: 3_600 });
    });

    it('allow twenty in a day to a user', async () => {
      const house = factorHouse(sql(), { codes: { unusedToStop: 1_000 } });
      const { id: account } = await house.account();
      const outcomes: unknown[] = [];
      for (let i = 0; i < 24; i++) {
        outcomes.push(await refusal(house, { account, to: newNumber(), group: `day ${i}` }));
        house.ports.clock.advance(1_200_000);
      }
      expect(outcomes.filter((one) => one === 'sent')).toHaveLength(20);
    });

    it('leave a number alone that is asked again beside four neighbours', async () => {
      const house = factorHouse(sql());
      const ask = async (to: string): Promise<unknown> => {
        const { id: account } = await house.account();
        return refusal(house, { account, to });
      };
      for (let i = 0; i < 5; i++) expect(await ask(`+3519123456${String(10 + i)}`)).toBe('sent');
      house.ports.clock.advance(31_000);
      expect(await ask('+351912345610')).toBe('sent');
      expect(await ask('+351912345620')).toMatchObject({ status: 429 });
    });

    it('A44: stop a country at its budget, and no other', async () => {
      const house = factorHouse(sql(), { codes: { perCountryHour: 3, unusedToStop: 1_000 } });
      const outcomes: unknown[] = [];
      for (let i = 0; i < 4; i++) {
        const { id: account } = await house.account();
        outcomes.push(await refusal(house, { account, to: `+33612${3450 + i}67` }));
      }
      expect(outcomes.map((one) => one === 'sent')).toEqual([true, true, true, false]);
      const { id: account } = await house.account();
      expect(await refusal(house, { account, to: '+31612345678' })).toBe('sent');
    });

    it('A44: stop numbers that stand side by side, and say so once', async () => {
      const house = factorHouse(sql());
      const outcomes: unknown[] = [];
      for (let i = 0; i < 12; i++) {
        const { id: account } = await house.account();
        outcomes.push(await refusal(house, { account, to: `+346123457${String(10 + i)}` }));
      }
      expect(outcomes.filter((one) => one === 'sent')).toHaveLength(5);
      const told = house.ports.signals.filter((one) => one.type === 'SMS_PUMPING');
      expect(told).toHaveLength(1);
      expect(told[0]?.fields).toMatchObject({
        outcome: 'refused',
        details: { pattern: 'range', country: 'ES' },
      });
    });

    it('A44: stop a country in which ten codes were sent and none was used, until one is', async () => {
      const house = factorHouse(sql());
      const ask = async (i: number): Promise<unknown> => {
        const { id: account } = await house.account();
        return refusal(house, { account, to: `+4366412${String(34 + i)}567` });
      };
      for (let i = 0; i < 10; i++) expect(await ask(i)).toBe('sent');
      expect(await ask(10)).toBe('sent');
      house.ports.clock.advance(150_000);
      expect(await ask(11)).toMatchObject({ status: 429 });
      expect(house.ports.signals.at(-1)).toMatchObject({
        type: 'SMS_PUMPING',
        fields: { details: { pattern: 'country', country: 'AT' } },
      });
      const last = house.ports.messages.at(-1);
      const { rows } = await sql().query(`SELECT flow FROM rampart.identity_codes WHERE phone = $1`, [
        last?.to ?? '',
      ]);
      const code = /#(\d{6})$/.exec(last?.text ?? '')?.[1] as string;
      expect(await verify(house, rows[0]?.['flow'] as string, code)).toBe('ok');
      expect(await ask(12)).toBe('sent');
    });

    it('A44: stop a group of addresses for a day when none of its ten codes was used', async () => {
      const house = factorHouse(sql());
      const group = '203.0.113.99';
      const ask = async (to: string, from = group): Promise<unknown> => {
        const { id: account } = await house.account();
        return refusal(house, { account, to, group: from });
      };
      for (let i = 0; i < 10; i++) expect(await ask(`+467012${String(30 + i)}567`)).toBe('sent');
      house.ports.clock.advance(2 * 3_600_000);
      expect(await ask('+46701299567')).toMatchObject({ status: 429 });
      expect(house.ports.signals.at(-1)?.fields.details).toEqual({ pattern: 'group', country: 'SE' });
      expect(await ask('+46701299567', '203.0.113.98')).toBe('sent');
      house.ports.clock.advance(22 * 3_600_000);
      expect(await ask('+46701298567')).toBe('sent');
    });

    it('A44: stop one address that asks for numbers of many countries', async () => {
      const house = factorHouse(sql());
      const numbers = [
        '+33612345670',
        '+34612345670',
        '+31612345670',
        '+393123456780',
        '+447400123456',
        '+436641234567',
        '+48512345678',
        '+46701234567',
        '+4740612345',
        '+4532123456',
        '+358412345678',
        '+351912345678',
        '+420601123456',
        '+36201234567',
      ];
      const outcomes: unknown[] = [];
      for (const to of numbers) {
        const { id: account } = await house.account();
        outcomes.push(await refusal(house, { account, to, group: '203.0.113.250' }));
      }
      expect(outcomes.filter((one) => one === 'sent').length).toBeLessThanOrEqual(10);
      expect(outcomes.at(-1)).toMatchObject({ status: 429 });
    });

    it('A44: refuse countries that are not listed, and premium numbers, before anything is counted', async () => {
      const house = factorHouse(sql(), { codes: { countries: ['DE'] } });
      const { id: account } = await house.account();
      expect(await refusal(house, { account, to: '+33612345670' })).toMatchObject({
        details: [{ code: 'PHONE_NOT_ALLOWED' }],
      });
      expect(await refusal(house, { account, to: '+49 900 1234567' })).toMatchObject({
        details: [{ code: 'PHONE_INVALID' }],
      });
      const { rows } = await sql().query('SELECT 1 FROM rampart.identity_code_sends WHERE account = $1', [
        account,
      ]);
      expect(rows).toHaveLength(0);
    });
  });
});
