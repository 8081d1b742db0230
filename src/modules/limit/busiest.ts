/** Keys that are followed at once. */
const CAPACITY = 256;
/** Requests of an interval that are all counted; of those after them one in `STRIDE`, with that weight. */
const ALL_UNTIL = 20_000;
const STRIDE = 64;

interface Slot {
  key: string;
  count: number;
}

/**
 * The busiest keys of a policy in bounded space (Space-Saving, Metwally, Agrawal and El Abbadi 2005): a new key takes the
 * place of the least busy one and its count, so a count is never too low and too high by at most total ÷ 256. Counts
 * halve with every interval, so that yesterday's flood does not hide today's.
 */
export class BusiestKeys {
  readonly #slots = new Map<string, Slot>();
  readonly #intervalMs: number;
  #nextMs = 0;
  #seen = 0;

  /** @param windowMs the policy's window; counts halve once per window, at most once a minute */
  constructor(windowMs: number) {
    this.#intervalMs = Math.max(60_000, windowMs);
  }

  /** A request asked for `key`. */
  saw(key: string, nowMs: number): void {
    if (nowMs >= this.#nextMs) this.#age(nowMs);
    this.#seen++;
    if (this.#seen <= ALL_UNTIL) this.#count(key, 1);
    else if (this.#seen % STRIDE === 0) this.#count(key, STRIDE);
  }

  /** The `n` busiest, busiest first. */
  top(n: number): readonly { readonly key: string; readonly count: number }[] {
    return [...this.#slots.values()]
      .toSorted((a, b) => b.count - a.count)
      .slice(0, n)
      .map(({ key, count }) => ({ key, count }));
  }

  #count(key: string, weight: number): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) slot.count += weight;
    else if (this.#slots.size < CAPACITY) this.#slots.set(key, { key, count: weight });
    else this.#replace(key, weight);
  }

  #replace(key: string, weight: number): void {
    let least: Slot | undefined;
    for (const slot of this.#slots.values())
      if (least === undefined || slot.count < least.count) least = slot;
    if (least === undefined) return;
    this.#slots.delete(least.key);
    least.key = key;
    least.count += weight;
    this.#slots.set(key, least);
  }

  #age(nowMs: number): void {
    this.#nextMs = nowMs + this.#intervalMs;
    this.#seen = 0;
    for (const [key, slot] of this.#slots) {
      slot.count = Math.floor(slot.count / 2);
      if (slot.count === 0) this.#slots.delete(key);
    }
  }
}
