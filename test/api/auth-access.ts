import { beforeEach, describe, expect, it } from 'vitest';
import { AppError, NotFoundError } from '../../src/core/errors.ts';
import { apiRoutes } from '../../src/server/api/index.ts';
import { openApiDocument, openApiPath } from '../../src/server/api/openapi.ts';
import type { Route } from '../../src/server/api/route.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { AuthHouse, SECOND_STEP } from './auth-house.ts';
import { errorOf } from './house.ts';

/** All that a sign-in which lacks a step may reach besides what is open to everybody (A36). */
const ENROLLING = [
  'GET /auth/mfa',
  'GET /auth/session',
  'GET /auth/step-up',
  'POST /auth/mfa/sms/confirm',
  'POST /auth/mfa/sms/enrol',
  'POST /auth/mfa/totp/confirm',
  'POST /auth/mfa/totp/enrol',
  'POST /auth/passkeys/register/options',
  'POST /auth/passkeys/register/verify',
  'POST /auth/passkeys/step-up/options',
  'POST /auth/sign-out',
  'POST /auth/step-up',
  'POST /auth/step-up/send',
];
const RESETTING = ['GET /auth/session', 'POST /auth/password/change', 'POST /auth/sign-out'];
/** Routes of /auth that ask for no session. */
const OPEN = [
  'GET /auth/password/rules',
  'POST /auth/email/resend',
  'POST /auth/email/verify',
  'POST /auth/mfa/passkey/options',
  'POST /auth/mfa/send',
  'POST /auth/mfa/verify',
  'POST /auth/passkeys/sign-in/options',
  'POST /auth/passkeys/sign-in/verify',
  'POST /auth/password/forgot',
  'POST /auth/password/reset',
  'POST /auth/refresh',
  'POST /auth/sign-in',
  'POST /auth/sign-up',
  'POST /auth/unlock',
];

