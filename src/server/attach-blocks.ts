import type { Logger } from '../base/observe/index.ts';
import type { Clock, Timers } from '../core/clock.ts';
import { type BlockList, TRAFFIC_BLOCKER, type TrafficBlock } from '../modules/shield/index.ts';
import type { Bus } from '../ports/bus.ts';
import { reloadBlocks } from './api/announce.ts';
import { BLOCKS_CHANNEL } from './api/ports.ts';
import { AutoBlocks } from './auto-blocks.ts';
import type { Stores } from './data/index.ts';
import { followBlocks } from './follow-blocks.ts';
import type { House } from './house.ts';
import { shareTraffic } from './share-traffic.ts';

/** Told on the bus by applications that share no database: `{ node, target, reason, ttlMs }`. */
export const AUTO_BLOCKS_CHANNEL = 'rampart:auto-blocks';

/** What a block list is shared on. */
export interface SharedBlockParts {
  readonly house: House;
  readonly bus: Bus;
  /** Where blocks are stored; absent: they are told on the bus alone, and end with the processes. */
  readonly stores: Pick<Stores, 'sql' | 'blocks' | 'events'> | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Blocks that an application shares with the other nodes. */
export interface SharedBlocks {
  /** Blocks a client for its traffic, here at once and on the others within a second. Never throws, never waits. */
  add(block: TrafficBlock): void;
  /** Writes down what was begun, and shares no more. */
  close(): Promise<void>;
}

const MAX_MESSAGE_CHARACTERS = 2_000;

/**
 * Does for an application what `rampart start` does: takes over the stored blocks and follows their changes, stores the
 * blocks that traffic sets, and shares the posture.
 * @throws the database's or the bus's error
 */
export async function shareBlocks(parts: SharedBlockParts): Promise<SharedBlocks> {
  const { house, bus, timers, log } = parts;
  const shared = parts.stores === undefined ? await overBus(parts) : await overDatabase(parts, parts.stores);
  const { traffic } = house.shield;
  const endPosture =
    traffic === null ? undefined : await shareTraffic(traffic, bus, { node: house.node, timers, log });
  return {
    add: (block) => shared.add(block),
    async close() {
      await endPosture?.();
      await shared.close();
    },
  };
}

async function overDatabase(
  { house, bus, clock, timers, log }: SharedBlockParts,
  stores: NonNullable<SharedBlockParts['stores']>,
): Promise<SharedBlocks> {
  const failed = (error: unknown): void =>
    log.warn('The blocks could not be read; it is tried again.', { error });
  const reload = (): Promise<void> => reloadBlocks({ stores, blocks: house.blocks, clock });
  const auto = new AutoBlocks({
    node: house.node,
    clock,
    log,
    stores,
    blocks: () => house.blocks,
    async announce() {
      await reload();
      await bus.publish(BLOCKS_CHANNEL, 'changed');
    },
  });
  const unsubscribe = await bus.subscribe(BLOCKS_CHANNEL, () => void reload().catch(failed));
  // After the subscription: a change between the two is not missed.
  await reload();
  const endFollowing = followBlocks({ sql: stores.sql, blocks: stores.blocks, timers, log, reload });
  return {
    add: (block) => auto.add(block),
    async close() {
      await endFollowing();
      await unsubscribe().catch(failed);
      await auto.flush();
    },
  };
}

async function overBus({ house, bus, log }: SharedBlockParts): Promise<SharedBlocks> {
  const failed = (error: unknown): void =>
    log.warn('A block for traffic holds on this node alone; the others could not be told.', { error });
  const put = (blocks: BlockList, block: TrafficBlock): void =>
    void blocks.add({ ...block, createdBy: TRAFFIC_BLOCKER });
  const unsubscribe = await bus.subscribe(AUTO_BLOCKS_CHANNEL, (message) => {
    const heard = readBlock(message);
    if (heard !== undefined && heard.node !== house.node) put(house.blocks, heard);
  });
  return {
    add(block) {
      put(house.blocks, block);
      const { target, reason, ttlMs } = block;
      const message = JSON.stringify({ node: house.node, target, reason: reason.slice(0, 500), ttlMs });
      bus.publish(AUTO_BLOCKS_CHANNEL, message).catch(failed);
    },
    close: () => unsubscribe().catch(failed),
  };
}

function readBlock(message: string): (TrafficBlock & { readonly node: string }) | undefined {
  if (message.length > MAX_MESSAGE_CHARACTERS) return undefined;
  try {
    const read = JSON.parse(message) as Readonly<Record<string, unknown>> | null;
    const { node, target, reason, ttlMs } = read ?? {};
    if (typeof node !== 'string' || typeof target !== 'string' || typeof reason !== 'string')
      return undefined;
    // The list itself refuses what it must not block, and a time that makes no sense.
    return typeof ttlMs === 'number' ? { node, target, reason, ttlMs } : undefined;
  } catch {
    // Another version's word: what cannot be read is not acted on.
    return undefined;
  }
}
