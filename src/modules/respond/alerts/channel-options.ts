import { OptionsError } from '../../../core/errors.ts';
import { type Severity, SEVERITIES } from '../../../core/events.ts';
import { type Field, type Fields, list, oneOf, optional, readOptions, text } from '../../../core/options.ts';

/** What every channel takes. */
interface Common {
  /** Only alerts that are at least so severe are told here; default MEDIUM. */
  readonly least?: Severity;
}

/** Mails over the server's SMTP (RAMPART_SMTP_URL), or into its mailbox in development. */
export interface EmailChannelOptions extends Common {
  readonly kind: 'email';
  /** 1 to 20 addresses. */
  readonly to: readonly string[];
}
/** An incoming webhook of Slack, or of what takes the same: Mattermost, Rocket.Chat, Discord's `/slack`. */
export interface SlackChannelOptions extends Common {
  readonly kind: 'slack';
  /** Name of the variable (or of `NAME_FILE`) that holds the webhook's address, which is a secret. */
  readonly secret: string;
}
/** Events API v2 of PagerDuty. */
export interface PagerDutyChannelOptions extends Common {
  readonly kind: 'pagerduty';
  /** Name of the variable (or of `NAME_FILE`) that holds the routing key. */
  readonly secret: string;
  /** Default `https://events.pagerduty.com/v2/enqueue`. */
  readonly url?: string;
}
/** JSON to an address of one's own, signed as Standard Webhooks says. */
export interface WebhookChannelOptions extends Common {
  readonly kind: 'webhook';
  readonly url: string;
  /** Name of the variable (or of `NAME_FILE`) that holds the key: `whsec_` and 24 to 64 bytes in base64. */
  readonly secret: string;
}
/** Lines of the log. */
export interface LogChannelOptions extends Common {
  readonly kind: 'log';
}

/** Somewhere people are told. */
export type ChannelOptions =
  | EmailChannelOptions
  | SlackChannelOptions
  | PagerDutyChannelOptions
  | WebhookChannelOptions
  | LogChannelOptions;

/** Kinds of channels. */
export type ChannelKind = ChannelOptions['kind'];

/** A channel with every default filled in. */
export interface ReadChannel {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly least: Severity;
  /** Of mails. */
  readonly to: readonly string[];
  /** Of PagerDuty and webhooks. */
  readonly url: string | null;
  /** Name of the variable with the secret. */
  readonly secret: string | null;
}

const PAGERDUTY = 'https://events.pagerduty.com/v2/enqueue';
const KINDS = ['email', 'slack', 'pagerduty', 'webhook', 'log'] as const;
const least = oneOf(SEVERITIES, 'MEDIUM');
const secret = text({ max: 100, pattern: /^[A-Z_][A-Z0-9_]*$/, about: 'the name of a variable' });
const address = text({ max: 254, pattern: /^[^\s@,;<>"]+@[^\s@,;<>"]+$/, about: 'a mail address' });
const kind = oneOf(KINDS);
const url: Field<string> = {
  about: 'http: or https: address without a password',
  parse(value, path) {
    const read = typeof value === 'string' && value.length <= 1_000 ? URL.parse(value) : null;
    if (read === null || !/^https?:$/.test(read.protocol))
      throw new OptionsError(path, 'expected an http(s) address');
    if (read.username !== '' || read.password !== '') throw new OptionsError(path, 'must hold no password');
    return read.href;
  },
};

interface Raw {
  kind: ChannelKind;
  least: Severity;
  to: readonly string[];
  url: string | undefined;
  secret: string | undefined;
}
const OF_KIND: Readonly<Record<ChannelKind, object>> = {
  email: { to: list(address, { atMost: 20 }) },
  slack: { secret },
  pagerduty: { secret, url: optional(url) },
  webhook: { url, secret },
  log: {},
};

/** Reads channels by name. @throws OptionsError naming the path and the reason */
export function readChannels(value: unknown, path: string): readonly ReadChannel[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OptionsError(path, 'expected an object of channels');
  const all = Object.entries(value);
  if (all.length > 20) throw new OptionsError(path, 'more than 20 channels');
  return all.map(([name, given]) => readChannel(name, given, `${path}.${name}`));
}

function readChannel(name: string, given: unknown, path: string): ReadChannel {
  if (!/^[a-z][a-z0-9_-]{0,39}$/.test(name))
    throw new OptionsError(path, 'a name is a small letter, then up to 39 of a-z, 0-9, - and _');
  const which = kind.parse((given as { kind?: unknown } | null)?.kind, `${path}.kind`);
  const raw = readOptions<Raw>(path, given, { kind, least, ...OF_KIND[which] } as Fields<Raw>);
  if (which === 'email' && raw.to.length === 0) throw new OptionsError(`${path}.to`, 'expected an address');
  return {
    name,
    kind: which,
    least: raw.least,
    to: raw.to ?? [],
    url: raw.url ?? (which === 'pagerduty' ? PAGERDUTY : null),
    secret: raw.secret ?? null,
  };
}
