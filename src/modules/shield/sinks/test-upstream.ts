import { createSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import { type SafeFetch, safeFetcher, type SafeFetchOptions, type SafeFetchPorts } from './index.ts';

/** What is run after each test. */
export const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A server that answers a connection with whatever a test likes. */
export interface Upstream {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** Heads and bodies that came. */
  readonly requests: readonly string[];
  /** Sockets that are open now. */
  readonly open: number;
  close(): Promise<void>;
}

/** Starts one on 127.0.0.1. @param answer called once the first bytes of a request are there */
export function upstream(answer: (socket: Socket, request: string) => void): Promise<Upstream> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', (chunk) => {
      requests.push(chunk.toString('latin1'));
      answer(socket, chunk.toString('latin1'));
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        port: (server.address() as { port: number }).port,
        requests,
        get connections() {
          return connections;
        },
        get open() {
          return sockets.size;
        },
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}

/** A server that goes with its test. */
export async function serve(answer: Parameters<typeof upstream>[0]): Promise<Upstream> {
  const server = await upstream(answer);
  cleanups.push(() => server.close());
  return server;
}

/** A fetcher that may call one server on this machine, under any name. */
export function local(
  { port }: Upstream,
  options: SafeFetchOptions = {},
  ports: SafeFetchPorts = {},
): SafeFetch {
  return safeFetcher(
    { allowHttp: true, ports: [port], allowRanges: ['127.0.0.1'], ...options },
    { resolve: async () => ['127.0.0.1'], ...ports },
  );
}

/** A whole answer with a body. */
export function answerOf(body: string | Buffer, head = ''): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${head}content-length: ${bytes.byteLength}\r\n\r\n`),
    bytes,
  ]);
}

/** Records of a name: addresses, or another name. */
export type Zone = (name: string, type: 'A' | 'AAAA') => readonly (string | { readonly cname: string })[];

/** A name server on 127.0.0.1 that answers with a lifetime of zero, so that every question comes anew. */
export function nameServer(zone: Zone): Promise<{ readonly address: string; close(): void }> {
  const socket = createSocket('udp4');
  socket.on('message', (message, peer) => {
    const { name, end } = readName(message, 12);
    const type = message.readUInt16BE(end) === 1 ? 'A' : 'AAAA';
    const records = zone(name.toLowerCase(), type).map((one) => recordOf(one, type));
    const head = Buffer.alloc(12);
    message.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    const answer = Buffer.concat([head, message.subarray(12, end + 4), ...records]);
    socket.send(answer, peer.port, peer.address);
  });
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', () => {
      resolve({ address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() });
    });
  });
}

function readName(message: Buffer, from: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = from;
  for (let length = message[at] as number; length > 0; length = message[at] as number) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

/** Owner is the question's name, by pointer; an alias's own records follow under it, which resolvers bear. */
function recordOf(
  record: Zone extends (...given: never[]) => readonly (infer R)[] ? R : never,
  type: string,
): Buffer {
  const isAlias = typeof record !== 'string';
  const data = isAlias ? nameBytes(record.cname) : addressBytes(record);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(isAlias ? 5 : type === 'A' ? 1 : 28, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.byteLength, 10);
  return Buffer.concat([head, data]);
}

function nameBytes(name: string): Buffer {
  return Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

/** IPv6 in full groups only. */
function addressBytes(text: string): Buffer {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
  return Buffer.from(
    text
      .split(':')
      .map((group) => group.padStart(4, '0'))
      .join(''),
    'hex',
  );
}
