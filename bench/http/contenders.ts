/**
 * The servers that are compared. Each answers GET /items/7 with a small JSON. The assembled ones set security headers,
 * allow one foreign origin (CORS), count two limits per address, measure latency per route, and write one access line
 * per request to a file: the work that Rampart does.
 */
import { createWriteStream } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { devNull } from 'node:os';

/** The answer of every contender. */
export const ITEM = { id: 7, name: 'Tea', price: 4.5, tags: ['hot', 'green'], available: true };
/** The foreign origin that is allowed. */
export const ORIGIN = 'https://app.example.com';

/** How a contender is set up. */
export interface Setup {
  /** Limit per address of the two policies; huge while measuring, small while proving that it limits. */
  readonly max: number;
  /** Redis for the limits instead of memory. */
  readonly redisUrl: string | undefined;
}

/** Starts a server on a free port. */
export type Contender = (setup: Setup) => Promise<{ readonly port: number }>;

async function listening(server: Server): Promise<{ readonly port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port };
}

function sendItem(
  _request: unknown,
  response: { setHeader(n: string, v: string | number): void; end(body: string): void },
): void {
  const body = JSON.stringify(ITEM);
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}

const WINDOWS_MS = [60_000, 900_000] as const;

async function redisFor(url: string): Promise<(...args: string[]) => Promise<never>> {
  const { createClient } = await import('redis');
  const client = await createClient({ url }).connect();
  return (...args) => client.sendCommand<never>(args);
}

async function metrics() {
  const { Histogram, Registry } = await import('prom-client');
  return new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Latency per route.',
    labelNames: ['method', 'route', 'status'],
    registers: [new Registry()],
  });
}

const bareNode: Contender = async () => listening(createServer(sendItem));

const bareExpress: Contender = async () => {
  const { default: express } = await import('express');
  const app = express();
  app.get('/items/:id', (_request, response) => void response.json(ITEM));
  return listening(createServer(app));
};

const stackExpress: Contender = async ({ max, redisUrl }) => {
  const { default: express } = await import('express');
  const { default: helmet } = await import('helmet');
  const { default: cors } = await import('cors');
  const { default: compression } = await import('compression');
  const { rateLimit } = await import('express-rate-limit');
  const { RedisStore } = await import('rate-limit-redis');
  const { pinoHttp } = await import('pino-http');
  const histogram = await metrics();
  const sendCommand = redisUrl === undefined ? undefined : await redisFor(redisUrl);
  const app = express();
  app.use(pinoHttp(createWriteStream(devNull)));
  app.use((request, response, next) => {
    const end = histogram.startTimer();
    response.on('finish', () =>
      end({
        method: request.method,
        route: (request.route as { path?: string } | undefined)?.path ?? 'none',
        status: response.statusCode,
      }),
    );
    next();
  });
  app.use(helmet());
  app.use(cors({ origin: ORIGIN }));
  app.use(compression());
  for (const windowMs of WINDOWS_MS) {
    const store = sendCommand && new RedisStore({ sendCommand, prefix: `bench:${windowMs}:` });
    app.use(
      rateLimit({
        windowMs,
        limit: max,
        standardHeaders: 'draft-8',
        legacyHeaders: true,
        identifier: `w${windowMs}`,
        ...(store ? { store } : {}),
      }),
    );
  }
  app.get('/items/:id', (_request, response) => void response.json(ITEM));
  return listening(createServer(app));
};

const bareFastify: Contender = async () => {
  const { fastify } = await import('fastify');
  const app = fastify();
  app.get('/items/:id', () => ITEM);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: (app.server.address() as { port: number }).port };
};

const stackFastify: Contender = async ({ max, redisUrl }) => {
  const { fastify } = await import('fastify');
  const { default: helmet } = await import('@fastify/helmet');
  const { default: cors } = await import('@fastify/cors');
  const { default: compress } = await import('@fastify/compress');
  const { default: limit } = await import('@fastify/rate-limit');
  const histogram = await metrics();
  const app = fastify({ logger: { stream: createWriteStream(devNull) } });
  app.addHook('onResponse', (request, reply, done) => {
    histogram.observe(
      { method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
    done();
  });
  await app.register(helmet);
  await app.register(cors, { origin: ORIGIN });
  await app.register(compress);
  if (redisUrl !== undefined) throw new Error('its Redis store needs another client; not compared');
  await app.register(limit, { max, timeWindow: WINDOWS_MS[0] });
  // The plugin counts one policy; the second one is asked by hand, as its documentation shows.
  const second = app.createRateLimit({ max, timeWindow: WINDOWS_MS[1] });
  app.addHook('onRequest', async (request, reply) => {
    const found = await second(request);
    if (!found.isAllowed && found.isExceeded) return reply.code(429).send({ error: 'too many' });
  });
  app.get('/items/:id', () => ITEM);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: (app.server.address() as { port: number }).port };
};

const bareHono: Contender = async () => {
  const { Hono } = await import('hono');
  const { getRequestListener } = await import('@hono/node-server');
  const app = new Hono();
  app.get('/items/:id', (c) => c.json(ITEM));
  const listener = getRequestListener(app.fetch);
  return listening(createServer((request, response) => void listener(request, response)));
};

const stackHono: Contender = async ({ max }) => {
  const { Hono } = await import('hono');
  const { getRequestListener } = await import('@hono/node-server');
  const { secureHeaders } = await import('hono/secure-headers');
  const { cors } = await import('hono/cors');
  const { rateLimiter } = await import('hono-rate-limiter');
  const { pino } = await import('pino');
  const histogram = await metrics();
  const log = pino(createWriteStream(devNull));
  const app = new Hono();
  app.use(async (c, next) => {
    const started = performance.now();
    await next();
    const ms = performance.now() - started;
    histogram.observe(
      { method: c.req.method, route: c.req.path === '/' ? '/' : '/items/:id', status: c.res.status },
      ms / 1000,
    );
    log.info({ method: c.req.method, url: c.req.path, status: c.res.status, ms }, 'request');
  });
  app.use(secureHeaders());
  app.use(cors({ origin: ORIGIN }));
  const address = (c: { env: unknown }): string =>
    (c.env as { incoming: { socket: { remoteAddress?: string } } }).incoming.socket.remoteAddress ?? '';
  for (const windowMs of WINDOWS_MS) app.use(rateLimiter({ windowMs, limit: max, keyGenerator: address }));
  app.get('/items/:id', (c) => c.json(ITEM));
  const listener = getRequestListener(app.fetch);
  return listening(createServer((request, response) => void listener(request, response)));
};

/** Frameworks, each bare and with its assembled stack. Rampart's own are in rampart.ts. */
export const CONTENDERS = {
  'node bare': bareNode,
  'express bare': bareExpress,
  'express stack': stackExpress,
  'fastify bare': bareFastify,
  'fastify stack': stackFastify,
  'hono bare': bareHono,
  'hono stack': stackHono,
} as const satisfies Readonly<Record<string, Contender>>;
