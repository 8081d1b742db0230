import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { z } from 'zod';
import { guardExpress } from '../../src/adapters/express/index.ts';
import { guardFastify } from '../../src/adapters/fastify/index.ts';
import { guardHono } from '../../src/adapters/hono/index.ts';
import { guardNode, validateNode } from '../../src/adapters/node/index.ts';
import { guardWeb, validateWeb } from '../../src/adapters/web/index.ts';
import type { Gate } from '../../src/core/index.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { listening } from '../adapters/apps.ts';

/** Everything that `PUT /orders/:id` takes. */
export const SCHEMAS = {
  params: z.object({ id: z.string().max(40) }),
  query: z.object({ dry: z.enum(['yes', 'no']).optional(), tag: z.array(z.string()).optional() }),
  headers: z.object({ 'x-request-id': z.string().max(60).optional() }),
  body: z.object({
    name: z.string().min(2),
    quantity: z.number().int().min(1).max(50).optional(),
    more: z.record(z.string(), z.unknown()).optional(),
  }),
};
const OPTIONS = { lists: ['tag'], forms: true } as const;

/** Starts an application whose `PUT /orders/:id` answers with what it was given, and counts how often it was asked. */
export type StartInput = (gate: Gate, asked: () => void) => Promise<RunningApp>;

const idOf = (url: string): { id: string } => ({ id: /^\/orders\/([^/?]*)/.exec(url)?.[1] ?? '' });
const pathOf = (url: string): string => new URL(url).pathname;

const startExpress: StartInput = (gate, asked) => {
  const app = express();
  const guard = guardExpress(gate);
  const input = guard.validate(SCHEMAS, OPTIONS);
  app.use(guard);
  app.put('/orders/:id', input, (request, response) => {
    asked();
    const { body, query, params, headers } = input.of(request);
    const same = request.body === body && request.query === query && request.params['id'] === params.id;
    response.json(same ? { body, query, params, headers } : 'not the same');
  });
  app.use(guard.errors);
  return listening(createServer(app));
};

const startFastify: StartInput = async (gate, asked) => {
  const app = fastify({ forceCloseConnections: true });
  const guard = guardFastify(gate);
  await app.register(guard);
  // Fastify refuses types that nobody parses.
  app.addContentTypeParser('application/x-www-form-urlencoded', (_request, _payload, done) => done(null));
  const input = guard.validate(SCHEMAS, OPTIONS);
  app.put('/orders/:id', input, (request) => {
    asked();
    const { body, query, params, headers } = input.of(request);
    const same = request.body === body && request.query === query && request.params === params;
    return same ? { body, query, params, headers } : 'not the same';
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  return { server: app.server, port, close: () => app.close() };
};

const honoApp = (gate: Gate, asked: () => void): Hono => {
  const app = new Hono();
  const guard = guardHono(gate);
  app.use(guard);
  app.onError(guard.onError);
  const input = guard.validate(SCHEMAS, OPTIONS);
  app.put('/orders/:id', input, (c) => {
    asked();
    return c.json(input.of(c));
  });
  return app;
};

const startHono: StartInput = (gate, asked) =>
  listening(createAdaptorServer({ fetch: honoApp(gate, asked).fetch }) as Server);

const startGenericHono: StartInput = (gate, asked) => {
  const app = honoApp(gate, asked);
  return listening(createAdaptorServer({ fetch: (request) => app.fetch(request) }) as Server);
};

const startWeb: StartInput = (gate, asked) => {
  const params = ({ url }: Request): { id: string } => idOf(pathOf(url));
  const put = validateWeb(gate)(SCHEMAS, { ...OPTIONS, params }, (_request, valid) => {
    asked();
    return Response.json(valid);
  });
  const handler = guardWeb(gate, put);
  return listening(createAdaptorServer({ fetch: (request) => handler(request) }) as Server);
};

const startNode: StartInput = (gate, asked) => {
  const params = ({ url = '' }: IncomingMessage): { id: string } => idOf(url);
  const put = validateNode(gate)(SCHEMAS, { ...OPTIONS, params }, (_request, response, valid) => {
    asked();
    response.end(JSON.stringify(valid));
  });
  return listening(createServer(guardNode(gate)(put)));
};

/** One in each framework. */
export const INPUT_APPS: readonly (readonly [string, StartInput])[] = [
  ['node', startNode],
  ['express', startExpress],
  ['fastify', startFastify],
  ['hono', startHono],
  ['hono (Request and Response alone)', startGenericHono],
  ['web', startWeb],
];
