import type { Clock } from '../../core/clock.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Guard } from '../../core/guard.ts';
import type { BlockFacts, CallerFeatures, PlaceFeatures } from './decide.ts';

/** A block as it is stored, sent between nodes and shown. */
export interface Block extends BlockFacts {
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  /** Requests that it matched on this node since the start (in shadow mode: would have refused). */
  readonly hits: number;
}

/** What a new block is made of. */
export interface NewBlock {
  /** Any form: `203.0.113.7`, `::ffff:203.0.113.0/120`, `asn:64500`, `country:DE`, `user:ID`, `session:ID`, `device:ID`. */
  readonly target: string;
  /** For the operator; cut at 500 characters. */
  readonly reason: string;
  /** Principal id or name of the automatic response; cut at 200 characters. */
  readonly createdBy: string;
  /** Milliseconds from now; null for ever. */
  readonly ttlMs: number | null;
  /** What is known of whoever asks: a block that would cover them is refused. */
  readonly own?: OwnTraits;
}

/** What a block must not cover: whoever sets it would be locked out. */
export interface OwnTraits extends CallerFeatures {
  readonly addresses?: readonly string[];
}

/** Where an address is, as far as is known. */
export type BlockPlaces = (address: string) => PlaceFeatures | undefined;

/** Why a block is not taken. */
export type BlockRefusalCode =
  | 'not-a-target'
  | 'too-wide'
  | 'never-block'
  | 'own-address'
  | 'own-account'
  | 'no-places'
  | 'bad-ttl'
  | 'full';

/** Why, and in words. */
export interface BlockRefusal {
  readonly code: BlockRefusalCode;
  readonly text: string;
}

/** What became of `add` and `restore`. */
export type BlockResult =
  | {
      readonly ok: true;
      readonly block: Block;
      /** False when a block that lasts as long stood already. */ readonly changed: boolean;
    }
  | ({ readonly ok: false } & BlockRefusal);

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
  /**
   * Where addresses are, for blocks of networks and countries; asked late, and per request only while there is such a
   * block. Absent or `undefined`: no places are known, and such blocks are refused.
   */
  readonly places?: () => BlockPlaces | undefined;
  /**
   * Who calls, once that is known; default what the principal says. `device` is looked for only when it is wanted:
   * while a device is blocked.
   */
  readonly caller?: (context: RequestContext, wants: { readonly device: boolean }) => CallerFeatures;
}

/** The block list of one node. */
export interface BlockList {
  /** Addresses, ranges, networks and countries. Phase `admit`; hand it to the corridor before all other guards. */
  readonly guard: Guard;
  /** Users, sessions and devices. Phase `authorize`; hand it over before all others of that phase. */
  readonly callerGuard: Guard;
  /** Blocks a target. On a target that is blocked already, whichever lasts longer stays, under the first id. */
  add(block: NewBlock): BlockResult;
  /** Lifts a block. @returns the lifted block, or `undefined` when there is none of that id */
  remove(id: string): Block | undefined;
  /** Takes back a `remove` (the last 1,000 are remembered), with the old expiry. @returns `undefined` when unknown */
  restore(id: string): BlockResult | undefined;
  /** The blocks in force, newest first. Also drops expired ones. */
  list(): readonly Block[];
  /** The block that covers an address now, by itself or by its place, or `undefined`. Does not count as a hit. */
  find(address: string): Block | undefined;
  /** The block that covers a user, session or device now, or `undefined`. Does not count as a hit. */
  findCaller(caller: CallerFeatures): Block | undefined;
  /** Why a target would be refused, or `undefined`. */
  refuses(target: string, own?: OwnTraits): BlockRefusal | undefined;
  /**
   * Takes over the whole list from the store, in one step; hits of known ids go on counting. Entries that are expired,
   * unreadable, too wide, never to be blocked, or beyond `maxEntries` are left out and counted.
   */
  replaceAll(blocks: Iterable<Omit<Block, 'hits'>>): { readonly kept: number; readonly left: number };
  /** Requests matched since the start: by one block, or by all. */
  hits(id?: string): number;
}
