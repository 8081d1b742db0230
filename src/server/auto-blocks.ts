import type { Logger } from '../base/observe/index.ts';
import type { Clock } from '../core/clock.ts';
import { ConflictError } from '../core/errors.ts';
import type { RampartEvent } from '../core/events.ts';
import { makeEvent } from '../core/make-event.ts';
import { type BlockList, TRAFFIC_BLOCKER, type TrafficBlock } from '../modules/shield/index.ts';
import type { Stores } from './data/index.ts';

/** What blocks that the house sets by itself go through. */
export interface AutoBlockParts {
  readonly node: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stores: Pick<Stores, 'sql' | 'blocks' | 'events'>;
  /** The list in force on this node; asked late, since the house is built with what this makes. */
  readonly blocks: () => BlockList;
  /** Tells whoever watches of the audit event. */
  readonly notice?: (event: RampartEvent) => void;
  /** Has every node read the list again. */
  readonly announce: () => Promise<void>;
}

/** Blocks that wait for the database at most; beyond it they hold on this node alone, until it reads the list again. */
const MAX_WAITING = 1_000;

/**
 * Blocks that the house sets by itself: they act on this node at once, and on all nodes once the database has them, each
 * with its audit event in the same transaction.
 */
export class AutoBlocks {
  readonly #parts: AutoBlockParts;
  readonly #waiting = new Map<string, TrafficBlock>();
  #writing: Promise<void> | null = null;

  constructor(parts: AutoBlockParts) {
    this.#parts = parts;
  }

  /** Blocks a client. Never throws, never waits. */
  add(block: TrafficBlock): void {
    this.#parts.blocks().add({ ...block, createdBy: TRAFFIC_BLOCKER });
    if (this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.set(block.target, block);
    this.#writing ??= this.#write().finally(() => (this.#writing = null));
  }

  /** Waits until what was begun is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // Not within the request: it may be one of thousands.
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const round = [...this.#waiting.values()];
      let written = 0;
      for (const block of round) {
        if (await this.#writeOne(block)) written++;
        this.#waiting.delete(block.target);
      }
      if (written > 0) await this.#parts.announce().catch((error: unknown) => this.#failed(error));
    }
  }

  async #writeOne({ target, reason, ttlMs }: TrafficBlock): Promise<boolean> {
    const { node, clock, stores, notice } = this.#parts;
    const nowMs = clock.now();
    try {
      const event = makeEvent('BLOCK_ADDED', node, nowMs, {
        actor: TRAFFIC_BLOCKER,
        subject: target,
        outcome: 'success',
        details: { reason, minutes: Math.ceil(ttlMs / 60_000) },
      });
      await stores.sql.transaction(async (sql) => {
        const block = { target, reason, createdBy: TRAFFIC_BLOCKER, expiresAtMs: nowMs + ttlMs };
        await stores.blocks.add(sql, block, nowMs);
        await stores.events.write(sql, event);
      });
      notice?.(event);
      return true;
    } catch (error) {
      // Another node was first.
      if (!(error instanceof ConflictError)) this.#failed(error);
      return false;
    }
  }

  #failed(error: unknown): void {
    this.#parts.log.warn('A block for traffic holds on this node alone; the others could not be told.', {
      error,
    });
  }
}
