import type { Logger } from '../base/observe/index.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { SqlStore } from '../ports/sql.ts';
import { EventKeeper } from './data/index.ts';
import type { EventKeeperParts } from './data/event-partitions/index.ts';
import { keepPruned } from './keep-pruned.ts';

const EVERY_MS = 2_000;
const FAILED = 'The partitions of the events could not be looked after; it is tried again.';

/**
 * Looks after the partitions of the events every two seconds, for an application, which has no housekeeping. Of all nodes one
 * works at a time.
 * @returns what stops it, once the step that runs has ended
 */
export function keepEventParts(
  sql: SqlStore,
  ports: { readonly clock: Clock; readonly timers: Timers; readonly log: Logger },
  limits: EventKeeperParts['limits'] = {},
): () => Promise<void> {
  const keeper = new EventKeeper({ sql, clock: ports.clock, limits });
  const works = [() => keeper.seal(), () => keeper.settle(), () => keeper.merge()];
  const stops = works.map((work) =>
    keepPruned({ prune: async () => ((await work()) ? 1 : 0) }, ports, {
      firstMs: EVERY_MS,
      everyMs: EVERY_MS,
      failed: FAILED,
    }),
  );
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}
