import type { Logger } from '../base/observe/index.ts';
import type { Bus } from '../ports/bus.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { RampartEvent } from '../core/events.ts';
import { openAccess, type OpenedAccess, type PreparedAccess } from './access.ts';
import { CONSOLE_ROLES } from './api/user-types.ts';
import type { AttachOptions } from './attach.ts';
import type { Kept } from './attach-stores.ts';
import { applicationFolder } from './attach-ground.ts';
import { readEnvironment } from './environment.ts';
import type { House } from './house.ts';
import { keepPruned } from './keep-pruned.ts';

/** What access inside an application is opened on. */
export interface AttachedAccessParts {
  readonly house: House;
  readonly log: Logger;
  readonly options: AttachOptions;
  readonly ground: Pick<Kept, 'sql' | 'stores'>;
  /** Closed by whoever opened it. */
  readonly bus: Bus;
  /** Whether accounts are kept here. */
  readonly accounts: boolean;
  /** Told of audit events after their commit. */
  readonly announce: (event: RampartEvent) => void;
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
  const opened = await openAccess(prepared, {
    node: house.node,
    sql: ground.sql,
    eventStore: ground.stores.events,
    events: house.events,
    announce: parts.announce,
    bus: parts.bus,
    secret: applicationFolder(parts.options).secret,
    production,
    accounts: parts.accounts,
    reserved: CONSOLE_ROLES,
    clock: systemClock,
    timers: systemTimers,
    log,
  });
  closers.push(() => opened.grants.close());
  closers.push(
    keepPruned(
      { prune: () => opened.grants.reviews.tellOverdue() },
      { clock: systemClock, timers: systemTimers, log },
      { failed: 'Overdue reviews of access could not be told of; it is tried again.' },
    ),
  );
  return opened;
}
