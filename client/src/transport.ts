import { RampartClientError } from './errors.ts';

/** `fetch`, or something that behaves like it. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** How one request is sent. */
export interface Sending {
  readonly fetch: Fetch;
  /** After so many milliseconds without an answer the call fails with TIMEOUT. */
  readonly timeoutMs: number;
}

/**
 * Sends one request.
 * @throws RampartClientError with status 0: NETWORK, TIMEOUT, or ABORTED when the caller's signal ended it
 */
export async function send({ fetch, timeoutMs }: Sending, url: string, init: RequestInit): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  try {
    return await fetch(url, { ...init, signal });
  } catch (cause) {
    if (init.signal?.aborted) throw silence('ABORTED', 'The call was given up.', cause);
    if (timeout.aborted) throw silence('TIMEOUT', 'The server did not answer in time.', cause);
    throw silence('NETWORK', 'The server does not answer.', cause);
  }
}

function silence(code: string, message: string, cause: unknown): RampartClientError {
  return new RampartClientError({ status: 0, code, message, cause });
}

/** IANA name of the zone the client is in; by it the server recognises the device. */
export function timezone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Reads the JSON of a good answer. @throws RampartClientError MALFORMED */
export async function jsonOf<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  const text = await response.text().catch(() => '');
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new RampartClientError({
      status: response.status,
      code: 'MALFORMED',
      message: 'The server answered something that is not JSON.',
      cause,
    });
  }
}
