import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { guardExpress } from '../../src/adapters/express/index.ts';
import { guardFastify } from '../../src/adapters/fastify/index.ts';
import { guardHono } from '../../src/adapters/hono/index.ts';
import { guardNode, uploadNode } from '../../src/adapters/node/index.ts';
import { guardWeb, uploadWeb } from '../../src/adapters/web/index.ts';
import type { Gate } from '../../src/core/index.ts';
import { memoryRecords, upload, type Uploader } from '../../src/modules/upload/index.ts';
import { uploadIntake } from '../../src/server/uploads/intake.ts';
import { diskFiles } from '../../src/stores/disk/index.ts';
import { systemClock, systemTimers } from '../../src/core/clock.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { bodyGuard } from '../../src/testing/suites/adapter-bodies.ts';
import { call } from '../../src/testing/suites/adapter-client.ts';
import { testHouse } from '../../src/testing/suites/adapter-house.ts';
import { listening } from './apps.ts';

type Start = (gate: Gate) => Promise<RunningApp>;

const startExpress: Start = (gate) => {
  const app = express();
  const guard = guardExpress(gate);
  app.use(guard);
  app.post('/parsed', express.raw({ type: () => true }), (request, response, next) => {
    guard.upload('notes', request).then((received) => response.json(received), next);
  });
  app.post('/:name', (request, response, next) => {
    guard.upload(request.params.name, request).then((received) => response.status(201).json(received), next);
  });
  app.use(guard.errors);
  return listening(createServer(app));
};

const startFastify: Start = async (gate) => {
  const app = fastify({ forceCloseConnections: true });
  const guard = guardFastify(gate);
  await app.register(guard);
  app.post('/:name', async (request, reply) => {
    void reply.code(201);
    return guard.upload((request.params as { name: string }).name, request);
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  return { server: app.server, port, close: () => app.close() };
};

const startHono: Start = (gate) => {
  const app = new Hono();
  const guard = guardHono(gate);
  app.use(guard);
  app.onError(guard.onError);
  app.post('/:name', async (c) => c.json(await guard.upload(c.req.param('name'), c), 201));
  return listening(createAdaptorServer({ fetch: app.fetch }) as Server);
};

const startWeb: Start = (gate) => {
  const take = uploadWeb(gate);
  const handler = guardWeb(gate, async (request) =>
    Response.json(await take(new URL(request.url).pathname.slice(1), request), { status: 201 }),
  );
  return listening(createAdaptorServer({ fetch: (request) => handler(request) }) as Server);
};

const startNode: Start = (gate) => {
  const take = uploadNode(gate);
  const handler = guardNode(gate)(async (request, response) => {
    const received = await take((request.url ?? '').slice(1), request);
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(received));
  });
  return listening(createServer(handler));
};

/** A gate with one upload, on a folder of its own. */
async function gateWith(dir: string): Promise<{ readonly gate: Gate; readonly refused: string[] }> {
  const house = testHouse([bodyGuard()]);
  const refused: string[] = [];
  const uploader: Uploader = upload(
    'notes',
    { types: ['text/plain'], maxFileBytes: 100_000, maxFiles: 2 },
    {
      store: await diskFiles({ dir }),
      records: memoryRecords(),
      clock: systemClock,
      timers: systemTimers,
      events: { emit: () => undefined },
    },
  );
  const intake = uploadIntake(uploader, (_context, verdict) => void refused.push(verdict.reason.code));
  return { gate: { ...house.gate, upload: (name) => (name === 'notes' ? intake : undefined) }, refused };
}

const formWith = (...files: readonly File[]): FormData => {
  const form = new FormData();
  form.set('about', 'mine');
  for (const file of files) form.append('file', file);
  return form;
};
const note = (text = 'hello', name = 'a.txt'): File => new File([text], name, { type: 'text/plain' });

describe.each<[string, Start]>([
  ['Express', startExpress],
  ['Fastify', startFastify],
  ['Hono', startHono],
  ['Request and Response', startWeb],
  ['node:http', startNode],
])('guard.upload on %s', (_name, start) => {
  const dir = join(mkdtempSync(join(tmpdir(), 'rampart-upload-')), 'files');
  let app: RunningApp;
  let refused: string[];
  beforeAll(async () => {
    const made = await gateWith(dir);
    refused = made.refused;
    app = await start(made.gate);
  });
  afterAll(async () => {
    await app.close();
    rmSync(join(dir, '..'), { recursive: true, force: true });
  });
  afterEach(() => {
    expect(readdirSync(join(dir, 'stage'))).toEqual([]);
    refused.length = 0;
  });
  const post = async (body: FormData, path = '/notes') => {
    const response = await fetch(`http://127.0.0.1:${app.port}${path}`, { method: 'POST', body });
    return { response, json: (await response.json()) as Record<string, unknown> };
  };

  it('receives the files of a form and its fields', async () => {
    const { response, json } = await post(formWith(note('x'.repeat(90_000)), note('two', 'b.txt')));
    expect([response.status, json]).toMatchObject([
      201,
      { fields: { about: 'mine' }, files: [{ bytes: 90_000 }, { displayName: 'b.txt' }] },
    ]);
    expect(readdirSync(join(dir, 'kept'))).toHaveLength(2);
    for (const file of readdirSync(join(dir, 'kept'))) rmSync(join(dir, 'kept', file));
  });

  it('receives what was held for a guard, and came before another one had said its word', async () => {
    const body =
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n' +
      'Content-Type: text/plain\r\n\r\nhello\r\n--b--\r\n';
    const { status, body: text } = await call(app.port, {
      method: 'POST',
      path: '/notes',
      body,
      headers: {
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': String(body.length),
        'x-body': 'yes',
        'x-test': 'pass-later',
      },
    });
    expect([status, JSON.parse(text)]).toMatchObject([201, { files: [{ bytes: 5 }] }]);
    for (const file of readdirSync(join(dir, 'kept'))) rmSync(join(dir, 'kept', file));
  });

  it('answers a refusal in the envelope, on record, and leaves nothing', async () => {
    const { response, json } = await post(formWith(note('<script>')));
    expect([response.status, json]).toMatchObject([
      415,
      {
        success: false,
        error: { code: 'FILE_TYPE_REFUSED', decision: expect.stringMatching(/^dec_/) as string },
      },
    ]);
    expect(refused).toEqual(['upload.type']);
    expect(readdirSync(join(dir, 'kept'))).toEqual([]);
  });

  it('answers while a large body is still on its way', async () => {
    const { response, json } = await post(formWith(note('x'.repeat(900_000))));
    expect([response.status, json]).toMatchObject([413, { error: { code: 'FILE_TOO_LARGE' } }]);
  });

  it('fails loudly for a name that is not configured', async () => {
    const { response } = await post(formWith(note()), '/other');
    expect(response.status).toBe(500);
  });
});

it('guard.upload fails loudly where something has read the body already', async () => {
  const dir = join(mkdtempSync(join(tmpdir(), 'rampart-upload-')), 'files');
  const app = await startExpress((await gateWith(dir)).gate);
  const body = formWith(note());
  const response = await fetch(`http://127.0.0.1:${app.port}/parsed`, { method: 'POST', body });
  expect(response.status).toBe(500);
  await app.close();
  rmSync(join(dir, '..'), { recursive: true, force: true });
});
