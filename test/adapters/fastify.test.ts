import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contextOf, guardFastify } from '../../src/adapters/fastify/index.ts';
import { call } from '../../src/testing/suites/adapter-client.ts';
import { type TestHouse, testHouse } from '../../src/testing/suites/adapter-house.ts';

let house: TestHouse;
let app: FastifyInstance;

beforeEach(() => {
  house = testHouse();
});
afterEach(() => app.close());

const start = async (): Promise<number> => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as { port: number }).port;
};

it('works under inject: passes, refusals and errors are each left once', async () => {
  app = fastify();
  await app.register(guardFastify(house.gate));
  app.get('/hello', (request) => String(contextOf(request) === request.rampart));
  const passed = await app.inject('/hello');
  const refused = await app.inject({ url: '/hello', headers: { 'x-test': 'limit' } });
  const missing = await app.inject('/nowhere');
  expect([passed.statusCode, passed.body, passed.headers['x-frame-options']]).toEqual([200, 'true', 'DENY']);
  expect([refused.statusCode, refused.json<{ success: boolean }>().success]).toEqual([429, false]);
  expect(missing.statusCode).toBe(404);
  await house.whenLeft(3);
  expect(house.left.map(({ status, bytes, aborted }) => [status, bytes, aborted])).toEqual([
    [200, 4, false],
    [429, Buffer.byteLength(refused.body), false],
    [404, Buffer.byteLength(missing.body), false],
  ]);
  expect(house.leases()).toBe(0);
});

it('puts the headers of the house on hijacked replies', async () => {
  app = fastify();
  await app.register(guardFastify(house.gate));
  app.get('/hello', (_request, reply) => {
    void reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n');
  });
  const answer = await call(await start());
  expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-frame-options': 'DENY' });
  await house.whenLeft(1);
  expect(house.left).toMatchObject([{ status: 200, bytes: 9 }]);
});

it('covers routes beside it, in scopes, and those that do not exist', async () => {
  app = fastify();
  app.register(guardFastify(house.gate));
  app.register((scope, _options, done) => {
    scope.get('/scope', () => 'fine');
    done();
  });
  app.get('/beside', () => 'fine');
  const port = await start();
  for (const path of ['/scope', '/beside', '/none']) {
    expect((await call(port, { path, headers: { 'x-test': 'limit' } })).status).toBe(429);
  }
});

it('tells the hooks of others how a refusal ended', async () => {
  app = fastify();
  const ended: number[] = [];
  await app.register(guardFastify(house.gate));
  const told = new Promise<void>((resolve) => {
    app.addHook('onResponse', (_request, reply, done) => {
      ended.push(reply.statusCode);
      done();
      resolve();
    });
  });
  app.get('/hello', () => 'fine');
  await call(await start(), { headers: { 'x-test': 'limit-later' } });
  await told;
  expect(ended).toEqual([429]);
});

it('leaves errors and unknown routes to the application when that is wanted', async () => {
  app = fastify();
  await app.register(guardFastify(house.gate, { errors: false, notFound: false }));
  app.setErrorHandler((_error, _request, reply) => reply.code(418).send('mine'));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send('not mine'));
  app.get('/hello', () => {
    throw new Error('x');
  });
  const port = await start();
  const broken = await call(port);
  expect([broken.status, broken.body, broken.headers['x-frame-options']]).toEqual([418, 'mine', 'DENY']);
  expect((await call(port, { path: '/none' })).body).toBe('not mine');
});

it('keeps what other plugins put on the reply when a handler throws', async () => {
  app = fastify();
  await app.register(guardFastify(house.gate));
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.header('access-control-allow-origin', 'https://app.example');
    done();
  });
  app.get('/hello', () => {
    throw new Error('x');
  });
  const answer = await call(await start());
  expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([
    500,
    'https://app.example',
  ]);
});

it('answers in the envelope what Fastify refuses before any hook', async () => {
  const guard = guardFastify(house.gate);
  app = fastify({ frameworkErrors: guard.frameworkErrors });
  await app.register(guard);
  app.get('/:id', () => 'fine');
  const answer = await call(await start(), { path: '/%ff' });
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
    400,
    { error: { code: 'INVALID_REQUEST' } },
  ]);
});
