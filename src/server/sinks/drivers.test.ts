import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock, systemTimers } from '../../core/clock.ts';
import type { RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
import { driverOf, type SinkDriver, SinkError, type SinkOptions } from '../../modules/sinks/index.ts';
import { syslogMessage } from '../../modules/sinks/drivers/syslog-message.ts';
import { readSinks } from '../../modules/sinks/read-options.ts';
import { driverPorts } from './open.ts';
import { type Answer, httpReceiver, type HttpReceiver } from './test-receiver.ts';

const NOW = 1_795_000_123_456;
const KEY = Buffer.alloc(32, 7);
const SECRETS: Readonly<Record<string, string>> = {
  KEY: `whsec_${KEY.toString('base64')}`,
  PASSWORD: 'correct horse',
  API_KEY: 'VnVhQ2ZHY0JDZGJrU==',
  BROKEN: 'a\nb',
};
const NETWORK = { allowHttp: true, allowRanges: ['127.0.0.1'] };
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one();
});

function event(fields: Parameters<typeof makeEvent>[3] = {}): RampartEvent {
  return makeEvent('SIGN_IN_FAILED', 'node-1', NOW, fields);
}
function driver(options: SinkOptions): SinkDriver {
  const [sink] = readSinks({ one: options });
  if (sink === undefined) throw new Error('no sink');
  const ports = driverPorts([sink], { clock: systemClock, timers: systemTimers });
  const made = driverOf(sink, { ...ports, secret: (name) => SECRETS[name], now: () => NOW });
  undo.push(() => made.close());
  return made;
}
async function receiver(answer: Answer): Promise<HttpReceiver> {
  const made = await httpReceiver(answer);
  undo.push(() => made.close());
  return made;
}
const failure = (work: Promise<unknown>): Promise<SinkError> =>
  work.then(
    () => {
      throw new Error('it was taken');
    },
    (error: unknown) => error as SinkError,
  );

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r',
        '\0',
        '"',
        ']',
        '\\',
        '|',
        '=',
        '[x@1 y="',
        '<13>1 ',
        '\u2028',
        '\u202E',
        '12 <',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('a webhook', () => {
  const options = (url: string): SinkOptions => ({ kind: 'webhook', url, secret: 'KEY', fetch: NETWORK });

  it('is signed over id, time and body, and has the same id when it comes again', async () => {
    const server = await receiver(() => ({ status: 204 }));
    const some = [event(), event({ actor: 'ada' })];
    const hook = driver(options(`${server.url}/in?x=1`));
    await hook.send(some);
    await hook.send(some);
    await hook.send(some.slice(0, 1));
    const [first, again, single] = server.arrived;
    const id = String(first?.headers['webhook-id']);
    const mac = createHmac('sha256', KEY)
      .update(`${id}.${Math.floor(NOW / 1_000)}.${first?.body}`)
      .digest('base64');
    expect(first?.path).toBe('/in?x=1');
    expect(first?.headers['webhook-signature']).toBe(`v1,${mac}`);
    expect(again?.headers['webhook-id']).toBe(id);
    expect(single?.headers['webhook-id']).toBe(some[0]?.id);
    const { data } = JSON.parse(first?.body ?? '') as { data: { events: readonly RampartEvent[] } };
    expect(data.events.map((one) => one.id)).toEqual(some.map((one) => one.id));
  });

  it.each([
    [500, 'down'],
    [429, 'down'],
    [401, 'down'],
    [404, 'down'],
    [302, 'down'],
    [400, 'refused'],
    [413, 'refused'],
    [422, 'refused'],
  ])('that answers %i is %s', async (status, kind) => {
    const server = await receiver(() => ({ status, headers: { 'retry-after': '7', location: '/else' } }));
    const error = await failure(driver(options(server.url)).send([event()]));
    expect(error).toBeInstanceOf(SinkError);
    expect([error.kind, error.message.includes(String(status))]).toEqual([kind, true]);
    if (status === 429) expect(error.afterMs).toBe(7_000);
    expect(server.arrived).toHaveLength(1);
  });

  it('that hangs up, is away, or whose variable is not set is down, without a word of address or secret', async () => {
    const server = await receiver(() => 'drop');
    const hook = driver(options(`${server.url}/s3cret-path`));
    const dropped = await failure(hook.send([event()]));
    await server.close();
    const away = await failure(hook.send([event()]));
    const unset = await failure(
      driver({ ...options(server.url), secret: 'NOT_SET' } as SinkOptions).send([event()]),
    );
    for (const { kind, message } of [dropped, away, unset]) {
      expect(kind).toBe('down');
      expect(message).not.toMatch(/s3cret|127\.0\.0\.1|whsec/);
    }
    expect(unset.message).toContain('NOT_SET');
  });

  it('in a network of our own is not called unless the configuration names the range', async () => {
    const server = await receiver(() => ({ status: 200 }));
    const fetch = { allowHttp: true };
    const error = await failure(
      driver({ kind: 'webhook', url: server.url, secret: 'KEY', fetch }).send([event()]),
    );
    expect([error.kind, error.message]).toEqual(['down', expect.stringContaining('fetch.allowRanges')]);
    expect(server.arrived).toEqual([]);
  });
});

