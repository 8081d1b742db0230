import { beforeEach, describe, expect, it } from 'vitest';
import { SAMPLE_TABLES, type Stores } from '../../src/server/data/index.ts';
import { errorOf, House, jsonInit } from './house.ts';
import { PEOPLE, RESTAURANTS } from './honest.ts';

type Body = Readonly<Record<string, unknown>>;
const PASSWORD = 'correct horse battery staple';
const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const ADA = { email: 'ada@lovelace.example', password: PASSWORD, name: 'Ada Lovelace', phone: '0501234567' };
const DINER = {
  name: 'Nine Dragons',
  phone: '+966501234567',
  street: '1 King Fahd Road',
  coordinates: { latitude: 24.7, longitude: 46.7 },
};

/** The rule sets of the food delivery system, asked by whoever sends requests. */
export function ruleSetSuite(stores: () => Stores): void {
  let house: House;
  beforeEach(async () => {
    const tables = ['orders', ...Object.keys(SAMPLE_TABLES)].map((table) => `rampart.sample_${table}`);
    await stores().sql.script(`TRUNCATE ${tables.join(', ')}`);
    house = new House(stores());
  });
  const register = (body: Body): Promise<Response> =>
    house.fetch('/sample/register', jsonInit('POST', body, {}));
  /** What is wrong, by field and code; nothing of what was sent may stand in the answer. */
  const faults = async (answer: Response, sent: readonly string[] = []): Promise<readonly unknown[]> => {
    expect(answer.status).toBe(400);
    const text = await answer.text();
    for (const value of sent) expect(text).not.toContain(value);
    const { error } = JSON.parse(text) as { error: { details: readonly Record<string, string>[] } };
    for (const { message } of error.details) expect(message).toMatch(/^[A-Z].{5,}\.$/);
    return error.details.map(({ field, code }) => [field, code]);
  };

  it('honest people of all scripts sign up, and restaurants of all countries open', async () => {
    expect(PEOPLE.length + RESTAURANTS.length).toBeGreaterThanOrEqual(60);
    const refused: unknown[] = [];
    for (const [name, phone, email] of PEOPLE) {
      const answer = await register({ email, password: PASSWORD, name, phone });
      if (answer.status !== 201) refused.push([name, phone, email, await answer.text()]);
    }
    const owner = await house.customer('nina', 'restaurant_owner');
    for (const [name, phone, street, latitude, longitude] of RESTAURANTS) {
      const body = { name, phone, street, coordinates: { latitude, longitude }, description: name };
      const answer = await owner('POST', '/sample/restaurants', body);
      if (answer.status !== 201) refused.push([name, phone, street, await answer.text()]);
      else expect(await answer.json()).toMatchObject({ name: name.normalize('NFC') });
    }
    expect(refused).toEqual([]);
  });

  describe('register', () => {
    it('makes a customer with a profile and a token, once', async () => {
      const answer = await register(ADA);
      expect(answer.status).toBe(201);
      const { token, user } = (await answer.json()) as { token: string; user: object };
      expect(user).toEqual({ id: 'sample:Ada Lovelace', name: 'Ada Lovelace', phone: '+966501234567' });
      const profile = await house.fetch('/sample/profile/sample:Ada%20Lovelace', {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(await profile.json()).toEqual(user);
      const again = await register({ ...ADA, phone: '0509999999' });
      expect([again.status, (await errorOf(again)).code]).toEqual([409, 'CONFLICT']);
    });

    it('names every field that is wrong, its code and why, and never the value', async () => {
      const bad = { email: 'ada@@example', password: 'tooshort!7', name: 'Ada <b>7</b>', phone: '12-34-56' };
      expect(await faults(await register(bad), Object.values(bad))).toEqual([
        ['email', 'EMAIL_INVALID'],
        ['name', 'NAME_INVALID'],
        ['phone', 'PHONE_INVALID'],
        ['password', 'PASSWORD_TOO_SHORT'],
      ]);
      expect(await faults(await register({}))).toEqual([
        ['email', 'REQUIRED'],
        ['password', 'REQUIRED'],
        ['name', 'REQUIRED'],
      ]);
      expect(await faults(await register({ ...ADA, role: 'admin' }), ['admin'])).toEqual([
        ['body', 'UNKNOWN_KEY'],
      ]);
      expect(await faults(await register({ ...ADA, name: ['Ada'] }))).toEqual([['name', 'WRONG_TYPE']]);
    });

    it('refuses throw-away addresses, by the list that it is given', async () => {
      expect(await faults(await register({ ...ADA, email: 'a@mailinator.com' }))).toEqual([
        ['email', 'EMAIL_DISPOSABLE'],
      ]);
      house = new House(stores(), { ports: { isDisposableDomain: (domain) => domain === 'thrown.example' } });
      expect(await faults(await register({ ...ADA, email: 'a@b.thrown.example' }))).toEqual([
        ['email', 'EMAIL_DISPOSABLE'],
      ]);
      expect((await register({ ...ADA, email: 'a@mailinator.com' })).status).toBe(201);
    });
  });

  describe('restaurant', () => {
    it.each<[string, Body, readonly (readonly [string, string])[]]>([
      ['a name of one letter', { name: 'X' }, [['name', 'LENGTH']]],
      ['a name of 201', { name: 'x'.repeat(201) }, [['name', 'LENGTH']]],
      ['a description of 1,001', { description: 'x'.repeat(1_001) }, [['description', 'LENGTH']]],
      ['a number that is none', { phone: '+999 123' }, [['phone', 'PHONE_INVALID']]],
      ['a street of 4', { street: 'Road' }, [['street', 'LENGTH']]],
      [
        'north of the pole',
        { coordinates: { latitude: 90.1, longitude: 0 } },
        [['coordinates', 'COORDINATES_INVALID']],
      ],
      [
        'texts for degrees',
        { coordinates: { latitude: '1', longitude: '2' } },
        [['coordinates', 'COORDINATES_INVALID']],
      ],
      [
        'no place',
        { coordinates: undefined, street: undefined },
        [
          ['street', 'REQUIRED'],
          ['coordinates', 'REQUIRED'],
        ],
      ],
      ['a control character', { name: 'Nine\u0007Dragons' }, [['name', 'NOT_TEXT']]],
      ['what it does not know', { stars: 5 }, [['body', 'UNKNOWN_KEY']]],
    ])('does not take %s', async (_, change, wrong) => {
      const nina = await house.customer('nina', 'restaurant_owner');
      expect(await faults(await nina('POST', '/sample/restaurants', { ...DINER, ...change }))).toEqual(wrong);
    });

    it('is changed by the same rules', async () => {
      const nina = await house.customer('nina', 'restaurant_owner');
      const made = (await (await nina('POST', '/sample/restaurants', DINER)).json()) as { id: string };
      const path = `/sample/restaurants/${made.id}`;
      expect(await faults(await nina('PATCH', path, { phone: '1', street: 'x' }))).toEqual([
        ['phone', 'PHONE_INVALID'],
        ['street', 'LENGTH'],
      ]);
      const changed = await nina('PATCH', path, { phone: '05 0765 4321', description: 'Noodles' });
      expect(await changed.json()).toEqual({ ...made, phone: '+966507654321', description: 'Noodles' });
    });
  });

  describe('order', () => {
    const opened = async (): Promise<{ restaurantId: string; itemId: string; other: string }> => {
      const nina = await house.customer('nina', 'restaurant_owner');
      const id = async (path: string, body: Body): Promise<string> =>
        ((await (await nina('POST', `/sample/${path}`, body)).json()) as { id: string }).id;
      const restaurantId = await id('restaurants', DINER);
      const second = await id('restaurants', DINER);
      const itemId = await id('menu', { restaurantId, name: 'Noodles', price: 9.5 });
      return {
        restaurantId,
        itemId,
        other: await id('menu', { restaurantId: second, name: 'Tea', price: 1 }),
      };
    };

    it('is placed from a menu, with its restaurant', async () => {
      const { restaurantId, itemId } = await opened();
      const ada = await house.customer('ada');
      const body = { restaurantId, items: [{ itemId, quantity: 50 }], instructions: 'بدون بصل' };
      const answer = await ada('POST', '/sample/orders', body);
      expect(answer.status).toBe(201);
      expect(await answer.json()).toMatchObject({
        customer: 'sample:ada',
        restaurant: 'sample:nina',
        items: [{ name: 'Noodles', quantity: 50 }],
        instructions: 'بدون بصل',
      });
    });

    it('names every field that is wrong, and never the value', async () => {
      const { restaurantId, itemId, other } = await opened();
      const ada = await house.customer('ada');
      const item = { itemId, quantity: 1 };
      const cases: readonly (readonly [Body, readonly (readonly [string, string])[]])[] = [
        [{ restaurantId: 'rst_1' }, [['restaurantId', 'UUID_INVALID']]],
        [{ items: [] }, [['items', 'LENGTH']]],
        [{ items: undefined }, [['items', 'REQUIRED']]],
        [{ items: [item, { ...item, quantity: 51 }] }, [['items.1.quantity', 'RANGE']]],
        [{ items: [{ ...item, quantity: 0 }] }, [['items.0.quantity', 'RANGE']]],
        [{ items: [{ ...item, quantity: 1.5 }] }, [['items.0.quantity', 'RANGE']]],
        [{ items: [{ quantity: 1 }] }, [['items.0.itemId', 'REQUIRED']]],
        [{ instructions: 'x'.repeat(501) }, [['instructions', 'LENGTH']]],
        [{ restaurantId: UUID }, [['restaurantId', 'UNKNOWN']]],
        [{ items: [item, { itemId: other, quantity: 1 }] }, [['items.1.itemId', 'UNKNOWN']]],
        [{ total: 0 }, [['body', 'UNKNOWN_KEY']]],
      ];
      for (const [change, wrong] of cases) {
        const body = { restaurantId, items: [item], ...change };
        expect(await faults(await ada('POST', '/sample/orders', body), [itemId, other, UUID])).toEqual(wrong);
      }
      expect(await (await ada('GET', '/sample/orders')).json()).toMatchObject({ orders: [] });
    });
  });
}
