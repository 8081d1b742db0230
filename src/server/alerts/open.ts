import { readSecretVariable } from '../../base/secrets/index.ts';
import type { Logger } from '../../base/observe/index.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { EventSink } from '../../core/events.ts';
import { randomFraction } from '../../core/random.ts';
import type { Mailer } from '../../modules/identity/ports.ts';
import {
  type AlertOptions,
  type Alerts,
  type ChannelPorts,
  openAlerts,
  readAlertOptions,
  type ReadChannel,
} from '../../modules/respond/index.ts';
import type { Bus } from '../../ports/bus.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { ALERTS_CHANNEL } from '../api/ports.ts';
import { mailerOf, type MailerParts } from '../mailer.ts';
import { missedEvents } from './missed.ts';
import { poster } from './poster.ts';

/** What alerts are opened on. */
export interface AlertParts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly bus: Bus;
  /** Where mails are handed over. */
  readonly environment: MailerParts['environment'];
  readonly events: EventSink;
  /** Decisions and events that were lost since the start, because too many came. */
  readonly shed: () => number;
  /** Address of the site, under which others know it. */
  readonly publicUrl: () => string | undefined;
  /** Address under which the console is, for links; default the same. */
  readonly consoleUrl?: () => string | undefined;
  /** A secret of the environment by its name; default as `rampart start` reads it. */
  readonly secret?: (name: string) => string | undefined;
  /** Told on this node of every change. */
  readonly changed?: () => void;
}

/** Alerts of a server or an application. */
export interface OpenedAlerts {
  readonly alerts: Alerts;
  /** Tells this node and the others that something changed. */
  readonly changed: () => void;
  start(): void;
  close(): Promise<void>;
}

/** Where mails of alerts land while there is only the mailbox. */
const MAILBOX_ADDRESS = 'alerts@rampart.example';
const TELL_MS = 300;

/**
 * Opens alerts on a database that was migrated.
 * @returns undefined where they are switched off
 * @throws OptionsError naming the path and the reason
 */
export function openServerAlerts(given: AlertOptions, parts: AlertParts): OpenedAlerts | undefined {
  if (given.enabled === false) return undefined;
  const { sql, clock, timers, log, environment, events } = parts;
  const publicUrl = parts.publicUrl() ?? 'http://localhost';
  const mailer = mailerOf({ environment, publicUrl, sql, clock });
  const options = readAlertOptions(given, 'alerts', defaults(mailer));
  const changes = coalesced(parts);
  const missed = missedEvents(sql, clock);
  const lost = lossReporter(parts);
  const alerts = openAlerts(options, {
    sql,
    clock,
    timers,
    random: randomFraction,
    events,
    channels: channelPorts(parts, mailer, options.fetch),
    publicUrl: parts.consoleUrl ?? parts.publicUrl,
    changed: () => changes.tell(),
    failed: (error) => log.warn('Alerts could not be kept in order; it is tried again.', { error }),
    missed: () => {
      lost();
      return missed();
    },
  });
  return {
    alerts,
    changed: () => changes.tell(),
    start: () => alerts.start(),
    async close() {
      await alerts.close();
      changes.end();
      await mailer.close();
    },
  };
}

function defaults({ kind }: Mailer): readonly ReadChannel[] {
  const channel = { least: 'MEDIUM', to: [], url: null, secret: null } as const;
  const log: ReadChannel = { ...channel, name: 'log', kind: 'log' };
  const mailbox: ReadChannel = { ...channel, name: 'mailbox', kind: 'email', to: [MAILBOX_ADDRESS] };
  return kind === 'mailbox' ? [log, mailbox] : [log];
}

function channelPorts(
  { log, secret, publicUrl }: AlertParts,
  mailer: Mailer,
  fetch: Parameters<typeof poster>[0],
): ChannelPorts {
  const url = publicUrl();
  return {
    post: poster(fetch),
    mail: (mail) => mailer.send({ ...mail, kind: 'alert' }),
    log(severity, subject, facts) {
      if (severity === 'CRITICAL') log.error(`Alert: ${subject}`, facts);
      else log.warn(`Alert: ${subject}`, facts);
    },
    secret: secret ?? ((name) => readSecretVariable(process.env, name)),
    source: url === undefined || !URL.canParse(url) ? 'rampart' : new URL(url).hostname,
  };
}

/** A flood of changes is told a few times a second. */
function coalesced({ timers, bus, log, changed }: AlertParts) {
  let cancel: (() => void) | null = null;
  let isClosed = false;
  return {
    tell(): void {
      if (isClosed || cancel !== null) return;
      cancel = timers.after(TELL_MS, () => {
        cancel = null;
        changed?.();
        bus
          .publish(ALERTS_CHANNEL, 'changed')
          .catch((error: unknown) => log.warn('The other nodes could not be told of alerts.', { error }));
      });
    },
    /** The bus may be closed from here on. */
    end(): void {
      isClosed = true;
      cancel?.();
    },
  };
}

/** What had to be dropped is an event itself. */
function lossReporter({ events, shed }: AlertParts): () => void {
  let known = 0;
  return () => {
    const now = shed();
    const lost = now - known;
    known = now;
    if (lost > 0) events.emit('RECORDS_SHED', { outcome: 'failure', details: { count: lost } });
  };
}
