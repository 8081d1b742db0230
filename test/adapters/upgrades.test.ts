import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { contextOf, guardUpgrades, hardenServer } from '../../src/adapters/node/index.ts';
import type { ServerFlaws } from '../../src/core/gate.ts';
import type { Gate } from '../../src/core/index.ts';
import { browser } from '../../src/modules/browser/index.ts';
import { type RunningApp, Stage, type StartApp } from '../../src/testing/suites/adapter-app.ts';
import { call, Wire } from '../../src/testing/suites/adapter-client.ts';
import { type TestHouse, testHouse } from '../../src/testing/suites/adapter-house.ts';
import { startExpressApp } from './express-app.ts';
import { startFastifyApp } from './fastify-app.ts';
import { startHonoApp } from './hono-app.ts';
import { startNodeApp } from './node-app.ts';
import { startWebApp } from './web-app.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Answers handshakes as RFC 6455 has it, and echoes what comes then. */
function takeSockets(app: RunningApp, seen: IncomingMessage[]): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    seen.push(request);
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}${GUID}`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.write(head);
    socket.pipe(socket);
  });
}

const handshake = (port: number, more = '', behind = ''): Wire =>
  new Wire(port).send(
    `GET /live HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: t\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n${more}\r\n${behind}`,
  );

let app: RunningApp;
afterEach(() => app.close());

async function scene(start: StartApp): Promise<{ house: TestHouse; seen: IncomingMessage[] }> {
  const house = testHouse(browser({ csrf: {}, cors: false }, { events: { emit: () => undefined } }));
  const seen: IncomingMessage[] = [];
  app = await start(house.gate, new Stage());
  takeSockets(app, seen);
  guardUpgrades(app.server, house.gate);
  return { house, seen };
}

describe.each<[string, StartApp]>([
  ['node', startNodeApp],
  ['web', startWebApp],
  ['express', startExpressApp],
  ['fastify', startFastifyApp],
  ['hono', startHonoApp],
])('handshakes of WebSockets before an application on %s', (_name, start) => {
  it('walk the corridor once, and the connection is as it was', async () => {
    const { house, seen } = await scene(start);
    guardUpgrades(app.server, house.gate);
    for (const test of ['', 'X-Test: pass-later\r\n']) {
      const wire = handshake(app.port, test, 'early');
      expect(await wire.until(/early/)).toMatch(/^HTTP\/1\.1 101 [\s\S]*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
      wire.send('late');
      await wire.until(/late/);
      wire.socket.destroy();
    }
    await house.whenLeft(2);
    expect(house.entered).toHaveLength(2);
    expect(seen.map((one) => contextOf(one)?.path)).toEqual(['/live', '/live']);
    expect(house.left).toMatchObject([{ status: 101 }, { status: 101 }]);
    expect(house.leases()).toBe(0);
  });

  it('are refused in the words of the house, and nobody hears of them', async () => {
    const { house, seen } = await scene(start);
    const limited = await handshake(app.port, 'X-Test: limit\r\n').closed();
    expect(limited).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/);
    expect(limited).toMatch(/retry-after: 40\r\n[\s\S]*"code":"RATE_LIMIT_EXCEEDED"/);
    expect(await handshake(app.port, 'X-Test: reject-later\r\n').closed()).toMatch(/^HTTP\/1\.1 503 /);
    const smuggled = 'Content-Length: 5\r\n';
    expect(await handshake(app.port, smuggled, 'GET /').closed()).toMatch(/^HTTP\/1\.1 400 /);
    await house.whenLeft(3);
    expect(seen).toEqual([]);
    expect(house.leases()).toBe(0);
  });

  it('are refused from foreign sites (cross-site WebSocket hijacking)', async () => {
    const { seen } = await scene(start);
    const cookie = 'Cookie: __Host-session=x\r\n';
    for (const origin of ['https://evil.example', 'null', 'http://shop.example.evil.example'])
      expect(await handshake(app.port, `${cookie}Origin: ${origin}\r\n`).closed()).toMatch(
        /^HTTP\/1\.1 403 /,
      );
    expect(seen).toEqual([]);
    const own = handshake(app.port, `${cookie}Origin: http://shop.example\r\n`);
    expect(await own.until(/101/)).toMatch(/^HTTP\/1\.1 101 /);
    own.socket.destroy();
  });
});

describe('a guarded server', () => {
  it('outlives a client that goes while a guard waits', async () => {
    const { house, seen } = await scene(startNodeApp);
    const connected = once(app.server, 'connection') as Promise<[Duplex]>;
    const wire = handshake(app.port, 'X-Test: wait\r\n');
    const [socket] = await connected;
    await house.whenWaiting(1);
    wire.socket.resetAndDestroy();
    if (!socket.closed) await new Promise((closed) => socket.once('close', closed));
    house.goOn();
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ status: 0, aborted: true }]);
    expect(seen).toEqual([]);
  });

  it('leaves handshakes that nobody takes to be answered as requests', async () => {
    const house = testHouse();
    app = await startNodeApp(house.gate, new Stage());
    guardUpgrades(app.server, house.gate);
    const wire = handshake(app.port);
    expect(await wire.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 404 /);
    wire.socket.destroy();
    expect(house.entered).toHaveLength(1);
  });
});

describe('what a server lacks', () => {
  async function told(ready: (running: RunningApp, gate: Gate) => void): Promise<ServerFlaws[]> {
    const flaws: ServerFlaws[] = [];
    const gate: Gate = { ...testHouse().gate, onServerFlaws: (one) => void flaws.push(one) };
    app = await startExpressApp(gate, new Stage());
    ready(app, gate);
    await call(app.port);
    await call(app.port);
    return flaws;
  }

  it('is told with the first request, once', async () => {
    expect(await told(() => undefined)).toEqual([{ unbounded: true, unguardedUpgrades: false }]);
  });

  it('is told of handshakes that go past the guard', async () => {
    expect(await told((running) => takeSockets(running, []))).toEqual([
      { unbounded: true, unguardedUpgrades: true },
    ]);
  });

  it('is nothing where the server is hardened, or bounded by its owner', async () => {
    const hardened = await told((running, gate) => {
      takeSockets(running, []);
      hardenServer(running.server, {}, { gate }).stop();
    });
    expect(hardened).toEqual([]);
    await app.close();
    expect(await told((running) => void (running.server.headersTimeout = 15_000))).toEqual([]);
  });
});
