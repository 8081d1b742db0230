import { UpstreamError } from './errors.ts';

/** What is sent, and where. */
export interface Journey {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Headers that another origin may see: they say nothing about who asks. */
const HARMLESS: ReadonlySet<string> = new Set(['accept', 'accept-language', 'accept-encoding', 'user-agent']);

/** Whether an answer sends on. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/**
 * The next request of a redirect, as browsers make it (Fetch, HTTP-redirect fetch), and stricter: to another origin go no
 * headers but a few harmless ones, and no body; from `https:` nothing leads to `http:`.
 * @throws UpstreamError
 */
export function nextJourney(from: Journey, status: number, location: string | undefined): Journey {
  const upstreamStatus = status;
  const wrong = (): UpstreamError => new UpstreamError('UPSTREAM_REDIRECT', { upstreamStatus });
  if (location === undefined || !URL.canParse(location, from.url)) throw wrong();
  const before = new URL(from.url);
  const url = new URL(location, before);
  if (before.protocol === 'https:' && url.protocol !== 'https:') throw wrong();
  const isSame = before.origin === url.origin;
  const turnsToGet =
    (status === 303 && from.method !== 'HEAD') ||
    ((status === 301 || status === 302) && from.method === 'POST');
  const body = turnsToGet ? undefined : from.body;
  if (!isSame && body !== undefined) throw wrong();
  const headers = new Headers();
  for (const [name, value] of from.headers) {
    if (isSame ? !(turnsToGet && name.startsWith('content-')) : HARMLESS.has(name))
      headers.append(name, value);
  }
  return { url: url.href, method: turnsToGet ? 'GET' : from.method, headers, body };
}
