import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { ManualClock } from '../../../testing/clock.ts';
import { type CutReason, type Hardened, type HardenOptions, hardenServer } from './index.ts';

/** A connection of a test. */
export interface Dialled {
  readonly socket: Socket;
  /** What has come back so far. */
  text(): string;
  /** Once the other side has closed. */
  readonly closed: Promise<void>;
  isClosed(): boolean;
}

const sockets = new Set<Socket>();
const servers = new Set<Server>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.closeAllConnections();
  await Promise.all([...servers].map((server) => new Promise((resolve) => server.close(resolve))));
  servers.clear();
});

/** Connects and sends bytes as they are. @param from an address of this machine */
export function dial(port: number, bytes = '', from = '127.0.0.1'): Promise<Dialled> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: from });
  sockets.add(socket);
  let text = '';
  let isClosed = false;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true;
      sockets.delete(socket);
      resolve();
    });
  });
  return new Promise((resolve) => {
    socket.once('connect', () => {
      socket.write(bytes);
      resolve({ socket, closed, text: () => text, isClosed: () => isClosed });
    });
  });
}

/** A hardened server of a test. */
export interface Stage {
  readonly port: number;
  readonly clock: ManualClock;
  readonly server: Server;
  readonly hardened: Hardened;
  readonly cuts: CutReason[];
  /** Targets that the application was called for. */
  readonly calls: string[];
}

/** Starts one; the application answers `ok` unless it is given. */
export function stage(options: HardenOptions = {}, listener?: RequestListener): Promise<Stage> {
  const clock = new ManualClock();
  const cuts: CutReason[] = [];
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(request.url ?? '');
    if (listener !== undefined) listener(request, response);
    else request.resume().on('end', () => response.end('ok'));
  });
  servers.add(server);
  // The server's own list leaves out what was upgraded.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const hardened = hardenServer(server, options, {
    clock,
    timers: clock,
    report: (reason) => cuts.push(reason),
    mayTrickle: (request) => request.url === '/trickle',
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      resolve({ port, clock, server, hardened, cuts, calls });
    });
  });
}
