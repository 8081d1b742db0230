import type { Clock } from '../../../core/clock.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { continueMerge, joinEmpty } from './merge.ts';
import { beginMerge } from './merge-begin.ts';
import { planJoin, planMerge } from './merge-plan.ts';
import { readMerge } from './merge-state.ts';
import { readParts } from './parts.ts';
import { isDue, seal, type SealLimits } from './seal.ts';
import { nextToSettle, settleNext } from './settle.ts';
import { noteFailure, SEAL_BYTES } from './status.ts';

/** What a keeper stands on, and how it decides. */
export interface EventKeeperParts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  /** Default: as suits the database. */
  readonly limits?: Partial<SealLimits>;
}

type Work = 'seal' | 'settle' | 'merge';

/** Rest after a change that could not be made, milliseconds: everybody waits behind each try. Doubles up to the longest. */
const REST_MS = 4_000;
const MAX_REST_MS = 60_000;

/**
 * Keeps the partitions of the events in order. Every node has one; of all of them one works at a time, and any of them goes
 * on where another one died, since each step is a transaction and the next one follows from what the tables look like.
 */
export class EventKeeper {
  readonly #sql: SqlStore;
  readonly #clock: Clock;
  readonly #limits: SealLimits;
  /** What has failed here; at first everything may have, before a restart. */
  readonly #failed = new Set<Work>(['seal', 'settle', 'merge']);

  readonly #rests = new Map<Work, { readonly ms: number; readonly untilMs: number }>();

  constructor({ sql, clock, limits }: EventKeeperParts) {
    this.#sql = sql;
    this.#clock = clock;
    this.#limits = { sealBytes: SEAL_BYTES[sql.kind], maxUnsettled: 4, maxParts: 40, ...limits };
  }

  /**
   * Ends the open partition when it is large enough.
   * @returns whether something was done; call again while it was
   */
  seal(): Promise<boolean> {
    return this.#noting('seal', async () => {
      const parts = await readParts(this.#sql);
      if (!isDue(parts, this.#limits)) return false;
      return this.#resting('seal', () => seal(this.#sql, this.#limits, this.#clock.now()));
    });
  }

  /** Makes one index of an ended partition. @returns as with `seal` */
  settle(): Promise<boolean> {
    return this.#noting('settle', async () => {
      const part = nextToSettle(await readParts(this.#sql), this.#clock.now());
      return part !== undefined && settleNext(this.#sql, part);
    });
  }

  /** One step of making few large partitions of many small ones. @returns as with `seal` */
  merge(): Promise<boolean> {
    return this.#noting('merge', async () => {
      const merge = await readMerge(this.#sql);
      if (merge !== undefined) return this.#resting('merge', () => continueMerge(this.#sql, merge));
      const parts = await readParts(this.#sql);
      const chosen = planMerge(parts, this.#limits.sealBytes);
      if (chosen.length > 0)
        return this.#resting('merge', () => beginMerge(this.#sql, chosen, this.#clock.now()));
      const empty = planJoin(parts);
      return empty.length > 0 && joinEmpty(this.#sql, empty);
    });
  }

  /** While others hold what a change needs, for a backup say, it is tried ever less often. */
  async #resting(what: 'seal' | 'merge', work: () => Promise<boolean>): Promise<boolean> {
    const now = this.#clock.now();
    const rest = this.#rests.get(what);
    if (rest !== undefined && now < rest.untilMs && now >= rest.untilMs - rest.ms) return false;
    const done = await work();
    const ms = Math.min(MAX_REST_MS, rest === undefined ? REST_MS : rest.ms * 2);
    if (done) this.#rests.delete(what);
    else this.#rests.set(what, { ms, untilMs: this.#clock.now() + ms });
    return done;
  }

  /** Failures are kept where every node and `rampart doctor` see them. @throws what the work throws */
  async #noting(what: Work, work: () => Promise<boolean>): Promise<boolean> {
    try {
      const done = await work();
      if (this.#failed.has(what)) await noteFailure(this.#sql, what, null);
      this.#failed.delete(what);
      return done;
    } catch (error) {
      this.#failed.add(what);
      // Where the database is away there is nothing to write to; its own check tells that.
      await noteFailure(this.#sql, what, { atMs: this.#clock.now(), error }).catch(() => undefined);
      throw error;
    }
  }
}
