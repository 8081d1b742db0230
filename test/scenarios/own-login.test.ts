import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHmac, timingSafeEqual } from 'node:crypto';
import express from 'express';
import session from 'express-session';
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Principal, type PrincipalValue, type RequestView } from '../../src/core/index.ts';
import { type Guard, rampart } from '../../src/doors/express.ts';

declare module 'express-session' {
  interface SessionData {
    user: string;
    roles: string[];
  }
}

const running: Server[] = [];
const guards: Guard[] = [];
afterAll(async () => {
  for (const server of running) {
    server.closeAllConnections();
    server.close();
  }
  for (const guard of guards) await guard.close();
});

async function listen(server: Server): Promise<string> {
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An application that is protected by limits per user, and says who Rampart takes the caller for. */
async function application(
  identify: (request: RequestView) => PrincipalValue | null | Promise<PrincipalValue | null>,
  prepare: (app: express.Express) => void,
): Promise<string> {
  const guard = await rampart(
    {
      limits: { perUser: { max: 2, window: '1h', by: 'user' } },
      routes: { '/orders': { limit: 'perUser' } },
      browser: { csrf: false },
      identify,
    },
    { redisUrl: '', accessLog: { write: () => undefined } },
  );
  guards.push(guard);
  const app = express();
  app.use(guard);
  prepare(app);
  app.get('/orders', (request, response) => {
    response.json({ who: request.rampart?.get(Principal)?.id ?? 'anonymous' });
  });
  app.use(guard.errors);
  return listen(createServer(app));
}

const get = async (url: string, headers: Readonly<Record<string, string>>) => {
  const response = await fetch(`${url}/orders`, { headers });
  const body = (await response.json()) as { who?: string };
  return { status: response.status, who: body.who };
};

describe('an application with its own sessions (express-session)', () => {
  const secret = 'a secret of the application itself';
  const store = new session.MemoryStore();
  let url: string;

  /** What express-session writes into its cookie: `s:ID.SIGNATURE`. */
  function sessionId(request: RequestView): string | null {
    const found = /(?:^|;\s*)connect\.sid=s%3A([^.;]+)\.([^;]+)/.exec(request.header('cookie') ?? '');
    if (!found) return null;
    const [, id, signature] = found as unknown as [string, string, string];
    const expected = createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '');
    // Compared as they stand in the cookie: a forged one need not be decodable.
    const [given, right] = [Buffer.from(signature), Buffer.from(encodeURIComponent(expected))];
    return given.length === right.length && timingSafeEqual(given, right) ? id : null;
  }

  beforeAll(async () => {
    url = await application(
      (request) => {
        const id = sessionId(request);
        if (id === null) return null;
        return new Promise((resolve, reject) =>
          store.get(id, (error: unknown, data) => {
            if (error !== null && error !== undefined) reject(error);
            else
              resolve(data?.user ? { id: `user:${data.user}`, kind: 'user', roles: data.roles ?? [] } : null);
          }),
        );
      },
      (app) => {
        app.use(session({ secret, store, resave: false, saveUninitialized: false }));
        app.post('/login/:name', (request, response, next) => {
          request.session.regenerate((error) => {
            if (error) return next(error);
            request.session.user = request.params.name;
            request.session.roles = ['customer'];
            response.status(204).end();
          });
        });
      },
    );
  });

  const signIn = async (name: string): Promise<string> => {
    const response = await fetch(`${url}/login/${name}`, { method: 'POST' });
    return (response.headers.get('set-cookie') as string).split(';', 1)[0] as string;
  };

  it('is all that limits per user need', async () => {
    const [ada, bob] = [await signIn('ada'), await signIn('bob')];
    expect(await get(url, { cookie: ada })).toEqual({ status: 200, who: 'user:ada' });
    expect((await get(url, { cookie: ada })).status).toBe(200);
    expect((await get(url, { cookie: ada })).status).toBe(429);
    expect(await get(url, { cookie: bob })).toEqual({ status: 200, who: 'user:bob' });
  });

  it('is not fooled by a cookie that the application did not sign', async () => {
    const ada = await signIn('ada');
    expect(await get(url, { cookie: `${ada.slice(0, -4)}%AAA` })).toEqual({ status: 200, who: 'anonymous' });
  });
});

describe('an application behind a token issuer (JWKS)', () => {
  let url: string;
  let issuer: string;
  let sign: (claims: Record<string, unknown>, audience?: string) => Promise<string>;

  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    issuer = await listen(
      createServer((_request, response) =>
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })),
      ),
    );
    sign = (claims, audience = 'orders') =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject('ada')
        .setExpirationTime('5m')
        .sign(privateKey);
    const keys = createRemoteJWKSet(new URL(`${issuer}/jwks.json`));
    url = await application(
      async (request) => {
        const token = /^bearer (\S+)$/i.exec(request.header('authorization') ?? '')?.[1];
        if (token === undefined) return null;
        try {
          const { payload } = await jwtVerify(token, keys, {
            issuer,
            audience: 'orders',
            algorithms: ['ES256'],
          });
          return {
            id: `user:${payload.sub ?? ''}`,
            kind: 'user',
            roles: (payload['roles'] as string[]) ?? [],
          };
        } catch {
          return null;
        }
      },
      () => undefined,
    );
  });

  it('is all that limits per user need', async () => {
    const authorization = `Bearer ${await sign({ roles: ['customer'] })}`;
    expect(await get(url, { authorization })).toEqual({ status: 200, who: 'user:ada' });
    expect((await get(url, { authorization })).status).toBe(200);
    expect((await get(url, { authorization })).status).toBe(429);
  });

  it('takes a token for somebody else, or for another service, for nobody', async () => {
    const foreign = await sign({}, 'billing');
    expect(await get(url, { authorization: `Bearer ${foreign}` })).toEqual({ status: 200, who: 'anonymous' });
    expect(await get(url, { authorization: 'Bearer x.y.z' })).toEqual({ status: 200, who: 'anonymous' });
  });
});
