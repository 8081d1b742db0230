import { managePartitions, type PartitionPlan } from '../base/database/index.ts';
import type { Logger } from '../base/observe/index.ts';
import type { Grants } from '../modules/access/grants/index.ts';
import type { Identity } from '../modules/identity/index.ts';
import { type EventKeeper, TRAFFIC_BUCKET_MS, type TrafficEntry } from './data/index.ts';
import type { AuditLog } from '../modules/audit/index.ts';
import type { Foundation } from './foundation.ts';
import type { House } from './house.ts';
import type { ReadRetention } from './retention-options.ts';
import { inBatches, markServer, retentionRound } from './retention-round.ts';

const COUNTS_MS = 2_000;
const RELOAD_MS = 30_000;
const EVENT_PARTS_MS = 2_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const PRUNE_MS = 10 * MINUTE_MS;
const PARTITIONS_MS = 6 * HOUR_MS;
const MAX_PENDING = 20_000;

/** What is kept in order. */
export interface HousekeepingParts {
  readonly foundation: Pick<Foundation, 'clock' | 'timers' | 'sql'> & {
    readonly stores: Pick<Foundation['stores'], 'traffic'> &
      Partial<Pick<Foundation['stores'], 'queryReports'>>;
  };
  readonly house: Pick<House, 'node'> & { readonly traffic: Pick<House['traffic'], 'takeRoutes'> };
  /** How long decisions are kept, milliseconds. */
  readonly keepMs: number;
  /** How long events are kept; absent: the default. */
  readonly retention?: ReadRetention;
  /** The audit log, whose events expire; absent: none here. */
  readonly audit?: Pick<AuditLog, 'expire'>;
  readonly log: Logger;
  /** Reads blocks and lists again, in case a message was missed. */
  readonly reload: () => Promise<unknown>;
  /** Accounts, whose ended sessions, links and counters are forgotten; absent or null: none here. */
  readonly identity?: Pick<Identity, 'prune'> | null;
  /** Reviews of access, of which it is told when they are overdue; absent or null: none here. */
  readonly reviews?: Pick<Grants['reviews'], 'tellOverdue'> | null;
  /** Tables of the application whose partitions are made ahead and dropped in time. */
  readonly partitions?: readonly PartitionPlan[];
  /** Keeps the partitions of the events; absent: nobody does here. */
  readonly eventKeeper?: Pick<EventKeeper, 'seal' | 'settle' | 'merge'>;
}

/**
 * What a node does by itself: write its traffic counts and look after the partitions of the events every 2 s, read changes again every 30 s, forget what accounts
 * leave and tell of overdue reviews every 10 minutes, and forget what of the records is too old every hour.
 */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  readonly #cancels = new Set<() => void>();
  #pending: TrafficEntry[] = [];
  #writing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
  }

  /** Begins. */
  start(): void {
    this.#every(COUNTS_MS, () => this.#writeCounts());
    this.#every(RELOAD_MS, () => this.#parts.reload());
    this.#once(MINUTE_MS, () => this.#tidy());
    this.#every(HOUR_MS, () => this.#tidy());
    if (this.#parts.identity) this.#every(PRUNE_MS, () => this.#prune());
    if (this.#parts.reviews) {
      this.#once(MINUTE_MS, () => this.#tellOverdue());
      this.#every(PRUNE_MS, () => this.#tellOverdue());
    }
    const { eventKeeper } = this.#parts;
    if (eventKeeper) {
      this.#every(EVENT_PARTS_MS, () => eventKeeper.seal());
      this.#every(EVENT_PARTS_MS, () => this.#inSteps(() => eventKeeper.settle()));
      this.#every(EVENT_PARTS_MS, () => this.#inSteps(() => eventKeeper.merge()));
    }
    for (const plan of this.#parts.partitions ?? []) {
      this.#once(0, () => this.#partition(plan));
      this.#every(PARTITIONS_MS, () => this.#partition(plan));
    }
  }

  #once(delayMs: number, task: () => Promise<unknown>): void {
    if (this.#stopped) return;
    const cancel = this.#parts.foundation.timers.after(delayMs, () => {
      this.#cancels.delete(cancel);
      task().catch((error: unknown) =>
        this.#parts.log.warn('Housekeeping failed; it is tried again.', { error }),
      );
    });
    this.#cancels.add(cancel);
  }

  #every(delayMs: number, task: () => Promise<unknown>): void {
    this.#once(delayMs, async () => {
      try {
        await task();
      } finally {
        this.#every(delayMs, task);
      }
    });
  }

  /** Counts that could not be written are written with the next ones. */
  #writeCounts(): Promise<void> {
    const { house, foundation } = this.#parts;
    const bucketMs = Math.floor(foundation.clock.now() / TRAFFIC_BUCKET_MS) * TRAFFIC_BUCKET_MS;
    for (const { route, counts } of house.traffic.takeRoutes()) {
      if (this.#pending.length < MAX_PENDING)
        this.#pending.push({ bucketMs, node: house.node, route, counts });
    }
    this.#writing = this.#writing.then(async () => {
      const entries = this.#pending;
      if (entries.length === 0) return;
      this.#pending = [];
      try {
        await foundation.stores.traffic.add(entries);
      } catch (error) {
        this.#pending = [...entries, ...this.#pending].slice(0, MAX_PENDING);
        throw error;
      }
    });
    const written = this.#writing;
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #tidy(): Promise<void> {
    const { foundation, house, keepMs, retention, audit } = this.#parts;
    const { sql, clock, stores } = foundation;
    await markServer(sql, house.node, clock.now());
    await retentionRound({
      sql,
      clock,
      keepMs,
      retention,
      audit,
      queryReports: stores.queryReports,
      isStopped: () => this.#stopped,
    });
  }

  async #prune(): Promise<void> {
    const { foundation, identity } = this.#parts;
    if (identity) await this.#inBatches(() => identity.prune(foundation.clock.now()));
  }

  async #tellOverdue(): Promise<void> {
    const { reviews } = this.#parts;
    if (reviews) await this.#inBatches(() => reviews.tellOverdue());
  }

  async #partition(plan: PartitionPlan): Promise<void> {
    const { foundation, log } = this.#parts;
    const { created, dropped, moved, busy } = await managePartitions(
      foundation.sql,
      plan,
      foundation.clock.now(),
    );
    const { table } = plan;
    if (created.length + dropped.length > 0)
      log.info('Partitions were brought up to date.', { table, created, dropped, moved });
    if (busy.length > 0) log.warn('Partitions were in use; they are tried again.', { table, busy });
  }

  #inBatches(deleteSome: () => Promise<number>): Promise<void> {
    return inBatches(deleteSome, () => this.#stopped);
  }

  /** Repeats a bounded step while it does something. */
  #inSteps(step: () => Promise<boolean>): Promise<void> {
    return this.#inBatches(async () => ((await step()) ? 1 : 0));
  }

  /** Ends the timers and writes the last counts. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
    await this.#writeCounts().catch((error: unknown) =>
      this.#parts.log.warn('The last traffic counts could not be written.', { error }),
    );
  }
}
