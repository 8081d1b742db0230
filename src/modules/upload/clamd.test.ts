import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemTimers } from '../../core/clock.ts';
import { ManualClock } from '../../testing/clock.ts';
import { type OwnClamd, ownClamd } from '../../testing/services.ts';
import { clamd, type ReadScanOptions } from './index.ts';
import { readReply } from './scan/clamd.ts';

/** The harmless text that every scanner knows by agreement, put together so that none finds it in this file. */
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

function file(bytes: Uint8Array | string, step = 65_536) {
  const all = Buffer.from(bytes);
  return {
    bytes: all.length,
    async *stream() {
      for (let at = 0; at < all.length; at += step) yield all.subarray(at, at + step);
    },
  };
}
const optionsOf = (
  target: ReadScanOptions['target'],
  more: Partial<ReadScanOptions> = {},
): ReadScanOptions => ({
  target,
  onDown: 'refuse',
  withinMs: 20_000,
  maxBytes: 26_214_400,
  ...more,
});

const own = await ownClamd();

describe.skipIf('absent' in own)('clamd itself', () => {
  const server = own as OwnClamd;
  beforeAll(() => server.start());
  afterAll(() => server.remove());
  const scan = (bytes: Uint8Array | string, step?: number) =>
    clamd(optionsOf({ path: server.socket }), { timers: systemTimers }).scan(file(bytes, step));

  it('finds what it knows, in whatever pieces it comes', async () => {
    expect(await scan(EICAR)).toEqual({ kind: 'infected', signature: 'Rampart.Eicar.UNOFFICIAL' });
    expect(await scan(EICAR, 7)).toMatchObject({ kind: 'infected' });
    expect(await scan('hello')).toEqual({ kind: 'clean' });
    expect(await scan(Buffer.alloc(3_000_000, 'x'))).toEqual({ kind: 'clean' });
  });

  it('is asked over TCP, too, by many at once', async () => {
    const scanner = clamd(optionsOf({ host: '127.0.0.1', port: server.port }), { timers: systemTimers });
    const verdicts = await Promise.all([EICAR, 'a', EICAR, 'b'].map((bytes) => scanner.scan(file(bytes))));
    expect(verdicts.map(({ kind }) => kind)).toEqual(['infected', 'clean', 'infected', 'clean']);
  });

  it('says where a file is larger than it takes', async () => {
    expect(await scan(Buffer.alloc(6_000_000, 'x'))).toEqual({ kind: 'too-large' });
  });
});

describe('a scanner that does not do as it should', () => {
  const sockets = new Set<Socket>();
  let server: Server;
  let answer: (socket: Socket) => void;
  let target: ReadScanOptions['target'];
  beforeAll(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      answer(socket);
    });
    await new Promise<void>((go) => void server.listen(0, '127.0.0.1', go));
    target = { host: '127.0.0.1', port: (server.address() as { port: number }).port };
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((go) => server.close(go));
  });

  it.each<[string, (socket: Socket) => void]>([
    ['closes at once', (socket) => socket.destroy()],
    ['closes without a word', (socket) => void socket.resume().end()],
    ['says something else', (socket) => void socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['says half of it', (socket) => void socket.resume().end('stream: O')],
    ['says it of something else', (socket) => void socket.resume().end('other: OK\u0000')],
    ['talks without end', (socket) => void socket.resume().write('x'.repeat(10_000))],
    ['names an error', (socket) => void socket.resume().end("stream: Can't allocate memory ERROR\u0000")],
  ])('is down where it %s', async (_what, behave) => {
    answer = behave;
    const verdict = await clamd(optionsOf(target), { timers: systemTimers }).scan(file('x'.repeat(200_000)));
    expect(verdict).toMatchObject({ kind: 'down' });
  });

  it('is asked again where its answer was lost with the connection', async () => {
    let asked = 0;
    answer = (socket) => {
      if (++asked < 3) socket.once('data', () => socket.resetAndDestroy());
      else socket.resume().end('INSTREAM size limit exceeded. ERROR\u0000');
    };
    const bytes = Buffer.alloc(4_000_000);
    const verdict = await clamd(optionsOf(target), { timers: systemTimers }).scan(file(bytes));
    expect(verdict).toEqual({ kind: 'too-large' });
    expect(asked).toBe(3);
  });

  it('is asked three times at most', async () => {
    let asked = 0;
    answer = (socket) => {
      asked++;
      socket.once('data', () => socket.resetAndDestroy());
    };
    const bytes = Buffer.alloc(4_000_000);
    const verdict = await clamd(optionsOf(target), { timers: systemTimers }).scan(file(bytes));
    expect(verdict).toMatchObject({ kind: 'down' });
    expect(asked).toBe(3);
  });

  it('is down where it reads and says nothing for too long', async () => {
    const clock = new ManualClock();
    const heard = new Promise<void>((go) => (answer = (socket) => void socket.once('data', () => go())));
    const verdict = clamd(optionsOf(target, { withinMs: 1_000 }), { timers: clock }).scan(file('x'));
    await heard;
    clock.advance(1_001);
    expect(await verdict).toEqual({ kind: 'down', why: 'it took too long' });
    expect(clock.pending).toBe(0);
  });

  it('is down where nobody reads: a file is not sent into nothing for ever', async () => {
    const clock = new ManualClock();
    const there = new Promise<void>((go) => {
      answer = (socket) => {
        socket.pause();
        go();
      };
    });
    const verdict = clamd(optionsOf(target, { withinMs: 1_000 }), { timers: clock }).scan(
      file(Buffer.alloc(20_000_000)),
    );
    await there;
    clock.advance(1_001);
    expect(await verdict).toMatchObject({ kind: 'down' });
  });

  it('is down where there is none', async () => {
    const scanner = clamd(optionsOf({ path: '/nonexistent/clamd.ctl' }), { timers: systemTimers });
    expect(await scanner.scan(file('x'))).toEqual({ kind: 'down', why: 'ENOENT' });
  });

  it('is not asked about what it does not take', async () => {
    const scanner = clamd(optionsOf({ path: '/nonexistent' }, { maxBytes: 1_024 }), { timers: systemTimers });
    expect(await scanner.scan(file(Buffer.alloc(1_025)))).toEqual({ kind: 'too-large' });
  });
});

describe('the reply of a scanner', () => {
  it.each([
    ['stream: OK', 'clean'],
    ['stream: OK\n', 'clean'],
    ['stream: Win.Test.EICAR_HDB-1 FOUND', 'infected'],
    ['stream: Eicar-Test-Signature(44d88612fea8a8f36de82e1278abb02f:68) FOUND', 'infected'],
    ['INSTREAM size limit exceeded. ERROR', 'too-large'],
    ['stream: OK FOUND', 'infected'],
    ['stream:OK', 'down'],
    ['OK', 'down'],
    ['', 'down'],
    ['stream: OK stream: OK', 'down'],
    ['UNKNOWN COMMAND', 'down'],
  ])('%j means %s', (reply, kind) => {
    expect(readReply(reply).kind).toBe(kind);
  });
});
