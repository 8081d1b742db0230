import type { Logger } from '../base/observe/index.ts';
import { systemTimers, type Timers } from '../core/clock.ts';
import { EXCLUSIONS_CHANNEL, reloadExclusions } from './api/index.ts';
import type { Kept } from './attach-stores.ts';
import { openBus } from './attach-ground.ts';
import type { House } from './house.ts';

/** What an application's shield follows. */
export interface FollowParts {
  readonly house: Pick<House, 'shield'>;
  readonly log: Logger;
  readonly kept: Pick<Kept, 'sql' | 'stores'>;
  readonly redisUrl: string | undefined;
  /** Called in the opposite order when the application ends. */
  readonly closers: (() => Promise<void>)[];
  readonly timers?: Timers;
}

/** How often the list is read again, in case a message was missed. */
const RELOAD_MS = 30_000;

/**
 * Has inspection inside an application leave out what the console says, as `rampart start` does: at once, and within a second
 * of every change.
 * @throws the database's error where the list cannot be read at the start; RampartError of a bus that cannot be opened
 */
export async function followExclusions({
  house,
  log,
  kept,
  redisUrl,
  closers,
  timers = systemTimers,
}: FollowParts): Promise<void> {
  const { shield } = house;
  if (!shield.guards.some(({ name }) => name === 'inspection')) return;
  const reload = (): Promise<void> => reloadExclusions({ stores: kept.stores, shield, log });
  await reload();
  const bus = await openBus(redisUrl, kept.sql, log);
  closers.push(() => bus.close());
  let closed = false;
  let reading = Promise.resolve();
  const again = (): Promise<void> => {
    if (!closed)
      reading = reload().catch((error: unknown) =>
        log.warn('What inspection leaves out could not be read; what was read before holds.', { error }),
      );
    return reading;
  };
  const end = await bus.subscribe(EXCLUSIONS_CHANNEL, () => void again());
  let cancel = (): void => undefined;
  const later = (): void => {
    if (!closed) cancel = timers.after(RELOAD_MS, () => void again().then(later));
  };
  later();
  closers.push(async () => {
    closed = true;
    cancel();
    await end();
    await reading;
  });
}
