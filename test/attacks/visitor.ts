import type { Agent } from 'node:http';
import type { AuthUser, SignedIn } from '../../src/server/api/auth-types.ts';
import { type Answer, send } from '../scenarios/client.ts';

/** What a visitor is. */
export interface VisitorOptions {
  /** Address that the trusted proxy vouches for. */
  readonly address?: string;
  /** Tokens instead of cookies. */
  readonly api?: boolean;
  readonly userAgent?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

/** An answer with its JSON read. */
export interface Got<T = Record<string, unknown>> extends Omit<Answer, 'body'> {
  readonly text: string;
  readonly body: T;
  /** Code of the error envelope, if it is one. */
  readonly code: string | undefined;
}

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/**
 * Somebody with a browser (or a program), who remembers cookies and tokens. Knows nothing of the server but its port, so
 * that the same attacks can be tried on any deployment.
 */
export class Visitor {
  readonly cookies = new Map<string, string>();
  accessToken: string | undefined;
  refreshToken: string | undefined;
  deviceToken: string | undefined;
  readonly port: number;
  readonly options: VisitorOptions;

  constructor(port: number, options: VisitorOptions = {}) {
    this.port = port;
    this.options = options;
  }

  /** The same person, cookies and all, on another node or from another address. */
  clone(port = this.port, options: VisitorOptions = {}): Visitor {
    const other = new Visitor(port, { ...this.options, ...options });
    for (const [name, value] of this.cookies) other.cookies.set(name, value);
    other.accessToken = this.accessToken;
    other.refreshToken = this.refreshToken;
    other.deviceToken = this.deviceToken;
    return other;
  }

  #headers(extra: Readonly<Record<string, string>>): Record<string, string> {
    const { address, api = false, userAgent = FIREFOX, headers } = this.options;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const given: Record<string, string> = {
      host: `localhost:${this.port}`,
      'user-agent': userAgent,
      accept: '*/*',
      'accept-language': 'en',
      ...(address === undefined ? {} : { 'x-forwarded-for': address }),
      ...(api ? { 'x-rampart-client': 'api' } : { 'sec-fetch-site': 'same-origin' }),
      ...(cookie === '' ? {} : { cookie }),
      ...(this.accessToken === undefined ? {} : { authorization: `Bearer ${this.accessToken}` }),
      ...(this.deviceToken === undefined ? {} : { 'x-rampart-device': this.deviceToken }),
      ...headers,
      ...extra,
    };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  }

  /** Sends a request; an empty header value takes that header away. A body that is no string goes as JSON. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what the test expects to be told
  async send<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Got<T>> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await send(this.port, {
      method,
      path,
      headers: this.#headers({
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      }),
      ...(text === undefined ? {} : { body: text }),
      ...(this.options.agent === undefined ? {} : { agent: this.options.agent }),
    });
    this.#keep(answer);
    const parsed = readJson(answer.body);
    const code = (parsed as { error?: { code?: string } } | undefined)?.error?.code;
    return { ...answer, text: answer.body, body: parsed as T, code };
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what the test expects to be told
  get<T = Record<string, unknown>>(
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Got<T>> {
    return this.send<T>('GET', path, undefined, headers);
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what the test expects to be told
  post<T = Record<string, unknown>>(
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Got<T>> {
    return this.send<T>('POST', path, body, headers);
  }

  /** Takes over tokens of an answer. */
  take(signedIn: Partial<SignedIn>): void {
    if (signedIn.accessToken !== undefined) this.accessToken = signedIn.accessToken;
    if (signedIn.refreshToken !== undefined) this.refreshToken = signedIn.refreshToken;
    if (signedIn.deviceToken !== undefined) this.deviceToken = signedIn.deviceToken;
  }

  /** @returns who this is, or `undefined` when nobody is signed in */
  async who(): Promise<AuthUser | undefined> {
    const { status, body } = await this.get<{ user: AuthUser }>('/auth/session');
    return status === 200 ? body.user : undefined;
  }

  #keep(answer: Answer): void {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair = ''] = line.split(';', 1);
      const at = pair.indexOf('=');
      const name = pair.slice(0, at);
      const value = pair.slice(at + 1);
      if (value === '' || /max-age=0\b/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
