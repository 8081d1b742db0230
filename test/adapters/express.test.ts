import express from 'express';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contextOf, guardExpress } from '../../src/adapters/express/index.ts';
import { labelReader, MAX_BASES } from '../../src/adapters/express/label.ts';
import { ConflictError } from '../../src/core/errors.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { call } from '../../src/testing/suites/adapter-client.ts';
import { type TestHouse, testHouse } from '../../src/testing/suites/adapter-house.ts';
import { listening } from './apps.ts';

let house: TestHouse;
let app: express.Express;
let running: RunningApp | undefined;

beforeEach(() => {
  house = testHouse();
  app = express();
});
afterEach(() => running?.close());

const start = async (): Promise<number> => {
  running = await listening(createServer(app));
  return running.port;
};
const labels = (): (string | null)[] => house.left.map((end) => end.context.routeLabel);

describe('labels of routes', () => {
  it('have the mount point of their router, also when the handler throws', async () => {
    const guard = guardExpress(house.gate);
    const orders = express.Router();
    orders.get('/', (_request, response) => void response.send('all'));
    orders.get('/:id', (request, response) => void response.send(request.params.id));
    orders.get('/:id/broken', () => {
      throw new ConflictError();
    });
    app.use(guard);
    app.use('/api/v1/orders', orders);
    app.use(guard.errors);
    const port = await start();
    for (const path of ['', '/42?x=/a/b', '/42', '/43/broken', '/44/broken/']) {
      await call(port, { path: `/api/v1/orders${path}` });
    }
    await house.whenLeft(5);
    expect(labels()).toEqual([
      '/api/v1/orders',
      '/api/v1/orders/:id',
      '/api/v1/orders/:id',
      '/api/v1/orders/:id/broken',
      '/api/v1/orders/:id/broken',
    ]);
    expect(house.left.map((end) => end.status)).toEqual([200, 200, 200, 409, 409]);
  });

  it('do not carry the values of a mount point', async () => {
    app.use(guardExpress(house.gate));
    const user = express.Router({ mergeParams: true });
    user.get('/orders', (_request, response) => void response.send('fine'));
    app.use('/users/:id', user);
    const port = await start();
    await call(port, { path: '/users/42/orders' });
    await call(port, { path: '/Users/9f4c1e2a/orders' });
    await house.whenLeft(2);
    expect(labels()).toEqual(['/users/:value/orders', '/users/:value/orders']);
  });

  it('stay few, whatever is asked for', () => {
    const labelOf = labelReader();
    const word = (i: number): string =>
      i.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] as string);
    const route = { path: '/orders' };
    const seen = new Set<string | null>();
    for (let i = 0; i < 5_000; i++) {
      seen.add(labelOf({ route, baseUrl: `/shops/${word(i)}`, originalUrl: '/' } as never));
    }
    expect(seen.size).toBe(MAX_BASES + 1);
    expect(seen).toContain('/*/orders');
  });

  it('can be made of lists, expressions and routes of variable length', () => {
    const labelOf = labelReader();
    const label = (path: unknown, originalUrl: string): string | null =>
      labelOf({ route: { path }, baseUrl: '', originalUrl } as never);
    expect(label(['/a', '/b'], '/x/a')).toBe('/a|/b');
    expect(label(/^\/c$/, '/c')).toBe('/^\\/c$/');
    expect(label('/files/*path', '/files/a/b/c')).toBe('/files/*path');
    expect(label(undefined, '/')).toBeNull();
    expect(label(`/${'x'.repeat(500)}`, '/')?.length).toBe(200);
  });
});

it('finds the client by the house\'s own rules, whatever "trust proxy" says', async () => {
  app.set('trust proxy', true);
  app.use(guardExpress(house.gate));
  app.get('/hello', (request, response) => void response.send(request.ip));
  const answer = await call(await start(), { headers: { 'x-forwarded-for': '203.0.113.9' } });
  expect(answer.body).toBe('203.0.113.9');
  expect(house.entered[0]?.client).toMatchObject({ address: '127.0.0.1', forwarded: false });
});

it('judges a request once, however often the guard is mounted', async () => {
  const guard = guardExpress(house.gate);
  app.use(guard, guard);
  app.use('/hello', guard, (request, response) => {
    response.send(String(contextOf(request) === request.rampart));
  });
  expect((await call(await start())).body).toBe('true');
  await house.whenLeft(1);
  expect([house.entered.length, house.left.length]).toEqual([1, 1]);
});

it('shows the target as it was sent, under a mount point, too', async () => {
  app.use('/api', guardExpress(house.gate), (_request, response) => void response.send('fine'));
  await call(await start(), { path: '/api/a?b=c' });
  expect(house.entered[0]?.request.target).toBe('/api/a?b=c');
});

it('lets the application read and take away headers of the house', async () => {
  app.use(guardExpress(house.gate));
  app.get('/hello', (_request, response) => {
    response.removeHeader('x-frame-options');
    response.send(response.getHeader('x-content-type-options'));
  });
  const answer = await call(await start());
  expect([answer.body, answer.headers['x-frame-options']]).toEqual(['nosniff', undefined]);
});

it('takes x-powered-by away that a mounted application adds', async () => {
  app.use(guardExpress(house.gate));
  const inner = express();
  inner.get('/', (_request, response) => void response.send(String(response.getHeader('x-powered-by'))));
  app.use('/inner', inner);
  const answer = await call(await start(), { path: '/inner' });
  expect([answer.body, answer.headers['x-powered-by']]).toEqual(['Express', undefined]);
});

it('answers errors in the envelope where no guard stood before, too', async () => {
  const guard = guardExpress(house.gate);
  app.get('/hello', () => {
    throw new ConflictError();
  });
  app.use(guard.notFound);
  app.use(guard.errors);
  const port = await start();
  expect([(await call(port)).status, (await call(port, { path: '/no' })).status]).toEqual([409, 404]);
});

it('answers an address that cannot be decoded with 400', async () => {
  const guard = guardExpress(house.gate);
  app.use(guard);
  app.get('/:id', (_request, response) => void response.send('fine'));
  app.use(guard.errors);
  const answer = await call(await start(), { path: '/%ff' });
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
    400,
    { error: { code: 'INVALID_REQUEST' } },
  ]);
});