describe('Elasticsearch', () => {
  const options = (url: string, more: object = {}): SinkOptions => ({
    kind: 'elasticsearch',
    url,
    apiKey: 'API_KEY',
    fetch: NETWORK,
    ...more,
  });
  /** As the bulk API reads lines. */
  const pairsOf = (body: string) => {
    expect(body.endsWith('\n')).toBe(true);
    const lines = body
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, never>);
    return lines.filter((_, i) => i % 2 === 0).map((action, i) => ({ action, document: lines[i * 2 + 1] }));
  };

  it('is given each event under its own id, with names of ECS', async () => {
    const server = await receiver(() => ({ status: 200, body: '{"errors":false}' }));
    const one = event({ actor: 'ada', address: '203.0.113.7', details: { 'a.b': 3, said: 'x\ny\u2028' } });
    const sent = await driver(options(`${server.url}/search`)).send([one, event({ address: 'unknown' })]);
    expect([sent.refused.size, sent.again]).toEqual([0, null]);
    const [request] = server.arrived;
    expect(request?.path).toMatch(/^\/search\/_bulk\?/);
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      authorization: 'ApiKey VnVhQ2ZHY0JDZGJrU==',
    });
    const [first, second] = pairsOf(request?.body ?? '');
    expect(first).toMatchObject({
      action: { create: { _index: 'rampart-events', _id: one.id } },
      document: {
        '@timestamp': new Date(NOW).toISOString(),
        event: { id: one.id, action: 'SIGN_IN_FAILED' },
        source: { ip: '203.0.113.7' },
        user: { id: 'ada' },
        labels: { a_b: '3', said: 'x\ny\u2028' },
      },
    });
    expect(second?.document?.['source']).toEqual({ address: 'unknown' });
  });

  it('answers for each event: a conflict is taken, 400 refused, 429 and 503 wanted again', async () => {
    const items = [201, 409, 400, 429, 503].map((status) => ({
      create: {
        status,
        ...(status < 300 ? {} : { error: { type: 'some_exception', reason: 'value s3cret' } }),
      },
    }));
    const server = await receiver(() => ({ status: 200, body: JSON.stringify({ errors: true, items }) }));
    const sent = await driver(options(server.url)).send(items.map(() => event()));
    expect([...sent.refused]).toEqual([[2, 'The index answered 400 (some_exception).']]);
    expect([...(sent.again?.places ?? [])]).toEqual([3, 4]);
    expect(sent.again?.reason).toBe('The index answered 429 (some_exception).');
  });

  it('that answers what no bulk API answers has taken nothing', async () => {
    const server = await receiver(() => ({ status: 200, body: '<html>' }));
    expect((await failure(driver(options(server.url)).send([event()]))).kind).toBe('down');
    server.answer = () => ({ status: 200, body: '{"errors":true,"items":[]}' });
    expect((await failure(driver(options(server.url)).send([event()]))).kind).toBe('down');
  });

  it('is asked with user and password, and never with a key that no header can hold', async () => {
    const server = await receiver(() => ({ status: 200, body: '{"errors":false}' }));
    const basic = { apiKey: undefined, user: 'rampart', password: 'PASSWORD' };
    await driver(options(server.url, basic)).send([event()]);
    const expected = `Basic ${Buffer.from('rampart:correct horse').toString('base64')}`;
    expect(server.arrived[0]?.headers.authorization).toBe(expected);
    const error = await failure(driver(options(server.url, { apiKey: 'BROKEN' })).send([event()]));
    expect([error.kind, error.message.includes('a\nb')]).toEqual(['down', false]);
  });
});

