import { describe, expect, it } from 'vitest';
import { type Framed, framingFault } from './framing.ts';
import { dial, stage } from './test-dial.ts';

const REST = 'User-Agent: a\r\nAccept: */*\r\n';
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const post = (headers: string, body: string): string =>
  `POST /first HTTP/1.1\r\nHost: a\r\n${REST}${headers}\r\n${body}`;

/** Bytes that two readers could read differently, by what they are. */
const SHAPES: Readonly<Record<string, string>> = {
  'CL.TE': post('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`),
  'TE.CL': post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `5c\r\n${SMUGGLED}0\r\n\r\n`),
  'TE twice': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', `0\r\n\r\n${SMUGGLED}`),
  'TE twice the same': post(
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'TE xchunked': post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${SMUGGLED}`),
  'TE chunked, identity': post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${SMUGGLED}`),
  'TE identity, chunked': post('Transfer-Encoding: identity, chunked\r\n', `0\r\n\r\n${SMUGGLED}`),
  'TE before a blank': post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${SMUGGLED}`),
  'TE folded': post('Transfer-Encoding:\r\n chunked\r\n', `0\r\n\r\n${SMUGGLED}`),
  'TE with a tab of its own': post('Transfer-Encoding: \u000bchunked\r\n', `0\r\n\r\n${SMUGGLED}`),
  'TE behind another line end': post('X: y\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`),
  'TE in HTTP/1.0': post('Transfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`).replace('/1.1', '/1.0'),
  'two lengths': post('Content-Length: 0\r\nContent-Length: 40\r\n', SMUGGLED),
  'two lengths that are one': post('Content-Length: 0\r\nContent-Length: 0\r\n', SMUGGLED),
  'a list of lengths': post('Content-Length: 0, 0\r\n', SMUGGLED),
  'a length with a sign': post('Content-Length: +5\r\n', `abcde${SMUGGLED}`),
  'a negative length': post('Content-Length: -1\r\n', SMUGGLED),
  'a hexadecimal length': post('Content-Length: 0x5\r\n', `abcde${SMUGGLED}`),
  'a length beyond all numbers': post('Content-Length: 99999999999999999999\r\n', SMUGGLED),
  'an empty length': post('Content-Length:\r\n', SMUGGLED),
  'bare LF': `GET /first HTTP/1.1\nHost: a\n${REST.replaceAll('\r', '')}\n${SMUGGLED}`,
  'bare CR': post('X: y\rTransfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`),
  'a NUL in a header': post('X: y\0z\r\n', SMUGGLED),
  'a blank before the first header': `GET /first HTTP/1.1\r\n Host: a\r\n${REST}\r\n${SMUGGLED}`,
  'a chunk size with a sign': post('Transfer-Encoding: chunked\r\n', `+0\r\n\r\n${SMUGGLED}`),
  'a chunk size with 0x': post('Transfer-Encoding: chunked\r\n', `0x0\r\n\r\n${SMUGGLED}`),
  'chunks that end in LF': post('Transfer-Encoding: chunked\r\n', `3\nabc\n0\n\n${SMUGGLED}`),
  'a chunk longer than said': post('Transfer-Encoding: chunked\r\n', `1\r\nabc\r\n0\r\n\r\n${SMUGGLED}`),
  'extensions of a chunk without end': post(
    'Transfer-Encoding: chunked\r\n',
    `1;${'a'.repeat(40_000)}\r\nb\r\n0\r\n\r\n`,
  ),
  'two hosts': `GET /first HTTP/1.1\r\nHost: a\r\nHost: b\r\n${REST}\r\n${SMUGGLED}`,
  'no host': `GET /first HTTP/1.1\r\n${REST}\r\n${SMUGGLED}`,
  'HTTP/0.9': `GET /first\r\nHost: a\r\n\r\n${SMUGGLED}`,
  'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0',
  'HTTP/1.2': `GET /first HTTP/1.2\r\nHost: a\r\n${REST}\r\n${SMUGGLED}`,
  'a head beyond all bounds': `GET /first HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
  'more headers than are let through': `GET /first HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(101)}\r\n${SMUGGLED}`,
};

describe('a hardened server', () => {
  it.each(Object.entries(SHAPES))(
    'A57: refuses %s, closes, and reads nothing behind it',
    async (_name, bytes) => {
      const { port, calls } = await stage();
      const peer = await dial(port, bytes);
      await peer.closed;
      const statuses = [...peer.text().matchAll(/^HTTP\/1\.1 (\d+)/gm)].map((line) => line[1]);
      // What breaks in the middle of a body has been handed to the application, which gets no end of it.
      expect(['400', '413', '431', undefined]).toContain(statuses.at(-1));
      expect(statuses).not.toContain('200');
      expect(calls).not.toContain('/smuggled');
    },
  );

  it('reads honest requests of every form', async () => {
    const { port, calls } = await stage();
    const honest = [
      `GET /get HTTP/1.1\r\nHost: a\r\n${REST}\r\n`,
      'POST /length HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc',
      'POST /chunks HTTP/1.1\r\nHOST: a\r\nTRANSFER-ENCODING: Chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nx: y\r\n\r\n',
      'POST /empty HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n',
      `GET /many HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(98)}Connection: close\r\n\r\n`,
    ];
    const peer = await dial(port, honest.join(''));
    await peer.closed;
    expect(peer.text().match(/HTTP\/1\.1 200 OK/g)).toHaveLength(5);
    expect(calls).toEqual(['/get', '/length', '/chunks', '/empty', '/many']);
    const old = await dial(port, 'GET /old HTTP/1.0\r\n\r\n');
    await old.closed;
    expect(old.text()).toContain('200 OK');
  });

  it.each<[string, Partial<Framed>, string | undefined]>([
    ['HTTP/2 in the clear', { httpVersionMajor: 2, httpVersionMinor: 0 }, 'version'],
    ['no version', { httpVersionMajor: 0, httpVersionMinor: 9 }, 'version'],
    [
      'two readings of a length',
      { rawHeaders: ['Host', 'a', 'Content-Length', '1', 'content-length', '1'] },
      'length',
    ],
    ['a length with a sign', { rawHeaders: ['Host', 'a', 'Content-Length', '+1'] }, 'length'],
    [
      'a length and chunks',
      { rawHeaders: ['Host', 'a', 'Content-Length', '1', 'Transfer-Encoding', 'chunked'] },
      'length',
    ],
    [
      'chunks in disguise',
      { rawHeaders: ['Host', 'a', 'Transfer-Encoding', 'chunked, identity'] },
      'encoding',
    ],
    [
      'chunks before HTTP/1.1',
      { httpVersionMinor: 0, rawHeaders: ['Transfer-Encoding', 'chunked'] },
      'encoding',
    ],
    ['no host', { rawHeaders: [] }, 'host'],
    ['no host in HTTP/1.0', { httpVersionMinor: 0, rawHeaders: [] }, undefined],
    ['an ordinary request', {}, undefined],
  ])('tells %s by itself, whatever the parser was told to let pass', (_name, given, fault) => {
    const request = { httpVersionMajor: 1, httpVersionMinor: 1, rawHeaders: ['Host', 'a'], ...given };
    expect(framingFault(request, 100)).toBe(fault);
  });
});
