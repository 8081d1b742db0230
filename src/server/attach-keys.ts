import type { Logger } from '../base/observe/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { Bus } from '../ports/bus.ts';
import type { AttachOptions } from './attach.ts';
import type { Kept } from './attach-stores.ts';
import { applicationFolder } from './attach-ground.ts';
import { readEnvironment } from './environment.ts';
import type { House } from './house.ts';
import { type OpenedKeys, openKeys } from './keys/open.ts';
import { wrappersOf } from './keys/wrapper.ts';

/** What keys inside an application are opened on. */
export interface AttachedKeyParts {
  readonly house: House;
  readonly log: Logger;
  readonly options: AttachOptions;
  readonly ground: Pick<Kept, 'sql' | 'stores'>;
  readonly bus: Bus;
  /** Called in the opposite order when the application ends. */
  readonly closers: (() => Promise<void>)[];
}

/** Opens keys inside an application. @throws RampartError of a store that cannot be opened */
export async function openAttachedKeys(parts: AttachedKeyParts): Promise<OpenedKeys> {
  const { house, log, bus, ground, closers } = parts;
  const { secret } = applicationFolder(parts.options);
  const keys = await openKeys({
    sql: ground.sql,
    clock: systemClock,
    timers: systemTimers,
    bus,
    secret,
    wrappers: wrappersOf(readEnvironment(process.env, false).wrapping, secret),
    encrypted: house.config.encrypted,
    node: house.node,
    log,
    write: (tx, event) => ground.stores.events.write(tx, event),
  });
  closers.push(() => keys.store.close());
  return keys;
}