/** Who reaches what under /auth, and what may be sent there. */
export function authAccessSuite(stores: () => Stores): void {
  let auth: AuthHouse;
  let routes: readonly Route[];
  beforeEach(() => {
    auth = new AuthHouse(stores());
    routes = apiRoutes(auth.house.ports);
  });
  const nameOf = ({ spec }: Route): string => `${spec.method} ${spec.path}`;
  const pathOf = ({ spec }: Route): string => spec.path.replace(/:\w+/g, 'x').replace(/\*$/, 'x');
  const closed = (): readonly Route[] => routes.filter((one) => one.spec.access !== 'public');
  /** Names of the closed routes that answer something else than 401 or 403. */
  const reached = async (headers: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const one of closed()) {
      const body = one.spec.method === 'GET' ? undefined : {};
      const response = await auth.send(one.spec.method, pathOf(one), body, headers);
      await response.body?.cancel();
      if (response.status !== 401 && response.status !== 403) found.push(nameOf(one));
    }
    return found.toSorted();
  };

  describe('a sign-in that lacks a step reaches nothing but that step (A36)', () => {
    it('over all routes, when a second factor must be enrolled first', async () => {
      const roles = ['administrator', 'customer'];
      const { cookie, bearer } = auth.session({ scope: 'enrol', roles, aal: 2 });
      expect(closed().length).toBeGreaterThan(60);
      expect(await reached({ cookie })).toEqual(ENROLLING);
      expect(await reached(bearer)).toEqual(ENROLLING);
    });

    it('over all routes, when a new password must be set first', async () => {
      const { cookie } = auth.session({ scope: 'reset', roles: ['administrator'], aal: 2 });
      expect(await reached({ cookie })).toEqual(RESETTING);
    });

    it('over all routes, with the challenge of a second step as if it were a token', async () => {
      for (const token of [SECOND_STEP.challenge, `eyJ${SECOND_STEP.challenge}`]) {
        expect(await reached({ authorization: `Bearer ${token}` })).toEqual([]);
        expect(await reached({ cookie: `rampart_session=${token}` })).toEqual([]);
      }
    });

    it('and is told which step that is', async () => {
      const enrol = auth.session({ scope: 'enrol' });
      const reset = auth.session({ scope: 'reset' });
      const code = async (cookie: string, path: string, method = 'GET'): Promise<string> =>
        (await errorOf(await auth.send(method, path, undefined, { cookie }))).code;
      expect(await code(enrol.cookie, '/auth/sessions')).toBe('MFA_REQUIRED');
      expect(await code(reset.cookie, '/auth/sessions')).toBe('PASSWORD_RESET_REQUIRED');
      expect(await code(reset.cookie, '/auth/mfa')).toBe('PASSWORD_RESET_REQUIRED');
      expect(await code(reset.cookie, '/auth/mfa/totp/enrol', 'POST')).toBe('PASSWORD_RESET_REQUIRED');
    });
  });

  describe('every route of /auth', () => {
    const own = (): readonly Route[] => routes.filter((one) => one.spec.path.startsWith('/auth/'));

    it('is closed unless it is how somebody comes in', () => {
      const open = own().filter((one) => one.spec.access === 'public');
      expect(open.map(nameOf).toSorted()).toEqual(OPEN);
      expect(own().length).toBeGreaterThan(40);
    });

    it('that is closed answers 401 to nobody, a set-up link and the operator key, who have no account', async () => {
      const link = await auth.house.signIn();
      for (const one of own().filter((each) => each.spec.access !== 'public')) {
        const body = one.spec.body ? {} : undefined;
        const answers = [
          await auth.send(one.spec.method, pathOf(one), body),
          await auth.house.operator(one.spec.method, pathOf(one), body),
          await link.send(one.spec.method, pathOf(one), body),
        ];
        expect([nameOf(one), ...answers.map((answer) => answer.status)]).toEqual([
          nameOf(one),
          401,
          401,
          401,
        ]);
      }
    });

    it('refuses fields that it does not name, nested ones too, and asks identity nothing (A34)', async () => {
      const { cookie } = auth.session();
      const withBody = own().filter((one) => one.spec.body);
      expect(withBody.length).toBeGreaterThan(20);
      for (const one of withBody) {
        const before = auth.calls.length;
        const extra = {
          role: 'administrator',
          roles: ['administrator'],
          emailVerified: true,
          aal: 2,
          'user.role': 1,
        };
        const response = await auth.send(one.spec.method, pathOf(one), extra, { cookie });
        const { code, details } = await errorOf(response);
        expect([nameOf(one), response.status, code]).toEqual([nameOf(one), 400, 'VALIDATION_ERROR']);
        expect((details as { code: string }[]).map((fault) => fault.code)).toContain('UNKNOWN_KEY');
        expect(auth.calls).toHaveLength(before);
      }
      const nested = {
        challenge: 'c',
        factor: 'passkey',
        passkey: { challenge: 'c', response: {}, uv: true },
      };
      expect((await auth.send('POST', '/auth/mfa/verify', nested)).status).toBe(400);
      const polluted = '{"email":"a@b.c","password":"p","__proto__":{"roles":["administrator"]}}';
      const response = await auth.house.fetch('/auth/sign-up', {
        method: 'POST',
        body: polluted,
        headers: { 'content-type': 'application/json' },
      });
      expect(response.status).toBe(400);
      expect(auth.asked).not.toContain('signUp');
    });

    it('takes no form of another site for JSON, and no more than 64 KiB (A18, A23)', async () => {
      const { cookie } = auth.session();
      for (const one of own().filter((each) => each.spec.body)) {
        const init = { method: one.spec.method, body: '{"email":"a@b.c"}' };
        const form = { cookie, 'content-type': 'text/plain' };
        const answer = await auth.house.fetch(pathOf(one), { ...init, headers: form });
        expect([nameOf(one), answer.status]).toEqual([nameOf(one), 415]);
      }
      const large = { email: 'ada@example.org', password: 'p'.repeat(100_000) };
      expect((await auth.send('POST', '/auth/sign-in', large)).status).toBe(413);
      expect(auth.calls).toEqual([]);
    });

    it('takes of a proof exactly what its factor needs', async () => {
      const { cookie } = auth.session();
      const status = async (body: object): Promise<number> =>
        (await auth.send('POST', '/auth/step-up', body, { cookie })).status;
      expect(await status({ factor: 'password', password: 'p' })).toBe(200);
      expect(await status({ factor: 'totp', code: '１２３ ４５６' })).toBe(200);
      expect(await status({ factor: 'password', code: '123456' })).toBe(400);
      expect(await status({ factor: 'totp', code: '123456', password: 'p' })).toBe(400);
      expect(await status({ factor: 'totp' })).toBe(400);
      const first = { challenge: 'c', factor: 'password', password: 'p' };
      expect((await auth.send('POST', '/auth/mfa/verify', first)).status).toBe(400);
    });

    it('is not kept by any cache', async () => {
      const { cookie } = auth.session();
      for (const one of own().filter((each) => each.spec.method === 'GET')) {
        const response = await auth.send('GET', pathOf(one), undefined, { cookie });
        expect([nameOf(one), response.status, response.headers.get('cache-control')]).toEqual([
          nameOf(one),
          200,
          'no-store',
        ]);
      }
    });

    it('stands in the OpenAPI document with a summary and how it is reached', () => {
      const { paths } = openApiDocument(routes, '1') as {
        paths: Record<string, Record<string, { summary: string; security: unknown[] }>>;
      };
      for (const one of own()) {
        const operation = paths[openApiPath(one.spec.path)]?.[one.spec.method.toLowerCase()];
        expect(operation?.summary).toMatch(/^[A-Z]/);
        expect(operation?.security.length).toBe(one.spec.access === 'public' ? 0 : 2);
      }
    });

    it('says of the exchange of a refresh token that a body may be left out, and what it holds', () => {
      const { paths } = openApiDocument(routes, '1') as {
        paths: Record<string, { post: { requestBody: unknown } }>;
      };
      expect(paths['/auth/refresh']?.post.requestBody).toMatchObject({
        required: false,
        content: { 'application/json': { schema: { properties: { refreshToken: { type: 'string' } } } } },
      });
    });
  });

  describe('what belongs to somebody else', () => {
    it('is not there: sessions, devices and passkeys by their id (A65)', async () => {
      const { cookie } = auth.session();
      const id = 'ses_01k9x3v8c0m2n4p6q8r0s2t4v6';
      for (const [method, path, body] of [
        ['DELETE', `/auth/sessions/${id}`, undefined],
        ['DELETE', `/auth/devices/${id}`, undefined],
        ['DELETE', `/auth/passkeys/${id}`, undefined],
        ['PATCH', `/auth/passkeys/${id}`, { name: 'Mine' }],
      ] as const) {
        auth.answers['removePasskey'] = new NotFoundError();
        auth.answers['renamePasskey'] = new NotFoundError();
        expect([path, (await auth.send(method, path, body, { cookie })).status]).toEqual([path, 404]);
      }
    });

    it('is never named by the caller: account and session come from the proof alone', async () => {
      const { cookie, state } = auth.session();
      await auth.send('GET', '/auth/history?account=acc_x', undefined, { cookie });
      expect(auth.asked).toEqual([]);
      await auth.send('GET', '/auth/history', undefined, { cookie });
      await auth.send('DELETE', '/auth/sessions/ses_x', undefined, { cookie });
      expect(auth.calls[0]).toMatchObject({ name: 'accounts.history', args: [state.account, 50, undefined] });
      expect(auth.calls[1]).toMatchObject({ name: 'endSession', args: [state, 'ses_x', {}] });
    });
  });

  describe('answers', () => {
    it('hold named fields alone, whatever identity hands out', async () => {
      const { cookie } = auth.session();
      const texts = await Promise.all([
        auth.send('GET', '/auth/session', undefined, { cookie }),
        auth.send('PATCH', '/auth/profile', { name: 'Ada' }, { cookie }),
        auth.send('GET', '/auth/mfa', undefined, { cookie }),
        auth.send('POST', '/auth/passkeys/sign-in/options'),
      ]).then((all) => Promise.all(all.map((one) => one.text())));
      const all = texts.join('\n');
      for (const secret of ['argon2id', 'handle-of-the-row', 'must not be shown', '4915112345678']) {
        expect(all).not.toContain(secret);
      }
      expect(all).toContain('•••• 78');
    });

    it('let refusals of identity through as they are', async () => {
      auth.answers['signIn'] = new AppError(
        'Mail address or password is not right.',
        401,
        'INVALID_CREDENTIALS',
      );
      const body = { email: 'ada@example.org', password: 'wrong' };
      const response = await auth.send('POST', '/auth/sign-in', body);
      expect([response.status, (await errorOf(response)).code]).toEqual([401, 'INVALID_CREDENTIALS']);
      expect(response.headers.getSetCookie()).toEqual([]);
    });

    it('of the keys may be kept for five minutes, and are public ones', async () => {
      const response = await auth.send('GET', '/.well-known/jwks.json');
      expect(response.headers.get('cache-control')).toBe('public, max-age=300');
      expect(await response.json()).toEqual({ keys: [{ kty: 'OKP', kid: 'k' }] });
    });
  });

  it('there is nothing under /auth where the application has a login of its own', () => {
    const without = apiRoutes({ ...auth.house.ports, identity: null });
    expect(without.filter((one) => one.spec.path.startsWith('/auth/'))).toEqual([]);
    expect(without.filter((one) => one.spec.path.startsWith('/admin/users'))).toEqual([]);
  });
}
