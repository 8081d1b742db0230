import { type IpAddress, parseAddress } from '../../../core/address.ts';

/** First and last address of a range, as numbers. */
export interface NumberRange {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

const LOW = (1n << 64n) - 1n;

/** Ranges in sorted arrays of numbers: 8 bytes each for IPv4, 32 for IPv6; looked up by halving, offline. */
export class RangeSet {
  readonly #first4: Uint32Array;
  readonly #last4: Uint32Array;
  /** High and low word in turn. */
  readonly #first6: BigUint64Array;
  readonly #last6: BigUint64Array;

  /** Takes ranges in any order; those that touch or overlap become one. */
  constructor(ranges: readonly NumberRange[]) {
    const four = merged(ranges.filter(({ version }) => version === 4));
    const six = merged(ranges.filter(({ version }) => version === 6));
    this.#first4 = Uint32Array.from(four, ({ first }) => Number(first));
    this.#last4 = Uint32Array.from(four, ({ last }) => Number(last));
    this.#first6 = BigUint64Array.from(six.flatMap(({ first }) => [first >> 64n, first & LOW]));
    this.#last6 = BigUint64Array.from(six.flatMap(({ last }) => [last >> 64n, last & LOW]));
  }

  /** Ranges that it holds, after merging. */
  get size(): number {
    return this.#first4.length + this.#first6.length / 2;
  }

  /** Share of all IPv4 addresses that it holds, 0 to 1. */
  get share4(): number {
    let held = 0;
    this.#first4.forEach((first, i) => (held += (this.#last4[i] as number) - first + 1));
    return held / 2 ** 32;
  }

  /** Whether an address lies in one of the ranges. */
  contains(address: IpAddress): boolean {
    return address.version === 4 ? this.#contains4(address.bytes) : this.#contains6(address.bytes);
  }

  #contains4(bytes: Uint8Array): boolean {
    const value = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    let low = 0;
    let high = this.#first4.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#first4[middle] as number) <= value) low = middle + 1;
      else high = middle;
    }
    return low > 0 && value <= (this.#last4[low - 1] as number);
  }

  #contains6(bytes: Uint8Array): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const upper = view.getBigUint64(0);
    const lower = view.getBigUint64(8);
    let low = 0;
    let high = this.#first6.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isAtMost(this.#first6, middle, upper, lower)) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return false;
    const last = this.#last6[2 * low - 2] as bigint;
    return upper < last || (upper === last && lower <= (this.#last6[2 * low - 1] as bigint));
  }
}

function isAtMost(words: BigUint64Array, at: number, upper: bigint, lower: bigint): boolean {
  const word = words[2 * at] as bigint;
  return word < upper || (word === upper && (words[2 * at + 1] as bigint) <= lower);
}

function merged(ranges: readonly NumberRange[]): NumberRange[] {
  const sorted = ranges.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const out: NumberRange[] = [];
  for (const range of sorted) {
    const before = out.at(-1);
    if (before === undefined || range.first > before.last + 1n) out.push(range);
    else if (range.last > before.last) out[out.length - 1] = { ...before, last: range.last };
  }
  return out;
}

/** An address as a number. */
export function numberOf({ bytes }: IpAddress): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** Reads `first-last`. @returns `undefined` where it is no such range */
export function readSpan(text: string): NumberRange | undefined {
  const dash = text.indexOf('-');
  const from = dash > 0 ? parseAddress(text.slice(0, dash).trim()) : undefined;
  const to = from && parseAddress(text.slice(dash + 1).trim());
  if (from === undefined || to === undefined || from.version !== to.version) return undefined;
  const first = numberOf(from);
  const last = numberOf(to);
  return first > last ? undefined : { version: from.version, first, last };
}
