import { SinkError } from '../driver.ts';
import type { Answered, DriverPorts } from './ports.ts';

/** Posts, and makes an error of an answer that is none of 2xx. @throws SinkError */
export async function postTo(
  ports: DriverPorts,
  sink: { readonly url: string; readonly fetch: Parameters<DriverPorts['post']>[3] },
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Answered> {
  let answer: Answered;
  try {
    answer = await ports.post(sink.url, headers, body, sink.fetch);
  } catch (error) {
    throw unanswered(error);
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return answer;
  throw new SinkError(isAboutBody(status) ? 'refused' : 'down', wordsOf(status), waitOf(answer));
}

/**
 * Whether a status speaks of what was sent. All others (a wrong address, a wrong key, a redirect, a full server) are the
 * same for every event: none may be given up for them.
 */
export function isAboutBody(status: number): boolean {
  return status === 400 || status === 413 || status === 422;
}

/** How long the server wants not to be asked, in milliseconds; a date is not waited for. */
export function waitOf({ retryAfter }: Pick<Answered, 'retryAfter'>): number | null {
  return /^\d{1,5}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1_000 : null;
}

function wordsOf(status: number): string {
  const said = `The server answered ${status}.`;
  if (status === 401 || status === 403) return `${said} Look at the key or the password.`;
  if (status >= 300 && status < 400)
    return `${said} Redirects are not followed: name the address it leads to.`;
  return status === 404 ? `${said} Look at the address.` : said;
}

function unanswered(error: unknown): SinkError {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'SSRF_BLOCKED')
    return new SinkError(
      'down',
      'The address may not be called: it is one of a network of your own, whose range fetch.allowRanges must name.',
    );
  const known = typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? ` (${code})` : '';
  return new SinkError('down', `The server could not be asked${known}.`);
}
