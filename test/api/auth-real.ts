import {
  type House as IdentityHouse,
  houseOver,
  PASSWORD,
} from '../../src/modules/identity/account/test-account.ts';
import type { SessionInfo, SignedIn } from '../../src/server/api/auth-types.ts';
import { csrfTokenOfAccount } from '../../src/server/api/caller.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { type Arrival, House, jsonInit } from './house.ts';

type Headers = Readonly<Record<string, string>>;
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** A browser that keeps its cookies, on an address of its own. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #house: House;
  readonly #arrival: Arrival;

  constructor(house: House, arrival: Arrival) {
    this.#house = house;
    this.#arrival = arrival;
  }

  async send(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const own = { 'user-agent': FIREFOX, ...(cookie === '' ? {} : { cookie }), ...headers };
    const response = await this.#house.fetch(path, jsonInit(method, body, own), this.#arrival);
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) as unknown as [string, string, string];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** The JSON of an answer that must have the status. */
  async ask<T>(
    method: string,
    path: string,
    body?: unknown,
    status = 200,
    headers: Headers = {},
  ): Promise<T> {
    const response = await this.send(method, path, body, headers);
    const text = await response.text();
    if (response.status !== status) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Writes at the console, with the token that this takes. */
  async act<T>(method: string, path: string, body?: unknown, status = 200): Promise<T> {
    const { session } = await this.ask<SessionInfo>('GET', '/auth/session');
    const csrf = csrfTokenOfAccount(this.#house.ports.facts.secret, session.id);
    return this.ask<T>(method, path, body, status, { 'x-rampart-csrf': csrf });
  }
}

/** The API over an identity that is whole. */
export interface RealHouse {
  readonly house: House;
  readonly real: IdentityHouse;
  /** A browser on an address that nobody else has. */
  browser(): Browser;
  /** Somebody who has signed up and in over the API. */
  person(): Promise<{ readonly email: string; readonly browser: Browser; readonly signedIn: SignedIn }>;
}

/** Opens it on a migrated database. */
export async function realHouse(stores: Stores): Promise<RealHouse> {
  const real = await houseOver(stores.sql, { publicUrl: 'http://localhost:4600' });
  const { clock } = real;
  const house = new House(stores, { ports: { identity: real.identity, clock, timers: clock } });
  let addresses = 0;
  const browser = (): Browser => new Browser(house, { peer: `198.51.100.${++addresses}` });
  return {
    house,
    real,
    browser,
    async person() {
      const email = real.email();
      const own = browser();
      await own.ask('POST', '/auth/sign-up', { email, password: PASSWORD, name: 'Ada' }, 202);
      const token = await real.token(email, 'verify-email');
      await own.ask('POST', '/auth/email/verify', { token });
      const signedIn = await own.ask<SignedIn>('POST', '/auth/sign-in', { email, password: PASSWORD });
      return { email, browser: own, signedIn };
    },
  };
}
