import { keyedHash, type KeyedHash } from '../../../core/hash.ts';

/** Counts are held in hundredths of a request, so that lighter requests count in part. */
export const UNIT = 100;

const FAST = 10;
const FAST_MS = 100;
const SLOW = 20;
const SLOW_MS = 3_000;
const WAYS = 8;
const SCAN_MS = 60_000;
/** Cells of one client: buckets of the second, of the minute, and two words of paths that were not there. */
const CELLS = FAST + SLOW + 2;
const PATHS_AT = FAST + SLOW;
const NONE = -1;

/** What a client has sent lately. Both are never more than what was truly sent within the window. */
export interface Rates {
  /** Requests within the last second. */
  second: number;
  /** Requests within the last minute. */
  minute: number;
}

/**
 * What each client has sent within the last second and minute, in a table of fixed size. A window is a row of aligned
 * buckets that together are no longer than the window: a sum above a bound proves that the bound was passed, whatever the
 * phase. What is missed: requests spread over more than 9/10 of a second (19/20 of a minute) may fall into two sums.
 *
 * A set holds eight clients; a newcomer takes the place of the one that sent least. Random addresses can thus delay that
 * somebody is noticed, and never make anybody look worse.
 */
export class ClientTable {
  readonly #hash: KeyedHash;
  readonly #sets: number;
  readonly #keys: (string | undefined)[];
  readonly #cells: Uint32Array;
  /** Place in time of the newest bucket, per client: of the second, of the minute, and when paths were first missed. */
  readonly #fastAt: Float64Array;
  readonly #slowAt: Float64Array;
  readonly #pathsAt: Float64Array;
  readonly rates: Rates = { second: 0, minute: 0 };

  /** @param clients rounded up to a multiple of eight */
  constructor(clients: number, hash: KeyedHash = keyedHash()) {
    this.#hash = hash;
    this.#sets = Math.ceil(clients / WAYS);
    const slots = this.#sets * WAYS;
    this.#keys = Array.from({ length: slots }, () => undefined);
    this.#cells = new Uint32Array(slots * CELLS);
    this.#fastAt = new Float64Array(slots);
    this.#slowAt = new Float64Array(slots);
    this.#pathsAt = new Float64Array(slots).fill(NONE);
  }

  /** Clients that have a place. */
  get size(): number {
    return this.#keys.reduce((count, key) => count + (key === undefined ? 0 : 1), 0);
  }

  /**
   * Counts a request.
   * @param units hundredths of a request
   * @param atMs of a clock that never steps back
   * @returns the client's rates with it; the object is used again by the next call
   */
  add(client: string, units: number, atMs: number): Readonly<Rates> {
    const slot = this.#slotOf(client, atMs);
    const base = slot * CELLS;
    const fast = turn(this.#cells, base, FAST, this.#fastAt, slot, Math.floor(atMs / FAST_MS));
    const slow = turn(this.#cells, base + FAST, SLOW, this.#slowAt, slot, Math.floor(atMs / SLOW_MS));
    bump(this.#cells, fast, units);
    bump(this.#cells, slow, units);
    this.rates.second = sum(this.#cells, base, FAST) / UNIT;
    this.rates.minute = sum(this.#cells, base + FAST, SLOW) / UNIT;
    return this.rates;
  }

  /**
   * What a client has sent within the last minute but for its first three seconds: three seconds later, all of it still lies
   * within the last minute. Counts nothing.
   * @param atMs of a clock that never steps back
   */
  settled(client: string, atMs: number): number {
    const slot = this.#find(client);
    if (slot === NONE) return 0;
    const base = slot * CELLS + FAST;
    turn(this.#cells, base, SLOW, this.#slowAt, slot, Math.floor(atMs / SLOW_MS));
    const oldest = base + (((this.#slowAt[slot] as number) + 1) % SLOW);
    return (sum(this.#cells, base, SLOW) - (this.#cells[oldest] as number)) / UNIT;
  }

  /** Forgets what a client sent: it begins anew once its block is over. */
  forget(client: string): void {
    const slot = this.#find(client);
    if (slot === NONE) return;
    this.#cells.fill(0, slot * CELLS, (slot + 1) * CELLS);
    this.#pathsAt[slot] = NONE;
  }

  /**
   * Notes a path that was not there.
   * @returns different paths within this minute, at least; the truth is a little more, since paths share 64 places
   */
  missed(client: string, path: string, atMs: number): number {
    const slot = this.#slotOf(client, atMs);
    const at = slot * CELLS + PATHS_AT;
    const since = this.#pathsAt[slot] as number;
    if (since === NONE || atMs - since >= SCAN_MS) {
      this.#pathsAt[slot] = atMs;
      this.#cells.fill(0, at, at + 2);
    }
    const place = this.#hash.to32(path) % 64;
    this.#cells[at + (place >> 5)]! |= 1 << (place & 31);
    return ones(this.#cells[at] as number) + ones(this.#cells[at + 1] as number);
  }

  #find(client: string): number {
    const first = (this.#hash.to32(client) % this.#sets) * WAYS;
    for (let slot = first; slot < first + WAYS; slot++) if (this.#keys[slot] === client) return slot;
    return NONE;
  }

  #slotOf(client: string, atMs: number): number {
    const first = (this.#hash.to32(client) % this.#sets) * WAYS;
    let least = first;
    let leastWeight = Infinity;
    for (let slot = first; slot < first + WAYS; slot++) {
      const key = this.#keys[slot];
      if (key === client) return slot;
      const weight = key === undefined ? NONE : this.#weightOf(slot, atMs);
      if (weight < leastWeight) {
        least = slot;
        leastWeight = weight;
      }
    }
    this.#keys[least] = client;
    this.#cells.fill(0, least * CELLS, (least + 1) * CELLS);
    this.#fastAt[least] = Math.floor(atMs / FAST_MS);
    this.#slowAt[least] = Math.floor(atMs / SLOW_MS);
    this.#pathsAt[least] = NONE;
    return least;
  }

  /** What a client that was not seen for a minute sent counts for nothing. */
  #weightOf(slot: number, atMs: number): number {
    const now = Math.floor(atMs / SLOW_MS);
    if (now - (this.#slowAt[slot] as number) >= SLOW) return 0;
    return sum(this.#cells, slot * CELLS + FAST, SLOW);
  }
}

/** Empties the buckets that time has passed. @returns the cell of the newest bucket */
function turn(
  cells: Uint32Array,
  base: number,
  buckets: number,
  newest: Float64Array,
  slot: number,
  now: number,
): number {
  const last = newest[slot] as number;
  if (now > last) {
    const passed = Math.min(buckets, now - last);
    for (let i = 1; i <= passed; i++) cells[base + ((last + i) % buckets)] = 0;
    newest[slot] = now;
  }
  return base + (Math.max(now, last) % buckets);
}

function bump(cells: Uint32Array, at: number, units: number): void {
  cells[at] = Math.min(0xffff_ffff, (cells[at] as number) + units);
}

function sum(cells: Uint32Array, from: number, count: number): number {
  let total = 0;
  for (let i = from; i < from + count; i++) total += cells[i] as number;
  return total;
}

function ones(word: number): number {
  let left = word;
  let count = 0;
  for (; left !== 0; left &= left - 1) count++;
  return count;
}
