import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import type { Server } from 'node:http';
import { guardHono, type HonoGuardOptions } from '../../src/adapters/hono/index.ts';
import { CspNonce, type Gate } from '../../src/core/index.ts';
import { type Stage, type StartApp, thrown } from '../../src/testing/suites/adapter-app.ts';
import { countBytes, listening } from './apps.ts';
import { bodyOf } from './web-app.ts';

/** The suite's application on Hono. */
export function honoApp(gate: Gate, stage: Stage, options: HonoGuardOptions = {}): Hono {
  const app = new Hono();
  const guard = guardHono(gate, options);
  app.use(guard);
  app.onError(guard.onError);
  app.notFound(guard.notFound);
  app.use('/:name/*', async (_c, next) => {
    stage.calls++;
    await next();
  });
  addRoutes(app, stage);
  return app;
}

/** On @hono/node-server. */
export const startHonoApp: StartApp = (gate, stage) =>
  listening(createAdaptorServer({ fetch: honoApp(gate, stage).fetch }) as Server);

/** As on a runtime that knows nothing of node:http. */
export const startGenericHonoApp: StartApp = (gate, stage) => {
  const peers = new WeakMap<Request, string | undefined>();
  const app = honoApp(gate, stage, { peer: (c) => peers.get(c.req.raw) });
  const fetch = (
    request: Request,
    env: { incoming: { socket: { remoteAddress?: string } } },
  ): Response | Promise<Response> => {
    peers.set(request, env.incoming.socket.remoteAddress);
    return app.fetch(request);
  };
  return listening(createAdaptorServer({ fetch: fetch as typeof app.fetch }) as Server);
};

function addRoutes(app: Hono, stage: Stage): void {
  app.get('/hello', (c) => c.text('hello'));
  app.get('/nonce', (c) => c.text(c.get('rampart').get(CspNonce) ?? ''));
  app.get('/own', (c) => {
    c.header('X-Frame-Options', 'SAMEORIGIN');
    c.header('Vary', 'accept');
    c.header('X-Powered-By', 'app');
    c.header('Set-Cookie', 'app=1');
    return c.text('own');
  });
  app.get('/redirect', (c) => c.redirect('/hello'));
  app.get('/empty', (c) => c.body(null, 204));
  app.get('/items/:id', (c) => c.text(c.req.param('id')));
  app.post('/echo', async (c) => c.text(await countBytes(c.req.raw.body)));
  app.get('/throw/:kind', (c) => {
    throw thrown(c.req.param('kind'));
  });
  app.get('/reject/:kind', async (c) => {
    await Promise.resolve();
    throw thrown(c.req.param('kind'));
  });
  app.get('/marked', (c) => {
    c.header('cache-control', 'public, max-age=600');
    c.header('etag', '"1"');
    throw thrown('conflict');
  });
  app.get('/stream', (c) => c.body(bodyOf(() => stage.held().then(() => 'two'))));
  app.get('/broken', (c) => c.body(bodyOf(() => Promise.reject(thrown('unknown')))));
  app.get('/hang', () => new Promise<Response>(() => undefined));
}
