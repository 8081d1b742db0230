import { connect, type Socket } from 'node:net';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { keptConnections } from './client.ts';
import { preparedFolder } from './prepared.ts';
import { cleanUp, eventually, type Running, start } from './server.ts';
import { clients, from, refusalsOf, type Seen, SMALL_LIMIT, unknownTo } from './traffic.ts';

afterAll(cleanUp);

const CONTINUE = /^HTTP\/1\.1 100 Continue\r\n\r\n/;
const BODY = JSON.stringify({ items: [{ name: 'Flat white', quantity: 1 }] });

async function signedIn(server: Running): Promise<string> {
  const sent = from('192.0.2.1', {
    method: 'POST',
    path: '/sample/sign-in',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"ada"}',
  });
  return (JSON.parse((await server.send(sent)).body) as { token: string }).token;
}

/** An order of which only the first half was sent; `text` gathers what comes back. */
async function halfAnOrder(
  server: Running,
): Promise<{ socket: Socket; text: () => string; over: Promise<void> }> {
  const token = await signedIn(server);
  const socket = connect(server.port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(
    `POST /sample/orders HTTP/1.1\r\nHost: x\r\nUser-Agent: y\r\nAccept: */*\r\nX-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer ${token}\r\n` +
      `Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, 10)}`,
  );
  // Once the server says so, it has begun with it.
  await vi.waitFor(() => expect(text).toMatch(CONTINUE), { timeout: 20_000 });
  text = text.replace(CONTINUE, '');
  return { socket, text: () => text, over };
}

const drains = (server: Running): Promise<unknown> =>
  eventually(
    async () => server.log.some(({ message }) => message === 'Draining.'),
    (draining) => draining,
  );

describe('a server that is asked to stop under load', () => {
  it('ends what it began, answers 503 to readiness, and has lost nothing', async () => {
    const dir = await preparedFolder();
    const server = await start({ dir, config: SMALL_LIMIT });
    const order = await halfAnOrder(server);
    const seen: Seen = { answers: [], broken: 0 };
    const agent = keptConnections(6);
    const traffic = clients(server, 6, seen, agent);
    await eventually(
      async () => refusalsOf(seen.answers).length,
      (refused) => refused > 200,
    );
    server.signal('SIGTERM');
    await drains(server);
    const draining = performance.now();
    order.socket.write(`${BODY.slice(10)}GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n`);
    await traffic;
    await order.over;
    agent.destroy();
    expect(await server.ended).toEqual({ code: 0, signal: null });
    // Clients that keep their connections busy do not hold it up until the ten seconds of grace are over.
    expect(performance.now() - draining).toBeLessThan(8_000);
    expect(order.text()).toMatch(/^HTTP\/1\.1 201 /);
    expect(order.text()).toMatch(/HTTP\/1\.1 503 [^]*"unavailable"/);
    expect(new Set(seen.answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
    // Sign-in, order and readiness beside the clients' own.
    expect(server.accessLines()).toBe(seen.answers.length + 3);

    const next = await start({ dir, config: SMALL_LIMIT });
    const refused = refusalsOf(seen.answers);
    expect(await unknownTo(next, refused)).toEqual([]);
    const { body } = await next.ask<{ topRoutes: { value: string; requests: number; refused: number }[] }>(
      'GET',
      '/admin/stats/overview',
    );
    const total = (of: 'requests' | 'refused'): number =>
      body.topRoutes
        .filter(({ value }) => value.includes('/sample/'))
        .reduce((sum, route) => sum + route[of], 0);
    expect([total('requests'), total('refused')]).toEqual([seen.answers.length + 2, refused.length]);
    await next.stop();
  });

  it('takes two signals at once for one, and a later one for impatience', async () => {
    const server = await start({ dir: await preparedFolder(), config: SMALL_LIMIT });
    const order = await halfAnOrder(server);
    server.signal('SIGTERM');
    await drains(server);
    server.signal('SIGTERM');
    const draining = performance.now();
    const early = await Promise.race([
      server.ended,
      new Promise((resolve) => void setTimeout(resolve, 700, 'still there')),
    ]);
    expect(early).toBe('still there');
    server.signal('SIGTERM');
    expect((await server.ended).code).toBe(130);
    // Less than the ten seconds of grace that the half order would have had.
    expect(performance.now() - draining).toBeLessThan(5_000);
    await order.over;
  });
});
