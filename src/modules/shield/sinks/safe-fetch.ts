import { systemTimers, type Timers } from '../../../core/clock.ts';
import type { EventSink } from '../../../core/events.ts';
import type { OnBytes } from './answer-body.ts';
import { SsrfError, UpstreamError } from './errors.ts';
import { exchange, type HopAnswer } from './exchange.ts';
import { readFetchOptions, type ResolvedFetchOptions, type SafeFetchOptions } from './fetch-options.ts';
import { isRedirect, type Journey, nextJourney } from './redirect.ts';
import { checkedAddresses, dnsResolver, type HostResolver } from './resolve.ts';
import { readTarget } from './target.ts';

/** What outgoing calls stand on; everything has a default. */
export interface SafeFetchPorts {
  /** Default the machine's name servers. */
  readonly resolve?: HostResolver;
  readonly timers?: Timers;
  /** Hears `SSRF_BLOCKED`. */
  readonly events?: EventSink;
  /** Certificates (PEM) that are trusted instead of the public ones. */
  readonly ca?: string;
  /** Told of what has come of each body, and how much there will be, where its head says so; bytes as they were sent. */
  readonly onBytes?: OnBytes;
}

/** `fetch` for addresses that somebody else has chosen. */
export interface SafeFetch {
  /**
   * As `fetch`, but redirects are handed back (`redirect: 'manual'`) unless `'follow'` or `'error'` is asked for, and the
   * body has been read when the answer is there.
   * @throws SsrfError `SSRF_BLOCKED`; UpstreamError `UPSTREAM_…`
   */
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Looks at an address without calling it: where it is registered. @throws SsrfError, UpstreamError */
  readonly check: (url: string | URL) => Promise<void>;
}

/**
 * Makes a `fetch` that calls only servers of the public internet.
 * @throws OptionsError naming the path and the reason
 */
export function safeFetcher(options: SafeFetchOptions = {}, ports: SafeFetchPorts = {}): SafeFetch {
  const caller = new Caller(readFetchOptions(options), ports);
  return Object.assign((input: string | URL | Request, init?: RequestInit) => caller.fetch(input, init), {
    check: (url: string | URL) => caller.check(url),
  });
}

/** How far a call has come. */
interface Trip {
  url: string | URL;
  readonly signal: AbortSignal;
}

class Caller {
  readonly #rules: ResolvedFetchOptions;
  readonly #ports: SafeFetchPorts;
  readonly #resolve: HostResolver;
  #active = 0;

  constructor(rules: ResolvedFetchOptions, ports: SafeFetchPorts) {
    this.#rules = rules;
    this.#ports = ports;
    this.#resolve = ports.resolve ?? dnsResolver();
  }

  async check(url: string | URL): Promise<void> {
    await this.#bounded(undefined, url, async () => {
      await checkedAddresses(readTarget(url, this.#rules), this.#rules, this.#resolve);
    });
  }

  async fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const given = input instanceof Request ? input.url : input;
    const signal = init.signal ?? (input instanceof Request ? input.signal : undefined);
    return this.#bounded(signal, given, async (trip) => {
      // Before Request, which has words of its own for some of what is refused here.
      const { url } = readTarget(given, this.#rules);
      // The platform knows best what bodies and headers may be; its signal is ours.
      const request = new Request(input instanceof Request ? input : url, { ...init, signal: null });
      const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
      const { method, headers } = request;
      return this.#travel({ url: url.href, method, headers, body }, init.redirect ?? 'manual', trip);
    });
  }

  async #travel(first: Journey, redirect: RequestInit['redirect'], trip: Trip): Promise<Response> {
    let journey = first;
    for (let hops = 0; ; hops += 1) {
      trip.url = journey.url;
      const answer = await this.#hop(journey, trip.signal);
      const upstreamStatus = answer.status;
      if (redirect === 'manual' || !isRedirect(upstreamStatus))
        return responseOf(answer, journey.url, hops > 0);
      if (redirect === 'error' || hops >= this.#rules.maxRedirects)
        throw new UpstreamError('UPSTREAM_REDIRECT', { upstreamStatus });
      journey = nextJourney(journey, upstreamStatus, answer.message.headers.location);
    }
  }

  /** Every hop is looked at as if it were the first. */
  async #hop(journey: Journey, signal: AbortSignal): Promise<HopAnswer> {
    const target = readTarget(journey.url, this.#rules);
    const addresses = await checkedAddresses(target, this.#rules, this.#resolve);
    signal.throwIfAborted();
    const { maxBodyBytes, maxHeaderBytes } = this.#rules;
    const { method, headers, body } = journey;
    const { ca, onBytes } = this.#ports;
    const bounds = { maxBodyBytes, maxHeaderBytes };
    return exchange({ target, addresses, method, headers, body, signal, ...bounds, ca, onBytes });
  }

  /** Counts, times, and tells of what was refused. */
  async #bounded<T>(
    given: AbortSignal | null | undefined,
    url: string | URL,
    work: (trip: Trip) => Promise<T>,
  ): Promise<T> {
    if (this.#active >= this.#rules.maxConnections) throw new UpstreamError('UPSTREAM_BUSY');
    given?.throwIfAborted();
    this.#active += 1;
    const abort = new AbortController();
    const trip: Trip = { url, signal: abort.signal };
    const cancel = (this.#ports.timers ?? systemTimers).after(this.#rules.timeout, () =>
      abort.abort(new UpstreamError('UPSTREAM_TIMEOUT')),
    );
    const byCaller = (): void => abort.abort(given?.reason);
    given?.addEventListener('abort', byCaller, { once: true });
    try {
      // Name servers do not hear of signals: whoever waits for them is let go all the same.
      return await Promise.race([work(trip), aborted(abort.signal)]);
    } catch (error) {
      throw abort.signal.aborted ? abort.signal.reason : this.#told(error, trip.url);
    } finally {
      cancel();
      given?.removeEventListener('abort', byCaller);
      this.#active -= 1;
      abort.abort();
    }
  }

  #told(error: unknown, url: string | URL): unknown {
    if (error instanceof SsrfError)
      this.#ports.events?.emit('SSRF_BLOCKED', {
        outcome: 'refused',
        details: { reason: error.reason, host: hostOf(url) },
      });
    if (error instanceof SsrfError || error instanceof UpstreamError) return error;
    const isOurs = error instanceof Error && 'code' in error;
    return isOurs ? new UpstreamError('UPSTREAM_FAILED', { cause: error }) : error;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** Never the path or the query, which may hold a secret. */
function hostOf(url: string | URL): string {
  return URL.canParse(String(url)) ? new URL(url).host.slice(0, 100) : 'unreadable';
}

/** @throws UpstreamError where it is no answer that the platform knows */
function responseOf({ message, status, body }: HopAnswer, url: string, redirected: boolean): Response {
  const headers = new Headers();
  const { rawHeaders } = message;
  const isPacked = body !== null && message.headers['content-encoding'] !== undefined;
  try {
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = (rawHeaders[i] as string).toLowerCase();
      if (isPacked && (name === 'content-encoding' || name === 'content-length')) continue;
      headers.append(name, rawHeaders[i + 1] as string);
    }
    const response = new Response(body as Uint8Array<ArrayBuffer> | null, { status, headers });
    return Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
  } catch (cause) {
    throw new UpstreamError('UPSTREAM_FAILED', { cause, upstreamStatus: status });
  }
}
