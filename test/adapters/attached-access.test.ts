import express from 'express';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { defineRampart, type Guard, rampart } from '../../src/doors/express.ts';
import { defineAccess } from '../../src/modules/access/index.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { send } from '../scenarios/client.ts';
import { listening } from './apps.ts';

const OPERATOR = { id: 'user:root', address: '127.0.0.1' };

describe('access inside an application with a login of its own', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rampart-attached-'));
  let guard: Guard;
  let app: RunningApp;
  beforeAll(async () => {
    const config = defineRampart({
      identify: (request) => {
        const name = request.header('x-user');
        return name === undefined ? null : { id: `user:${name}`, kind: 'user', roles: ['customer'] };
      },
      access: {
        ...defineAccess({
          resources: { orders: { columns: { owner: 'text' } } },
          roles: {
            customer: { can: { 'orders:read': { owner: 'owner' } } },
            clerk: { can: { 'orders:read': true } },
          },
        }),
        unlisted: 'deny',
      },
      routes: {
        'GET /orders/:owner': { require: 'orders:read' },
        '/open': { require: 'anybody' },
        '/asks/*': { require: 'handler' },
        '/asks-nothing/*': { require: 'handler' },
      },
    });
    guard = await rampart(config, { dataDir, databaseUrl: '', redisUrl: '' });
    const server = express();
    server.use(guard);
    const load = (request: { readonly params: Readonly<Record<string, string | string[]>> }) => ({
      owner: String(request.params['owner']),
    });
    server.get('/orders/:owner', guard.require('orders:read', { load }), (_request, response) => {
      response.send('an order');
    });
    server.get('/asks/:owner', guard.require('orders:read', { load }), (_request, response) => {
      response.send('an order');
    });
    server.get('/asks-nothing/:id', (_request, response) => void response.send('open'));
    server.get(['/open', '/forgotten'], (_request, response) => void response.send('open'));
    server.use(guard.errors);
    app = await listening(createServer(server));
  });
  afterAll(async () => {
    await app?.close();
    await guard?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const status = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
    (await send(app.port, { path, headers })).status;

  it('asks the policy, and refuses routes that nobody gave a rule', async () => {
    const ada = { 'x-user': 'ada' };
    expect([
      await status('/orders/user:ada', ada),
      await status('/orders/user:bob', ada),
      await status('/orders/user:ada'),
      await status('/open'),
      await status('/forgotten'),
      await status('/forgotten', ada),
    ]).toEqual([200, 403, 401, 200, 401, 403]);
  });

  it('tells once a day who was let in to what, not who was refused', async () => {
    const told = vi.spyOn(guard.house.events, 'emit');
    const granted = (): readonly unknown[] =>
      told.mock.calls
        .filter(([type]) => type === 'ACCESS_GRANTED')
        .map(([, fields]) => [fields?.actor, fields?.subject, fields?.outcome]);
    const eve = { 'x-user': 'eve' };
    expect(await status('/orders/user:bob', eve)).toBe(403);
    expect(await status('/open', eve)).toBe(200);
    expect(granted()).toEqual([]);
    for (let i = 0; i < 3; i++) expect(await status('/orders/user:eve', eve)).toBe(200);
    expect(await status('/asks/user:eve', eve)).toBe(200);
    expect(granted()).toEqual([['user:eve', 'orders:read', 'success']]);
    told.mockRestore();
  });

  it('tells once of a route whose handler is to ask and does not', async () => {
    const told = vi.spyOn(guard.house.events, 'emit');
    const ada = { 'x-user': 'ada' };
    const missing = (): readonly unknown[] =>
      told.mock.calls.filter(([type]) => type === 'ACCESS_DEMAND_MISSING').map(([, fields]) => fields);
    expect(await status('/asks/user:ada', ada)).toBe(200);
    expect(await status('/asks/user:bob', ada)).toBe(403);
    expect(await status('/asks-nothing/none/here', ada)).toBe(404);
    await send(app.port, { path: '/asks-nothing/1', method: 'OPTIONS', headers: ada });
    expect(missing()).toEqual([]);
    for (const path of ['/asks-nothing/1', '/asks-nothing/2']) expect(await status(path, ada)).toBe(200);
    const details = { method: 'GET', endpoint: '/asks-nothing/1' };
    expect(missing()).toEqual([{ route: '/asks-nothing/*', details }]);
    told.mockRestore();
  });

  it('counts roles that are assigned here, beside those of the login', async () => {
    const bea = { 'x-user': 'bea' };
    expect(await status('/orders/user:ada', bea)).toBe(403);
    const grants = guard.access?.grants;
    const given = { subject: 'user:bea', role: 'clerk', reason: 'night shift' };
    const made = await grants?.assignments.grant(given, OPERATOR);
    expect(await status('/orders/user:ada', bea)).toBe(200);
    await grants?.assignments.end(made?.id as string, OPERATOR);
    expect(await status('/orders/user:ada', bea)).toBe(403);
  });

  it('lets a program in by its key, as far as scopes and roles go', async () => {
    const grants = guard.access?.grants;
    const service = await grants?.services.create(
      { name: 'report', about: '', responsible: 'user:root' },
      OPERATOR,
    );
    const made = await grants?.keys.create(
      { service: service?.id as string, name: 'k', scopes: ['orders:*'] },
      OPERATOR,
    );
    const headers = { authorization: `Bearer ${made?.text}` };
    expect(await status('/orders/user:ada', headers)).toBe(403);
    await grants?.assignments.grant(
      { subject: `service:${service?.id}`, role: 'clerk', reason: 'reports' },
      OPERATOR,
    );
    expect(await status('/orders/user:ada', headers)).toBe(200);
    await grants?.keys.revoke(made?.key.id as string, OPERATOR);
    expect(await status('/orders/user:ada', headers)).toBe(401);
  });
});
