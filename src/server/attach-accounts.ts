import type { Logger } from '../base/observe/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import { OptionsError } from '../core/errors.ts';
import { accountApp, type AttachedAccounts } from './account-app.ts';
import { openAccounts } from './accounts.ts';
import type { AttachOptions, Kept } from './attach.ts';
import { applicationFolder, openBus, openGround } from './attach-ground.ts';
import type { AccountOptions } from './config.ts';
import { readEnvironment } from './environment.ts';
import { openKeys } from './keys/open.ts';
import { wrappersOf } from './keys/wrapper.ts';
import type { House } from './house.ts';
import { keepPruned } from './keep-pruned.ts';

/** What accounts inside an application are opened on. */
export interface AttachedAccountParts {
  readonly house: House;
  readonly log: Logger;
  readonly options: AttachOptions;
  /** The database of the records, where there is one. */
  readonly kept: Pick<Kept, 'sql' | 'stores'> | undefined;
  readonly redisUrl: string | undefined;
  /** Called in the opposite order when the application ends. */
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
  const { sql, stores } = parts.kept ?? (await openGround(parts.options, closers));
  const bus = await openBus(parts.redisUrl, sql, log);
  closers.push(() => bus.close());
  const keys = await openKeys({
    sql,
    clock: systemClock,
    timers: systemTimers,
    bus,
    secret: dataDir.secret,
    wrappers: wrappersOf(environment.wrapping, dataDir.secret),
    encrypted: house.config.encrypted,
    node: house.node,
    log,
    write: (tx, event) => stores.events.write(tx, event),
  });
  closers.push(() => keys.store.close());
  const opened = await openAccounts({
    box: keys.box,
    options: given,
    environment,
    publicUrl,
    node: house.node,
    sql,
    events: house.events,
    eventStore: stores.events,
    announce: () => undefined,
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
