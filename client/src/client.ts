import { appFetch } from './app-fetch.ts';
import { callerOf, commonHeaders, credentialsOf, Repeater } from './caller.ts';
import type { StepUpHook } from './caller.ts';
import { RampartClientError } from './errors.ts';
import { TokenKeeper } from './keeper.ts';
import type { AuthChange } from './keeper.ts';
import { routesOf } from './routes.ts';
import type { Routes } from './routes.ts';
import { memoryStorage } from './storage.ts';
import type { TokenStorage } from './storage.ts';
import { send } from './transport.ts';
import type { Fetch } from './transport.ts';

/** How a client is set up. */
export interface ClientOptions {
  /** Where the server is, such as `https://accounts.example`. Default: the page's own origin. */
  readonly baseUrl?: string;
  /** `browser`: the session is a cookie that no script reads. `api`: tokens; for apps and servers. Default `browser`. */
  readonly mode?: 'browser' | 'api';
  /** Default: the global one. */
  readonly fetch?: Fetch;
  /** Where an API client keeps its refresh token. Default: in memory. */
  readonly storage?: TokenStorage;
  /** Milliseconds until a call without an answer fails. Default 15,000. */
  readonly timeoutMs?: number;
  /** Asked when a call needs a fresh factor; see `Client.onStepUp`. */
  readonly onStepUp?: StepUpHook;
  /** Milliseconds since the epoch. Default: the clock of the machine. */
  readonly now?: () => number;
}

/** Accounts, sessions, second factors and passkeys of one person on one server. */
export interface Client extends Routes {
  readonly mode: 'browser' | 'api';
  /** Renews the session now. Calls do so by themselves. @returns false when it has ended */
  refresh: () => Promise<boolean>;
  /** Ends this session; the tokens are forgotten even when the server does not answer. */
  signOut: () => Promise<void>;
  /**
   * `fetch` for the application's own routes on the same server: carries the access token, renews it, and asks for a
   * step-up as the calls above do. Answers are returned as they are, good or not.
   * @throws RampartClientError with status 0 when no answer came; TypeError for another origin, which must see no token
   */
  fetch: (input: string, init?: RequestInit) => Promise<Response>;
  /** Sets what asks for a step-up. @returns what takes it away again */
  onStepUp: (hook: StepUpHook) => () => void;
  /** Tells of sign-in, renewal and sign-out. @returns what ends it */
  onChange: (listener: (change: AuthChange) => void) => () => void;
}

/** Makes a client. @throws TypeError when `mode` is `api` and it cannot be told where the server is */
export function createClient(options: ClientOptions = {}): Client {
  const { mode = 'browser', storage = memoryStorage(), timeoutMs = 15_000, now = Date.now } = options;
  const baseUrl = (options.baseUrl ?? '').replace(/\/+$/, '');
  const page = (globalThis as { location?: { origin: string } }).location?.origin;
  const home = baseUrl === '' ? page : new URL(baseUrl, page).origin;
  if (home === undefined) throw new TypeError('createClient: outside a page `baseUrl` must be given.');
  const doFetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const sending = { fetch: doFetch, timeoutMs };
  const listeners = new Set<(change: AuthChange) => void>();
  let hook = options.onStepUp;

  const keeper = new TokenKeeper({
    mode,
    storage,
    lock: `rampart-refresh ${home}`,
    now,
    exchange: (body) =>
      send(sending, `${baseUrl}/auth/refresh`, {
        method: 'POST',
        headers: {
          ...commonHeaders(mode),
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        credentials: credentialsOf(mode, baseUrl),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    changed: (change) => {
      for (const listener of listeners) listener(change);
    },
  });
  const ports = { mode, baseUrl, sending, keeper, storage, now, onStepUp: () => hook };
  const repeater = new Repeater(ports);
  const call = callerOf(ports, repeater);
  return {
    ...routesOf(call),
    mode,
    refresh: () => keeper.renew(keeper.generation),
    signOut: async () => {
      try {
        await call('/auth/sign-out', { method: 'POST' });
      } catch (error) {
        // Without a session there is nothing to end.
        if (!(error instanceof RampartClientError) || error.status !== 401) throw error;
      } finally {
        await keeper.forget();
      }
    },
    fetch: appFetch(ports, repeater, home, page),
    onStepUp: (next) => {
      hook = next;
      return () => {
        if (hook === next) hook = undefined;
      };
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
