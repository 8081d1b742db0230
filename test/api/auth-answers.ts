import { beforeEach, describe, expect, it } from 'vitest';
import { RequestContext } from '../../src/core/context.ts';
import { cookie } from '../../src/modules/browser/index.ts';
import { factsOf } from '../../src/server/api/auth-facts.ts';
import { DpopThumbprint } from '../../src/server/identify.ts';
import type { ApiContext } from '../../src/server/api/route.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { AuthHouse, cookieValue, SECOND_STEP } from './auth-house.ts';
import { errorOf } from './house.ts';

const SIGN_IN = { email: 'ada@example.org', password: 'correct horse battery' };
const API = { 'x-rampart-client': 'api' };
const HTTPS = { encrypted: true };

/** Cookies and tokens, and what of a request reaches identity. */
export function answerSuite(stores: () => Stores): void {
  let auth: AuthHouse;
  beforeEach(() => {
    auth = new AuthHouse(stores());
  });
  const signIn = (headers = {}, arrival = {}, path = '/auth/sign-in'): Promise<Response> =>
    auth.send('POST', path, SIGN_IN, headers, arrival);

  describe('a browser', () => {
    it('gets cookies that no script reads, and no token in the body (38)', async () => {
      const response = await signIn({}, HTTPS);
      expect(response.status).toBe(200);
      expect(response.headers.getSetCookie()).toEqual([
        `__Host-rampart=${cookieValue(999)}; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax`,
        '__Host-rampart-device=device-value; Path=/; Max-Age=34560000; Secure; HttpOnly; SameSite=Lax',
      ]);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const text = await response.text();
      expect(JSON.parse(text)).toEqual({
        mfaRequired: false,
        user: expect.objectContaining({ email: SIGN_IN.email }) as object,
        scope: 'full',
      });
      for (const secret of [cookieValue(999), 'device-value', 'eyJ']) expect(text).not.toContain(secret);
    });

    it('on this machine gets them without the prefix that needs https', async () => {
      const [session, device] = (await signIn()).headers.getSetCookie();
      expect(session).toMatch(/^rampart_session=rs_\w{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/);
      expect(device).toMatch(/^rampart_device=device-value; /);
    });

    it('over plain http from elsewhere is refused before anything is used up', async () => {
      for (const path of ['/auth/sign-in', '/auth/passkeys/sign-in/options']) {
        const response = await signIn({}, {}, `http://shop.example${path}`);
        expect(response.status).toBe(403);
        expect((await errorOf(response)).message).toContain('https');
      }
      const proof = { challenge: 'c', factor: 'backup', code: 'one-of-ten' };
      expect((await auth.send('POST', 'http://shop.example/auth/mfa/verify', proof)).status).toBe(403);
      expect(auth.asked).toEqual([]);
      // A header that anybody can write does not make it https; a trusted proxy's does.
      const claimed = { 'x-forwarded-proto': 'https' };
      expect((await signIn(claimed, {}, 'http://shop.example/auth/sign-in')).status).toBe(403);
      const vouched = await signIn(
        claimed,
        { forwardedFor: '203.0.113.9' },
        'http://shop.example/auth/sign-in',
      );
      expect(vouched.headers.getSetCookie()[0]).toMatch(/^__Host-rampart=/);
    });

    it('gets neither cookie nor token while the second step is due (A36)', async () => {
      auth.answers['signIn'] = SECOND_STEP;
      const response = await signIn();
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(await response.json()).toEqual({
        mfaRequired: true,
        challenge: SECOND_STEP.challenge,
        factors: ['totp', 'sms'],
        phoneHint: '•••• 78',
        expiresAtMs: 600_000,
      });
    });

    it('signing in ends the session that it held before, so that a planted cookie opens nothing (31)', async () => {
      const before = auth.session();
      const { token } = await stores().setup.create('ada', auth.house.clock.now());
      const setup = await stores().sql.transaction((sql) =>
        stores().sessions.create(sql, 'ada', auth.house.clock.now()),
      );
      expect(token).not.toBe('');
      await signIn({ cookie: before.cookie });
      expect(auth.calls.find((one) => one.name === 'signOut')?.args[0]).toEqual(before.state);
      await signIn({ cookie: `rampart_session=${setup.token}` });
      expect(await stores().sessions.find(setup.token, auth.house.clock.now(), false)).toBeUndefined();
    });

    it('is signed in even where the session before cannot be ended', async () => {
      const { cookie: held } = auth.session();
      auth.answers['signOut'] = new Error('the database is away');
      expect((await signIn({ cookie: held })).status).toBe(200);
      expect(auth.house.warned).toHaveLength(1);
    });

    it('signs out: its cookie goes, the cookies of neighbours and the known device stay (45)', async () => {
      const { cookie: held } = auth.session();
      const response = await auth.send('POST', '/auth/sign-out', undefined, { cookie: held });
      expect(response.status).toBe(204);
      expect(response.headers.getSetCookie()).toEqual([
        'rampart_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
      ]);
      expect(response.headers.get('clear-site-data')).toBe('"cache", "storage"');
      expect(response.headers.get('cache-control')).toBe('no-store');
    });

    it('forgets the device too when the account is deleted', async () => {
      const { cookie: held } = auth.session();
      const response = await auth.send('DELETE', '/auth/account', undefined, { cookie: held });
      expect(response.headers.getSetCookie().map((one) => one.split('=', 1)[0])).toEqual([
        'rampart_session',
        'rampart_device',
      ]);
    });

    it('with two different session cookies is nobody (A17)', async () => {
      const own = auth.session();
      const planted = auth.session({ id: 'ses_of_the_attacker' });
      const both = { cookie: `${planted.cookie}; ${own.cookie}` };
      expect((await auth.send('GET', '/auth/session', undefined, both)).status).toBe(401);
      expect((await auth.send('POST', '/auth/refresh', undefined, both)).status).toBe(401);
      expect(auth.asked).not.toContain('refresh');
      const twice = { cookie: `${own.cookie}; ${own.cookie}` };
      expect((await auth.send('GET', '/auth/session', undefined, twice)).status).toBe(200);
    });

    it('over https does not believe a cookie that any page of the site could have set (A17)', async () => {
      const { cookie: held } = auth.session();
      const value = held.split('=')[1] as string;
      for (const name of ['rampart_session', '__host-rampart', '__HOST-rampart', '__Host-Rampart']) {
        const headers = { cookie: `${name}=${value}` };
        expect([name, (await auth.send('POST', '/auth/refresh', undefined, headers, HTTPS)).status]).toEqual([
          name,
          401,
        ]);
      }
      const real = { cookie: `__Host-rampart=${value}` };
      expect((await auth.send('POST', '/auth/refresh', undefined, real, HTTPS)).status).toBe(200);
    });

    it('is given no cookie that is longer than browsers keep (38)', () => {
      expect(() => cookie('rampart-device', 'x'.repeat(4_097))).toThrow();
    });
  });

  describe('an API client', () => {
    it('gets tokens in the body and no cookies, from any address', async () => {
      const response = await signIn(API, {}, 'http://shop.example/auth/sign-in');
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(await response.json()).toMatchObject({
        accessToken: 'eyJ.new.token',
        refreshToken: expect.stringMatching(/^rr_/) as string,
        expiresIn: 900,
        deviceToken: 'device-value',
        scope: 'full',
      });
    });

    it('gets the new tokens with every answer that ends the old ones (31)', async () => {
      const { bearer } = auth.session({ client: 'api' });
      for (const [path, body] of [
        ['/auth/mfa/totp/confirm', { code: '123456' }],
        ['/auth/mfa/sms/confirm', { code: '123456' }],
        ['/auth/passkeys/register/verify', { challenge: 'c', response: {} }],
        ['/auth/step-up', { factor: 'totp', code: '123456' }],
        ['/auth/password/change', { newPassword: 'another long password' }],
      ] as const) {
        // The header is not needed: the session knows what it is.
        const response = await auth.send('POST', path, body, bearer);
        expect([path, response.headers.getSetCookie()]).toEqual([path, []]);
        expect(await response.json()).toMatchObject({ accessToken: 'eyJ.new.token', expiresIn: 900 });
      }
    });

    it('signs out without a word to any browser', async () => {
      const { bearer } = auth.session({ client: 'api' });
      const response = await auth.send('POST', '/auth/sign-out', undefined, bearer);
      expect([response.status, response.headers.getSetCookie()]).toEqual([204, []]);
    });
  });

  describe('a browser that enrols', () => {
    it('gets the new cookie and codes, and no token', async () => {
      const { cookie: held } = auth.session({ scope: 'enrol' });
      const response = await auth.send(
        'POST',
        '/auth/mfa/totp/confirm',
        { code: '123456' },
        { cookie: held },
      );
      expect(response.headers.getSetCookie()[0]).toMatch(/^rampart_session=rs_/);
      expect(await response.json()).toEqual({ backupCodes: ['code-1'] });
    });
  });

  describe('refreshing', () => {
    it('exchanges a cookie for a cookie and a token for a token', async () => {
      const { cookie: held } = auth.session();
      const browser = await auth.send('POST', '/auth/refresh', undefined, { cookie: held });
      expect(browser.headers.getSetCookie()[0]).toMatch(/^rampart_session=rs_/);
      expect(await browser.text()).not.toContain('eyJ');
      expect(auth.calls.at(-1)).toMatchObject({ args: [held.split('=')[1], { client: 'browser' }] });
      const api = await auth.send('POST', '/auth/refresh', { refreshToken: 'rr_x' });
      expect(api.headers.getSetCookie()).toEqual([]);
      expect(auth.calls.at(-1)).toMatchObject({ args: ['rr_x', { client: 'api' }] });
    });

    it('gives no script the token of a cookie that it cannot read', async () => {
      const { cookie: held } = auth.session();
      for (const body of [undefined, {}]) {
        const response = await auth.send('POST', '/auth/refresh', body, { cookie: held, ...API });
        expect(response.status).toBe(401);
      }
      expect(auth.asked).not.toContain('refresh');
    });

    it('takes an empty object for nothing, and nothing but JSON', async () => {
      const { cookie: held } = auth.session();
      expect((await auth.send('POST', '/auth/refresh', {}, { cookie: held })).status).toBe(200);
      const form = await auth.house.fetch('/auth/refresh', {
        method: 'POST',
        body: 'refreshToken=rr_x',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect(form.status).toBe(415);
      expect((await auth.send('POST', '/auth/refresh', { refreshToken: 'rr_x', scope: 'full' })).status).toBe(
        400,
      );
    });
  });

  describe('what identity learns of a request', () => {
    it('is the address of the connection, whatever headers claim', async () => {
      await signIn(
        { 'x-forwarded-for': '198.51.100.1', 'x-real-ip': '198.51.100.2', forwarded: 'for=198.51.100.3' },
        { peer: '192.0.2.77' },
      );
      expect(auth.facts).toMatchObject({
        address: '192.0.2.77',
        group: '192.0.2.77',
        client: 'browser',
        route: '*',
      });
    });

    it('is bounded, and holds nothing that has no sensible form', async () => {
      await signIn({
        'user-agent': 'u'.repeat(10_000),
        'accept-language': 'l'.repeat(10_000),
        'sec-ch-ua-platform': '"Linux"',
        'x-rampart-timezone': '<script>',
        cookie: `rampart_device=${'d'.repeat(5_000)}`,
      });
      const { userAgent, language, platform, ...rest } = auth.facts;
      expect([userAgent?.length, language?.length, platform]).toEqual([512, 200, 'Linux']);
      expect(rest).not.toHaveProperty('timezone');
      expect(rest).not.toHaveProperty('device');
    });

    it('is the device of the cookie for a browser, of the header for an API client', async () => {
      const headers = { cookie: 'rampart_device=of-the-cookie', 'x-rampart-device': 'of-the-header' };
      await signIn(headers);
      expect(auth.facts.device).toBe('of-the-cookie');
      await signIn({ ...headers, ...API });
      expect(auth.facts.device).toBe('of-the-header');
      await signIn({ cookie: 'rampart_device=one; rampart_device=two' });
      expect(auth.facts).not.toHaveProperty('device');
    });

    it('is the key of a proof that the corridor has verified, and never one that a header names', () => {
      const context = new RequestContext(
        { method: 'POST', target: '/', peer: '192.0.2.1', encrypted: false, header: () => undefined },
        1,
        1,
        '/',
        {
          route: { name: 'POST /auth/*', settings: {} },
          guards: [],
          bodyGuards: [],
          headers: [],
          removes: [],
        },
        { address: '192.0.2.1', group: '192.0.2.0/24', forwarded: false },
      );
      const headers: Readonly<Record<string, string>> = { dpop: 'eyJ.proof', 'x-rampart-client': 'API ' };
      const c = {
        env: { context },
        req: { url: 'http://localhost/', header: (name: string) => headers[name] },
      } as unknown as ApiContext;
      expect(factsOf(c)).toEqual({
        address: '192.0.2.1',
        group: '192.0.2.0/24',
        client: 'api',
        route: 'POST /auth/*',
      });
      context.set(DpopThumbprint, 'thumbprint-of-the-key');
      expect(factsOf(c).dpopThumbprint).toBe('thumbprint-of-the-key');
    });

    it('is the time zone of the body before that of the header', async () => {
      const body = { ...SIGN_IN, timezone: 'Europe/Berlin' };
      await auth.send('POST', '/auth/sign-in', body, { 'x-rampart-timezone': 'Asia/Dubai' });
      expect(auth.facts.timezone).toBe('Europe/Berlin');
      expect(auth.calls.at(-1)?.args[0]).toEqual(SIGN_IN);
      expect((await auth.send('POST', '/auth/sign-in', { ...SIGN_IN, timezone: '../etc' })).status).toBe(400);
    });
  });
}
