import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import fc from 'fast-check';
import { Hono } from 'hono';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardExpress } from '../../src/adapters/express/index.ts';
import { guardFastify } from '../../src/adapters/fastify/index.ts';
import { guardHono } from '../../src/adapters/hono/index.ts';
import { guardNode } from '../../src/adapters/node/index.ts';
import { guardWeb } from '../../src/adapters/web/index.ts';
import type { Gate } from '../../src/core/index.ts';
import type { Guard } from '../../src/core/guard.ts';
import { deny, PASS } from '../../src/core/verdict.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { oneConnection, call } from '../../src/testing/suites/adapter-client.ts';
import { testHouse } from '../../src/testing/suites/adapter-house.ts';
import { listening } from './apps.ts';

/** Starts an application with `/closed/:name`, `/closed/:name/:more`, `/open/:name` and `/open/:name/closed`. */
type Start = (gate: Gate) => Promise<RunningApp>;

/** As the routers below read a path: segments first, then each decoded. */
function handRouted(path: string): string {
  const [, area, name, more, ...rest] = path.split('/').map(decodeURIComponent);
  if (rest.length > 0 || !name) return 'none';
  if (area === 'closed') return ofMore(more);
  return area === 'open' && (more === undefined || more === 'closed') ? 'open' : 'none';
}

/** What `/closed/:name/:more` answers: one of its addresses is open, by a rule of its own. */
function ofMore(more: unknown): string {
  return typeof more === 'string' && more.toLowerCase() === 'open' ? 'open' : 'closed';
}

const startExpress: Start = (gate) => {
  const app = express();
  app.use(guardExpress(gate));
  app.get('/closed/:name', (_request, response) => void response.send('closed'));
  app.get('/closed/:name/:more', (request, response) => void response.send(ofMore(request.params.more)));
  app.get('/open/:name', (_request, response) => void response.send('open'));
  return listening(createServer(app));
};

const startFastify: Start = async (gate) => {
  const app = fastify({ forceCloseConnections: true });
  await app.register(guardFastify(gate));
  app.get('/closed/:name', () => 'closed');
  app.get<{ Params: { more: string } }>('/closed/:name/:more', ({ params }) => ofMore(params.more));
  app.get('/open/:name', () => 'open');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  return { server: app.server, port, close: () => app.close() };
};

const startHono: Start = (gate) => {
  const app = new Hono();
  app.use(guardHono(gate));
  app.get('/closed/:name', (c) => c.text('closed'));
  app.get('/closed/:name/:more', (c) => c.text(ofMore(c.req.param('more'))));
  app.get('/open/:name', (c) => c.text('open'));
  return listening(createAdaptorServer({ fetch: app.fetch }) as Server);
};

const startNode: Start = (gate) =>
  listening(
    createServer(
      guardNode(gate)((request, response) => {
        response.end(handRouted((request.url as string).split('?')[0] as string));
      }),
    ),
  );

const startWeb: Start = (gate) => {
  const fetch = guardWeb(gate, (request) => new Response(handRouted(new URL(request.url).pathname)));
  return listening(createAdaptorServer({ fetch: (request) => fetch(request) }) as Server);
};

/** Stands where permissions stand: nobody comes to what it guards. */
const closed: Guard = {
  name: 'closed',
  phase: 'authorize',
  mode: 'enforce',
  onError: 'deny',
  appliesTo: (route) => route.settings['closed'] === true,
  check: () =>
    deny({ status: 403, code: 'CLOSED', message: 'Closed.' }, { code: 'test.closed', text: 'Closed.' }),
};
const asked: Guard = { ...closed, name: 'asked', phase: 'screen', appliesTo: () => true, check: () => PASS };
const RULES = [
  { match: ['/closed/:name', '/closed/:name/:more'], settings: { closed: true } },
  { match: ['/open/:name', '/open/:name/*'], settings: {} },
  { match: '/closed/:name/open', settings: {} },
];

describe.each([
  ['express', startExpress],
  ['fastify', startFastify],
  ['hono', startHono],
  ['node', startNode],
  ['web', startWeb],
])('a rule holds for every spelling that the router of %s takes for its route', (_name, start) => {
  const house = testHouse([asked, closed], RULES);
  const agent = oneConnection();
  let app: RunningApp;
  beforeAll(async () => {
    app = await start(house.gate);
  });
  afterAll(async () => {
    agent.destroy();
    await app.close();
  });
  const ask = async (path: string) => call(app.port, { path, agent });

  it.each([
    '/closed/a',
    '/closed/a%2Fb',
    '/closed/a%2fb%2fc',
    '/closed/;a',
    '/closed/%3ba',
    '/closed/%2f',
    '/closed/a%5Cb',
  ])('the named rule: %s', async (path) => {
    expect((await ask(path)).status).toBe(403);
  });

  it.each(['/closed/..%2fopen%2fa', '/closed/%2e%2e%5copen%5ca', '/closed/..;/a', '/closed/a%2fopen'])(
    'a refusal, where it could be read in two ways: %s',
    async (path) => {
      const { status, body } = await ask(path);
      expect(status).toBe(400);
      expect(JSON.parse(body)).toMatchObject({
        error: { code: 'INVALID_REQUEST', details: { check: 'path' } },
      });
    },
  );

  it.each([
    '/open/a',
    '/open/a%2Fb',
    '/open/..hidden',
    '/open/v1.2',
    '/open/...',
    '/open/caf%C3%A9',
    '/open/a;x=1',
  ])('no refusal of honest paths: %s', async (path) => {
    const { status, body } = await ask(path);
    expect([status, body]).toEqual([200, 'open']);
  });

  it('whatever is made up of its parts', async () => {
    const piece = fc.constantFrom(
      'closed',
      'open',
      'a',
      '%2f',
      '%5C',
      '%2e',
      '..',
      '.',
      ';',
      '%3B',
      '/',
      '%25',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('closed', 'open'),
        fc.array(piece, { maxLength: 6 }),
        async (area, rest) => {
          const { body } = await ask(`/${area}/${rest.join('')}`);
          expect(body).not.toBe('closed');
        },
      ),
      { numRuns: 150 },
    );
  });
});
