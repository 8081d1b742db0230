import express from 'express';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { z } from 'zod';
import { type Guard, rampart } from '../../src/doors/express.ts';
import { form, inZod, order, safeHtml, words } from '../../src/doors/fields.ts';
import { listening } from './apps.ts';

const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const ATTACK = "1' UNION SELECT password FROM users--";
const SCRIPT = '<b>fresh</b><script>alert(document.cookie)</script>';
const TOLD = 'A check of guard.validate does not stand at the route that it names.';
const warned: unknown[] = [];
const told = () => warned.filter((message) => message === TOLD);

describe('a schema that is given to guard.validate with its route', () => {
  let guard: Guard;
  let app: { readonly port: number; close(): Promise<void> };
  beforeAll(async () => {
    const log = { warn: (message: string) => void warned.push(message), error() {}, info() {}, debug() {} };
    guard = await rampart({ shield: { headers: false, bots: false } }, { log });
    const server = express();
    server.use(guard);
    const { validate } = guard;
    const Dish = z.object({ text: inZod(safeHtml()), price: z.number(), kind: z.enum(['a--b', 'main']) });
    const Page = v.object({ page: v.pipe(v.string(), v.digits()), since: v.pipe(v.string(), v.isoDate()) });
    server.post('/orders', validate({ body: order() }, { route: 'POST /orders' }), echo);
    server.post('/dishes/:id', validate({ body: Dish }, { route: 'POST /dishes/:id' }), echo);
    server.post('/unsaid/:id', validate({ body: Dish }), echo);
    server.get('/list', validate({ query: Page }, { route: 'GET /list' }), echo);
    const Note = form({ note: words({ max: 100 }) });
    server.post('/notes', validate({ body: Note }, { route: ['POST /note', 'PUT /notes'] }), echo);
    server.use(guard.errors);
    app = await listening(createServer(server));
  });
  afterAll(async () => {
    await app.close();
    await guard.close();
  });
  const echo: express.RequestHandler = (request, response) =>
    void response.json(request.body ?? request.query);
  const ask = async (method: string, path: string, body?: unknown): Promise<readonly [number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${app.port}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const given = (await answer.json()) as { error?: { code: string; details?: unknown } };
    return [answer.status, given.error?.code ?? ''];
  };

  it('spares what it knows from inspection: markup reaches the field that cleans it', async () => {
    const dish = { text: SCRIPT, price: 1, kind: 'a--b' };
    expect(await ask('POST', '/dishes/7', dish)).toEqual([200, '']);
    // The same line without its route leaves inspection where it was.
    expect(await ask('POST', '/unsaid/7', dish)).toEqual([403, 'REQUEST_BLOCKED']);
  });

  it('turns an attack where it expects an id into a plain 400, without asking anybody', async () => {
    const body = { restaurantId: ATTACK, items: [{ itemId: UUID, quantity: 1 }] };
    expect(await ask('POST', '/orders', body)).toEqual([400, 'INVALID_REQUEST']);
    expect(await ask('GET', `/list?page=1&since=${encodeURIComponent(ATTACK)}`)).toEqual([
      400,
      'INVALID_REQUEST',
    ]);
    expect(await ask('POST', '/orders', { ...body, restaurantId: UUID })).toEqual([200, '']);
  });

  it('leaves free text to inspection, and calm nonsense to the schema', async () => {
    const body = { restaurantId: UUID, items: [{ itemId: UUID, quantity: 1 }], instructions: ATTACK };
    expect(await ask('POST', '/orders', body)).toEqual([403, 'REQUEST_BLOCKED']);
    expect(await ask('POST', '/orders', { ...body, instructions: 1 })).toEqual([400, 'VALIDATION_ERROR']);
    expect(await ask('POST', '/dishes/7', { text: 'x', price: 1, kind: 'side' })).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
  });

  it('is told once where it stands at another route than it says', async () => {
    expect(told()).toEqual([]);
    expect(await ask('POST', '/notes', { note: 'a' })).toEqual([200, '']);
    expect(await ask('POST', '/notes', { note: 'b' })).toEqual([200, '']);
    expect(told()).toEqual([TOLD]);
  });

  it('is refused with a route that is none', () => {
    expect(() => guard.validate({ body: order() }, { route: 'orders' })).toThrow('validate.route');
  });
});
