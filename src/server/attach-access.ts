import type { Logger } from '../base/observe/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import { openAccess, type OpenedAccess, type PreparedAccess } from './access.ts';
import { CONSOLE_ROLES } from './api/user-types.ts';
import type { AttachOptions, Kept } from './attach.ts';
import { applicationFolder, openBus } from './attach-ground.ts';
import { readEnvironment } from './environment.ts';
import type { House } from './house.ts';

/** What access inside an application is opened on. */
export interface AttachedAccessParts {
  readonly house: House;
  readonly log: Logger;
  readonly options: AttachOptions;
  readonly ground: Pick<Kept, 'sql' | 'stores'>;
  readonly redisUrl: string | undefined;
  /** Whether accounts are kept here. */
  readonly accounts: boolean;
  /** Called in the opposite order when the application ends. */
  readonly closers: (() => Promise<void>)[];
}

/** Opens grants inside an application. @throws OptionsError; RampartError of a store that cannot be opened */
export async function openAttachedAccess(
  prepared: PreparedAccess,
  parts: AttachedAccessParts,
): Promise<OpenedAccess> {
  const { house, log, closers, ground } = parts;
  const { production } = readEnvironment(process.env, false);
  const bus = await openBus(parts.redisUrl, ground.sql, log);
  closers.push(() => bus.close());
  const opened = await openAccess(prepared, {
    node: house.node,
    sql: ground.sql,
    eventStore: ground.stores.events,
    events: house.events,
    announce: () => undefined,
    bus,
    secret: applicationFolder(parts.options).secret,
    production,
    accounts: parts.accounts,
    reserved: CONSOLE_ROLES,
    clock: systemClock,
    timers: systemTimers,
    log,
  });
  closers.push(() => opened.grants.close());
  return opened;
}
