import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Principal } from '../../src/core/index.ts';
import { type Guard, rampart } from '../../src/doors/express.ts';
import { rampart as rampartWeb, type Guard as WebGuard, contextOf } from '../../src/doors/web.ts';
import { Visitor } from '../attacks/visitor.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-accounts-'));
const ADMIN = { id: 'test', address: '127.0.0.1' };
const PASSWORD = 'seven quiet herons walking';

describe('accounts inside an Express application', () => {
  let guard: Guard;
  let server: Server;
  let port: number;

  beforeAll(async () => {
    guard = await rampart(
      {
        identity: { publicUrl: 'http://localhost' },
        routes: { 'POST /payout': { freshAuth: { within: '5m' } } },
      },
      { databaseUrl: '', redisUrl: '', dataDir: join(folder, 'express') },
    );
    const app = express();
    app.use(guard);
    if (guard.accounts) app.use(guard.accounts.handle);
    app.use(express.json());
    app.get('/me', (request, response) => {
      response.json({ who: request.rampart?.get(Principal)?.roles ?? null });
    });
    app.post('/payout', (_request, response) => void response.json({ paid: true }));
    app.use(guard.notFound);
    app.use(guard.errors);
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    await guard.accounts?.identity.accounts.create(
      { email: 'ada@example.org', name: 'Ada', password: PASSWORD, roles: ['customer'] },
      ADMIN,
    );
  });
  afterAll(async () => {
    server?.closeAllConnections();
    server?.close();
    await guard?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answer /auth, and tell the application who is signed in, and how recently', async () => {
    const visitor = new Visitor(port);
    expect((await visitor.get<{ who: unknown }>('/me')).body.who).toBeNull();
    expect((await visitor.post('/payout', {})).status).toBe(401);
    const signedIn = await visitor.post('/auth/sign-in', { email: 'ada@example.org', password: PASSWORD });
    expect(signedIn.status).toBe(200);
    expect((await visitor.get<{ who: unknown }>('/me')).body.who).toEqual(['customer']);
    expect((await visitor.post('/payout', {})).body).toEqual({ paid: true });
    expect((await visitor.post('/auth/sign-out')).status).toBe(204);
    expect((await visitor.post('/payout', {})).status).toBe(401);
  });

  it('keep the mails of development where the application can read them', async () => {
    await new Visitor(port).post('/auth/password/forgot', { email: 'ada@example.org' });
    const read = async () => (await guard.accounts?.mailbox?.list())?.messages ?? [];
    // Others may be there: signing in from something new is told by mail, too.
    const mail = expect.objectContaining({ to: 'ada@example.org', kind: 'reset-password' }) as unknown;
    await expect.poll(read).toContainEqual(mail);
  });

  it('leave every other path to the application', async () => {
    const visitor = new Visitor(port);
    for (const path of ['/authors', '/accounting', '/console', '/admin/users', '/.well-known/other'])
      expect((await visitor.get(path)).code).toBe('NOT_FOUND');
    expect((await visitor.get('/.well-known/jwks.json')).status).toBe(200);
    expect((await visitor.get('/auth/session')).status).toBe(401);
  });
});

/** A request that was made in the process brings no headers by itself. */
const ask = (path: string): Request =>
  new Request(`http://localhost${path}`, { headers: { 'user-agent': 'test', accept: '*/*' } });

describe('accounts inside an application of Request and Response', () => {
  let guard: WebGuard;
  afterAll(() => guard?.close());

  it('answer /auth, and leave the rest', async () => {
    guard = await rampartWeb(
      { identity: { publicUrl: 'http://localhost' } },
      { databaseUrl: '', redisUrl: '', dataDir: join(folder, 'web') },
    );
    const fetch = guard(async (request) => {
      const own = await guard.accounts?.fetch(request, contextOf(request));
      return own ?? new Response('the application');
    });
    const jwks = await fetch(ask('/.well-known/jwks.json'));
    expect(((await jwks.json()) as { keys: unknown[] }).keys).toHaveLength(1);
    expect(await (await fetch(ask('/x'))).text()).toBe('the application');
    expect((await fetch(ask('/auth/session'))).status).toBe(401);
  });

  it('are asked for where a route demands a fresh factor: it never stays open without them', async () => {
    await expect(
      rampartWeb({ routes: { 'POST /payout': { freshAuth: true } } }, { databaseUrl: '', redisUrl: '' }),
    ).rejects.toThrow('routes.POST /payout.freshAuth: needs accounts');
  });

  it('open with the records of a Redis that is down, on the database alone', async () => {
    const down = await rampartWeb(
      { identity: { publicUrl: 'http://localhost' } },
      { databaseUrl: '', redisUrl: 'redis://127.0.0.1:1', dataDir: join(folder, 'down') },
    );
    const fetch = down(() => Promise.resolve(new Response('the application')));
    expect(await (await fetch(ask('/x'))).text()).toBe('the application');
    await down.close();
  });

  it('cannot be opened without the address that links lead to', async () => {
    await expect(
      rampartWeb({ identity: {} }, { databaseUrl: '', redisUrl: '', dataDir: join(folder, 'x') }),
    ).rejects.toThrow('identity.publicUrl: needed');
  });
});
