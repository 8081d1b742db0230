/** The same servers behind Rampart: headers, CORS, two limits per address, latency per route, an access line. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { devNull } from 'node:os';
import type { RampartConfig } from '../../src/server/config.ts';
import { type Contender, ITEM, ORIGIN, type Setup } from './contenders.ts';

function config({ max }: Setup): RampartConfig<'minute' | 'quarter'> {
  return {
    limits: {
      minute: { max, window: '1m', by: 'ip', everywhere: true },
      quarter: { max, window: '15m', by: 'ip', everywhere: true },
    },
    browser: { cors: { origins: [ORIGIN] } },
    // As measured with the peers: each request leaves its line; one caller in ten leaves decision records.
    records: { passes: 0.1 },
  };
}

function options({ redisUrl }: Setup) {
  const file = openSync(devNull, 'w');
  process.once('exit', () => closeSync(file));
  return {
    redisUrl: redisUrl ?? '',
    databaseUrl: undefined,
    accessLog: { write: (block: string) => void writeSync(file, block) },
  };
}

const node: Contender = async (setup) => {
  const { rampart } = await import('../../src/doors/node.ts');
  const guard = await rampart(config(setup), options(setup));
  const server = createServer(
    guard((_request, response) => {
      const body = JSON.stringify(ITEM);
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.setHeader('content-length', Buffer.byteLength(body));
      response.end(body);
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port };
};

const express: Contender = async (setup) => {
  const { default: framework } = await import('express');
  const { rampart } = await import('../../src/doors/express.ts');
  const guard = await rampart(config(setup), options(setup));
  const app = framework();
  app.use(guard);
  app.get('/items/:id', (_request, response) => void response.json(ITEM));
  app.use(guard.errors);
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port };
};

const fastify: Contender = async (setup) => {
  const { fastify: framework } = await import('fastify');
  const { rampart } = await import('../../src/doors/fastify.ts');
  const guard = await rampart(config(setup), options(setup));
  const app = framework();
  await app.register(guard);
  app.get('/items/:id', () => ITEM);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: (app.server.address() as { port: number }).port };
};

const hono: Contender = async (setup) => {
  const { Hono } = await import('hono');
  const { getRequestListener } = await import('@hono/node-server');
  const { rampart } = await import('../../src/doors/hono.ts');
  const guard = await rampart(config(setup), options(setup));
  const app = new Hono();
  app.use(guard);
  app.onError(guard.onError);
  app.get('/items/:id', (c) => c.json(ITEM));
  const listener = getRequestListener(app.fetch);
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port };
};

/** Rampart on each framework. */
export const RAMPARTS = {
  'node rampart': node,
  'express rampart': express,
  'fastify rampart': fastify,
  'hono rampart': hono,
} as const satisfies Readonly<Record<string, Contender>>;
