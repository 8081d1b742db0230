import type { Severity } from '../../../../core/events.ts';
import type { ReadChannel } from '../channel-options.ts';
import type { Message } from '../message.ts';

/** What a server answered. */
export interface Posted {
  readonly status: number;
  /** Value of `Retry-After`. */
  readonly retryAfter: string | null;
}

/** What channels send with. */
export interface ChannelPorts {
  /** Posts to an address of the configuration. Rejects where no answer came; never follows a redirect. */
  readonly post: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<Posted>;
  /** Hands a mail over; rejects where it was not taken. */
  readonly mail: (mail: {
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    readonly html: string;
  }) => Promise<void>;
  readonly log: (severity: Severity, subject: string, facts: Readonly<Record<string, unknown>>) => void;
  /** A secret of the environment by its name. */
  readonly secret: (name: string) => string | undefined;
  /** Name under which this site is known to others, such as its host. */
  readonly source: string;
}

/** Tells people; rejects with `ChannelError` where that failed. */
export type Send = (
  message: Message,
  channel: ReadChannel,
  ports: ChannelPorts,
  nowMs: number,
) => Promise<void>;

/** Why telling failed; never with an address or a secret. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError';
  /** Trying again soon is of no use: somebody has to mend something. */
  readonly isPermanent: boolean;
  /** How long the other side wants not to be asked, in milliseconds. */
  readonly afterMs: number | null;

  constructor(
    message: string,
    options: { readonly isPermanent?: boolean; readonly afterMs?: number | null } = {},
  ) {
    super(message);
    this.isPermanent = options.isPermanent ?? false;
    this.afterMs = options.afterMs ?? null;
  }
}

/** The secret of a channel. @throws ChannelError where the variable is not set */
export function secretOf({ secret }: ReadChannel, ports: ChannelPorts): string {
  const value = secret === null ? undefined : ports.secret(secret);
  if (value === undefined)
    throw new ChannelError(`The variable ${secret ?? ''} is not set.`, { isPermanent: true });
  return value;
}

/** Posts, and makes an error of an answer that is none of 2xx. @throws ChannelError */
export async function postTo(
  ports: ChannelPorts,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<void> {
  let answer: Posted;
  try {
    answer = await ports.post(url, headers, body);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const known = typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? ` (${code})` : '';
    throw new ChannelError(`The server could not be asked${known}.`, {
      isPermanent: code === 'SSRF_BLOCKED',
    });
  }
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return;
  const isPermanent = status >= 300 && status < 500 && status !== 408 && status !== 429;
  const seconds = /^\d{1,5}$/.test(retryAfter ?? '') ? Number(retryAfter) : null;
  throw new ChannelError(`The server answered ${status}.`, {
    isPermanent,
    afterMs: seconds === null ? null : seconds * 1_000,
  });
}