describe('OTLP', () => {
  it('is given log records of each node, and what it refuses of them is counted', async () => {
    const server = await receiver(() => ({ status: 200, body: '{}' }));
    const sink = driver({ kind: 'otlp', url: server.url, headers: { 'X-Key': 'PASSWORD' }, fetch: NETWORK });
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const some = [
      event({ traceId, details: { tries: 3, share: 0.5, late: true } }),
      { ...event(), node: 'node-2' },
    ];
    await sink.send(some);
    const [request] = server.arrived;
    expect([request?.path, request?.headers['x-key']]).toEqual(['/v1/logs', 'correct horse']);
    const { resourceLogs } = JSON.parse(request?.body ?? '') as { resourceLogs: readonly unknown[] };
    expect(resourceLogs).toHaveLength(2);
    expect(resourceLogs[0]).toMatchObject({
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: `${NOW}000000`,
              severityNumber: 13,
              severityText: 'MEDIUM',
              eventName: 'rampart.sign_in_failed',
              traceId,
              attributes: expect.arrayContaining([
                { key: 'rampart.details.tries', value: { intValue: '3' } },
                { key: 'rampart.details.share', value: { doubleValue: 0.5 } },
                { key: 'rampart.details.late', value: { boolValue: true } },
              ]) as unknown,
            },
          ],
        },
      ],
    });
    server.answer = () => ({
      status: 200,
      body: '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"s3cret"}}',
    });
    expect((await sink.send(some)).unnamed).toBe(1);
    server.answer = () => ({ status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"2"}}' });
    expect((await failure(sink.send(some))).kind).toBe('refused');
  });
});

/** As a reader of octet counting takes a stream apart. */
function framesOf(bytes: Buffer): readonly string[] {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(' ', at);
    const length = Number(bytes.subarray(at, space).toString());
    expect(length).toBeGreaterThan(0);
    frames.push(bytes.subarray(space + 1, space + 1 + length).toString());
    at = space + 1 + length;
  }
  return frames;
}

/** As RFC 5424 reads a message. */
const MESSAGE =
  /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) \[(rampart@\d+)((?: [a-zA-Z]+="(?:[^"\\\]]|\\["\\\]])*")*)\] ([\s\S]*)$/;

