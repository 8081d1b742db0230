import { createAdaptorServer } from '@hono/node-server';
import express from 'express';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { guardExpress } from '../../src/adapters/express/index.ts';
import { guardNode } from '../../src/adapters/node/index.ts';
import { guardWeb } from '../../src/adapters/web/index.ts';
import { createCorridor } from '../../src/core/corridor.ts';
import type { Gate } from '../../src/core/index.ts';
import { addressReader } from '../../src/core/proxy.ts';
import { refusalOf, renderRefusal } from '../../src/core/reply.ts';
import { inspection } from '../../src/modules/shield/index.ts';
import { ManualClock } from '../../src/testing/clock.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { Wire } from '../../src/testing/suites/adapter-client.ts';
import { listening } from './apps.ts';

const ATTACK = `{"note":"x' UNION SELECT password FROM users--"}\n`;
let app: RunningApp | undefined;
afterEach(() => app?.close());

function inspected(): Gate {
  const corridor = createCorridor({
    guards: [inspection({ maxBodyBytes: 4_096 }, { events: { emit: () => undefined } })],
    clock: new ManualClock(),
    readClient: addressReader({ trustProxy: false }),
  });
  return {
    enter: (request) => corridor.enter(request),
    openBody: (context) => corridor.openBody(context),
    leave: (...end) => corridor.leave(...end),
    fail: (error) => renderRefusal(refusalOf(error, 'err_1').refusal, null, undefined),
  };
}

/** Speaks first, and answers each piece when it comes. */
function converse(request: IncomingMessage, response: ServerResponse): void {
  response.write('hello;');
  request.on('data', (chunk: Buffer) => response.write(`got ${chunk.length};`));
  request.on('end', () => response.end('bye;'));
}

type Start = (gate: Gate) => Promise<RunningApp>;
const startNode: Start = (gate) => listening(createServer(guardNode(gate)(converse)));
const startExpress: Start = (gate) => {
  const one = express();
  one.use(guardExpress(gate));
  one.post('/talk', converse);
  return listening(createServer(one));
};
const startWeb: Start = (gate) => {
  const fetch = guardWeb(gate, (request) => {
    const reader = (request.body as ReadableStream<Uint8Array>).getReader();
    const encoder = new TextEncoder();
    const answer = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode('hello;')),
      async pull(controller) {
        const { done, value } = await reader.read();
        controller.enqueue(encoder.encode(done ? 'bye;' : `got ${value.length};`));
        if (done) controller.close();
      },
    });
    return new Response(answer, { headers: { 'content-type': 'text/event-stream' } });
  });
  return listening(createAdaptorServer({ fetch: (request) => fetch(request) }) as Server);
};

const piece = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const begin = (port: number, type: string): Wire =>
  new Wire(port).send(
    `POST /talk HTTP/1.1\r\nHost: a\r\nUser-Agent: t\r\nAccept: */*\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );

describe.each([
  ['node', startNode],
  ['express', startExpress],
  ['web', startWeb],
])('a stream that is answered while it comes, on %s', (_name, start) => {
  it.each([
    'application/x-ndjson',
    'text/event-stream',
    'application/grpc+json',
    'application/jsonl; charset=utf-8',
  ])('is not held back: %s', async (type) => {
    app = await start(inspected());
    const wire = begin(app.port, type);
    // Whoever waits for the other here waits for ever.
    expect(await wire.until(/hello;/)).toMatch(/^HTTP\/1\.1 200 /);
    wire.send(piece('{"a":1}\n'));
    await wire.until(/got 8;/);
    wire.send(piece('{"b":'));
    await wire.until(/got 5;/);
    wire.send(`${piece('22}\n')}0\r\n\r\n`);
    expect(await wire.until(/bye;/)).toContain('got 4;');
    wire.socket.destroy();
  });

  it('is broken off before the piece that ends a bad line is passed on', async () => {
    app = await start(inspected());
    const wire = begin(app.port, 'application/x-ndjson');
    await wire.until(/hello;/);
    wire.send(piece('{"a":1}\n'));
    await wire.until(/got 8;/);
    wire.send(piece(`{"b":2}\n${ATTACK.slice(0, 30)}`));
    await wire.until(/got 38;/);
    wire.send(piece(ATTACK.slice(30)));
    const text = await wire.closed();
    expect(text).not.toContain(`got ${ATTACK.length - 30};`);
    expect(text).not.toContain('bye;');
  });
});

it('judges each line by itself, however many come, and bounds the longest', async () => {
  app = await startNode(inspected());
  const wire = begin(app.port, 'application/x-ndjson');
  await wire.until(/hello;/);
  // Each is a little suspicious.
  const line = `{"note":"it's 5 o'clock; select one -- or two <b>"}\n`;
  for (let i = 0; i < 2_000; i++) wire.send(piece(line));
  wire.send('0\r\n\r\n');
  expect(await wire.until(/bye;/)).toContain('bye;');
  wire.socket.destroy();
  const long = begin(app.port, 'application/x-ndjson');
  await long.until(/hello;/);
  long.send(piece('a'.repeat(5_000)));
  expect(await long.closed()).not.toContain('got 5000;');
});

it('is not held back over HTTP/2', async () => {
  const server = createHttp2Server(guardNode(inspected())(converse as never) as never);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = client.request({
    ':method': 'POST',
    ':path': '/talk',
    'user-agent': 't',
    accept: '*/*',
    'content-type': 'application/x-ndjson',
  });
  let text = '';
  const until = async (word: string): Promise<void> => {
    while (!text.includes(word)) await new Promise((resolve) => stream.once('data', resolve));
  };
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await until('hello;');
  stream.write('{"a":1}\n');
  await until('got 8;');
  stream.end('{"b":22}\n');
  await until('bye;');
  client.close();
  await new Promise((resolve) => server.close(resolve));
});
