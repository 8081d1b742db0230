import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';

/** A response as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** What to ask. */
export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly agent?: Agent;
}

/** Asks over a real socket and reads the whole answer. A connection of its own unless an agent is given. */
export async function call(port: number, ask: Ask = {}): Promise<Answer> {
  const message = await open(port, ask);
  let body = '';
  message.setEncoding('utf8');
  for await (const chunk of message) body += chunk as string;
  return { status: message.statusCode ?? 0, headers: message.headers, rawHeaders: message.rawHeaders, body };
}

/** What every honest client sends. */
const USUAL = { 'user-agent': 'adapter-client/1', accept: '*/*' };

/** Asks and gives back the answer as soon as its head is there. */
export function open(port: number, ask: Ask): Promise<IncomingMessage> {
  const { method = 'GET', path = '/hello', body, agent } = ask;
  const headers = { ...USUAL, ...ask.headers };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: agent ?? false }, resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}

/** An agent that has one connection. */
export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

/** A bare socket: for what no HTTP client would send. */
export class Wire {
  readonly socket: Socket;
  #text = '';
  #closed = false;
  #told: (() => void)[] = [];

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (chunk: string) => this.#tell(() => (this.#text += chunk)));
    this.socket.on('close', () => this.#tell(() => (this.#closed = true)));
    this.socket.on('end', () => this.socket.end());
    // A reset is one of the ways in which a server may end a connection; `closed` tells of it.
    this.socket.on('error', () => undefined);
  }

  /** Everything that was received. */
  get text(): string {
    return this.#text;
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Resolves once the text that was received fits, or the connection is over. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text) && !this.#closed) {
      await new Promise<void>((resolve) => this.#told.push(resolve));
    }
    return this.#text;
  }

  /** Resolves once the connection is over. */
  async closed(): Promise<string> {
    while (!this.#closed) await new Promise<void>((resolve) => this.#told.push(resolve));
    return this.#text;
  }

  #tell(change: () => void): void {
    change();
    for (const go of this.#told.splice(0)) go();
  }
}
