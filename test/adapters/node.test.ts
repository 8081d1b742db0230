import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import {
  connect as connectHttp2,
  constants,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardNode, nodeView, onClientError } from '../../src/adapters/node/index.ts';
import { LINGER_BYTES, LINGER_MS } from '../../src/core/http/body.ts';
import { ManualClock } from '../../src/testing/clock.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { bodyGuard } from '../../src/testing/suites/adapter-bodies.ts';
import { call, Wire } from '../../src/testing/suites/adapter-client.ts';
import { type TestHouse, testHouse } from '../../src/testing/suites/adapter-house.ts';
import { listening } from './apps.ts';

let house: TestHouse;
let clock: ManualClock;
let app: RunningApp;
let handle: (response: ServerResponse) => void;
let waiting: ServerResponse[];

beforeEach(async () => {
  house = testHouse();
  clock = new ManualClock();
  waiting = [];
  handle = (response) => void response.end('fine');
  const listener = guardNode(house.gate, { timers: clock })(async (request, response) => {
    if (request.url === '/wait') {
      waiting.push(response);
      return;
    }
    if (request.method === 'POST') {
      for await (const _chunk of request) if (request.url === '/enough') break;
    }
    handle(response);
  });
  const server = createServer({ maxHeaderSize: 16_384 }, listener);
  server.on('checkContinue', listener.onContinue);
  server.on('clientError', onClientError(house.gate, clock));
  app = await listening(server);
});
afterEach(() => app.close());

const envelopeOf = (text: string): unknown => JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));

describe('what is no HTTP', () => {
  const hostile: [string, number, string, string][] = [
    [
      '100,000 bytes of headers',
      431,
      'HEADERS_TOO_LARGE',
      `GET / HTTP/1.1\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`,
    ],
    ['10,000 headers', 431, 'HEADERS_TOO_LARGE', `GET / HTTP/1.1\r\n${'a: bcdefg\r\n'.repeat(10_000)}\r\n`],
    ['a malformed request line', 400, 'INVALID_REQUEST', 'HELLO THERE\r\n\r\n'],
    ['binary rubbish', 400, 'INVALID_REQUEST', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    [
      'two lengths',
      400,
      'INVALID_REQUEST',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nabcde',
    ],
    [
      'a length and chunks',
      400,
      'INVALID_REQUEST',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a control byte in a header', 400, 'INVALID_REQUEST', 'GET / HTTP/1.1\r\nhost: x\r\na: b\x00c\r\n\r\n'],
    [
      'a length with a sign',
      400,
      'INVALID_REQUEST',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +5\r\n\r\nabcde',
    ],
  ];
  it.each(hostile)(
    'answers %s with %i %s, closes the connection, and lives on',
    async (_name, status, code, text) => {
      const wire = new Wire(app.port).send(text);
      const answer = await wire.closed();
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer).toContain('\r\nconnection: close\r\n');
      expect(envelopeOf(answer)).toMatchObject({ success: false, error: { code } });
      expect(house.entered).toHaveLength(0);
      expect((await call(app.port)).status).toBe(200);
    },
  );

  it('reads no more of an unending header than it must', async () => {
    const wire = new Wire(app.port).send('GET / HTTP/1.1\r\n');
    // A client that never stops by itself.
    wire.socket.removeAllListeners('end');
    let sent = 0;
    while (!wire.socket.destroyed && sent < 20 * LINGER_BYTES) {
      const piece = `a: ${'b'.repeat(65_000)}\r\n`;
      sent += piece.length;
      await new Promise((resolve) => wire.socket.write(piece, resolve));
    }
    await wire.closed();
    // What both kernels hold in their buffers comes on top.
    expect(sent).toBeLessThan(20 * LINGER_BYTES);
  });

  it('closes a connection that stays open after its answer', async () => {
    const accepted = once(app.server, 'connection') as Promise<[Socket]>;
    const wire = new Wire(app.port);
    wire.socket.removeAllListeners('end');
    const [socket] = await accepted;
    wire.send('HELLO\r\n\r\n');
    await wire.until(/\}$/);
    expect([socket.destroyed, clock.pending]).toEqual([false, 1]);
    const closed = once(socket, 'close');
    clock.advance(LINGER_MS);
    await closed;
    expect(clock.pending).toBe(0);
    wire.socket.destroy();
  });

  it('writes nothing into a response that is on its way', async () => {
    const wire = new Wire(app.port).send('GET /wait HTTP/1.1\r\nhost: x\r\n\r\n');
    await house.whenEntered(1);
    waiting[0]?.writeHead(200, { 'content-length': 100 }).write('half');
    await wire.until(/half/);
    wire.send('RUBBISH\r\n\r\n');
    const answer = await wire.closed();
    expect(answer).toMatch(/half$/);
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ status: 200, bytes: 4, aborted: true }]);
  });

  it('answers a body whose chunks make no sense while the handler waits for it', async () => {
    const wire = new Wire(app.port);
    wire.send('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    await house.whenEntered(1);
    const answer = await wire.send('zz\r\n').closed();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    await house.whenLeft(1);
    expect(house.leases()).toBe(0);
  });
});

