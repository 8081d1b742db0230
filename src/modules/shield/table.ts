import type { Cidr, IpAddress } from '../../core/address.ts';
import type { Block } from './block.ts';
import type { BlockFacts, CallerFeatures, PlaceFeatures } from './decide.ts';
import { RangeIndex, type Ranged } from './ranges.ts';
import type { BlockTarget, TargetKind } from './target.ts';

/** A block on this node. */
export interface Entry extends BlockFacts {
  readonly read: BlockTarget;
  /** Of an address or a range. */
  readonly range?: Cidr;
  readonly createdAtMs: number;
  reason: string;
  createdBy: string;
  expiresAtMs: number | null;
  hits: number;
}

type RangeEntry = Entry & Ranged;
type KeyedKind = Exclude<TargetKind, 'address' | 'range'>;

/**
 * The blocks of a node, found by what they are about: ranges by one hash look-up per prefix length in use, everything
 * else by one look-up, whatever the number of blocks.
 */
export class BlockTable {
  readonly byId = new Map<string, Entry>();
  readonly byTarget = new Map<string, Entry>();
  readonly #ranges = new RangeIndex<RangeEntry>();
  readonly #keyed: Readonly<Record<KeyedKind, Map<string | number, Entry>>> = {
    asn: new Map(),
    country: new Map(),
    user: new Map(),
    session: new Map(),
    device: new Map(),
  };

  /** Whether any block needs the caller's place. Asked by every request, so they are kept as they are. */
  hasPlaces = false;
  /** Whether any block is about who calls. */
  hasCallers = false;
  /** Whether any block is about a device. */
  hasDevices = false;

  add(entry: Entry): void {
    const { read } = entry;
    if (isRange(entry)) this.#ranges.add(entry);
    else if (!('range' in read)) for (const key of keysOf(read)) this.#keyed[read.kind].set(key, entry);
    this.byId.set(entry.id, entry);
    this.byTarget.set(read.text, entry);
    this.#note();
  }

  delete(entry: Entry): void {
    const { read } = entry;
    if (isRange(entry)) this.#ranges.delete(entry);
    else if (!('range' in read)) for (const key of keysOf(read)) this.#keyed[read.kind].delete(key);
    this.byId.delete(entry.id);
    if (this.byTarget.get(read.text) === entry) this.byTarget.delete(read.text);
    this.#note();
  }

  #note(): void {
    const { asn, country, user, session, device } = this.#keyed;
    this.hasPlaces = asn.size > 0 || country.size > 0;
    this.hasDevices = device.size > 0;
    this.hasCallers = user.size > 0 || session.size > 0 || this.hasDevices;
  }

  /** The most specific block in force that holds the address. */
  ofAddress(address: IpAddress, nowMs: number): Entry | undefined {
    return this.#ranges.find(address, (entry) => inForce(entry, nowMs));
  }

  /** A block in force of the network, else of the country. */
  ofPlace({ asn, country }: PlaceFeatures, nowMs: number): Entry | undefined {
    return this.#held('asn', asn, nowMs) ?? this.#held('country', country, nowMs);
  }

  /** A block in force of the session, else of the device, else of the user. */
  ofCaller({ user, session, device }: CallerFeatures, nowMs: number): Entry | undefined {
    return (
      this.#held('session', session, nowMs) ??
      this.#held('device', device, nowMs) ??
      this.#held('user', user, nowMs)
    );
  }

  #held(kind: KeyedKind, key: string | number | undefined, nowMs: number): Entry | undefined {
    if (key === undefined) return undefined;
    const held = this.#keyed[kind];
    if (held.size === 0) return undefined;
    const entry = held.get(key);
    return entry !== undefined && inForce(entry, nowMs) ? entry : undefined;
  }
}

function isRange(entry: Entry): entry is RangeEntry {
  return entry.range !== undefined;
}

/** A principal is found by its id as it is, with the word or without: nothing is cut out of it on the way. */
function keysOf(target: Exclude<BlockTarget, { readonly range: unknown }>): readonly (string | number)[] {
  if (target.kind === 'asn') return [target.asn];
  if (target.kind === 'country') return [target.country];
  return target.kind === 'user' ? [target.id, `user:${target.id}`] : [target.id];
}

/** Whether a block still acts. */
export function inForce(entry: { readonly expiresAtMs: number | null }, nowMs: number): boolean {
  return entry.expiresAtMs === null || entry.expiresAtMs > nowMs;
}

/** When it ends, `Infinity` for never. */
export function endOf(entry: { readonly expiresAtMs: number | null }): number {
  return entry.expiresAtMs ?? Infinity;
}

/** The part of a block that a decision needs. */
export function factsOf(entry: BlockFacts): BlockFacts {
  const { id, target, reason, createdBy, expiresAtMs } = entry;
  return { id, target, reason, createdBy, expiresAtMs };
}

/** A block as it is shown. */
export function shown(entry: Entry): Block {
  return { ...factsOf(entry), createdAtMs: entry.createdAtMs, hits: entry.hits };
}

/** A block to hold. */
export function entryOf(read: BlockTarget, given: Omit<Block, 'target'>): Entry {
  const { id, reason, createdBy, createdAtMs, expiresAtMs, hits } = given;
  return {
    id,
    read,
    ...('range' in read ? { range: read.range } : {}),
    target: read.text,
    reason,
    createdBy,
    createdAtMs,
    expiresAtMs,
    hits,
  };
}
