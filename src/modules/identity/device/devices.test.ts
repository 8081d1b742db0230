import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../core/id.ts';
import type { Devices } from '../contract.ts';
import type { Place } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import { onEachDatabase, testPorts, type TestPorts } from '../test-house.ts';
import { createDevices, type DeviceOptions, pruneDevices, readDeviceOptions } from './index.ts';

const DAY = 86_400_000;
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0';
const FIREFOX_LATER = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0';
const FIREFOX_LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0';
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

const facts = (given: Partial<ClientFacts> = {}): ClientFacts => ({
  address: '192.0.2.1',
  group: '192.0.2.1',
  client: 'browser',
  userAgent: FIREFOX,
  language: 'de-DE,de;q=0.8,en;q=0.5',
  timezone: 'Europe/Berlin',
  ...given,
});

onEachDatabase((sql) => {
  let ports: TestPorts;
  let devices: Devices;
  let account: string;
  let places: Map<string, Place>;

  beforeEach(() => {
    ports = testPorts(sql());
    account = newId('acc', ports.clock.now());
    places = new Map();
    devices = make({});
  });

  function make(options: DeviceOptions): Devices {
    return createDevices(options, { ...ports, placeOf: (address) => places.get(address) });
  }

  const remember = (
    given: Partial<ClientFacts> = {},
    of = account,
    by = devices,
  ): ReturnType<Devices['remember']> => sql().transaction((tx) => by.remember(tx, of, facts(given)));

  /** Signs in on a new browser. @returns its cookie */
  async function signedIn(of = account): Promise<{ device: string; cookie: string }> {
    const { device, cookie } = await remember({}, of);
    if (cookie === null) throw new Error('expected a cookie');
    return { device, cookie };
  }

  describe('a browser', () => {
    it('is unknown first, and known once somebody has signed in on it', async () => {
      expect(await devices.judge(account, facts())).toEqual({
        kind: 'unknown',
        device: null,
        differs: [],
        newPlace: false,
      });
      const first = await remember();
      expect(first).toMatchObject({ isNew: true, newPlace: false });
      expect(first.device).toMatch(/^dev_/);
      expect(first.cookie?.length).toBeLessThanOrEqual(200);
      const cookie = first.cookie as string;
      expect(await devices.judge(account, facts({ device: cookie }))).toMatchObject({
        kind: 'known',
        device: first.device,
      });
      expect(await remember({ device: cookie })).toEqual({
        device: first.device,
        cookie: null,
        isNew: false,
        newPlace: false,
      });
    });

    it('is known to those accounts alone that have signed in on it', async () => {
      const { device, cookie } = await signedIn();
      const other = newId('acc', ports.clock.now());
      expect(await devices.judge(other, facts({ device: cookie }))).toMatchObject({ kind: 'unknown' });
      expect(await remember({ device: cookie }, other)).toMatchObject({ device, cookie: null, isNew: true });
      for (const one of [account, other])
        expect(await devices.judge(one, facts({ device: cookie }))).toMatchObject({ kind: 'known', device });
    });

    it.each([
      ['an update', { userAgent: FIREFOX_LATER }, 'known', []],
      ['another language', { language: 'ar' }, 'known', ['language']],
      ['another time zone', { timezone: 'Asia/Dubai' }, 'known', ['timezone']],
      ['nothing said of either', { language: undefined, timezone: undefined }, 'known', []],
      ['another region of the language', { language: 'de-AT' }, 'known', []],
      [
        'language and time zone at once',
        { language: 'ar', timezone: 'Asia/Dubai' },
        'changed',
        ['language', 'timezone'],
      ],
      ['another browser (A47)', { userAgent: CHROME }, 'changed', ['browser']],
      ['another system (A47)', { userAgent: FIREFOX_LINUX }, 'changed', ['platform']],
      ['no browser at all (A47)', { userAgent: undefined }, 'changed', ['browser', 'platform']],
    ] as const)('with %s is judged by what weighs', async (_, change, kind, differs) => {
      const { cookie } = await signedIn();
      const given = { ...facts({ device: cookie }), ...change } as ClientFacts;
      expect(await devices.judge(account, given)).toMatchObject({ kind, differs });
    });

    it('that looks like another gets a device of its own, and leaves the first as it is (A47)', async () => {
      const { device, cookie } = await signedIn();
      const other = await remember({ device: cookie, userAgent: CHROME });
      expect(other.isNew).toBe(true);
      expect(other.device).not.toBe(device);
      expect(await devices.judge(account, facts({ device: cookie }))).toMatchObject({
        kind: 'known',
        device,
      });
    });
  });

  describe('a cookie', () => {
    it('is not known after a password change, but the one that changed it stays (A47)', async () => {
      const own = await signedIn();
      const stolen = await signedIn();
      await sql().transaction((tx) => devices.forget(tx, account, own.device));
      expect(await devices.judge(account, facts({ device: own.cookie }))).toMatchObject({ kind: 'known' });
      expect(await devices.judge(account, facts({ device: stolen.cookie }))).toMatchObject({
        kind: 'unknown',
      });
      await sql().transaction((tx) => devices.forget(tx, account));
      expect(await devices.judge(account, facts({ device: own.cookie }))).toMatchObject({ kind: 'unknown' });
      expect(await devices.list(account)).toEqual([]);
    });

    it('is not known after its removal, nor again when its browser signs in anew (A47)', async () => {
      const { device, cookie } = await signedIn();
      expect(await sql().transaction((tx) => devices.remove(tx, account, device))).toBe(true);
      expect(await sql().transaction((tx) => devices.remove(tx, account, device))).toBe(false);
      const again = await remember({ device: cookie });
      expect(again).toMatchObject({ isNew: true });
      expect(again.device).not.toBe(device);
      expect(await devices.judge(account, facts({ device: cookie }))).toMatchObject({ kind: 'unknown' });
    });

    it('cannot be removed by another account', async () => {
      const { device, cookie } = await signedIn();
      expect(await sql().transaction((tx) => devices.remove(tx, 'acc_other', device))).toBe(false);
      expect(await devices.judge(account, facts({ device: cookie }))).toMatchObject({ kind: 'known' });
    });

    it('gets a new secret when it is old, for all accounts of the browser; copies of it end', async () => {
      const { device, cookie } = await signedIn();
      const other = newId('acc', ports.clock.now());
      await remember({ device: cookie }, other);
      ports.clock.advance(31 * DAY);
      const renewed = await remember({ device: cookie });
      expect(renewed).toMatchObject({ device, isNew: false });
      expect(renewed.cookie).not.toBeNull();
      for (const one of [account, other]) {
        expect(await devices.judge(one, facts({ device: cookie }))).toMatchObject({ kind: 'unknown' });
        expect(await devices.judge(one, facts({ device: renewed.cookie as string }))).toMatchObject({
          kind: 'known',
          device,
        });
      }
    });

    it('is renewed once by fifty sign-ins at the same time', async () => {
      const { device, cookie } = await signedIn();
      ports.clock.advance(31 * DAY);
      const all = await Promise.all(Array.from({ length: 50 }, () => remember({ device: cookie })));
      expect(all.filter((one) => one.device === device)).toHaveLength(1);
      expect((await devices.list(account)).length).toBeLessThanOrEqual(50);
    });

    it('ends after 400 days', async () => {
      const { cookie } = await signedIn();
      ports.clock.advance(402 * DAY);
      expect(await devices.judge(account, facts({ device: cookie }))).toMatchObject({ kind: 'unknown' });
    });

    it('that is made up, cut, mixed or changed in any character is nobody’s', async () => {
      const one = (await signedIn()).cookie.split('.');
      const two = (await signedIn()).cookie.split('.');
      const whole = one.join('.');
      const hostile = [
        '',
        'rd1',
        'rd1....',
        '\0',
        'x'.repeat(1_000_000),
        `${whole}.`,
        whole.slice(0, -1),
        [...one.slice(0, 3), two[3], one[4]].join('.'),
        [one[0], two[1], ...one.slice(2)].join('.'),
        [one[0], one[1], '99999', ...one.slice(3)].join('.'),
      ];
      for (let i = 0; i < whole.length - 1; i++)
        hostile.push(`${whole.slice(0, i)}${whole[i] === 'a' ? 'b' : 'a'}${whole.slice(i + 1)}`);
      for (const device of hostile)
        expect(await devices.judge(account, facts({ device })), device.slice(0, 200)).toMatchObject({
          kind: 'unknown',
          device: null,
        });
      expect(await remember({ device: hostile[7] as string })).toMatchObject({ isNew: true });
    });

    it('of another house is nobody’s', async () => {
      const { cookie } = await signedIn();
      const other = createDevices({}, testPorts(sql()));
      expect(await other.judge(account, facts({ device: cookie }))).toMatchObject({ kind: 'unknown' });
    });

    it('leaves no secret in the database', async () => {
      const { cookie } = await signedIn();
      const { rows } = await sql().query('SELECT * FROM rampart.identity_devices WHERE account = $1', [
        account,
      ]);
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toContain(cookie.split('.')[3]);
    });
  });

  describe('places', () => {
    it('are new in another country or city, and nothing is where none is known', async () => {
      places.set('192.0.2.1', { country: 'DE', city: 'Berlin' });
      places.set('192.0.2.2', { country: 'DE', city: 'Bonn' });
      places.set('192.0.2.3', { country: 'DE' });
      places.set('192.0.2.4', { country: 'FR' });
      expect((await remember()).newPlace).toBe(false);
      const newAt = async (address: string): Promise<boolean> =>
        (await devices.judge(account, facts({ address }))).newPlace;
      expect(await newAt('192.0.2.1')).toBe(false);
      expect(await newAt('192.0.2.2')).toBe(true);
      expect(await newAt('192.0.2.3')).toBe(false);
      expect(await newAt('192.0.2.4')).toBe(true);
      expect(await newAt('192.0.2.99')).toBe(false);
      expect((await remember({ address: '192.0.2.4' })).newPlace).toBe(true);
      expect((await remember({ address: '192.0.2.4' })).newPlace).toBe(false);
      expect(await devices.list(account)).toContainEqual(
        expect.objectContaining({ place: 'FR', name: 'Firefox on Windows' }),
      );
    });

    it('are bounded', async () => {
      for (let i = 0; i < 110; i++) {
        places.set(`a${i}`, { country: 'DE', city: `${i} ${'x'.repeat(500)}` });
        await remember({ address: `a${i}` });
        ports.clock.advance(1);
      }
      const { rows } = await sql().query(
        'SELECT count(*) AS found, max(length(city)) AS longest FROM rampart.identity_places WHERE account = $1',
        [account],
      );
      expect(rows[0]).toEqual({ found: 100, longest: 100 });
    });
  });

  describe('what is kept', () => {
    it('is bounded: the device that was not seen for longest is forgotten', async () => {
      const few = make({ maxPerAccount: 3 });
      const cookies: string[] = [];
      for (let i = 0; i < 5; i++) {
        cookies.push((await remember({}, account, few)).cookie as string);
        ports.clock.advance(1_000);
      }
      const kinds = await Promise.all(
        cookies.map(async (device) => (await few.judge(account, facts({ device }))).kind),
      );
      expect(kinds).toEqual(['unknown', 'unknown', 'known', 'known', 'known']);
      expect(await few.list(account)).toHaveLength(3);
    });

    it('does not grow by removals either', async () => {
      const few = make({ maxPerAccount: 3 });
      for (let i = 0; i < 10; i++) {
        const { device } = await remember({}, account, few);
        await sql().transaction((tx) => few.remove(tx, account, device));
      }
      const { rows } = await sql().query(
        'SELECT count(*) AS found FROM rampart.identity_devices WHERE account = $1',
        [account],
      );
      expect(Number(rows[0]?.['found'])).toBeLessThanOrEqual(4);
    });

    it('goes after 400 days, a bounded number at a time', async () => {
      await sql().script('TRUNCATE rampart.identity_devices, rampart.identity_places');
      places.set('192.0.2.1', { country: 'DE' });
      for (let i = 0; i < 5; i++) await signedIn();
      ports.clock.advance(400 * DAY + 1);
      const { cookie } = await signedIn();
      expect(await pruneDevices(sql(), ports.clock.now(), 3)).toBe(3);
      expect(await pruneDevices(sql(), ports.clock.now(), 3)).toBe(2);
      expect(await pruneDevices(sql(), ports.clock.now(), 3)).toBe(0);
      expect(await devices.judge(account, facts({ device: cookie }))).toMatchObject({ kind: 'known' });
    });
  });

  it('is named coarsely and safely', () => {
    expect(devices.nameOf(facts())).toBe('Firefox on Windows');
    const hostile = { userAgent: `<script>${'('.repeat(100_000)}`, platform: '"<b>"' };
    expect(devices.nameOf(facts(hostile))).not.toMatch(/[<>"]/);
  });
});

describe('options', () => {
  it.each([
    [{ maxPerAccount: 0 }, 'devices.maxPerAccount'],
    [{ forgetAfter: '401d' }, 'devices.forgetAfter'],
    [{ rotate: '1d' }, 'devices.rotate'],
  ])('refuse %j at %s', (given, path) => {
    expect(() => readDeviceOptions('devices', given)).toThrow(path);
  });
});
