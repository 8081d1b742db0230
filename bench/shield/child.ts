/** A server in a process of its own: starts, tells its port, and answers how much CPU it has used. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import easyWaf from 'easy-waf';
import { guardNode } from '../../src/adapters/node/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createCorridor } from '../../src/core/corridor.ts';
import type { Gate } from '../../src/core/gate.ts';
import type { Guard } from '../../src/core/guard.ts';
import { addressReader } from '../../src/core/proxy.ts';
import { inspection } from '../../src/modules/shield/index.ts';

type Handler = (request: IncomingMessage & { body?: unknown }, response: ServerResponse) => void;

/** Reads and parses the body, as any application does. */
function parsed(then: Handler): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const type = request.headers['content-type'] ?? '';
      const body: unknown =
        type === 'application/json' ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
      then(Object.assign(request, { body }), response);
    });
  };
}

const answer: Handler = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 2 }).end('ok');
};

/** Rampart's corridor with inspection alone, or with nothing in it. */
function rampart(guards: readonly Guard[]): RequestListener {
  const readClient = addressReader({ trustProxy: false });
  const corridor = createCorridor({ guards, clock: systemClock, readClient });
  const gate: Gate = {
    enter: (request) => corridor.enter(request),
    ...(guards.length === 0 ? {} : { openBody: (context) => corridor.openBody(context) }),
    leave: (context, status, bytes, aborted) => corridor.leave(context, status, bytes, aborted),
    fail: () => ({ status: 500, headers: [], body: null }),
  };
  return guardNode(gate)(parsed(answer));
}

const LISTENERS: Readonly<Record<string, () => RequestListener>> = {
  bare: () => parsed(answer),
  corridor: () => rampart([]),
  rampart: () => rampart([inspection({}, { events: { emit: () => undefined } })]),
  'easy-waf': () => {
    const waf = easyWaf({ disableLogging: true });
    return parsed((request, response) => void waf(request, response, () => answer(request, response)));
  },
};

const listener = LISTENERS[process.argv[2] ?? ''];
if (listener === undefined) throw new Error('no such contender');
const server = createServer(listener());
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system });
});
process.on('disconnect', () => process.exit(0));
