import { sha256 } from './hash.ts';

/** Bytes of a hash. */
export const HASH_BYTES = 32;
const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

/** Hash of a leaf (RFC 6962 2.1): a leaf can never pass for a node. */
export function leafHash(data: string | Uint8Array): Uint8Array {
  return sha256(LEAF, typeof data === 'string' ? Buffer.from(data) : data);
}

/** Hash of two subtrees. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(NODE, left, right);
}

/** Told of every complete subtree as it comes to be: 2^level leaves, the `index`th of its kind. */
export type OnNode = (level: number, index: number, hash: Uint8Array) => void;

/** The right edge of a tree: all that is needed to append to it and to know its root. */
export class Frontier {
  #size = 0;
  #edge: Uint8Array[] = [];

  /** How many leaves there are. */
  get size(): number {
    return this.#size;
  }

  /** Appends the hash of a leaf. */
  append(leaf: Uint8Array, onNode?: OnNode): void {
    let hash = leaf;
    let index = this.#size;
    let level = 0;
    while (index % 2 === 1) {
      hash = nodeHash(this.#edge.pop() as Uint8Array, hash);
      index = (index - 1) / 2;
      level += 1;
      onNode?.(level, index, hash);
    }
    this.#edge.push(hash);
    this.#size += 1;
  }

  /** Root of the tree; of none, the hash of nothing. */
  root(): Uint8Array {
    const last = this.#edge.at(-1);
    if (last === undefined) return sha256();
    return this.#edge.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
  }

  /** The edge, largest subtree first. */
  encode(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#edge));
  }

  /** @throws RangeError when the bytes are not the edge of a tree of that size */
  static decode(size: number, bytes: Uint8Array): Frontier {
    let subtrees = 0;
    for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) subtrees += rest % 2;
    if (!Number.isSafeInteger(size) || size < 0 || bytes.length !== subtrees * HASH_BYTES)
      throw new RangeError('not the edge of a tree of this size');
    const frontier = new Frontier();
    frontier.#size = size;
    for (let i = 0; i < bytes.length; i += HASH_BYTES)
      frontier.#edge.push(new Uint8Array(bytes.subarray(i, i + HASH_BYTES)));
    return frontier;
  }
}

/** Leaves from (inclusive) to (exclusive). */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

/** Ranges whose roots prove that a leaf is in a tree (RFC 6962 2.1.1), from the leaf upwards. */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  const ranges: LeafRange[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + below(to - from);
    ranges.push(index < middle ? { from: middle, to } : { from, to: middle });
    if (index < middle) to = middle;
    else from = middle;
  }
  return ranges.toReversed();
}

/** Ranges whose roots prove that a tree of `size` leaves begins with one of `before` (RFC 6962 2.1.2). */
export function consistencyRanges(before: number, size: number): readonly LeafRange[] {
  if (before === 0 || before === size) return [];
  const ranges: LeafRange[] = [];
  let from = 0;
  let to = size;
  let whole = true;
  while (before !== to) {
    const middle = from + below(to - from);
    ranges.push(before <= middle ? { from: middle, to } : { from, to: middle });
    if (before <= middle) to = middle;
    else {
      from = middle;
      whole = false;
    }
  }
  if (!whole) ranges.push({ from, to });
  return ranges.toReversed();
}

/** The largest power of two below `count`, which is at least 2. */
function below(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** Hands out hashes of complete subtrees: of 2^level leaves, the `index`th of its kind. */
export type ReadNode = (level: number, index: number) => Promise<Uint8Array>;

/** A complete subtree: of 2^level leaves, the `index`th of its kind. */
export interface Subtree {
  readonly level: number;
  readonly index: number;
}

/**
 * The largest complete subtrees that a range is made of, from left to right. A range that begins with the log is its right
 * edge (`Frontier`).
 */
export function rangeParts({ from, to }: LeafRange): readonly Subtree[] {
  const parts: Subtree[] = [];
  for (let at = from; at < to;) {
    let level = 0;
    let span = 1;
    while (at % (span * 2) === 0 && at + span * 2 <= to) {
      span *= 2;
      level += 1;
    }
    parts.push({ level, index: at / span });
    at += span;
  }
  return parts;
}

/** Root over a range that begins where a subtree does, as those of the proofs do. */
export async function rangeRoot(range: LeafRange, read: ReadNode): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const { level, index } of rangeParts(range)) parts.push(await read(level, index));
  return parts.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), parts.at(-1) as Uint8Array);
}

/** Root that an inclusion proof leads to (RFC 9162 2.1.3.2); `undefined` where it has not the length that it must have. */
export function rootFromInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return undefined;
  let hash = leaf;
  let node = index;
  let last = size - 1;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else hash = nodeHash(hash, sibling);
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

/** Whether a consistency proof leads from one root to the other (RFC 9162 2.1.4.2). */
export function isConsistent(
  before: number,
  size: number,
  rootBefore: Uint8Array,
  root: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  if (before > size || before < 0) return false;
  if (before === size) return path.length === 0 && same(rootBefore, root);
  if (before === 0) return path.length === 0;
  let node = before - 1;
  let last = size - 1;
  while (node % 2 === 1) {
    node = (node - 1) / 2;
    last = Math.floor(last / 2);
  }
  const rest = node === 0 ? [rootBefore, ...path] : [...path];
  let old = rest.shift();
  if (old === undefined) return false;
  let now = old;
  for (const hash of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      old = nodeHash(hash, old);
      now = nodeHash(hash, now);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else now = nodeHash(now, hash);
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && same(old, rootBefore) && same(now, root);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}
