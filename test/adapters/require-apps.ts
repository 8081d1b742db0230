import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { createServer, type Server } from 'node:http';
import { guardExpress, rowOf as rowOfExpress } from '../../src/adapters/express/index.ts';
import { guardFastify, rowOf as rowOfFastify } from '../../src/adapters/fastify/index.ts';
import { guardHono, rowOf as rowOfHono } from '../../src/adapters/hono/index.ts';
import { guardNode, requireNode } from '../../src/adapters/node/index.ts';
import { guardWeb, requireWeb } from '../../src/adapters/web/index.ts';
import type { Gate } from '../../src/core/index.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { listening } from './apps.ts';

/** An order of the tests. */
export interface TestOrder {
  readonly id: string;
  readonly owner: string;
}

/** Finds an order; noted by the test. */
export type LoadOrder = (id: string) => Promise<TestOrder | undefined>;

/**
 * Starts an application with GET /orders/:id behind `orders:read` with its row, GET /hidden/:id the same with `hide`, and
 * GET /orders behind it for any row.
 */
export type StartOrders = (gate: Gate, load: LoadOrder) => Promise<RunningApp>;

const idOf = (path: string | undefined): string => (path ?? '').split('/').at(-1) ?? '';

/** On Express. */
export const startExpress: StartOrders = (gate, load) => {
  const app = express();
  const guard = guardExpress(gate);
  const byId = ({ params }: { readonly params: Readonly<Record<string, string | string[]>> }) =>
    load(String(params['id']));
  app.use(guard);
  const show: express.RequestHandler = (request, response) => void response.json(rowOfExpress(request));
  app.get('/orders/:id', guard.require('orders:read', { load: byId }), show);
  app.get('/hidden/:id', guard.require('orders:read', { load: byId, hide: true }), show);
  app.get('/orders', guard.require('orders:read', { any: true }), (_request, response) => {
    response.json([]);
  });
  app.use(guard.errors);
  return listening(createServer(app));
};

/** On Fastify. */
export const startFastify: StartOrders = async (gate, load) => {
  const app = fastify({ forceCloseConnections: true });
  const guard = guardFastify(gate);
  await app.register(guard);
  const byId = (request: { readonly params: unknown }) => load((request.params as { id: string }).id);
  const show = (request: Parameters<typeof rowOfFastify>[0]): unknown => rowOfFastify(request);
  app.get('/orders/:id', { preHandler: guard.require('orders:read', { load: byId }) }, show);
  app.get('/hidden/:id', { preHandler: guard.require('orders:read', { load: byId, hide: true }) }, show);
  app.get('/orders', { preHandler: guard.require('orders:read', { any: true }) }, () => []);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  return { server: app.server, port, close: () => app.close() };
};

/** On Hono. */
export const startHono: StartOrders = (gate, load) => {
  const app = new Hono();
  const guard = guardHono(gate);
  app.use(guard);
  app.onError(guard.onError);
  const byId = (c: { req: { param(name: string): string | undefined } }) => load(c.req.param('id') ?? '');
  app.get('/orders/:id', guard.require('orders:read', { load: byId }), (c) =>
    c.json(rowOfHono(c) as TestOrder),
  );
  app.get('/hidden/:id', guard.require('orders:read', { load: byId, hide: true }), (c) =>
    c.json(rowOfHono(c) as TestOrder),
  );
  app.get('/orders', guard.require('orders:read', { any: true }), (c) => c.json([]));
  return listening(createAdaptorServer({ fetch: app.fetch }) as Server);
};

/** On Request and Response. */
export const startWeb: StartOrders = (gate, load) => {
  const require = requireWeb(gate);
  const byId = (request: Request) => load(idOf(new URL(request.url).pathname));
  const one = require('orders:read', { load: byId }, (_request, row) => Response.json(row));
  const hidden = require('orders:read', { load: byId, hide: true }, (_request, row) => Response.json(row));
  const all = require('orders:read', { any: true }, () => Response.json([]));
  const handler = guardWeb(gate, (request, info) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/orders') return all(request, info);
    return pathname.startsWith('/hidden/') ? hidden(request, info) : one(request, info);
  });
  return listening(createAdaptorServer({ fetch: (request) => handler(request) }) as Server);
};

/** On node:http. */
export const startNode: StartOrders = (gate, load) => {
  const require = requireNode(gate);
  const byId = ({ url }: { readonly url?: string | undefined }) => load(idOf(url));
  const one = require('orders:read', { load: byId }, (_request, response, row) => {
    response.end(JSON.stringify(row));
  });
  const hidden = require('orders:read', { load: byId, hide: true }, (_request, response, row) => {
    response.end(JSON.stringify(row));
  });
  const all = require('orders:read', { any: true }, (_request, response) => void response.end('[]'));
  return listening(
    createServer(
      guardNode(gate)((request, response) => {
        if (request.url === '/orders') return all(request, response);
        return (request.url ?? '').startsWith('/hidden/')
          ? hidden(request, response)
          : one(request, response);
      }),
    ),
  );
};
