import type { Clock } from '../../../core/clock.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { continueMerge, joinEmpty } from './merge.ts';
import { beginMerge } from './merge-begin.ts';
import { planJoin, planMerge } from './merge-plan.ts';
import { readMerge } from './merge-state.ts';
import { readParts } from './parts.ts';
import { isDue, seal, type SealLimits } from './seal.ts';
import { nextToSettle, settleNext } from './settle.ts';

const MEBIBYTE = 1_048_576;

/**
 * A server searches 40,000 rows without an index in tens of milliseconds; the embedded database is slower, and nobody else
 * gets an answer while it makes an index.
 */
const SEAL_BYTES = { server: 20 * MEBIBYTE, embedded: 8 * MEBIBYTE } as const;

/** What a keeper stands on, and how it decides. */
export interface EventKeeperParts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  /** Default: as suits the database. */
  readonly limits?: Partial<SealLimits>;
}

/**
 * Keeps the partitions of the events in order. Every node has one; of all of them one works at a time, and any of them goes
 * on where another one died, since each step is a transaction and the next one follows from what the tables look like.
 */
export class EventKeeper {
  readonly #sql: SqlStore;
  readonly #clock: Clock;
  readonly #limits: SealLimits;

  constructor({ sql, clock, limits }: EventKeeperParts) {
    this.#sql = sql;
    this.#clock = clock;
    this.#limits = { sealBytes: SEAL_BYTES[sql.kind], maxUnsettled: 4, maxParts: 40, ...limits };
  }

  /**
   * Ends the open partition when it is large enough.
   * @returns whether something was done; call again while it was
   */
  async seal(): Promise<boolean> {
    const parts = await readParts(this.#sql);
    return isDue(parts, this.#limits) && seal(this.#sql, this.#limits, this.#clock.now());
  }

  /** Makes one index of an ended partition. @returns as with `seal` */
  async settle(): Promise<boolean> {
    const part = nextToSettle(await readParts(this.#sql), this.#clock.now());
    return part !== undefined && settleNext(this.#sql, part);
  }

  /** One step of making few large partitions of many small ones. @returns as with `seal` */
  async merge(): Promise<boolean> {
    const merge = await readMerge(this.#sql);
    if (merge !== undefined) return continueMerge(this.#sql, merge);
    const parts = await readParts(this.#sql);
    const chosen = planMerge(parts, this.#limits.sealBytes);
    if (chosen.length > 0) return beginMerge(this.#sql, chosen, this.#clock.now());
    const empty = planJoin(parts);
    return empty.length > 0 && joinEmpty(this.#sql, empty);
  }
}
