import { Agent, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';

/** Slower than what the traffic patterns take for a flood, fifty a second: the limits are what is to be met. */
const PACE_MS = 25;

/** A request of some client. */
export interface Sent {
  /** Whom the trusted proxy says it comes from. */
  readonly from: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends what many clients would, through one socket pool. */
export class Traffic {
  readonly #origin: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  #bearer: string | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Sends one. @returns the status, 0 when no answer came, and the body */
  send({ from, method = 'GET', path = '/sample/orders', headers = {}, body }: Sent): Promise<{
    readonly status: number;
    readonly text: string;
  }> {
    return new Promise((resolve) => {
      const sent = request(
        new URL(path, this.#origin.replace('localhost', '127.0.0.1')),
        {
          agent: this.#agent,
          method,
          headers: {
            host: new URL(this.#origin).host,
            accept: 'application/json',
            'user-agent': 'Mozilla/5.0 (test traffic)',
            'x-forwarded-for': from,
            ...(this.#bearer === undefined ? {} : { authorization: `Bearer ${this.#bearer}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        },
      );
      sent.on('error', () => resolve({ status: 0, text: '' }));
      sent.end(body);
    });
  }

  /** The same request several times, one after the other. @returns how often each status came */
  async burst(times: number, sent: Sent, paceMs = PACE_MS): Promise<Readonly<Record<number, number>>> {
    const counts: Record<number, number> = {};
    for (let i = 0; i < times; i++) {
      const { status } = await this.send(sent);
      counts[status] = (counts[status] ?? 0) + 1;
      if (paceMs > 0) await setTimeout(paceMs);
    }
    return counts;
  }

  /** Becomes a customer of the sample API; every later request carries the token. */
  async signIn(name: string, from: string): Promise<void> {
    const body = JSON.stringify({ name });
    const { text } = await this.send({ from, method: 'POST', path: '/sample/sign-in', body });
    this.#bearer = (JSON.parse(text) as { token: string }).token;
  }

  /** A page of another site that makes a browser post here with its cookies. */
  forgery(from: string): Promise<{ readonly status: number }> {
    return this.send({
      from,
      method: 'POST',
      headers: {
        origin: 'https://evil.example',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'no-cors',
        cookie: 'rampart_session=stolen',
      },
      body: '{"items":[]}',
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
