import type { Logger } from '../base/observe/index.ts';
import type { Timers } from '../core/clock.ts';
import type { SqlStore } from '../ports/sql.ts';
import type { BlockStore } from './data/index.ts';

/** What changes are followed on. */
export interface FollowParts {
  readonly sql: Pick<SqlStore, 'kind'>;
  readonly blocks: Pick<BlockStore, 'revision'>;
  readonly timers: Timers;
  readonly log: Pick<Logger, 'warn'>;
  /** Takes over the blocks as they stand. */
  readonly reload: () => Promise<void>;
}

const POLL_MS = 500;

/**
 * Asks the database twice a second whether blocks have changed, so that a change is here within a second when the bus is
 * down or has lost a message. An embedded database has no other node; there nothing is asked.
 * @returns what ends it, once the question that is under way is answered
 */
export function followBlocks({ sql, blocks, timers, log, reload }: FollowParts): () => Promise<void> {
  if (sql.kind !== 'server') return () => Promise.resolve();
  let seen: string | undefined;
  let stopped = false;
  let failing = false;
  let cancel = (): void => undefined;
  let round = Promise.resolve();
  const look = async (): Promise<void> => {
    try {
      const revision = await blocks.revision();
      if (revision !== seen) {
        await reload();
        seen = revision;
      }
      failing = false;
    } catch (error) {
      // Once for each outage: it is tried again all the time.
      if (!failing) log.warn('Changes of the blocks could not be read; it is tried again.', { error });
      failing = true;
    }
  };
  const next = (): void => {
    if (stopped) return;
    cancel = timers.after(POLL_MS, () => {
      round = look().finally(next);
    });
  };
  next();
  return async () => {
    stopped = true;
    cancel();
    await round;
  };
}
