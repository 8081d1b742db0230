import type { SecretBox } from '../base/secrets/index.ts';
import type { Logger } from '../base/observe/index.ts';
import type { RampartEvent } from '../core/events.ts';
import type { EventSink } from '../core/events.ts';
import { ConflictError, RampartError } from '../core/errors.ts';
import type { Clock, Timers } from '../core/clock.ts';
import {
  createIdentity,
  httpSms,
  type Identity,
  type IdentityPorts,
  type Mailbox,
  mailbox as openMailbox,
  mailboxSms,
  type SmsSender,
  transactions,
} from '../modules/identity/index.ts';
import { DpopReplays } from '../modules/identity/token/index.ts';
import type { Bus } from '../ports/bus.ts';
import type { SqlStore } from '../ports/sql.ts';
import type { AccountOptions } from './config.ts';
import { deriveKey } from './data-dir.ts';
import type { EventStore } from './data/index.ts';
import type { ServerEnvironment } from './environment.ts';
import type { DpopCheck } from './identify.ts';
import { mailerOf, notConfigured } from './mailer.ts';

/** What accounts are opened on. */
export interface AccountParts {
  readonly options: AccountOptions;
  readonly environment: Pick<
    ServerEnvironment,
    'smtpUrl' | 'mailFrom' | 'smsUrl' | 'smsFrom' | 'production' | 'admin'
  >;
  /** Links are made from it. */
  readonly publicUrl: string;
  readonly node: string;
  readonly sql: SqlStore;
  readonly events: EventSink;
  readonly eventStore: Pick<EventStore, 'write'>;
  /** Told of audit events after their commit. */
  readonly announce: (event: RampartEvent) => void;
  readonly bus: Bus;
  readonly secret: Uint8Array;
  /** Seals what accounts keep secret. */
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Where an address is; absent where no file of places is configured. */
  readonly placeOf?: IdentityPorts['placeOf'];
  /** Whether nothing is taken from an account at present; absent: never. */
  readonly isBlocked?: IdentityPorts['isBlocked'];
}

/** Accounts, opened. */
export interface OpenedAccounts {
  readonly identity: Identity;
  /** Null where mails and messages go out. */
  readonly mailbox: Mailbox | null;
  /** Absent where sessions are never bound to keys. */
  readonly dpop: DpopCheck | undefined;
  close(): Promise<void>;
}

/**
 * Opens accounts on the database, which must have been migrated; makes the first administrator where the environment
 * names one.
 * @throws OptionsError naming the path; RampartError
 */
export async function openAccounts(parts: AccountParts): Promise<OpenedAccounts> {
  const { sql, clock, timers, log, events, environment } = parts;
  const kept = environment.production ? null : openMailbox(sql);
  const mailer = mailerOf(parts);
  const identity = createIdentity(
    { ...parts.options, publicUrl: parts.options.publicUrl ?? parts.publicUrl },
    {
      sql,
      clock,
      timers,
      events,
      bus: parts.bus,
      box: parts.box,
      secret: deriveKey(parts.secret, 'identity'),
      mailer,
      sms: smsOf(parts),
      ...(parts.placeOf === undefined ? {} : { placeOf: parts.placeOf }),
      ...(parts.isBlocked === undefined ? {} : { isBlocked: parts.isBlocked }),
      log,
      transaction: transactions(sql, clock, {
        node: parts.node,
        write: (runner, event) => parts.eventStore.write(runner, event),
        announce: parts.announce,
      }),
    },
  );
  const close = async (): Promise<void> => {
    await identity.close();
    await mailer.close();
  };
  try {
    await identity.start();
    await makeFirstAdministrator(identity, parts);
  } catch (error) {
    await close();
    throw error;
  }
  const everythingGoesOut = environment.smtpUrl !== undefined && environment.smsUrl !== undefined;
  return {
    identity,
    mailbox: everythingGoesOut ? null : kept,
    dpop:
      parts.options.sessions?.dpop === 'optional'
        ? { publicUrl: parts.options.publicUrl ?? parts.publicUrl, replays: new DpopReplays(clock) }
        : undefined,
    close,
  };
}

function smsOf({ environment, sql, clock, timers }: AccountParts): SmsSender {
  const { smsUrl, smsFrom, production } = environment;
  if (smsUrl !== undefined) {
    const url = new URL(smsUrl);
    const sender = smsFrom?.startsWith('MG') ? { messagingServiceSid: smsFrom } : { from: smsFrom ?? '' };
    const options = {
      url: url.origin,
      accountSid: decodeURIComponent(url.username),
      authToken: decodeURIComponent(url.password),
      ...sender,
    };
    return httpSms(options, fetch, timers);
  }
  if (!production) return mailboxSms(sql, clock);
  return { kind: 'http', send: () => Promise.reject(notConfigured('SMS', 'RAMPART_SMS_URL')) };
}

async function makeFirstAdministrator(
  identity: Identity,
  { environment, log, clock }: AccountParts,
): Promise<void> {
  const { admin } = environment;
  if (admin === undefined) return;
  const { total } = await identity.accounts.list({ role: 'administrator', limit: 1 });
  if (total > 0 || (await identity.accounts.byEmail(admin.email))) return;
  const context = { names: [admin.email], secondFactor: true };
  const [fault] = await identity.passwords.check(admin.password, context);
  if (fault) throw new RampartError('ADMIN_PASSWORD_REFUSED', `RAMPART_ADMIN_PASSWORD: ${fault.message}`);
  const fresh = {
    email: admin.email,
    name: 'Administrator',
    password: admin.password,
    roles: ['administrator'],
  };
  try {
    await identity.accounts.create(fresh, { id: 'environment', address: 'unknown' });
  } catch (error) {
    // A node that started at the same moment was first.
    if (error instanceof ConflictError) return;
    throw error;
  }
  log.info('The first administrator was made; the first sign-in enrols a second factor.', {
    atMs: clock.now(),
  });
}
