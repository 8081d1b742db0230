import { Hono } from 'hono';
import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { guardHono } from '../../src/adapters/hono/index.ts';
import { guardWeb, webView } from '../../src/adapters/web/index.ts';
import { type TestHouse, testHouse } from '../../src/testing/suites/adapter-house.ts';

let house: TestHouse;
beforeEach(() => {
  house = testHouse();
});

const ask = (headers: Readonly<Record<string, string>> = {}, init: RequestInit = {}): Request =>
  new Request('https://shop.example/a/b?c=%20d', { ...init, headers });

describe('guardWeb', () => {
  it('shows guards the target without its origin, encryption, and the peer that it was told', async () => {
    const guarded = guardWeb(house.gate, () => new Response(null));
    await guarded(ask(), { peer: '203.0.113.7' });
    await guarded(ask());
    const { request } = house.entered[0] as TestHouse['entered'][0];
    expect([request.target, request.encrypted, request.method]).toEqual(['/a/b?c=%20d', true, 'GET']);
    expect(house.entered.map((context) => context.client.address)).toEqual(['203.0.113.7', 'unknown']);
    expect(webView(new Request('http://x')).target).toBe('/');
  });

  it('leaves when the body has been read, not before', async () => {
    const response = await guardWeb(house.gate, () => new Response('hello'))(ask());
    expect([house.left.length, house.leases()]).toEqual([0, 1]);
    expect(await response.text()).toBe('hello');
    expect(house.left).toMatchObject([{ status: 200, bytes: 5, aborted: false }]);
    expect(house.leases()).toBe(0);
  });

  it('reads no chunk before it is asked for one', async () => {
    let made = 0;
    const endless = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new Uint8Array(++made)) },
      { highWaterMark: 0 },
    );
    const response = await guardWeb(house.gate, () => new Response(endless))(ask());
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(made).toBe(0);
    await reader.read();
    await reader.read();
    expect(made).toBe(2);
    await reader.cancel();
    expect(house.left).toMatchObject([{ status: 200, bytes: 3, aborted: true }]);
  });

  it("cancels the application's body when the consumer cancels", async () => {
    let reason: unknown;
    const body = new ReadableStream({ cancel: (why) => void (reason = why) });
    const response = await guardWeb(house.gate, () => new Response(body))(ask());
    await response.body?.cancel('enough');
    expect(reason).toBe('enough');
  });

  it('leaves when the signal aborts while the handler works, and drops what comes after', async () => {
    const aborter = new AbortController();
    let answer: (response: Response) => void = () => undefined;
    const waiting = guardWeb(
      house.gate,
      () => new Promise((resolve) => (answer = resolve)),
    )(ask({}, { signal: aborter.signal }));
    aborter.abort();
    expect(house.left).toMatchObject([{ status: 0, aborted: true }]);
    expect(house.leases()).toBe(0);
    let cancelled = false;
    answer(new Response(new ReadableStream({ cancel: () => void (cancelled = true) })));
    await waiting;
    expect([cancelled, house.left.length]).toEqual([true, 1]);
  });

  it('leaves nothing behind on a signal that outlives the request', async () => {
    const { signal } = new AbortController();
    const request = ask({}, { signal });
    await (await guardWeb(house.gate, () => new Response('hello'))(request)).text();
    expect(getEventListeners(request.signal, 'abort')).toHaveLength(0);
  });

  it('reports a body that breaks, and hands the break on', async () => {
    const body = new ReadableStream({
      pull: () => {
        throw new Error('broke');
      },
    });
    const response = await guardWeb(house.gate, () => new Response(body))(ask());
    await expect(response.text()).rejects.toThrow('broke');
    expect(house.failures).toHaveLength(1);
    expect(house.left).toMatchObject([{ aborted: true }]);
  });

  it('hands a network error back as it is', async () => {
    const given = Response.error();
    expect(await guardWeb(house.gate, () => given)(ask())).toBe(given);
    expect(house.left).toHaveLength(1);
  });

  it('keeps several cookies of the application and of the house apart', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    const response = await guardWeb(house.gate, () => new Response(null, { headers }))(ask());
    expect(response.headers.getSetCookie().toSorted()).toEqual(['a=1', 'b=2', 'house=1; Path=/']);
  });
});

describe('guardHono without a server', () => {
  it('works through app.request, mounted twice and in a sub-application', async () => {
    const guard = guardHono(house.gate, { peer: () => '203.0.113.7' });
    const inner = new Hono();
    inner.use(guard);
    inner.get('/:id', (c) => c.text(c.get('rampart').client.address));
    const app = new Hono();
    app.use(guard);
    app.route('/inner', inner);
    app.onError(guard.onError);
    app.notFound(guard.notFound);
    const answer = await app.request('/inner/42');
    expect(await answer.text()).toBe('203.0.113.7');
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(house.entered).toHaveLength(1);
    expect(house.left).toMatchObject([{ status: 200, context: { routeLabel: '/inner/:id' } }]);
    expect((await app.request('/none')).status).toBe(404);
  });
});
