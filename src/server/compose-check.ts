import type { Logger } from '../base/observe/index.ts';
import { systemClock } from '../core/clock.ts';
import { memoryCounters } from '../stores/memory/counter.ts';
import { houseAccess, prepareAccess } from './access.ts';
import type { ReadConfig } from './config.ts';
import { buildHouse } from './house.ts';

/**
 * Composes a house on nothing and takes it down again: modules check their options when they are made, and a mistake
 * should be told before a database is opened, not seconds later.
 * @param dataDir whose files are read, too
 * @throws OptionsError naming the path and the reason
 */
export async function checkComposition(config: ReadConfig, log: Logger, dataDir: string): Promise<void> {
  const counters = memoryCounters({ clock: systemClock });
  const house = buildHouse(config, {
    node: 'check',
    log,
    dataDir,
    counters,
    localCounters: counters,
    sink: { write: () => undefined },
    ...(config.access === false
      ? {}
      : { access: houseAccess(prepareAccess(config.access, config.rules), neverAsked, () => false) }),
  });
  await house.close();
}

function neverAsked(): never {
  throw new Error('a house that is only checked meets no request');
}
