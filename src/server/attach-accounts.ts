import type { Logger } from '../base/observe/index.ts';
import type { Bus } from '../ports/bus.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { RampartEvent } from '../core/events.ts';
import { OptionsError } from '../core/errors.ts';
import { accountApp, type AttachedAccounts } from './account-app.ts';
import { openAccounts } from './accounts.ts';
import type { AttachOptions } from './attach.ts';
import type { Kept } from './attach-stores.ts';
import { applicationFolder } from './attach-ground.ts';
import { openAttachedKeys } from './attach-keys.ts';
import type { AccountOptions } from './config.ts';
import { placeOf } from './place-of.ts';
import { readEnvironment } from './environment.ts';
import type { OpenedKeys } from './keys/open.ts';
import type { House } from './house.ts';
import { keepPruned } from './keep-pruned.ts';

/** What accounts inside an application are opened on. */
export interface AttachedAccountParts {
  readonly house: House;
  readonly log: Logger;
  readonly options: AttachOptions;
  /** The database of the records, else the application's own. */
  readonly ground: Pick<Kept, 'sql' | 'stores'>;
  /** Keys that were opened before. */
  readonly keys?: OpenedKeys | undefined;
  /** Closed by whoever opened it. */
  readonly bus: Bus;
  /** Told of audit events after their commit. */
  readonly announce: (event: RampartEvent) => void;
  /** Called in the opposite order when the application ends. */
  /** Whether a response locks an account. */
  readonly isLocked: (account: string) => boolean;
  readonly closers: (() => Promise<void>)[];
}

/**
 * Opens accounts inside an application: in the database of its records, else in an embedded one in the data folder.
 * @throws OptionsError when no public address is known; RampartError of a store that cannot be opened
 */
export async function openAttachedAccounts(
  given: AccountOptions,
  parts: AttachedAccountParts,
): Promise<AttachedAccounts> {
  const { house, log, closers } = parts;
  const environment = readEnvironment(process.env, false);
  const publicUrl = given.publicUrl ?? process.env['RAMPART_PUBLIC_URL'];
  if (publicUrl === undefined || publicUrl === '') {
    throw new OptionsError(
      'identity.publicUrl',
      'needed: where people reach the application, for links in mails',
    );
  }
  const dataDir = applicationFolder(parts.options);
  const { sql, stores } = parts.ground;
  const { bus } = parts;
  const keys = parts.keys ?? (await openAttachedKeys(parts));
  const opened = await openAccounts({
    box: keys.box,
    options: given,
    environment,
    publicUrl,
    node: house.node,
    sql,
    events: house.events,
    ...placeOf(house.shield),
    isBlocked: (account) =>
      house.blocks.findCaller({ user: `user:${account}` }) !== undefined || parts.isLocked(account),
    eventStore: stores.events,
    announce: parts.announce,
    bus,
    secret: dataDir.secret,
    clock: systemClock,
    timers: systemTimers,
    log,
  });
  closers.push(() => opened.close());
  closers.push(keepPruned(opened.identity, { clock: systemClock, timers: systemTimers, log }));
  if (opened.mailbox !== null)
    log.info('No server takes mails or messages: they are kept, and accounts.mailbox reads them.');
  return accountApp({
    identity: opened.identity,
    mailbox: opened.mailbox,
    dpop: opened.dpop,
    house,
    stores,
    secret: dataDir.secret,
    clock: systemClock,
    log,
  });
}
