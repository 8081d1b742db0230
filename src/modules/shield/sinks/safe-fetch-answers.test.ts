import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../testing/clock.ts';
import { answerOf, local, serve, type Upstream } from './test-upstream.ts';

describe('safeFetch, answered by a server that means harm', () => {
  it.each([301, 302, 303, 307, 308])(
    'A76: hands a redirect (%i) back and does not follow it',
    async (status) => {
      const inner = await serve((socket) => socket.end(answerOf('secret')));
      const server = await serve((socket) =>
        socket.end(
          `HTTP/1.1 ${status} X\r\nlocation: http://127.0.0.1:${inner.port}/\r\ncontent-length: 0\r\n\r\n`,
        ),
      );
      const safe = local(server);
      const url = `http://a.example.com:${server.port}/`;
      expect((await safe(url)).status).toBe(status);
      await expect(safe(url, { redirect: 'error' })).rejects.toMatchObject({ code: 'UPSTREAM_REDIRECT' });
      // Followed, the next address is looked at like the first: its port is not allowed.
      await expect(safe(url, { redirect: 'follow' })).rejects.toMatchObject({ code: 'SSRF_BLOCKED' });
      expect(inner.connections).toBe(0);
    },
  );

  it('A76: follows only where it is asked to, looks at each hop, and takes secrets to no other origin', async () => {
    const server: Upstream = await serve((socket, request) => {
      const to = (place: string): void =>
        void socket.end(`HTTP/1.1 302 X\r\nlocation: ${place}\r\ncontent-length: 0\r\n\r\n`);
      if (request.startsWith('GET /same')) to('/next');
      else if (request.startsWith('GET /next')) to(`http://b.example.com:${server.port}/end`);
      else if (request.startsWith('GET /loop')) to('/loop');
      else if (request.startsWith('GET /file')) to('file:///etc/passwd');
      else if (request.startsWith('GET /inside')) to(`http://10.0.0.1:${server.port}/`);
      else socket.end(answerOf('end'));
    });
    const safe = local(server);
    const headers = { authorization: 'Bearer x', 'x-api-key': 'k', accept: 'text/plain' };
    const go = (path: string) =>
      safe(`http://a.example.com:${server.port}${path}`, { redirect: 'follow', headers });
    const response = await go('/same');
    expect(await response.text()).toBe('end');
    expect(response.redirected).toBe(true);
    expect(server.requests[1]).toMatch(/x-api-key: k/);
    expect(server.requests[2]).toMatch(/^GET \/end[^]*accept: text\/plain/);
    expect(server.requests[2]).not.toMatch(/Bearer|api-key/);
    await expect(go('/loop')).rejects.toMatchObject({ code: 'UPSTREAM_REDIRECT', upstreamStatus: 302 });
    await expect(go('/file')).rejects.toMatchObject({ reason: 'scheme' });
    await expect(go('/inside')).rejects.toMatchObject({ reason: 'address' });
  });

  it('A77: stops at the first byte too many of an endless body, and hangs up', async () => {
    let sent = 0;
    const server = await serve((socket) => {
      const more = (): void => {
        while (!socket.destroyed && sent < 1e10 && socket.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.on('drain', more);
      more();
    });
    const call = local(server)(`http://a.example.com:${server.port}/`);
    await expect(call).rejects.toMatchObject({ code: 'UPSTREAM_TOO_LARGE', upstreamStatus: 200 });
    await vi.waitFor(() => expect(server.open).toBe(0), 15_000);
    // What the kernel's buffers hold, and no more.
    expect(sent).toBeLessThan(64e6);
  });

  it.each([
    ['a length that is too large', 'HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n', 'TOO_LARGE'],
    [
      'a head without end',
      `HTTP/1.1 200 OK\r\n${`x-a: ${'b'.repeat(1_000)}\r\n`.repeat(1_000)}`,
      'TOO_LARGE',
    ],
    ['early hints without end', 'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n'.repeat(1_000), 'TOO_LARGE'],
    ['an upgrade', 'HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n', 'FAILED'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n', 'FAILED'],
    ['half an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', 'FAILED'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', 'FAILED'],
    [
      'an unknown packing',
      'HTTP/1.1 200 OK\r\ncontent-encoding: zap\r\ncontent-length: 1\r\n\r\na',
      'FAILED',
    ],
    [
      'packing twice',
      'HTTP/1.1 200 OK\r\ncontent-encoding: gzip, gzip\r\ncontent-length: 1\r\n\r\na',
      'FAILED',
    ],
    [
      'packing that is none',
      'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\na',
      'FAILED',
    ],
    ['a status that is none', 'HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n', 'FAILED'],
  ])('A77: refuses %s', async (_what, answer, code) => {
    const server = await serve((socket) => socket.end(answer));
    const call = local(server)(`http://a.example.com:${server.port}/`);
    await expect(call).rejects.toMatchObject({ code: `UPSTREAM_${code}` });
    await vi.waitFor(() => expect(server.open).toBe(0), 15_000);
  });

  it('A77: unpacks what it asked for, and no bomb', async () => {
    const packed = (text: Buffer): Buffer => answerOf(gzipSync(text), 'content-encoding: gzip\r\n');
    const good = await serve((socket) => socket.end(packed(Buffer.from('hello'))));
    const response = await local(good)(`http://a.example.com:${good.port}/`);
    expect([await response.text(), response.headers.get('content-encoding')]).toEqual(['hello', null]);
    const bomb = await serve((socket) => socket.end(packed(Buffer.alloc(60_000_000))));
    const call = local(bomb)(`http://a.example.com:${bomb.port}/`);
    await expect(call).rejects.toMatchObject({ code: 'UPSTREAM_TOO_LARGE' });
  });

  it.each([
    ['that never answers', ''],
    ['that never ends', 'HTTP/1.1 200 OK\r\n\r\nabc'],
  ])('A77: waits 15 seconds for a server %s, and then hangs up', async (_what, answer) => {
    const clock = new ManualClock();
    let asked!: () => void;
    const reached = new Promise<void>((resolve) => (asked = resolve));
    const server = await serve((socket) => {
      socket.write(answer);
      asked();
    });
    const call = local(server, {}, { timers: clock })(`http://a.example.com:${server.port}/`);
    const settled = vi.fn();
    call.catch(settled);
    await reached;
    clock.advance(14_999);
    await new Promise(setImmediate);
    expect(settled).not.toHaveBeenCalled();
    clock.advance(1);
    await expect(call).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT', status: 504 });
    await vi.waitFor(() => expect(server.open).toBe(0), 15_000);
    expect(clock.pending).toBe(0);
  });
});