describe('bodies of refused requests', () => {
  it('are read up to a ceiling, and then the connection is closed', async () => {
    const wire = new Wire(app.port);
    wire.send('POST / HTTP/1.1\r\nhost: x\r\nx-test: limit\r\ntransfer-encoding: chunked\r\n\r\n');
    const piece = `ffff\r\n${'x'.repeat(65_535)}\r\n`;
    let sent = 0;
    while (!wire.socket.destroyed && sent < 40 * LINGER_BYTES) {
      sent += piece.length;
      await new Promise((resolve) => wire.socket.write(piece, resolve));
    }
    expect(await wire.closed()).toMatch(/^HTTP\/1\.1 429 /);
    expect(sent).toBeLessThan(40 * LINGER_BYTES);
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ status: 429, aborted: false }]);
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['a body', 'POST', 'limit', /429 .*\}$/s],
    ['none, to HEAD', 'HEAD', 'limit', /429 .*\r\n\r\n$/s],
    ['a preflight, which has none', 'OPTIONS', 'none', /204 .*\r\n\r\n$/s],
  ])('are read on for a second after an answer with %s', async (_name, method, word, answer) => {
    const accepted = once(app.server, 'connection') as Promise<[Socket]>;
    const wire = new Wire(app.port);
    wire.socket.removeAllListeners('end');
    const [socket] = await accepted;
    const head = `x-test: ${word}\r\naccess-control-request-method: PUT\r\ncontent-length: 9000000\r\n`;
    wire.send(`${method} / HTTP/1.1\r\nhost: x\r\n${head}\r\nabc`);
    expect(await wire.until(answer)).toMatch(answer);
    await house.whenLeft(1);
    expect([socket.destroyed, clock.pending]).toEqual([false, 1]);
    const closed = once(socket, 'close');
    clock.advance(LINGER_MS);
    await closed;
    expect(house.left).toMatchObject([{ aborted: false }]);
    wire.socket.destroy();
  });

  it('say that the connection will be closed only when it will', async () => {
    const headers = { 'x-test': 'limit' };
    const small = await call(app.port, {
      method: 'POST',
      headers: { ...headers, connection: 'keep-alive' },
      body: 'x',
    });
    expect(small.headers.connection).toBe('keep-alive');
    const large = await call(app.port, { method: 'POST', headers, body: 'x'.repeat(100_000) });
    expect([large.status, large.headers.connection]).toEqual([429, 'close']);
  });

  it('are never asked for when the client waits for 100 Continue', async () => {
    const head = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nexpect: 100-continue\r\n';
    const refused = await new Wire(app.port).send(`${head}x-test: limit\r\n\r\n`).closed();
    expect(refused).toMatch(/^HTTP\/1\.1 429 /);
    const wire = new Wire(app.port).send(`${head}\r\n`);
    await wire.until(/100 Continue\r\n\r\n/);
    expect(await wire.send('abc').until(/fine$/)).toContain('HTTP/1.1 200 OK');
    wire.socket.destroy();
  });
});

