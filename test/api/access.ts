import type { Stores } from '../../src/server/data/index.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../src/server/api/index.ts';
import type { Route } from '../../src/server/api/route.ts';
import { makeSampleToken } from '../../src/server/api/sample-token.ts';
import { errorOf, House, jsonInit, OPERATOR_KEY, type SignedIn, strangersToken } from './house.ts';
import { shieldOf } from './shield-records.ts';

/** Who may call what. */
export function accessSuite(stores: () => Stores): void {
  let house: House;
  let routes: readonly Route[];
  beforeEach(async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    house = new House(stores(), { ports: { shield: shieldOf() } });
    routes = apiRoutes(house.ports);
  });
  /** A path that fits the route's pattern. */
  const pathOf = ({ spec }: Route): string => spec.path.replace(/:\w+/g, 'x').replace(/\*$/, 'x');
  const guarded = (): readonly Route[] => routes.filter((one) => one.spec.path.startsWith('/admin/'));
  const signsIn = ({ spec }: Route): boolean => spec.signsIn === true;

  describe('every route of the console', () => {
    it('is refused with 401 to whoever is not signed in, whatever they hold', async () => {
      expect(guarded().length).toBeGreaterThan(18);
      expect(guarded().filter(signsIn)).toHaveLength(1);
      const proofs: readonly Readonly<Record<string, string>>[] = [
        {},
        { cookie: `rampart_session=${strangersToken()}` },
        { cookie: 'rampart_session=' },
        { authorization: 'Bearer ' },
        { authorization: `Bearer ${OPERATOR_KEY}x` },
        { authorization: `Basic ${btoa(`operator:${OPERATOR_KEY}`)}` },
        { authorization: `Bearer ${makeSampleToken(house.ports.facts.secret, 'ada', house.clock.now())}` },
      ];
      for (const one of guarded().filter((each) => !signsIn(each))) {
        for (const headers of proofs) {
          const response = await house.fetch(pathOf(one), jsonInit(one.spec.method, undefined, headers));
          expect([one.spec.method, one.spec.path, response.status]).toEqual([
            one.spec.method,
            one.spec.path,
            401,
          ]);
        }
      }
    });

    it('that writes is refused with 403 without the token of this very session', async () => {
      const ada = await house.signIn('ada');
      const bob = await house.signIn('bob');
      const writes = guarded().filter((one) => one.spec.method !== 'GET' && !signsIn(one));
      expect(writes.length).toBeGreaterThan(8);
      for (const one of writes) {
        for (const csrf of [undefined, '', bob.csrf, `${ada.csrf}x`, ada.csrf.slice(1)]) {
          const headers = { cookie: ada.cookie, ...(csrf === undefined ? {} : { 'x-rampart-csrf': csrf }) };
          const response = await house.fetch(pathOf(one), jsonInit(one.spec.method, {}, headers));
          expect([one.spec.method, one.spec.path, response.status]).toEqual([
            one.spec.method,
            one.spec.path,
            403,
          ]);
        }
      }
    });

    it('looks the same as what is not there, to whoever is not signed in', async () => {
      const ada = await house.signIn();
      for (const path of ['/admin/none', '/admin/blocks/x/y/z', '/admin/']) {
        expect((await house.fetch(path)).status).toBe(401);
        expect((await ada.get(path)).status).toBe(404);
      }
      expect((await house.fetch('/admin/blocks', { method: 'PUT' })).status).toBe(401);
    });

    it('is not kept by any cache', async () => {
      const ada = await house.signIn();
      for (const path of ['/admin/session', '/admin/blocks', '/admin/health', '/admin/decisions']) {
        expect((await ada.get(path)).headers.get('cache-control')).toBe('no-store');
      }
    });
  });

  describe('signing in', () => {
    const signIn = (setupToken: unknown): Promise<Response> =>
      house.fetch('/admin/session', jsonInit('POST', { setupToken }, {}));

    it('works once per link, and both are told of', async () => {
      const { token } = await stores().setup.create('ada', house.clock.now());
      const first = await signIn(token);
      expect(first.status).toBe(200);
      expect(first.headers.get('set-cookie')).toMatch(
        /^rampart_session=[\w-]{43}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Strict$/,
      );
      const second = await signIn(token);
      expect(second.status).toBe(401);
      expect(second.headers.get('set-cookie')).toBeNull();
      expect(JSON.stringify(await errorOf(second))).not.toContain(token);
      expect(house.emitted.map((one) => one.type)).toEqual(['SETUP_LINK_REFUSED']);
      const [used] = await stores().events.page({ limit: 1, types: ['SETUP_LINK_USED'] });
      expect(used).toMatchObject({ actor: 'ada', severity: 'HIGH', address: '192.0.2.10' });
    });

    it('lets in exactly one of fifty who use the link at once', async () => {
      const { token } = await stores().setup.create('ada', house.clock.now());
      const answers = await Promise.all(Array.from({ length: 50 }, () => signIn(token)));
      expect(answers.filter((one) => one.status === 200)).toHaveLength(1);
      expect(answers.filter((one) => one.status === 401)).toHaveLength(49);
    });

    it('over https gives a cookie that only this host can set', async () => {
      const { token } = await stores().setup.create('ada', house.clock.now());
      const response = await house.fetch('/admin/session', jsonInit('POST', { setupToken: token }, {}), {
        encrypted: true,
      });
      expect(response.headers.get('set-cookie')).toMatch(
        /^__Host-rampart=[\w-]{43}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Strict; Secure$/,
      );
    });

    it('over plain http is refused from anywhere but this machine, and leaves the link unused', async () => {
      const { token } = await stores().setup.create('ada', house.clock.now());
      const at = (origin: string, headers = {}, arrival = {}): Promise<Response> =>
        house.fetch(`${origin}/admin/session`, jsonInit('POST', { setupToken: token }, headers), arrival);
      expect((await at('http://console.example')).status).toBe(403);
      expect((await at('http://localhost.example')).status).toBe(403);
      // A forwarded scheme counts only from a proxy that is trusted.
      expect((await at('http://console.example', { 'x-forwarded-proto': 'https' })).status).toBe(403);
      const trusted = await at(
        'http://console.example',
        { 'x-forwarded-proto': 'https' },
        { forwardedFor: '203.0.113.7' },
      );
      expect(trusted.status).toBe(200);
      expect(trusted.headers.get('set-cookie')).toContain('__Host-rampart=');
    });

    it('gives a new session each time and ends the one before', async () => {
      const ada = await house.signIn();
      const { token } = await stores().setup.create('ada', house.clock.now());
      const again = await house.fetch(
        '/admin/session',
        jsonInit('POST', { setupToken: token }, { cookie: ada.cookie }),
      );
      expect(again.headers.get('set-cookie')).not.toContain(ada.cookie);
      expect((await ada.get('/admin/session')).status).toBe(401);
    });
  });

  describe('a session', () => {
    let ada: SignedIn;
    beforeEach(async () => {
      ada = await house.signIn();
    });

    it('says whose it is, and ends on signing out', async () => {
      const session = (await (await ada.get('/admin/session')).json()) as object;
      expect(session).toMatchObject({ name: 'ada', csrfToken: ada.csrf });
      const out = await ada.send('DELETE', '/admin/session');
      expect(out.status).toBe(204);
      expect(out.headers.get('set-cookie')).toMatch(/^rampart_session=; Path=\/; Max-Age=0;/);
      expect((await ada.get('/admin/session')).status).toBe(401);
    });

    it('ends after an idle hour', async () => {
      house.clock.advance(3_599_000);
      expect((await ada.get('/admin/session')).status).toBe(200);
      house.clock.advance(3_600_000);
      expect((await ada.get('/admin/session')).status).toBe(401);
    });

    it('does not count when its cookie is there twice with different values', async () => {
      const planted = `rampart_session=${strangersToken()}`;
      for (const cookie of [`${ada.cookie}; ${planted}`, `${planted}; ${ada.cookie}`]) {
        expect((await house.fetch('/admin/session', { headers: { cookie } })).status).toBe(401);
      }
      const twice = { headers: { cookie: `${ada.cookie}; other=1; ${ada.cookie}` } };
      expect((await house.fetch('/admin/session', twice)).status).toBe(200);
    });

    it('of plain http is not taken over https, nor under another spelling', async () => {
      const value = ada.cookie.slice('rampart_session='.length);
      const tries = [ada.cookie, `__host-rampart=${value}`, `__Host-Rampart=${value}`];
      for (const cookie of tries) {
        const response = await house.fetch('/admin/session', { headers: { cookie } }, { encrypted: true });
        expect(response.status).toBe(401);
      }
    });
  });

  describe('the operator key', () => {
    it('reads and writes without a CSRF token', async () => {
      expect((await house.operator('GET', '/admin/session')).status).toBe(200);
      const block = { target: '203.0.113.9', minutes: 1, reason: 'cli' };
      expect((await house.operator('POST', '/admin/blocks', block)).status).toBe(201);
    });

    it('alone makes sign-in links, and they work', async () => {
      const ada = await house.signIn();
      expect((await ada.send('POST', '/admin/setup-links', {})).status).toBe(403);
      const response = await house.operator('POST', '/admin/setup-links', { name: 'bob' });
      expect(response.status).toBe(201);
      const link = (await response.json()) as { token: string; path: string };
      expect(link.path).toBe(`/console/setup#token=${link.token}`);
      const session = await house.fetch('/admin/session', jsonInit('POST', { setupToken: link.token }, {}));
      expect(await session.json()).toMatchObject({ name: 'bob' });
      const [made] = await stores().events.page({ limit: 1, types: ['CONFIGURATION_CHANGE'] });
      expect(JSON.stringify(made)).not.toContain(link.token);
    });

    it('and the signing secret are refused when they are short', () => {
      expect(() => new House(stores(), { facts: { operatorKey: 'short' } })).toThrow(/operatorKey/);
      expect(() => new House(stores(), { facts: { secret: new Uint8Array(8) } })).toThrow(/secret/);
    });
  });

  describe('metrics', () => {
    const status = async (headers: Record<string, string>, arrival: object): Promise<number> =>
      (await house.fetch('/metrics', { headers }, arrival)).status;

    it('are read on this machine, with the operator key, and at the console', async () => {
      expect(await status({}, { peer: '127.0.0.1' })).toBe(200);
      expect(await status({}, { peer: '::1' })).toBe(200);
      expect(await status({ authorization: `Bearer ${OPERATOR_KEY}` }, {})).toBe(200);
      expect((await (await house.signIn()).get('/metrics')).status).toBe(200);
    });

    it('are refused to strangers, also through a proxy on this machine', async () => {
      expect(await status({}, { peer: '192.0.2.10' })).toBe(401);
      expect(await status({ 'x-forwarded-for': '203.0.113.7' }, { peer: '127.0.0.1' })).toBe(401);
      expect(await status({ forwarded: 'for=203.0.113.7' }, { peer: '127.0.0.1' })).toBe(401);
      expect(await status({}, { peer: '127.0.0.1', forwardedFor: '127.0.0.1' })).toBe(401);
      const without = await house.app.fetch(new Request('http://localhost/metrics'));
      expect(without.status).toBe(401);
    });
  });

  it('probes tell strangers nothing but yes or no', async () => {
    for (const [path, name] of [
      ['/livez', 'live'],
      ['/readyz', 'ready'],
      ['/startupz', 'started'],
    ] as const) {
      const yes = await house.fetch(path);
      expect([yes.status, await yes.json()]).toEqual([200, { status: 'ok' }]);
      house.state = { live: true, ready: true, started: true, [name]: false };
      const no = await house.fetch(path);
      expect([no.status, await no.json()]).toEqual([503, { status: 'unavailable' }]);
    }
  });
}
