import type { Logger } from '../base/observe/index.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { AuditLog } from '../modules/audit/index.ts';
import type { ReadConfig } from './config.ts';
import type { Kept } from './attach-stores.ts';
import { keepPruned } from './keep-pruned.ts';
import { applicationRound } from './retention-round.ts';

const HOUR_MS = 3_600_000;

/** What retention inside an application stands on. */
export interface AttachedRetentionParts {
  readonly ground: Pick<Kept, 'sql' | 'stores'>;
  readonly config: Pick<ReadConfig, 'records' | 'retention'>;
  readonly audit: Pick<AuditLog, 'expire'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * Forgets what of the records is too old ten minutes after the start and then every hour, where no server does.
 * @returns what stops it, once the batch that runs has ended
 */
export function keepRetention({
  ground,
  config,
  audit,
  ...ports
}: AttachedRetentionParts): () => Promise<void> {
  let stopped = false;
  const round = async (): Promise<number> => {
    await applicationRound({
      sql: ground.sql,
      clock: ports.clock,
      keepMs: config.records.keepMs,
      retention: config.retention,
      audit,
      queryReports: ground.stores.queryReports,
      isStopped: () => stopped,
    });
    return 0;
  };
  const failed = 'Records that are too old could not be deleted; it is tried again.';
  const stop = keepPruned({ prune: round }, ports, { everyMs: HOUR_MS, failed });
  return () => {
    stopped = true;
    return stop();
  };
}