describe('the head of a response', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    [
      'an object',
      (response) => response.writeHead(200, 'Fine', { 'X-One': '1', 'X-Frame-Options': 'SAMEORIGIN' }),
    ],
    ['a flat list', (response) => response.writeHead(200, ['X-One', '1', 'X-Frame-Options', 'SAMEORIGIN'])],
    [
      'nothing but what was set',
      (response) =>
        response.setHeaders(
          new Map([
            ['X-One', '1'],
            ['X-Frame-Options', 'SAMEORIGIN'],
          ]),
        ),
    ],
    [
      'both',
      (response) =>
        response.setHeader('X-One', '0').writeHead(200, { 'x-one': '1', 'X-Frame-Options': 'SAMEORIGIN' }),
    ],
  ])("has the house's headers and the handler's, given as %s", async (_name, give) => {
    handle = (response) => {
      give(response);
      response.end('fine');
    };
    const { status, headers, body } = await call(app.port);
    expect([status, body]).toEqual([200, 'fine']);
    expect(headers).toMatchObject({
      'x-one': '1',
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
    });
  });

  it('answers 500 when the handler gives a header that cannot be sent', async () => {
    handle = (response) => response.writeHead(200, { 'x-bad': 'a\r\nb: c' });
    const { status, headers } = await call(app.port);
    expect([status, headers['b'], headers['x-frame-options']]).toEqual([500, undefined, 'DENY']);
  });

  it('closes the connection, and lives on, when a guard gives a header that cannot be sent', async () => {
    handle = (response) => {
      house.entered.at(-1)?.header('x-bad', 'a\nb');
      response.end('fine');
    };
    await expect(call(app.port)).rejects.toThrow('socket hang up');
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ status: 0, aborted: true }]);
    expect(house.leases()).toBe(0);
  });
});

it('lives on when the application stops reading a body half-way', async () => {
  const wire = new Wire(app.port).send('POST /enough HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome');
  await house.whenLeft(1);
  wire.socket.destroy();
  expect((await call(app.port)).body).toBe('fine');
  await house.whenLeft(2);
  expect([house.left.length, house.leases()]).toEqual([2, 0]);
});

it('counts the bytes of a body in whichever form they are written', async () => {
  handle = (response) => {
    response.write('ü');
    response.write('ff00', 'hex');
    response.write(Buffer.alloc(5));
    response.end('é', 'latin1');
  };
  await call(app.port);
  await house.whenLeft(1);
  expect(house.left).toMatchObject([{ bytes: 2 + 2 + 5 + 1, aborted: false }]);
});

it('shows guards the headers as they were sent', async () => {
  const wire = new Wire(app.port).send('GET /a HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nX-A: 2\r\nAccept: b\r\n\r\n');
  await wire.until(/fine$/);
  wire.socket.destroy();
  const { request } = house.entered[0] as TestHouse['entered'][0];
  expect(request.header('x-a')).toBe('1, 2');
  expect(request.header('constructor')).toBeUndefined();
  expect(request.rawHeaders?.()).toEqual(['Host', 'x', 'X-A', '1', 'X-A', '2', 'Accept', 'b']);
  const view = nodeView({ url: '/x', method: 'PUT', headers: {}, socket: { encrypted: true } } as never);
  expect([view.target, view.method, view.encrypted, view.peer]).toEqual(['/x', 'PUT', true, undefined]);
});

it('stands before HTTP/2 as well', async () => {
  const listener = guardNode(house.gate)(async (request, response) => {
    response.write('one');
    if (request.url !== '/stream') response.end();
    else await new Promise(() => undefined);
  });
  const server = createHttp2Server(listener as never);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const statusOf = async (headers: OutgoingHttpHeaders): Promise<unknown> => {
    const stream = session.request(headers);
    const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    stream.close(constants.NGHTTP2_CANCEL);
    await once(stream, 'close');
    return [answer[':status'], answer['x-frame-options']];
  };
  expect(await statusOf({ ':path': '/stream' })).toEqual([200, 'DENY']);
  expect(await statusOf({ ':path': '/', ':method': 'POST', 'x-test': 'limit' })).toEqual([429, 'DENY']);
  await house.whenLeft(2);
  expect(house.left[0]).toMatchObject({ status: 200, bytes: 3, aborted: true });
  expect([house.left[1]?.status, house.leases()]).toEqual([429, 0]);
  session.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

it('leaves once when a stream of HTTP/2 is gone before a guard has said its word', async () => {
  const own = testHouse([bodyGuard()]);
  let calls = 0;
  const server = createHttp2Server(guardNode(own.gate)(() => void calls++) as never);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const gone = new Promise<void>((resolve) =>
    server.on('stream', (stream) => void stream.once('close', resolve)),
  );
  const stream = session.request({
    ':method': 'POST',
    'content-length': '9',
    'x-body': 'yes',
    'x-test': 'wait',
  });
  stream.write('abc');
  await own.whenWaiting(1);
  stream.close(constants.NGHTTP2_CANCEL);
  await gone;
  await new Promise(setImmediate);
  own.goOn();
  await own.whenLeft(1);
  await new Promise(setImmediate);
  expect(own.left).toMatchObject([{ aborted: true }]);
  expect([calls, own.leases()]).toEqual([0, 0]);
  session.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});
