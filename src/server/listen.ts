import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createProbe } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { contextOf, guardNode, onClientError } from '../adapters/node/index.ts';
import type { Timers } from '../core/clock.ts';
import { AppError, RampartError } from '../core/errors.ts';
import type { createApi } from './api/index.ts';
import type { House } from './house.ts';

/**
 * The HTTP server, not yet listening: every request walks the corridor, then the API.
 * @param draining whether the server is being stopped
 */
export function httpServer(house: House, api: ReturnType<typeof createApi>, draining: () => boolean): Server {
  const hono = getRequestListener(
    (request, env) => {
      const bindings = env as { incoming: Parameters<typeof contextOf>[0] };
      const context = contextOf(bindings.incoming);
      return api.fetch(request, { ...env, ...(context === undefined ? {} : { context }) });
    },
    { overrideGlobalObjects: false },
  );
  const listener = guardNode(house)((request, response) => hono(request, response));
  // Slow senders are cut off: headers within 10 s, a whole request within 30 s (RFC 9110 15.5.9).
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 20_000,
    maxHeaderSize: 16_384,
    connectionsCheckingInterval: 2_000,
    // Asked below: node:http's own answer has no words.
    requireHostHeader: false,
  });
  server.maxHeadersCount = 200;
  server.on('request', (_request, response: ServerResponse) => {
    // Whoever keeps a connection busy would hold up the stop: this response is its last.
    if (draining()) response.shouldKeepAlive = false;
  });
  server.on('request', onlyHttp1(house, listener));
  server.on('checkContinue', onlyHttp1(house, listener.onContinue));
  server.on('clientError', onClientError(house));
  return server;
}

/**
 * The parser takes a line without a version for HTTP/0.9, and what follows it for headers; and from HTTP/1.1 on a host
 * must be named (RFC 9112 3.2). Neither is a request that a proxy and we would read alike.
 */
function onlyHttp1(house: House, listener: RequestListener): RequestListener {
  return (request, response) => {
    const { httpVersionMajor: major, httpVersionMinor: minor, headers, socket } = request;
    if (major === 1 && (minor === 0 || headers.host !== undefined)) {
      listener(request, response);
      return;
    }
    const error = new AppError('The request could not be read.', 400, 'INVALID_REQUEST');
    const reply = house.fail(error, undefined, socket.remoteAddress ?? '');
    response.shouldKeepAlive = false;
    const body = Buffer.from(reply.body ?? '');
    response.writeHead(reply.status, [...reply.headers, 'content-length', String(body.byteLength)]).end(body);
  };
}

/** A port that is free now: addresses that hold it can be made before the server listens. */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createProbe();
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

const LISTEN_ERRORS: Readonly<Record<string, readonly [code: string, remedy: string]>> = {
  EADDRINUSE: [
    'PORT_TAKEN',
    'Something listens there already: stop it, or set RAMPART_PORT to another port.',
  ],
  EACCES: ['PORT_FORBIDDEN', 'This account may not: set RAMPART_PORT to a port from 1024 on.'],
  EADDRNOTAVAIL: ['HOST_UNKNOWN', 'This machine has no such address: set RAMPART_HOST to one of its own.'],
  ENOTFOUND: ['HOST_UNKNOWN', 'There is no such name: set RAMPART_HOST to an address of this machine.'],
};

/**
 * Listens.
 * @returns the port
 * @throws RampartError `PORT_TAKEN`, `PORT_FORBIDDEN`, `HOST_UNKNOWN`, `LISTEN_FAILED`
 */
export function listen(
  server: Server,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const [code, remedy] = LISTEN_ERRORS[error.code ?? ''] ?? [
        'LISTEN_FAILED',
        'Check RAMPART_HOST and RAMPART_PORT.',
      ];
      const where = `The server cannot listen on ${host}, port ${port}.`;
      reject(new RampartError(code, `${where} ${remedy}`, { cause: error }));
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve((server.address() as { port: number }).port);
    });
  });
}

/** Connections that fell idle are looked for this often while the server stops. */
const IDLE_MS = 50;

/** Lets requests end; what has not ended when the grace is over is cut off. */
export function closeServer(server: Server, graceMs: number, timers: Timers): Promise<void> {
  return new Promise((resolve) => {
    const cancelGrace = timers.after(graceMs, () => server.closeAllConnections());
    let cancelIdle: () => void = () => undefined;
    const closeIdle = (): void => {
      server.closeIdleConnections();
      cancelIdle = timers.after(IDLE_MS, closeIdle);
    };
    server.close(() => {
      cancelGrace();
      cancelIdle();
      resolve();
    });
    closeIdle();
  });
}
