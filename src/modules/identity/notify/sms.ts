import { systemTimers, type Timers } from '../../../core/clock.ts';
import { OptionsError, RampartError } from '../../../core/errors.ts';
import { custom, duration, optional, readOptions, text } from '../../../core/options.ts';
import type { SmsSender } from '../ports.ts';
import { isLoopback } from './smtp.ts';

/** A provider of the messages API that Twilio has made common. */
export interface HttpSmsOptions {
  /** Default `https://api.twilio.com`; plain HTTP on this machine only. */
  readonly url?: string;
  readonly accountSid: string;
  /** Key id (`SK…`) that the token belongs to; default the account. */
  readonly user?: string;
  readonly authToken: string;
  /** Sender: E.164 number or alphanumeric id. Either this or `messagingServiceSid`. */
  readonly from?: string;
  readonly messagingServiceSid?: string;
  /** 1s to 30s, default 5s. */
  readonly timeout?: string;
}

const MAX_TEXT = 1_600;
const MAX_ANSWER_BYTES = 16 * 1_024;
const RETRY_AFTER_MS = 500;

interface Settings {
  url: string;
  accountSid: string;
  user: string | undefined;
  authToken: string;
  from: string | undefined;
  messagingServiceSid: string | undefined;
  timeout: number;
}

/**
 * Sends short messages over HTTP (Twilio, Programmable Messaging, resource Messages). Tried once more only when the provider
 * says that it broke down (5xx) or could not be reached at all: after a timeout or a broken connection the message may
 * be under way, and a second one would come beside it.
 * `send` rejects with RampartError `SMS_REFUSED` (4xx: number, account or sender) or `SMS_UNSENT`; neither holds the number.
 * @throws OptionsError naming the path and the reason
 */
export function httpSms(
  options: HttpSmsOptions,
  fetcher: typeof fetch,
  timers: Timers = systemTimers,
  path = 'sms',
): SmsSender {
  const settings = readSettings(path, options);
  const target = `${settings.url}/2010-04-01/Accounts/${encodeURIComponent(settings.accountSid)}/Messages.json`;
  const credentials = `${settings.user ?? settings.accountSid}:${settings.authToken}`;
  const headers = {
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  return {
    kind: 'http',
    async send(to, message) {
      if (!/^\+[1-9]\d{6,14}$/.test(to))
        throw new RampartError('SMS_REFUSED', 'This is not an E.164 number.');
      const body = bodyOf(settings, to, message);
      const post = (): Promise<Outcome> =>
        tryOnce(fetcher, timers, settings.timeout, target, { headers, body });
      let outcome = await post();
      if (outcome.kind === 'again') {
        await new Promise<void>((resolve) => timers.after(RETRY_AFTER_MS, resolve));
        outcome = await post();
      }
      if (outcome.kind === 'sent') return;
      const code = outcome.kind === 'refused' ? 'SMS_REFUSED' : 'SMS_UNSENT';
      throw new RampartError(code, `The provider did not take the message: ${outcome.why}.`);
    },
  };
}

type Outcome =
  { readonly kind: 'sent' } | { readonly kind: 'again' | 'unclear' | 'refused'; readonly why: string };

async function tryOnce(
  fetcher: typeof fetch,
  timers: Timers,
  timeoutMs: number,
  target: string,
  request: { readonly headers: Record<string, string>; readonly body: string },
): Promise<Outcome> {
  const abort = new AbortController();
  const cancel = timers.after(timeoutMs, () => abort.abort());
  try {
    const response = await fetcher(target, {
      ...request,
      method: 'POST',
      redirect: 'error',
      signal: abort.signal,
    });
    if (response.ok) {
      await response.body?.cancel();
      return { kind: 'sent' };
    }
    const why = `status ${response.status}${await providerCode(response)}`;
    return { kind: response.status >= 500 ? 'again' : response.status === 429 ? 'unclear' : 'refused', why };
  } catch (error) {
    if (abort.signal.aborted) return { kind: 'unclear', why: 'timeout' };
    const code = ((error as Error).cause as { code?: unknown } | undefined)?.code;
    const why = typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? code : 'no answer';
    // Never reached: nothing can have been sent.
    return { kind: UNREACHED.has(why) ? 'again' : 'unclear', why };
  } finally {
    cancel();
  }
}

const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The provider's own number of the error (such as 21211); its words hold the phone number. */
async function providerCode(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MAX_ANSWER_BYTES) return '';
      chunks.push(chunk);
    }
    const { code } = JSON.parse(Buffer.concat(chunks).toString()) as { code?: unknown };
    return Number.isInteger(code) ? `, code ${String(code)}` : '';
  } catch {
    return '';
  }
}

function bodyOf({ from, messagingServiceSid }: Settings, to: string, message: string): string {
  const form = new URLSearchParams({ To: to, Body: message.slice(0, MAX_TEXT) });
  if (messagingServiceSid !== undefined) form.set('MessagingServiceSid', messagingServiceSid);
  else form.set('From', from as string);
  return form.toString();
}

function readSettings(path: string, options: HttpSmsOptions): Settings {
  const read = readOptions<Settings>(path, options, {
    url: custom('https:// URL, default https://api.twilio.com', readUrl, true),
    accountSid: text({ max: 64, pattern: /^[A-Za-z0-9_-]+$/, about: 'letters, digits, - and _' }),
    user: optional(text({ max: 64, pattern: /^[A-Za-z0-9_-]+$/, about: 'letters, digits, - and _' })),
    authToken: text({ max: 200 }),
    from: optional(
      text({ max: 20, pattern: /^[+A-Za-z0-9 _-]+$/, about: 'E.164 number or alphanumeric id' }),
    ),
    messagingServiceSid: optional(
      text({ max: 64, pattern: /^[A-Za-z0-9_-]+$/, about: 'letters, digits, - and _' }),
    ),
    timeout: duration({ min: '1s', max: '30s', default: '5s' }),
  });
  if ((read.from === undefined) === (read.messagingServiceSid === undefined)) {
    throw new OptionsError(path, 'expected either from or messagingServiceSid');
  }
  return read;
}

function readUrl(value: unknown, path: string): string {
  const found = value === undefined ? 'https://api.twilio.com' : value;
  const url = typeof found === 'string' && found.length <= 300 ? URL.parse(found) : null;
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(host)))) {
    throw new OptionsError(path, 'expected an https:// URL');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new OptionsError(path, 'expected a URL without user, password, query and fragment');
  }
  return url.href.replace(/\/+$/, '');
}
