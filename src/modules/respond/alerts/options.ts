import type { Duration } from '../../../core/duration.ts';
import { OptionsError } from '../../../core/errors.ts';
import { type Severity, SEVERITIES } from '../../../core/events.ts';
import {
  custom,
  duration,
  type Fields,
  flag,
  list,
  number,
  object,
  oneOf,
  optional,
  readOptions,
  text,
} from '../../../core/options.ts';
import { type ChannelOptions, type ReadChannel, readChannels } from './channel-options.ts';
import { minuteOfDay, type QuietHours } from './quiet.ts';
import type { AlertRules } from './state.ts';
import type { StormRules } from './storm.ts';

/** When nobody is woken but for CRITICAL alerts. */
export interface QuietHoursOptions {
  /** `22:00` */
  readonly from: string;
  /** `07:00`; before `from` it is of the next day. */
  readonly to: string;
  /** IANA name such as `Europe/Berlin`; default UTC. */
  readonly zone?: string;
}

/** What happens while nobody acknowledges an alert. */
export interface EscalationOptions {
  /** How long is waited, and again between two escalations, 1m to 1d; default 30m. */
  readonly after?: Duration;
  /** Escalations of one alert, 0 (never) to 20; default 3. */
  readonly atMost?: number;
  /** Only alerts that are at least so severe; default HIGH. */
  readonly least?: Severity;
  /** Channels that are told of escalations; default all. */
  readonly channels?: readonly string[];
}

/** What becomes an alert, and who is told of it. */
export interface AlertOptions {
  /** Whether there are alerts at all; default true. */
  readonly enabled?: boolean;
  /** What becomes an alert, LOW to CRITICAL; default MEDIUM. */
  readonly least?: Severity;
  /** Channels by name (at most 20); default the log, and in development the mailbox. */
  readonly channels?: Readonly<Record<string, ChannelOptions>>;
  /** An open alert that was silent for longer is told again, 1m to 90d; default 1d. */
  readonly groupWithin?: Duration;
  /** A resolved alert that comes again within this time is reopened, 1m to 90d; default 7d. Later it is a new one. */
  readonly reopenWithin?: Duration;
  /** How long a false positive is not told again, 1m to 90d; default 7d. */
  readonly ignoreFor?: Duration;
  /** What happens while nobody acknowledges an alert. */
  readonly escalation?: EscalationOptions;
  /** When nobody is woken but for CRITICAL alerts; default never. */
  readonly quietHours?: QuietHoursOptions;
  /** More alerts than `atMost` (1 to 1,000, default 20) `within` (10s to 1h, default 5m) are told as one digest. */
  readonly storm?: { readonly atMost?: number; readonly within?: Duration };
  /** After which time telling is given up, 1h to 7d; default 1d. */
  readonly giveUpAfter?: Duration;
  /** How long settled alerts are kept, 1d to 400d; default 180d. */
  readonly keep?: Duration;
  /** For channels in one's own network, as of `safeFetcher`: plain http, and ranges that may be called. */
  readonly fetch?: { readonly allowHttp?: boolean; readonly allowRanges?: readonly string[] };
}

/** The options with every default filled in; durations in milliseconds. */
export interface ReadAlertOptions extends AlertRules {
  readonly enabled: boolean;
  readonly least: Severity;
  readonly channels: readonly ReadChannel[];
  /** Null: all. */
  readonly escalationChannels: readonly string[] | null;
  readonly quiet: QuietHours | null;
  readonly storm: StormRules;
  readonly giveUpAfterMs: number;
  readonly keepMs: number;
  readonly fetch: { readonly allowHttp: boolean; readonly allowRanges: readonly string[] };
}

interface Raw {
  enabled: boolean;
  least: Severity;
  channels: readonly ReadChannel[] | undefined;
  groupWithin: number;
  reopenWithin: number;
  ignoreFor: number;
  escalation: { after: number; atMost: number; least: Severity; channels: readonly string[] | undefined };
  quietHours: QuietHours | undefined;
  storm: { atMost: number; within: number };
  giveUpAfter: number;
  keep: number;
  fetch: { allowHttp: boolean; allowRanges: readonly string[] };
}

const span = (fallback: string) => duration({ min: '1m', max: '90d', default: fallback });
const FIELDS: Fields<Raw> = {
  enabled: flag(true),
  least: oneOf(SEVERITIES, 'MEDIUM'),
  channels: optional(custom('channels by name', readChannels)),
  groupWithin: span('1d'),
  reopenWithin: span('7d'),
  ignoreFor: span('7d'),
  escalation: object(
    {
      after: duration({ min: '1m', max: '1d', default: '30m' }),
      atMost: number({ min: 0, max: 20, default: 3 }),
      least: oneOf(SEVERITIES, 'HIGH'),
      channels: optional(list(text({ max: 40 }), { atMost: 20 })),
    },
    {},
  ),
  quietHours: optional(custom('from, to, zone', readQuiet)),
  storm: object(
    {
      atMost: number({ min: 1, max: 1_000, default: 20 }),
      within: duration({ min: '10s', max: '1h', default: '5m' }),
    },
    {},
  ),
  giveUpAfter: duration({ min: '1h', max: '7d', default: '1d' }),
  keep: duration({ min: '1d', max: '400d', default: '180d' }),
  fetch: object(
    { allowHttp: flag(false), allowRanges: list(text({ max: 60 }), { atMost: 100, default: [] }) },
    {},
  ),
};

/**
 * Reads the options.
 * @param fallback channels where none are named
 * @throws OptionsError naming the path and the reason
 */
export function readAlertOptions(
  given: AlertOptions = {},
  path = 'alerts',
  fallback: readonly ReadChannel[] = [],
): ReadAlertOptions {
  const raw = readOptions<Raw>(path, given, FIELDS);
  const channels = raw.channels ?? fallback;
  const unknown = raw.escalation.channels?.find((name) => !channels.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new OptionsError(`${path}.escalation.channels`, `there is no channel '${unknown}'`);
  return {
    enabled: raw.enabled,
    least: raw.least,
    channels,
    groupWithinMs: raw.groupWithin,
    reopenWithinMs: raw.reopenWithin,
    ignoreForMs: raw.ignoreFor,
    escalation: {
      afterMs: raw.escalation.after,
      atMost: raw.escalation.atMost,
      least: raw.escalation.least,
    },
    escalationChannels: raw.escalation.channels ?? null,
    quiet: raw.quietHours ?? null,
    storm: { atMost: raw.storm.atMost, withinMs: raw.storm.within },
    giveUpAfterMs: raw.giveUpAfter,
    keepMs: raw.keep,
    fetch: raw.fetch,
  };
}

const time = custom('a time of day such as 22:00', (value, path): number => {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(String(value)) ?? [];
  if (hour === undefined) throw new OptionsError(path, "expected a time of day such as '22:00'");
  return Number(hour) * 60 + Number(minute);
});
const zone = custom(
  'an IANA zone',
  (value = 'UTC', path): string => {
    try {
      minuteOfDay(value as string, 0);
    } catch {
      throw new OptionsError(path, "expected the name of a zone such as 'Europe/Berlin'");
    }
    return value as string;
  },
  true,
);

function readQuiet(value: unknown, path: string): QuietHours {
  const quiet = readOptions<QuietHours>(path, value, { from: time, to: time, zone });
  if (quiet.from === quiet.to) throw new OptionsError(path, 'from and to are the same');
  return quiet;
}
