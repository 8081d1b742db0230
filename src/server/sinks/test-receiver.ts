import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that came. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a receiver answers; a promise may be kept waiting. */
export type Answer = (arrived: Arrived) => ReceiverAnswer | Promise<ReceiverAnswer>;
/** `drop` hangs up without a word. */
export type ReceiverAnswer =
  { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string } | 'drop';

/** A server of HTTP on this machine. */
export interface HttpReceiver {
  readonly url: string;
  readonly port: number;
  readonly arrived: Arrived[];
  answer: Answer;
  close(): Promise<void>;
}

/** Starts one. @param port that of one that was closed; default any */
export async function httpReceiver(answer: Answer, port = 0): Promise<HttpReceiver> {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => void handle(request, response));
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const one: Arrived = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    arrived.push(one);
    const said = await receiver.answer(one);
    if (said === 'drop') return void request.socket.destroy();
    response.writeHead(said.status, { 'content-type': 'application/json', ...said.headers });
    response.end(said.body ?? '');
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const receiver: HttpReceiver = {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    arrived,
    answer,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  return receiver;
}
