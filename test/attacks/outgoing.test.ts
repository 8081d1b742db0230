import http from 'node:http';
import { createServer, type Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testCertificate } from '../../src/modules/identity/notify/test-certificate.ts';
import { safeFetcher } from '../../src/modules/shield/index.ts';

const { cert, key } = testCertificate();
let server: Server;
let port: number;
const seen: { sni: unknown; host: string | undefined }[] = [];

beforeAll(async () => {
  server = createServer({ cert, key }, (request, response) => {
    seen.push({ sni: (request.socket as TLSSocket).servername, host: request.headers.host });
    response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const fetcher = (hosts: readonly string[]) =>
  safeFetcher(
    { hosts, ports: [port], allowRanges: ['127.0.0.1'] },
    { ca: cert, resolve: async () => ['127.0.0.1'] },
  );

describe('outgoing calls over TLS', () => {
  it('A75: keep the name of the URL for certificate and host, while the connection is pinned', async () => {
    const response = await fetcher(['localhost'])(`https://localhost:${port}/`);
    expect(await response.text()).toBe('hello');
    expect(seen).toEqual([{ sni: 'localhost', host: `localhost:${port}` }]);
  });

  it('A75: end where the pinned address has no certificate of that name', async () => {
    const call = fetcher(['api.example.com'])(`https://api.example.com:${port}/`);
    await expect(call).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
    expect(seen).toHaveLength(1);
  });

  it('A75: use no proxy of the environment, which would ask for the name again', async () => {
    const { setGlobalProxyFromEnv } = http as unknown as {
      setGlobalProxyFromEnv?: (env: Record<string, string>) => () => void;
    };
    const dead = 'http://127.0.0.1:1';
    const restore = setGlobalProxyFromEnv?.({ http_proxy: dead, https_proxy: dead });
    try {
      expect((await fetcher(['localhost'])(`https://localhost:${port}/`)).status).toBe(200);
    } finally {
      restore?.();
    }
  });
});
