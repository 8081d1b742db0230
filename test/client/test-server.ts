import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AuthUser, SignedIn } from '../../client/src/types.ts';

/** What came in. */
export interface Received {
  readonly route: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}
/** What goes out. */
export interface Given {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ADA: AuthUser = {
  id: 'acc_ada',
  email: 'ada@example.com',
  name: 'Ada',
  locale: 'en',
  roles: ['customer'],
  emailVerified: true,
  createdAtMs: 0,
};
export const refusal = (status: number, code: string, details?: unknown): Given => ({
  status,
  body: { success: false, error: { code, message: `It was ${code}.`, details } },
});

/** A server of tokens over real HTTP: each refresh token works once, as the real one's do. */
export class TokenServer {
  readonly #server: Server;
  readonly received: Received[] = [];
  readonly #routes = new Map<string, (received: Received) => Given | Promise<Given>>();
  #turn = 0;
  /** How often a refresh token was handed in that had been used before: theft, as a server must see it. */
  reused = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const route = `${request.method} ${request.url}`;
        const received = { route, headers: request.headers, body: text === '' ? {} : JSON.parse(text) };
        this.received.push(received);
        void Promise.resolve(this.#answer(received)).then(({ status, body, headers = {} }) => {
          response.writeHead(status, { 'content-type': 'application/json', ...headers });
          response.end(
            body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
          );
        });
      });
    });
  }

  static async start(): Promise<TokenServer> {
    const server = new TokenServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers a route such as `GET /orders`. */
  on(route: string, answer: (received: Received) => Given | Promise<Given>): void {
    this.#routes.set(route, answer);
  }

  /** What answers a route now. */
  handler(route: string): (received: Received) => Given | Promise<Given> {
    return this.#routes.get(route) ?? (() => refusal(404, 'NOT_FOUND'));
  }

  count(route: string): number {
    return this.received.filter((one) => one.route === route).length;
  }

  /** Ends the access tokens that are out. */
  expire(): void {
    this.#turn += 0.5;
  }

  /** A route that wants the newest access token. */
  guarded(body: unknown): (received: Received) => Given {
    return ({ headers }) =>
      headers.authorization === `Bearer access-${this.#turn}`
        ? { status: 200, body }
        : refusal(401, 'AUTHENTICATION_ERROR');
  }

  #answer(received: Received): Given | Promise<Given> {
    const own = this.#routes.get(received.route);
    if (own) return own(received);
    if (received.route === 'POST /auth/sign-in') return { status: 200, body: this.#tokens() };
    if (received.route !== 'POST /auth/refresh') return refusal(404, 'NOT_FOUND');
    if (received.body['refreshToken'] !== `refresh-${Math.floor(this.#turn)}`) {
      this.reused += 1;
      return refusal(401, 'SESSION_ENDED');
    }
    return { status: 200, body: this.#tokens() };
  }

  #tokens(): SignedIn {
    this.#turn = Math.floor(this.#turn) + 1;
    return {
      mfaRequired: false,
      user: ADA,
      scope: 'full',
      accessToken: `access-${this.#turn}`,
      refreshToken: `refresh-${this.#turn}`,
      expiresIn: 900,
      deviceToken: 'device-1',
    };
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
