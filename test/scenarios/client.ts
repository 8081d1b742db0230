import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';

/** A request of a test. */
export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Default: a connection of its own. */
  readonly agent?: Agent;
}

/** A whole response. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Milliseconds from sending to the end of the response. */
  readonly ms: number;
}

/** Connections that are kept, at most so many. */
export function keptConnections(maxSockets: number): Agent {
  return new Agent({ keepAlive: true, maxSockets });
}

/** What every honest client sends. */
const USUAL = { 'user-agent': 'scenario/1', accept: '*/*' };

/** Sends one request and reads its response whole; rejects when the connection breaks before. */
export function send(port: number, sent: Sent): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        method: sent.method ?? 'GET',
        path: sent.path,
        headers: { ...USUAL, ...sent.headers } as Record<string, string | string[]>,
        agent: sent.agent ?? false,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => (body += text));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body, ms: performance.now() - began });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(sent.body);
  });
}

/** What came back to bytes that were sent as they are. */
export interface RawAnswer {
  /** Status of the last response; 0 when the server hung up without one. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends bytes on a connection of their own and reads until the server closes it, or a response is whole. */
export function sendRaw(port: number, bytes: string | Uint8Array): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    const done = (): void => {
      socket.destroy();
      resolve(lastResponse(text));
    };
    socket.setEncoding('latin1');
    socket.setTimeout(20_000, done);
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (isWhole(text)) done();
    });
    socket.on('end', done);
    socket.on('error', done);
    socket.on('close', done);
    socket.write(bytes);
  });
}

function isWhole(text: string): boolean {
  const { head, body } = lastResponse(text);
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  return length !== undefined && body.length >= Number(length);
}

function lastResponse(text: string): RawAnswer {
  const at = text.lastIndexOf('HTTP/1.1 ');
  const [head = '', ...rest] = (at < 0 ? '' : text.slice(at)).split('\r\n\r\n');
  return { status: Number(head.slice(9, 12)) || 0, head, body: rest.join('\r\n\r\n') };
}

/** Runs the task for 0, 1, 2 … until `count`, so many at a time. */
export async function inParallel(
  count: number,
  width: number,
  task: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
