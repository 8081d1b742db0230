import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createProbe } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { contextOf, guardNode, type HardenOptions } from '../adapters/node/index.ts';
import type { Timers } from '../core/clock.ts';
import { RampartError } from '../core/errors.ts';
import type { createApi } from './api/index.ts';
import type { ReadConfig } from './config.ts';
import type { ServerEnvironment } from './environment.ts';
import type { House } from './house.ts';
import { protector } from './protect.ts';

/** What a server of HTTP is made with. */
export interface HttpServerParts {
  readonly house: House;
  readonly api: ReturnType<typeof createApi>;
  readonly config: Pick<ReadConfig, 'proxy' | 'connections'>;
  readonly timers: Timers;
  /** Whether the server is being stopped. */
  readonly draining: () => boolean;
}

/** The HTTP server, not yet listening: every request walks the corridor, then the API. */
export function httpServer({ house, api, config, timers, draining }: HttpServerParts): Server {
  const hono = getRequestListener(
    (request, env) => {
      const bindings = env as { incoming: Parameters<typeof contextOf>[0] };
      const context = contextOf(bindings.incoming);
      return api.fetch(request, { ...env, ...(context === undefined ? {} : { context }) });
    },
    { overrideGlobalObjects: false },
  );
  const listener = guardNode(house)((request, response) => hono(request, response));
  const server = createServer({ maxHeaderSize: 16_384, connectionsCheckingInterval: 2_000 });
  protector(house, config, timers, BASE)(server);
  server.on('request', (_request, response: ServerResponse) => {
    // Whoever keeps a connection busy would hold up the stop: this response is its last.
    if (draining()) response.shouldKeepAlive = false;
  });
  server.on('request', listener);
  server.on('checkContinue', listener.onContinue);
  return server;
}

/** No body of the API is large: a whole request has half a minute. More headers than 100 are the shield's affair. */
const BASE: HardenOptions = { requestTimeout: '30s', maxHeaders: 200 };

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

/** With port 0 any free one is taken; links in mails need to know it from the start. */
export async function withPort(
  environment: ServerEnvironment,
  config: ReadConfig,
): Promise<ServerEnvironment> {
  if (environment.port !== 0 || config.identity === false) return environment;
  const port = await freePort(environment.host);
  return { ...environment, port, publicUrl: environment.publicUrl.replace(/:0$/, `:${port}`) };
}
