import { Agent, request } from 'node:http';

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
  readonly #tokens = new Map<string, string>();

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
  async burst(times: number, sent: Sent): Promise<Readonly<Record<number, number>>> {
    const counts: Record<number, number> = {};
    for (let i = 0; i < times; i++) {
      const { status } = await this.send(sent);
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  }

  /** A token of the sample API, asked for once per name. */
  async token(name: string, from: string): Promise<string> {
    const known = this.#tokens.get(name);
    if (known !== undefined) return known;
    const body = JSON.stringify({ name });
    const { text } = await this.send({ from, method: 'POST', path: '/sample/sign-in', body });
    const { token } = JSON.parse(text) as { token: string };
    this.#tokens.set(name, token);
    return token;
  }

  /** A signed-in customer who looks at orders and places one. */
  async customer(name: string, from: string): Promise<void> {
    const headers = { authorization: `Bearer ${await this.token(name, from)}` };
    await this.send({ from, headers });
    const body = JSON.stringify({ items: [{ name: 'Flat white', quantity: 2 }] });
    await this.send({ from, method: 'POST', headers, body });
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
