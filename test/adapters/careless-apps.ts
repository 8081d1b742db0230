import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { guardExpress } from '../../src/adapters/express/index.ts';
import { guardFastify } from '../../src/adapters/fastify/index.ts';
import { guardHono } from '../../src/adapters/hono/index.ts';
import { guardNode } from '../../src/adapters/node/index.ts';
import { guardWeb } from '../../src/adapters/web/index.ts';
import type { Gate } from '../../src/core/index.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { listening } from './apps.ts';

/** Writes a name into a statement, and gives back how many rows it found. */
export type FindByName = (name: string) => Promise<number>;

/** Starts an application with GET /find?name= and POST /find of `{ name }` (Express, Hono: also of a form). */
export type StartCareless = (gate: Gate, find: FindByName) => Promise<RunningApp>;

/** On Express with its own parsers. */
export const startExpress: StartCareless = (gate, find) => {
  const app = express();
  const guard = guardExpress(gate);
  app.use(guard);
  app.use(express.json(), express.urlencoded());
  app.all('/find', (request, response, next) => {
    const { name } = (request.method === 'GET' ? request.query : request.body) as { name: string };
    find(name).then((found) => response.json(found), next);
  });
  app.use(guard.errors);
  return listening(createServer(app));
};

/** On Fastify, whose parser calls the handler back from an event of the body. */
export const startFastify: StartCareless = async (gate, find) => {
  const app = fastify({ forceCloseConnections: true });
  await app.register(guardFastify(gate));
  app.get('/find', async ({ query }) => find((query as { name: string }).name));
  app.post('/find', async ({ body }) => find((body as { name: string }).name));
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  return { server: app.server, port, close: () => app.close() };
};

function honoApp(gate: Gate, find: FindByName): Hono {
  const app = new Hono();
  const guard = guardHono(gate);
  app.use(guard);
  app.onError(guard.onError);
  app.get('/find', async (c) => c.json(await find(c.req.query('name') ?? '')));
  app.post('/find', async (c) => {
    const isJson = c.req.header('content-type') === 'application/json';
    const { name } = isJson
      ? await c.req.json<{ name: string }>()
      : await c.req.parseBody<{ name: string }>();
    return c.json(await find(name));
  });
  return app;
}

/** On Hono over @hono/node-server. */
export const startHono: StartCareless = (gate, find) =>
  listening(createAdaptorServer({ fetch: honoApp(gate, find).fetch }) as Server);

/** On Hono as on a runtime that knows nothing of node:http. */
export const startGenericHono: StartCareless = (gate, find) => {
  const app = honoApp(gate, find);
  return listening(createAdaptorServer({ fetch: (request) => app.fetch(request) }) as Server);
};

/** On Request and Response. */
export const startWeb: StartCareless = (gate, find) => {
  const handler = guardWeb(gate, async (request) => {
    if (request.method === 'GET')
      return Response.json(await find(new URL(request.url).searchParams.get('name') ?? ''));
    const isForm = request.headers.get('content-type')?.startsWith('multipart/') === true;
    // A clone is what tools that log bodies read first.
    const name = isForm
      ? (await request.formData()).get('name')
      : ((await request.clone().json()) as { name: string }).name;
    return Response.json(await find(name as string));
  });
  return listening(createAdaptorServer({ fetch: (request) => handler(request) }) as Server);
};

/** On node:http; the body is put together by hand, by events or by iteration. */
export const startNode: StartCareless = (gate, find) =>
  listening(
    createServer(
      guardNode(gate)(async (request, response) => {
        const text =
          request.headers['x-read'] === 'iterate' ? await iterated(request) : await collected(request);
        const name =
          text === ''
            ? (new URL(request.url ?? '/', 'http://localhost').searchParams.get('name') ?? '')
            : nameIn(text, request);
        response.end(JSON.stringify(await find(name)));
      }),
    ),
  );

function nameIn(text: string, request: IncomingMessage): string {
  if (request.headers['content-type']?.startsWith('multipart/') === true)
    return text.split('\r\n\r\n')[1]?.split('\r\n--')[0] ?? '';
  return (JSON.parse(text) as { name: string }).name;
}

async function iterated(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function collected(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => resolve(Buffer.concat(parts).toString()));
  });
}
