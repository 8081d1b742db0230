import compression from 'compression';
import express from 'express';
import { fastify as framework } from 'fastify';
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardExpress } from '../../src/adapters/express/index.ts';
import { guardFastify } from '../../src/adapters/fastify/index.ts';
import { guardNode } from '../../src/adapters/node/index.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { type Answer, call } from '../../src/testing/suites/adapter-client.ts';
import { type TestHouse, testHouse } from '../../src/testing/suites/adapter-house.ts';
import { listening } from './apps.ts';

let house: TestHouse;
let running: RunningApp | undefined;

beforeEach(() => {
  house = testHouse();
});
afterEach(() => running?.close());

async function answer(handle: (response: ServerResponse) => void): Promise<Answer> {
  running = await listening(createServer(guardNode(house.gate)((_request, response) => handle(response))));
  return call(running.port);
}

describe('headers of the house', () => {
  it('are seen, replaced and removed by a handler on node:http', async () => {
    let seen: unknown;
    const { headers } = await answer((response) => {
      seen = response.getHeader('X-Content-Type-Options');
      response.removeHeader('X-Frame-Options');
      response.setHeader('X-Content-Type-Options', 'mine').end();
    });
    expect([seen, headers['x-content-type-options'], headers['x-frame-options']]).toEqual([
      'nosniff',
      'mine',
      undefined,
    ]);
  });

  it('stand on an answer whose head is written by the old name of writeHead', async () => {
    const { status, headers } = await answer((response) => {
      const old = response as unknown as { writeHeader(status: number): ServerResponse };
      old.writeHeader(201).end();
    });
    expect([status, headers['x-frame-options']]).toEqual([201, 'DENY']);
  });

  it('go with a reply that Fastify was told to keep out of', async () => {
    const app = framework();
    await app.register(guardFastify(house.gate));
    app.get('/hello', (_request, reply) => {
      reply.hijack();
      reply.raw.setHeader('X-Mine', '1');
      reply.raw.end(String(reply.raw.getHeader('x-frame-options')));
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { headers, body } = await call((app.server.address() as { port: number }).port);
    await app.close();
    expect([body, headers['x-mine'], headers['x-content-type-options']]).toEqual(['DENY', '1', 'nosniff']);
  });
});

describe("a handler's headers", () => {
  it('keep the case that they were given in', async () => {
    const { rawHeaders } = await answer((response) => void response.setHeader('X-MiXed', '1').end());
    expect(rawHeaders).toContain('X-MiXed');
  });

  it('that cannot be sent are refused where they are set', async () => {
    const codes: unknown[] = [];
    const { status } = await answer((response) => {
      for (const [name, value] of [
        ['x-bad', 'a\r\nb: c'],
        ['x bad', '1'],
        ['x-bad', undefined],
      ] as [string, string][]) {
        try {
          response.setHeader(name, value);
        } catch (error) {
          codes.push((error as { code: string }).code);
        }
      }
      response.end();
    });
    expect([status, ...codes]).toEqual([
      200,
      'ERR_INVALID_CHAR',
      'ERR_INVALID_HTTP_TOKEN',
      'ERR_HTTP_INVALID_HEADER_VALUE',
    ]);
  });

  it('are refused after the head was sent, and can still be read', async () => {
    const codes: unknown[] = [];
    let seen: unknown;
    await answer((response) => {
      response.writeHead(200, { 'x-mine': '1' });
      for (const act of [
        () => response.setHeader('x-late', '1'),
        () => response.appendHeader('x-late', '1'),
        () => response.removeHeader('x-mine'),
        () => response.writeHead(200),
      ]) {
        try {
          act();
        } catch (error) {
          codes.push((error as { code: string }).code);
        }
      }
      seen = response.getHeader('x-mine');
      response.end();
    });
    expect([seen, ...codes]).toEqual(['1', ...Array<string>(4).fill('ERR_HTTP_HEADERS_SENT')]);
  });

  it('that tell of connection, length and date keep their meaning', async () => {
    const { headers, body } = await answer((response) => {
      for (const name of ['Date', 'Content-Length', 'Connection']) response.removeHeader(name);
      response.end('fine');
    });
    expect([headers.date, headers['content-length'], headers.connection, body]).toEqual([
      undefined,
      undefined,
      undefined,
      'fine',
    ]);
  });
});

describe.each(['after', 'before'])('a middleware that wraps writeHead, %s the guard', (place) => {
  it('works, and takes nothing of the house away', async () => {
    const app = express();
    const text = 'rampart '.repeat(1_000);
    if (place === 'before') app.use(compression());
    app.use(guardExpress(house.gate));
    if (place === 'after') app.use(compression());
    app.get('/hello', (_request, response) => void response.type('text/plain').send(text));
    running = await listening(createServer(app));
    const { headers, status } = await call(running.port, { headers: { 'accept-encoding': 'gzip' } });
    expect([status, headers['content-encoding'], headers['content-length']]).toEqual([
      200,
      'gzip',
      undefined,
    ]);
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', vary: 'origin, Accept-Encoding' });
    expect(headers['set-cookie']).toEqual(['house=1; Path=/']);
    expect(headers['x-powered-by']).toBeUndefined();
  });
});
