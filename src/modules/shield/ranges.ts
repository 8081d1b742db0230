import { type Cidr, contains, type IpAddress } from '../../core/address.ts';

/** Something that covers a range of addresses. */
export interface Ranged {
  readonly range: Cidr;
}

/** One table per prefix length that is in use; a chain holds the few ranges whose hashes collide. */
interface Level<T> {
  readonly bits: number;
  readonly masks: readonly [number, number, number, number];
  readonly chains: Map<number, T[]>;
}

/**
 * Finds the ranges that hold an address: one hash look-up per prefix length in use, most specific first, whatever the
 * number of ranges. Looking up allocates nothing.
 */
export class RangeIndex<T extends Ranged> {
  readonly #levels: { readonly 4: Level<T>[]; readonly 6: Level<T>[] } = { 4: [], 6: [] };
  #size = 0;

  /** How many ranges it holds. */
  get size(): number {
    return this.#size;
  }

  /** Adds a range. The same range twice is two entries: callers that want one per range look first. */
  add(item: T): void {
    const { network, bits } = item.range;
    const levels = this.#levels[network.version];
    let level = levels.find((one) => one.bits === bits);
    if (!level) {
      level = { bits, masks: masksOf(bits), chains: new Map() };
      levels.push(level);
      levels.sort((a, b) => b.bits - a.bits);
    }
    const key = keyOf(network.bytes, level.masks);
    const chain = level.chains.get(key);
    if (chain) chain.push(item);
    else level.chains.set(key, [item]);
    this.#size++;
  }

  /** Takes an entry away. @returns whether it was there */
  delete(item: T): boolean {
    const { network, bits } = item.range;
    const levels = this.#levels[network.version];
    const level = levels.find((one) => one.bits === bits);
    if (!level) return false;
    const key = keyOf(network.bytes, level.masks);
    const chain = level.chains.get(key);
    const index = chain?.indexOf(item) ?? -1;
    if (!chain || index < 0) return false;
    chain.splice(index, 1);
    if (chain.length === 0) level.chains.delete(key);
    if (level.chains.size === 0) levels.splice(levels.indexOf(level), 1);
    this.#size--;
    return true;
  }

  /** The most specific entry that holds the address and that `wanted` accepts. */
  find(address: IpAddress, wanted: (item: T) => boolean): T | undefined {
    const { bytes } = address;
    for (const level of this.#levels[address.version]) {
      const chain = level.chains.get(keyOf(bytes, level.masks));
      if (chain === undefined) continue;
      for (const item of chain) if (contains(item.range, address) && wanted(item)) return item;
    }
    return undefined;
  }
}

/** Four 32-bit masks for the first `bits` bits. */
function masksOf(bits: number): readonly [number, number, number, number] {
  const mask = (word: number): number => {
    const keep = Math.min(32, Math.max(0, bits - word * 32));
    return keep === 0 ? 0 : -1 << (32 - keep);
  };
  return [mask(0), mask(1), mask(2), mask(3)];
}

/**
 * Mixes the masked words to 32 bits. Unkeyed: only operators choose what is stored, and chains compare whole ranges, so
 * that a caller who collides with a block is not taken for it.
 */
function keyOf(bytes: Uint8Array, masks: readonly [number, number, number, number]): number {
  if (bytes.length === 4) return word(bytes, 0) & masks[0];
  let hash = Math.imul(word(bytes, 0) & masks[0], 0x9e3779b1);
  hash = Math.imul((hash ^ (hash >>> 15)) + (word(bytes, 4) & masks[1]), 0x85ebca6b);
  hash = Math.imul((hash ^ (hash >>> 13)) + (word(bytes, 8) & masks[2]), 0xc2b2ae35);
  hash = Math.imul((hash ^ (hash >>> 16)) + (word(bytes, 12) & masks[3]), 0x27d4eb2f);
  return hash ^ (hash >>> 15);
}

function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** Whether range `outer` holds every address of `inner`. */
export function covers(outer: Cidr, inner: Cidr): boolean {
  return outer.bits <= inner.bits && contains(outer, inner.network);
}
