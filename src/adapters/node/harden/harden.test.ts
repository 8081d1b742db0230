import { describe, expect, it, vi } from 'vitest';
import { createServer } from 'node:http';
import { type HardenOptions, hardenServer } from './index.ts';
import { type Dialled, dial, type Stage, stage } from './test-dial.ts';

const GET = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n';
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000, interval: 5 });

/** Lets time pass by half seconds; what the sockets carry meanwhile arrives in between. */
async function pass({ clock }: Stage, seconds: number, each?: () => void): Promise<void> {
  for (let i = 0; i < seconds * 2; i++) {
    each?.();
    await new Promise(setImmediate);
    clock.advance(500);
  }
}

/** Whether the connection still answers. */
async function answers(peer: Dialled, request = GET): Promise<boolean> {
  const before = peer.text().length;
  peer.socket.write(request);
  await Promise.race([peer.closed, until(() => expect(peer.text().length).toBeGreaterThan(before))]);
  return !peer.isClosed();
}

describe('a hardened server', () => {
  it('A58: closes whoever sends no head, or one byte of it now and then', async () => {
    const on = await stage();
    const silent = await dial(on.port);
    const slow = await dial(on.port, 'GET / HTTP/1.1\r\n');
    await until(() => expect(on.hardened.counts().sockets).toBe(2));
    await pass(on, 9);
    expect([silent.isClosed(), slow.isClosed()]).toEqual([false, false]);
    await pass(on, 2, () => slow.socket.write('a'));
    await Promise.all([silent.closed, slow.closed]);
    expect(on.cuts).toEqual(['head', 'head']);
    expect(on.calls).toEqual([]);
    await until(() => expect(on.hardened.counts()).toEqual({ sockets: 0, addresses: 0 }));
    // Nothing is looked at where nothing is connected.
    await pass(on, 1);
    expect(on.clock.pending).toBe(0);
  });

  it('A58: closes a body that trickles, once the application waits for it, and no honest slow one', async () => {
    const on = await stage();
    const head = (path: string): string =>
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n`;
    const slow = await dial(on.port, head('/slow'));
    const honest = await dial(on.port, head('/honest'));
    const live = await dial(on.port, head('/trickle'));
    await until(() => expect(on.calls).toHaveLength(3));
    // 20 KB a second, as over a poor mobile line.
    await pass(on, 49, () => {
      honest.socket.write('a'.repeat(10_000));
      if (!slow.isClosed()) slow.socket.write('a');
      live.socket.write('a');
    });
    await slow.closed;
    expect([honest.isClosed(), live.isClosed(), on.cuts]).toEqual([false, false, ['upload']]);
    honest.socket.write('a'.repeat(20_000));
    await until(() => expect(honest.text()).toContain('200 OK'));
  });

  it('waits for an application that takes its time with a body', async () => {
    const on = await stage({}, (request, response) => {
      if (request.url === '/now') request.resume().on('end', () => response.end('ok'));
    });
    const peer = await dial(on.port, 'POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc');
    await until(() => expect(on.calls).toHaveLength(1));
    await pass(on, 300);
    expect([peer.isClosed(), on.cuts]).toEqual([false, []]);
  });

  it('A58: closes whoever asks for much and reads nothing of it', async () => {
    const on = await stage({}, (_request, response) => response.end(Buffer.alloc(32_000_000)));
    const peer = await dial(on.port);
    peer.socket.pause();
    peer.socket.write(GET);
    await until(() => expect(on.calls).toHaveLength(1));
    await pass(on, 59);
    expect(on.cuts).toEqual([]);
    await pass(on, 3);
    expect(on.cuts).toEqual(['download']);
    peer.socket.resume();
    await peer.closed;
  });

  it('bears whoever reads a large answer slowly, but reads', async () => {
    const on = await stage({}, (_request, response) => response.end(Buffer.alloc(8_000_000)));
    const peer = await dial(on.port);
    let taken = 0;
    peer.socket.removeAllListeners('data');
    peer.socket.pause();
    peer.socket.write(GET);
    await until(() => expect(on.calls).toHaveLength(1));
    for (let i = 0; taken < 8_000_000 && !peer.isClosed(); i++) {
      const chunk = peer.socket.read() as string | null;
      taken += chunk?.length ?? 0;
      await new Promise(setImmediate);
      if (i % 2 === 0) on.clock.advance(500);
    }
    expect(on.cuts).toEqual([]);
  });

  it('leaves streams of events, long polls, and what was upgraded alone for hours', async () => {
    const on = await stage({}, (request, response) => {
      if (request.url === '/events') response.writeHead(200).write('data: 1\n\n');
    });
    on.server.on('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Switching\r\n\r\n'));
    const events = await dial(on.port, 'GET /events HTTP/1.1\r\nHost: a\r\n\r\n');
    const poll = await dial(on.port, 'GET /poll HTTP/1.1\r\nHost: a\r\n\r\n');
    const socket = await dial(
      on.port,
      'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    await until(() => expect(socket.text()).toContain('101'));
    await until(() => expect(on.calls).toHaveLength(2));
    for (let i = 0; i < 7_200; i++) on.clock.advance(1_000);
    await new Promise(setImmediate);
    expect([events, poll, socket].map((peer) => peer.isClosed())).toEqual([false, false, false]);
    expect(on.cuts).toEqual([]);
  });

  it('leaves a kept connection to the timer for kept connections', async () => {
    const on = await stage();
    const peer = await dial(on.port);
    for (let i = 0; i < 5; i++) {
      expect(await answers(peer)).toBe(true);
      await pass(on, 30);
    }
    expect(on.cuts).toEqual([]);
    expect(on.server.keepAliveTimeout).toBe(20_000);
  });

  it('A58: lets one address have so many connections, others their own, and proxies any number', async () => {
    const on = await stage({ maxSocketsPerAddress: 3, proxies: ['127.0.0.9'] });
    const first = await Promise.all([1, 2, 3].map(() => dial(on.port)));
    await until(() => expect(on.hardened.counts()).toEqual({ sockets: 3, addresses: 1 }));
    const fourth = await dial(on.port, GET);
    await fourth.closed;
    expect([on.cuts, on.calls]).toEqual([['address'], []]);
    expect(await answers(await dial(on.port, '', '127.0.0.2'))).toBe(true);
    for (let i = 0; i < 10; i++) expect(await answers(await dial(on.port, '', '127.0.0.9'))).toBe(true);
    for (const { socket } of first) socket.destroy();
    await until(() => expect(on.hardened.counts().addresses).toBe(1));
    expect(await answers(await dial(on.port))).toBe(true);
  });

  it('A57: answers so many pipelined requests at once, and reads no more of a flood', async () => {
    const waiting: (() => void)[] = [];
    const on = await stage({}, (_request, response) => waiting.push(() => response.end('ok')));
    const peer = await dial(on.port, GET.repeat(5_000));
    await until(() => expect(on.cuts).toEqual(['pipelined']));
    expect(on.calls).toHaveLength(32);
    for (const answer of waiting) answer();
    await peer.closed;
    expect(on.calls).toHaveLength(32);
    expect(on.cuts).toEqual(['pipelined']);
    const honest = await dial(on.port, GET.repeat(32));
    await until(() => expect(on.calls).toHaveLength(64));
    for (const answer of waiting.splice(32)) answer();
    await until(() => expect(honest.text().match(/200 OK/g)).toHaveLength(32));
  });

  it('closes a connection after so many requests', async () => {
    const on = await stage({ maxRequestsPerSocket: 3 });
    const peer = await dial(on.port, GET.repeat(3));
    await peer.closed;
    expect(peer.text().match(/200 OK/g)).toHaveLength(3);
  });

  it('stops watching when it is told to', async () => {
    const on = await stage({ maxSocketsPerAddress: 1 });
    on.hardened.stop();
    expect(await answers(await dial(on.port))).toBe(true);
    expect(await answers(await dial(on.port))).toBe(true);
    expect(on.clock.pending).toBe(0);
  });

  it.each([
    [{ headersTimeout: '1ms' }, 'connections.headersTimeout'],
    [{ headersTimeout: '1m', requestTimeout: '30s' }, 'connections.headersTimeout'],
    [{ proxies: ['nobody'] }, 'connections.proxies[0]'],
    [{ maxSockets: 1 }, 'connections.maxSockets'],
    [{ maxPipelined: 0 }, 'connections.maxPipelined'],
  ])('refuses the option %j', (options, path) => {
    expect(() => hardenServer(createServer(), options as HardenOptions)).toThrow(path);
  });
});
