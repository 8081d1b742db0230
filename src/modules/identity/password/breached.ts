import { createHash, timingSafeEqual } from 'node:crypto';
import type { IdentityPorts } from '../ports.ts';
import { rarely } from './rarely.ts';

const PREFIX_LETTERS = 5;
/** A padded answer has about 1,000 lines of 40 bytes. */
const MAX_ANSWER_BYTES = 512 * 1_024;
const MINUTE_MS = 60_000;

/** What asking stands on. */
export type BreachedPorts = Pick<IdentityPorts, 'clock' | 'timers' | 'log'> & {
  readonly fetch: typeof fetch;
};

/**
 * Asks the range API of Have I Been Pwned (v3) whether a password is known from a breach. Five characters of its SHA-1
 * leave the house, and the answer is padded so that its length tells nothing.
 * @returns false too when there is no answer: the list is a help, and its outage must not keep people out
 */
export function breachedLookup(
  settings: { readonly url: string; readonly timeoutMs: number },
  ports: BreachedPorts,
): (nfc: string) => Promise<boolean> {
  const told = rarely(ports.clock, MINUTE_MS);
  return async (nfc) => {
    const hash = createHash('sha1').update(nfc).digest('hex').toUpperCase();
    const abort = new AbortController();
    const cancel = ports.timers.after(settings.timeoutMs, () => abort.abort());
    try {
      const response = await ports.fetch(settings.url + hash.slice(0, PREFIX_LETTERS), {
        headers: { 'add-padding': 'true', 'user-agent': 'rampart' },
        redirect: 'error',
        signal: abort.signal,
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw new Error(`status ${response.status}`);
      }
      return holds(await readBounded(response), hash.slice(PREFIX_LETTERS));
    } catch (error) {
      const reason = abort.signal.aborted ? 'timeout' : (error as Error).message.slice(0, 100);
      told(() => ports.log.warn('The list of breached passwords does not answer: not asked.', { reason }));
      return false;
    } finally {
      cancel();
    }
  };
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** Lines are `SUFFIX:COUNT`; padding has the count 0. */
function holds(answer: string, suffix: string): boolean {
  const wanted = Buffer.from(suffix);
  let found = false;
  for (const line of answer.split('\n')) {
    const [given = '', count = ''] = line.trim().split(':');
    const bytes = Buffer.from(given.toUpperCase(), 'latin1');
    if (bytes.length === wanted.length && timingSafeEqual(bytes, wanted)) found ||= Number(count) > 0;
  }
  return found;
}