describe('syslog', () => {
  const format = {
    format: 'json',
    facility: 13,
    appName: 'rampart',
    enterprise: 32_473,
    maxBytes: 8_192,
  } as const;

  const FORMATS = ['json', 'cef', 'ocsf'] as const;

  it('is one message of RFC 5424 whatever an event holds', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.constantFrom(...FORMATS), (actor, node, said, given) => {
        const one = { ...event({ actor, subject: said, details: { said } }), node };
        const message = syslogMessage(one, { ...format, format: given }, '1').toString();
        expect(message).not.toMatch(/[\p{Cc}\u2028\u2029\u202E]/u);
        const [, priority, , host, , , id, , parameters = '', text = ''] = MESSAGE.exec(message) ?? [];
        expect([priority, id]).toEqual(['108', 'SIGN_IN_FAILED']);
        expect(host).toMatch(/^[!-~]{1,255}$/);
        const names = [...parameters.matchAll(/ ([a-zA-Z]+)="(?:[^"\\\]]|\\["\\\]])*"/g)].map(
          ([, name]) => name,
        );
        expect(names.filter((name) => !/^(?:id|type|class|actor|subject)$/.test(name ?? ''))).toEqual([]);
        if (given === 'cef') return;
        const parsed = JSON.parse(text) as {
          details?: object;
          unmapped?: { details: object };
          class_uid?: number;
        };
        expect(given === 'ocsf' ? parsed.unmapped?.details : parsed.details).toEqual({ said });
        expect(parsed.class_uid).toBe(given === 'ocsf' ? 3002 : undefined);
      }),
      { numRuns: 500 },
    );
  });

  it.each([480, 2_048, 8_192])('is never longer than %i bytes, and keeps its id', (maxBytes) => {
    const long = '💥'.repeat(500_000);
    // Larger than an event of today may be: as rows of another version may hold it.
    const one = { ...event({ actor: long, subject: long, route: long }), details: { text: long } };
    const message = syslogMessage(one, { ...format, maxBytes }, '1');
    expect(message.length).toBeLessThanOrEqual(maxBytes);
    expect(message.toString()).toContain(one.id);
    const middling = { ...event(), details: { text: 'x'.repeat(9_000) } };
    expect(syslogMessage(middling, format, '1').toString()).toContain('"leftOut":1');
  });

  /** A receiver of TCP, which keeps what came. */
  async function listening(onSocket: (socket: Socket, count: number) => void = () => undefined, port = 0) {
    const came: Buffer[] = [];
    const sockets = new Set<Socket>();
    let count = 0;
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => came.push(chunk));
      onSocket(socket, (count += 1));
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const close = (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => void server.close(() => resolve()));
    };
    undo.push(close);
    return { port: (server.address() as AddressInfo).port, close, bytes: () => Buffer.concat(came) };
  }
  const tcp = (port: number): SinkDriver =>
    driver({ kind: 'syslog', host: '127.0.0.1', port, transport: 'tcp' });

  it('goes over one connection, each message with its length', async () => {
    let connections = 0;
    const server = await listening(() => (connections += 1));
    const sink = tcp(server.port);
    await sink.send([event({ subject: 'ä💥' }), event()]);
    await sink.send([event()]);
    const frames = framesOf(server.bytes());
    expect([frames.length, connections]).toEqual([3, 1]);
    for (const frame of frames) expect(frame).toMatch(MESSAGE);
  });

  it('counts nothing of a batch in the middle of which the receiver half-closes or breaks off', async () => {
    const server = await listening((socket, count) => {
      if (count === 1) socket.once('data', () => socket.end());
      if (count === 2) socket.once('data', () => socket.destroy());
    });
    const sink = tcp(server.port);
    const some = Array.from({ length: 500 }, () => event({ details: { text: 'x'.repeat(2_000) } }));
    expect((await failure(sink.send(some))).kind).toBe('down');
    expect((await failure(sink.send(some))).kind).toBe('down');
    await sink.send(some);
  });

  it('is down while nobody listens, and goes on once somebody does', async () => {
    const server = await listening();
    await server.close();
    const sink = tcp(server.port);
    const error = await failure(sink.send([event()]));
    expect([error.kind, error.message]).toEqual([
      'down',
      'The receiver could not be reached (ECONNREFUSED).',
    ]);
    const back = await listening(undefined, server.port);
    await sink.send([event()]);
    expect(framesOf(back.bytes())).toHaveLength(1);
  });

  it('hears over UDP that nobody listens, and goes on once somebody does', async () => {
    const socket = createSocket('udp4');
    const came: string[] = [];
    socket.on('message', (message) => came.push(message.toString()));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    undo.push(() => socket.close());
    const sink = driver({ kind: 'syslog', host: '127.0.0.1', port, transport: 'udp' });
    await sink.send([event(), event()]);
    expect(came).toHaveLength(2);
    for (const message of came) expect(message).toMatch(MESSAGE);
    const silent = driver({ kind: 'syslog', host: '127.0.0.1', port: 9, transport: 'udp' });
    expect((await failure(silent.send([event()]))).kind).toBe('down');
  });
});

describe('options of sinks', () => {
  it.each([
    [{ siem: { kind: 'syslog', host: 'a b' } }, 'sinks.siem.host'],
    [{ siem: { kind: 'syslog', host: 'a', transport: 'udp', ca: 'x' } }, 'sinks.siem.transport'],
    [{ hook: { kind: 'webhook', url: 'http://a.example', secret: 'KEY' } }, 'sinks.hook.url'],
    [{ hook: { kind: 'webhook', url: 'https://u:p@a.example', secret: 'KEY' } }, 'sinks.hook.url'],
    [{ hook: { kind: 'webhook', url: 'https://a.example', secret: 'whsec_abc' } }, 'sinks.hook.secret'],
    [{ es: { kind: 'elasticsearch', url: 'https://a.example', user: 'u' } }, 'sinks.es.user'],
    [{ log: { kind: 'log', only: { severities: ['WORST'] } } }, 'sinks.log.only.severities'],
    [{ log: { kind: 'log', color: true } }, 'sinks.log.color'],
    [{ Log: { kind: 'log' } }, 'sinks.Log'],
    [{ log: { kind: 'fax' } }, 'sinks.log.kind'],
  ])('are refused with their path: %j', (given, path) => {
    expect(() => readSinks(given)).toThrow(path);
  });
});
