import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { LINGER_MS } from '../../core/http/body.ts';
import type { Scene } from './adapter-app.ts';
import { call, oneConnection, open, Wire } from './adapter-client.ts';

/** What becomes of connections, bodies and clients that go away. */
export function connectionScenarios(scene: () => Scene): void {
  streaming(scene);
  departures(scene);
  keepingAlive(scene);

  it('leaves as often as it was entered, and gives every lease back, over 1,000 requests', async () => {
    const { house, port } = scene();
    const agent = oneConnection();
    agent.maxSockets = 10;
    const asks = [
      { path: '/hello' },
      { path: '/hello', headers: { 'x-test': 'limit' } },
      { path: '/hello', headers: { 'x-test': 'pass-later' } },
      { path: '/nowhere' },
      { path: '/throw/conflict' },
      { path: '/echo', method: 'POST', body: 'abc' },
      { path: '/echo', method: 'POST', body: 'abc', headers: { 'x-test': 'csrf' } },
      { path: '/empty' },
      { path: '/hello', method: 'HEAD' },
      { path: '/redirect' },
    ];
    const statuses = new Map<number, number>();
    await Promise.all(
      Array.from({ length: 1000 }, async (_, i) => {
        const { status } = await call(port, { ...(asks[i % asks.length] as (typeof asks)[0]), agent });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }),
    );
    agent.destroy();
    await house.whenLeft(1000);
    expect([house.entered.length, house.left.length, house.leases()]).toEqual([1000, 1000, 0]);
    expect(house.left.filter((end) => end.aborted)).toEqual([]);
    expect(Object.fromEntries(statuses)).toEqual({
      200: 400,
      204: 100,
      302: 100,
      403: 100,
      404: 100,
      409: 100,
      429: 100,
    });
  });
}

function streaming(scene: () => Scene): void {
  it('passes a streamed body on while it is made, and leaves once at its end', async () => {
    const { house, stage, port } = scene();
    const message = await open(port, { path: '/stream' });
    message.setEncoding('utf8');
    const [first] = (await once(message, 'data')) as [string];
    expect(first).toBe('one');
    expect([house.left.length, house.leases()]).toEqual([0, 1]);
    const end = once(message, 'end');
    const second = once(message, 'data');
    stage.release();
    expect((await second)[0]).toBe('two');
    await end;
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ status: 200, bytes: 6, aborted: false }]);
    expect(house.leases()).toBe(0);
  });
}

function departures(scene: () => Scene): void {
  it('leaves once, as aborted, when the client goes in the middle of the response', async () => {
    const { house, port } = scene();
    const message = await open(port, { path: '/stream' });
    message.on('error', () => undefined);
    await once(message, 'data');
    message.destroy();
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ status: 200, bytes: 3, aborted: true }]);
    expect(house.leases()).toBe(0);
  });

  it('leaves once, as aborted, when the client goes before the response', async () => {
    const { house, port } = scene();
    const wire = new Wire(port).send('GET /hang HTTP/1.1\r\nhost: x\r\n\r\n');
    await house.whenEntered(1);
    wire.socket.destroy();
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ status: 0, bytes: 0, aborted: true }]);
    expect(house.leases()).toBe(0);
  });

  it('leaves once, as aborted, when the client goes in the middle of its request', async () => {
    const { house, port } = scene();
    const wire = new Wire(port).send('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nabc');
    await house.whenEntered(1);
    wire.socket.destroy();
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ aborted: true }]);
    expect(house.leases()).toBe(0);
    expect((await call(port)).status).toBe(200);
    await house.whenLeft(2);
    expect(house.left).toHaveLength(2);
    // That a client went is no failure of the application, though its read of the body threw.
    expect(house.failures).toEqual([]);
  });

  it('does not call the handler for a client that went while a guard was waiting', async () => {
    const { house, stage, app, port } = scene();
    const accepted = nextSocket(app.server);
    const asked = nextRequest(app.server);
    const wire = new Wire(port).send('GET /hello HTTP/1.1\r\nhost: x\r\nx-test: wait\r\n\r\n');
    const socket = await accepted;
    await asked;
    const gone = once(socket, 'close');
    wire.socket.destroy();
    await gone;
    house.goOn();
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ status: 0, aborted: true }]);
    expect([stage.calls, house.leases()]).toEqual([0, 0]);
  });

  it('leaves pipelined requests, answered or waiting, when their client goes', async () => {
    const { house, port } = scene();
    const wire = new Wire(port);
    wire.send('GET /hang HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(3));
    await house.whenEntered(3);
    wire.socket.destroy();
    await house.whenLeft(3);
    expect(house.left.map((end) => end.aborted)).toEqual([true, true, true]);
    expect(house.leases()).toBe(0);
  });
}

function keepingAlive(scene: () => Scene): void {
  it('keeps a connection through refusals whose bodies nobody reads', async () => {
    const { house, app, port } = scene();
    let connections = 0;
    const count = (): void => void connections++;
    app.server.on('connection', count);
    const agent = oneConnection();
    const refused = { method: 'POST', path: '/echo', headers: { 'x-test': 'limit' }, agent };
    const statuses = [
      (await call(port, { ...refused, body: 'x'.repeat(40_000) })).status,
      (await call(port, { method: 'POST', path: '/echo', body: 'abc', agent })).body,
      (await call(port, { ...refused, body: 'y'.repeat(10) })).status,
      (await call(port, { path: '/hello', agent })).body,
    ];
    agent.destroy();
    app.server.off('connection', count);
    expect(statuses).toEqual([429, '3', 429, 'hello']);
    expect(connections).toBe(1);
    await house.whenLeft(4);
    expect(house.left.map((end) => end.aborted)).toEqual([false, false, false, false]);
  });

  it.each([
    ['of ten megabytes', 'content-length: 10000000\r\n\r\n'],
    ['of unknown length', 'transfer-encoding: chunked\r\n\r\n4000\r\n'],
  ])('answers before a body %s has come, and closes the connection', async (_name, rest) => {
    const { house, stage, port } = scene();
    const wire = new Wire(port);
    wire.send(`POST /echo HTTP/1.1\r\nhost: x\r\nx-test: limit\r\n${rest}${'x'.repeat(5_000)}`);
    await wire.until(/"RATE_LIMIT_EXCEEDED".*\}$/s);
    expect(wire.text).toMatch(/^HTTP\/1\.1 429 /);
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ status: 429, aborted: false }]);
    stage.clock.advance(LINGER_MS);
    await wire.closed();
    expect(house.leases()).toBe(0);
  });

  it('answers a refused request that waits for 100 Continue', async () => {
    const { house, port } = scene();
    const wire = new Wire(port);
    wire.send(
      'POST /echo HTTP/1.1\r\nhost: x\r\nx-test: limit\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n',
    );
    expect(await wire.until(/"RATE_LIMIT_EXCEEDED".*\}$/s)).toContain('HTTP/1.1 429 ');
    await house.whenLeft(1);
    wire.socket.destroy();
  });
}

async function nextSocket(server: Server): Promise<Socket> {
  const [socket] = (await once(server, 'connection')) as [Socket];
  return socket;
}

async function nextRequest(server: Server): Promise<void> {
  await once(server, 'request');
}
