import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Guard, hardenServer, rampart, type RampartConfig } from '../../src/doors/node.ts';
import { Stage } from '../../src/testing/suites/adapter-app.ts';
import { startNodeApp } from '../adapters/node-app.ts';
import { preparedFolder } from '../scenarios/prepared.ts';
import { cleanUp, start } from '../scenarios/server.ts';
import { bytesOf, knock, type Knock, passed, PROXY } from './network-client.ts';
import { shieldHouse } from './shield-house.ts';

const MAX = 5;
const CONFIG: RampartConfig<'guess'> = {
  trustProxy: [PROXY],
  limits: { guess: { max: MAX, window: '15m', by: 'ip' } },
  routes: { '/guess': { limit: 'guess' } },
};
const BOUNDS = { headersTimeout: '1s', requestTimeout: '30s' } as const;

let guards: Guard[] = [];
const servers: Server[] = [];
async function attached(config: RampartConfig<'guess'>): Promise<number> {
  const guard = await rampart(config, { redisUrl: '', databaseUrl: '' });
  guards.push(guard);
  const server = createServer(guard((_request, response) => void response.end('ok')));
  hardenServer(server, { ...BOUNDS, proxies: [PROXY] }, { gate: guard.house });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all(guards.map((guard) => guard.close()));
  guards = [];
  await cleanUp();
});

const DEPLOYMENTS: Readonly<Record<string, () => Promise<number>>> = {
  'rampart start': async () =>
    (await start({ dir: await preparedFolder(), config: { ...CONFIG, connections: BOUNDS } })).port,
  'an attached application': () => attached(CONFIG),
};

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
/** Requests that the proxy hands on. */
const handed = (addresses: readonly string[]): Knock[] =>
  addresses.map((address) => ({ from: PROXY, headers: { 'x-forwarded-for': address } }));

describe.each(Object.entries(DEPLOYMENTS))('the network of %s', (_name, open) => {
  let port: number;
  beforeAll(async () => {
    port = await open();
  });

  it('A49: whoever connects directly is counted by the address of the connection, whatever the headers say', async () => {
    const headers = times(4, (i) => [
      { 'x-forwarded-for': `198.51.100.${i}` },
      { 'x-forwarded-for': [`198.51.100.${i}`, `10.0.0.${i}`] },
      { 'x-forwarded-for': `10.0.0.${i}, ${PROXY}` },
      { 'x-forwarded-for': `unknown, [2001:db8::${i}]:80` },
      { forwarded: `for=198.51.100.${i}` },
      { 'x-real-ip': `198.51.100.${i}` },
      { 'cf-connecting-ip': `198.51.100.${i}` },
    ]).flat();
    expect(
      await passed(
        port,
        headers.map((one) => ({ from: '127.0.0.11', headers: one })),
      ),
    ).toBe(MAX);
  });

  it('A49: of what a trusted proxy hands on, the right end counts, and the left may be anything', async () => {
    const forged = times(20, (i) => `198.51.100.${i}, 192.0.2.77`);
    expect(await passed(port, handed(forged))).toBe(MAX);
    expect(await passed(port, handed(times(10, (i) => `unknown, 192.0.2.78:${4_000 + i}`)))).toBe(MAX);
    expect(await passed(port, handed(times(10, (i) => `192.0.2.${100 + i}`)))).toBe(10);
    const long = times(6, (i) => `192.0.2.${i}`).join(', ');
    expect(await knock(port, { from: PROXY, headers: { 'x-forwarded-for': long } })).toBe(400);
  });

  it('A50: addresses of one /64 are one client', async () => {
    expect(await passed(port, handed(times(64, (i) => `2001:db8:1:2:${i.toString(16)}::${i}`)))).toBe(MAX);
    expect(await knock(port, handed(['2001:db8:1:3::1'])[0] as Knock)).not.toBe(429);
  });

  it('A51: one IPv4 address is one client in every form', async () => {
    const forms = [
      '203.0.113.9',
      '::ffff:203.0.113.9',
      '::ffff:cb00:7109',
      '::FFFF:CB00:7109',
      '203.0.113.9:80',
    ];
    const more = ['0:0:0:0:0:ffff:203.0.113.9', '[::ffff:203.0.113.9]:443', '::ffff:203.0.113.9%eth0'];
    expect(await passed(port, handed([...forms, ...more, ...forms]))).toBe(MAX);
  });

  it('A52: a route is one route in every spelling', async () => {
    const spellings = [
      '/guess',
      '//guess',
      '/guess/',
      '/GUESS',
      '/%67uess',
      '/guess;x=1',
      '/guess?a=1',
      '/./guess',
    ];
    const knocks = [...spellings, ...spellings].map((path) => ({ from: '127.0.0.31', path }));
    expect(await passed(port, knocks)).toBe(MAX);
    // What is refused as no honest path does not reach the application either.
    for (const path of ['/a/../guess', '/%2fguess', '/a\\..\\guess'])
      expect([400, 403, 404, 429]).toContain(await knock(port, { from: '127.0.0.31', path }));
  });

  it.each([
    ['CL.TE', 'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG'],
    ['TE.CL', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n'],
    ['TE.TE', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n'],
    ['TE in disguise', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['TE before a blank', 'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
    ['a length with a sign', 'Content-Length: +5\r\n\r\nabcde'],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde'],
    ['bare LF', 'X: y\nContent-Length: 5\r\n\r\nabcde'],
  ])('A57: %s answers 400 and closes', async (_shape, rest) => {
    const head = 'POST /a HTTP/1.1\r\nHost: a\r\nUser-Agent: a\r\nAccept: */*\r\n';
    const text = await bytesOf(port, `${head}${rest}GET /behind HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(text).toContain('INVALID_REQUEST');
  });

  it('A58: heads that never end are cut, while others are answered', async () => {
    const slow = times(100, () => bytesOf(port, 'GET / HTTP/1.1\r\nHost: a\r\n'));
    expect(
      await passed(
        port,
        times(5, () => ({ from: '127.0.0.21' })),
      ),
    ).toBe(5);
    for (const text of await Promise.all(slow)) expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('A63: HTTP/2 is not served: its preface answers 400 and closes', async () => {
    expect(await bytesOf(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0')).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });
});

describe('an application that counts IPv6 wider', () => {
  it.each([
    [56, (i: number) => `2001:db8:5:${i.toString(16)}::1`],
    [48, (i: number) => `2001:db8:6:${(i * 257).toString(16)}::1`],
  ])('A50: a /%i is one client', async (ipv6Bits, address) => {
    const port = await attached({ ...CONFIG, ipv6Bits });
    expect(await passed(port, handed(times(64, address)))).toBe(MAX);
  });
});

describe('a limit over the edge of its window', () => {
  it.each(['sliding', 'gcra', 'log'] as const)(
    'A53: lets a burst on either side be no two limits (%s)',
    async (algorithm) => {
      const { house, clock } = shieldHouse({
        limits: { burst: { max: 10, window: '1m', by: 'ip', algorithm } },
        routes: { '/hello': { limit: 'burst' } },
      });
      const app = await startNodeApp(house, new Stage());
      clock.advance(60_000 - (clock.now() % 60_000) - 600);
      const burst = times(20, () => ({ path: '/hello' }));
      expect(await passed(app.port, burst)).toBe(10);
      clock.advance(1_200);
      expect(await passed(app.port, burst)).toBeLessThanOrEqual(1);
      await app.close();
      await house.close();
    },
  );
});
