import { RampartClientError, refusalOf, stepUpNeed } from './errors.ts';
import type { StepUpNeed } from './errors.ts';
import type { TokenKeeper } from './keeper.ts';
import type { TokenStorage } from './storage.ts';
import { jsonOf, send, timezone } from './transport.ts';
import type { Sending } from './transport.ts';
import type { SignedIn } from './types.ts';

/** What may be said with every call. */
export interface CallOptions {
  /** Gives the call up. */
  readonly signal?: AbortSignal;
}

/** One call of a route. */
export interface Call extends CallOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Nobody needs to be signed in: a 401 is the answer, and nothing is renewed for it. */
  readonly isOpen?: boolean;
}

/** Calls a route. @throws RampartClientError for every answer but a 2xx, and when no answer came */
export type Caller = <T>(path: string, call?: Call) => Promise<T>;

/** Asks the person to prove a factor again. @returns whether they did; only then the call is repeated */
export type StepUpHook = (need: StepUpNeed) => Promise<boolean>;

/** What calls stand on. */
export interface CallerPorts {
  readonly mode: 'browser' | 'api';
  /** Without a slash at its end; empty for the own origin. */
  readonly baseUrl: string;
  readonly sending: Sending;
  readonly keeper: TokenKeeper;
  readonly storage: TokenStorage;
  readonly now: () => number;
  /** Read anew for each refusal, since pages set it once they can show a dialog. */
  readonly onStepUp: () => StepUpHook | undefined;
}

/** Refusals that new tokens would not change. */
const FINAL = new Set(['INVALID_CREDENTIALS', 'INVALID_CODE', 'CHALLENGE_INVALID', 'FRESH_AUTH_REQUIRED']);

/** Headers that every request carries. */
export function commonHeaders(mode: 'browser' | 'api'): Record<string, string> {
  return { 'x-rampart-timezone': timezone(), ...(mode === 'api' ? { 'x-rampart-client': 'api' } : {}) };
}

/** Browsers send their cookies to the own origin, and to the server's where it is another one. */
export function credentialsOf(mode: 'browser' | 'api', baseUrl: string): 'omit' | 'same-origin' | 'include' {
  if (mode === 'api') return 'omit';
  return baseUrl === '' ? 'same-origin' : 'include';
}

/** Sends requests that repeat themselves: once after a renewal, and once after a step-up. */
export class Repeater {
  readonly #ports: CallerPorts;
  #asking: Promise<boolean> | null = null;
  /** Step-ups that went well: a refusal from before one of them needs no further question. */
  #proven = 0;

  constructor(ports: CallerPorts) {
    this.#ports = ports;
  }

  /**
   * @param once sends the request with these headers
   * @returns the last answer, good or not
   */
  async send(once: (headers: Record<string, string>) => Promise<Response>): Promise<Response> {
    const proven = this.#proven;
    const response = await this.#renewed(once);
    const hook = this.#ports.onStepUp();
    if (response.status !== 401 || hook === undefined) return response;
    const refusal = await refusalOf(response.clone(), this.#ports.now());
    if (refusal.code !== 'FRESH_AUTH_REQUIRED') return response;
    return proven !== this.#proven || (await this.#ask(hook, refusal)) ? this.#renewed(once) : response;
  }

  /** One question for all calls that are refused at the same time. */
  #ask(hook: StepUpHook, refusal: RampartClientError): Promise<boolean> {
    this.#asking ??= hook(stepUpNeed(refusal))
      .then((isProven) => {
        if (isProven) this.#proven += 1;
        return isProven;
      })
      .finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #renewed(once: (headers: Record<string, string>) => Promise<Response>): Promise<Response> {
    const { keeper } = this.#ports;
    const token = await keeper.accessToken();
    const seen = keeper.generation;
    const response = await once(bearer(token));
    if (response.status !== 401) return response;
    const { code } = await refusalOf(response.clone(), this.#ports.now());
    if (FINAL.has(code) || !(await keeper.renew(seen))) return response;
    return once(bearer(await keeper.accessToken()));
  }
}

const bearer = (token: string | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` };

/** Makes the caller of the server's own routes. */
export function callerOf(ports: CallerPorts, repeater: Repeater): Caller {
  const { mode, baseUrl, sending, keeper, storage, now } = ports;
  return async <T>(path: string, { method = 'GET', body, isOpen = false, signal }: Call = {}): Promise<T> => {
    const device = mode === 'api' ? await storage.get('device') : null;
    const once = (headers: Record<string, string>): Promise<Response> =>
      send(sending, baseUrl + path, {
        method,
        headers: {
          accept: 'application/json',
          ...commonHeaders(mode),
          ...(device === null ? {} : { 'x-rampart-device': device }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        credentials: credentialsOf(mode, baseUrl),
        cache: 'no-store',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      });
    const response = await (isOpen ? once({}) : repeater.send(once));
    if (!response.ok) throw await refusalOf(response, now());
    const answer = await jsonOf<T>(response);
    if (isSignedIn(answer)) await keeper.accept(answer, isOpen ? 'signed-in' : 'renewed');
    return answer;
  };
}

/** New tokens come with more answers than the sign-in's: whoever brings them, they are taken over. */
function isSignedIn(answer: unknown): answer is SignedIn {
  if (typeof answer !== 'object' || answer === null) return false;
  const { mfaRequired, accessToken } = answer as Partial<SignedIn>;
  return mfaRequired === false || typeof accessToken === 'string';
}

/** Whether an error means that nobody is signed in (any more). */
export function isSignedOut(error: unknown): boolean {
  return error instanceof RampartClientError && error.status === 401 && !FINAL.has(error.code);
}
