/**
 * node bench/waf/server.ts [PORT]: a server that answers 200 to all that request inspection lets through, with nothing else
 * of Rampart in its way, for the replay of request sets.
 */
import { createServer } from 'node:http';
import { guardNode } from '../../src/adapters/node/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createCorridor } from '../../src/core/corridor.ts';
import type { Gate } from '../../src/core/gate.ts';
import { addressReader } from '../../src/core/proxy.ts';
import { inspection } from '../../src/modules/shield/index.ts';

const guard = inspection({}, { events: { emit: () => undefined } });
const corridor = createCorridor({
  guards: [guard],
  clock: systemClock,
  readClient: addressReader({ trustProxy: false }),
});
const gate: Gate = {
  enter: (request) => corridor.enter(request),
  openBody: (context) => corridor.openBody(context),
  leave: (context, status, bytes, aborted) => corridor.leave(context, status, bytes, aborted),
  fail: () => ({ status: 500, headers: [], body: null }),
};
const listener = guardNode(gate)((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200).end('ok'));
});
const server = createServer({ maxHeaderSize: 65_536, insecureHTTPParser: true }, listener);
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : ''}\n`);
});
