import type { Clock } from '../../core/clock.ts';
import type { Guard } from '../../core/guard.ts';
import type { BlockFacts } from './decide.ts';

/** A block as it is stored, sent between nodes and shown. */
export interface Block extends BlockFacts {
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  /** Requests that it matched on this node since the start (in shadow mode: would have refused). */
  readonly hits: number;
}

/** What a new block is made of. */
export interface NewBlock {
  /** Address or range, any form: `203.0.113.7`, `2001:db8::/64`, `::ffff:203.0.113.0/120`. */
  readonly target: string;
  /** For the operator; cut at 500 characters. */
  readonly reason: string;
  /** Principal id or name of the automatic response; cut at 200 characters. */
  readonly createdBy: string;
  /** Milliseconds from now; null for ever. */
  readonly ttlMs: number | null;
  /** Addresses of whoever asks: a block that would cover one is refused. */
  readonly ownAddresses?: readonly string[];
}

/** Why a block is not taken. */
export type BlockRefusalCode =
  'not-a-target' | 'too-wide' | 'never-block' | 'own-address' | 'bad-ttl' | 'full';

/** What became of `add` and `restore`. */
export type BlockResult =
  | {
      readonly ok: true;
      readonly block: Block;
      /** False when a block that lasts as long stood already. */ readonly changed: boolean;
    }
  | { readonly ok: false; readonly code: BlockRefusalCode; readonly text: string };

/** What changed here, for whoever stores it and tells the other nodes. Not called by `replaceAll`. */
export interface BlockChange {
  readonly kind: 'added' | 'removed' | 'restored';
  readonly block: Block;
}

/** What the list stands on. */
export interface BlockListPorts {
  readonly clock: Clock;
  /** Told of each change made on this node, synchronously. Must not throw. */
  readonly onChange?: (change: BlockChange) => void;
}

/** The block list of one node. */
export interface BlockList {
  /** Phase `admit`; hand it to the corridor before all other guards. */
  readonly guard: Guard;
  /** Blocks a target. On a target that is blocked already, whichever lasts longer stays, under the first id. */
  add(block: NewBlock): BlockResult;
  /** Lifts a block. @returns the lifted block, or `undefined` when there is none of that id */
  remove(id: string): Block | undefined;
  /** Takes back a `remove` (the last 1,000 are remembered), with the old expiry. @returns `undefined` when unknown */
  restore(id: string): BlockResult | undefined;
  /** The blocks in force, newest first. Also drops expired ones. */
  list(): readonly Block[];
  /** The block that covers an address now, or `undefined`. Does not count as a hit. */
  find(address: string): Block | undefined;
  /** Why a target would be refused, or `undefined`. */
  refuses(
    target: string,
    ownAddresses?: readonly string[],
  ): { readonly code: BlockRefusalCode; readonly text: string } | undefined;
  /**
   * Takes over the whole list from the store, in one step; hits of known ids go on counting. Entries that are expired,
   * unreadable, too wide, never to be blocked, or beyond `maxEntries` are left out and counted.
   */
  replaceAll(blocks: Iterable<Omit<Block, 'hits'>>): { readonly kept: number; readonly left: number };
  /** Requests matched since the start: by one block, or by all. */
  hits(id?: string): number;
}
