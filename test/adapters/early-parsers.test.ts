import express from 'express';
import { createServer, type IncomingMessage } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { guardExpress } from '../../src/adapters/express/index.ts';
import { guardNode } from '../../src/adapters/node/index.ts';
import { createCorridor } from '../../src/core/corridor.ts';
import type { Gate } from '../../src/core/index.ts';
import { addressReader } from '../../src/core/proxy.ts';
import { refusalOf, renderRefusal } from '../../src/core/reply.ts';
import { inspection } from '../../src/modules/shield/index.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { call } from '../../src/testing/suites/adapter-client.ts';
import { ManualClock } from '../../src/testing/clock.ts';
import { listening } from './apps.ts';

const ATTACK = "x' UNION SELECT password FROM users--";
let app: RunningApp | undefined;
afterEach(() => app?.close());

/** A house whose one guard inspects, and what it was told of bodies that came too late. */
function house() {
  const taken: boolean[] = [];
  const corridor = createCorridor({
    guards: [inspection({}, { events: { emit: () => undefined } })],
    clock: new ManualClock(),
    readClient: addressReader({ trustProxy: false }),
    onBodyTaken: (isSeen) => taken.push(isSeen),
  });
  const gate: Gate = {
    enter: (request) => corridor.enter(request),
    openBody: (context) => corridor.openBody(context),
    leave: (...end) => corridor.leave(...end),
    fail: (error) => renderRefusal(refusalOf(error, 'err_1').refusal, null, undefined),
  };
  return { gate, taken };
}

async function startExpress(gate: Gate, parser: express.RequestHandler): Promise<RunningApp> {
  const one = express();
  one.use(parser);
  one.use(guardExpress(gate));
  one.post('/notes', (request, response) => void response.json({ got: typeof request.body }));
  return listening(createServer(one));
}

/** Reads a form whole, and leaves its fields in an object without a prototype. */
const asMulter: express.RequestHandler = (request, _response, next) => {
  const chunks: Uint8Array[] = [];
  request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  request.on('end', () => {
    const headers = { 'content-type': String(request.headers['content-type']) };
    void new Response(Buffer.concat(chunks), { headers }).formData().then((form) => {
      request.body = Object.assign(Object.create(null), Object.fromEntries(form));
      next();
    });
  });
};

const post = (port: number, type: string, body: string) =>
  call(port, {
    method: 'POST',
    path: '/notes',
    body,
    headers: { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) },
  });
const multipart = (value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="note"\r\n\r\n${value}\r\n--b--\r\n`;

it.each<[string, express.RequestHandler, string, (value: string) => string]>([
  ['express.json', express.json(), 'application/json', (value) => JSON.stringify({ a: [{ note: value }] })],
  [
    'express.urlencoded',
    express.urlencoded({ extended: true }),
    'application/x-www-form-urlencoded',
    (value) => `a[note]=${encodeURIComponent(value)}`,
  ],
  [
    'express.text',
    express.text({ type: '*/*' }),
    'application/json',
    (value) => JSON.stringify({ note: value }),
  ],
  [
    'express.raw',
    express.raw({ type: '*/*' }),
    'application/json',
    (value) => JSON.stringify({ note: value }),
  ],
  ['a parser of forms, as multer', asMulter, 'multipart/form-data; boundary=b', multipart],
])('behind %s a guard inspects what it made of the body, and says so', async (_name, parser, type, write) => {
  const { gate, taken } = house();
  app = await startExpress(gate, parser);
  expect((await post(app.port, type, write(ATTACK))).status).toBe(403);
  expect((await post(app.port, type, write('two for the road'))).status).toBe(200);
  expect(taken).toEqual([true, true]);
});

it('says that it cannot see a body of which nothing is left', async () => {
  const { gate, taken } = house();
  const guarded = guardNode(gate)((_request, response) => void response.end('fine'));
  app = await listening(
    createServer((request, response) => {
      request.resume().on('end', () => guarded(request, response));
    }),
  );
  expect((await post(app.port, 'application/json', '{"a":1}')).status).toBe(200);
  expect(taken).toEqual([false]);
});

it('says nothing where it stands before the parser, or where there is no body', async () => {
  const { gate, taken } = house();
  const guarded = guardNode(gate)((request: IncomingMessage & { body?: unknown }, response) => {
    express.json()(request, response, () => response.end('fine'));
  });
  app = await listening(createServer(guarded));
  expect((await post(app.port, 'application/json', '{"a":1}')).status).toBe(200);
  expect((await post(app.port, 'application/json', '')).status).toBe(200);
  expect((await call(app.port, { path: '/notes' })).status).toBe(200);
  expect(taken).toEqual([]);
});

it('bounds what it looks at like a body that it reads itself', async () => {
  const { gate } = house();
  app = await startExpress(gate, express.json({ limit: '8mb' }));
  const deep = `${'['.repeat(500)}${']'.repeat(500)}`;
  expect((await post(app.port, 'application/json', deep)).status).toBe(400);
  expect(
    (await post(app.port, 'application/json', JSON.stringify('a '.repeat(900_000).split(' ')))).status,
  ).toBe(413);
});
