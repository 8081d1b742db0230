const MAX_KEYS = 10_000;

/** A fixed budget per caller and window, of this process; for callers that are let in, but not at any pace. */
export class Throttle {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #counts = new Map<string, { sinceMs: number; count: number }>();

  constructor(max: number, windowMs: number) {
    this.#max = max;
    this.#windowMs = windowMs;
  }

  /** How many callers are counted. */
  get size(): number {
    return this.#counts.size;
  }

  /** Takes one. @returns milliseconds until there is room again; 0 where there was */
  take(key: string, nowMs: number): number {
    let entry = this.#counts.get(key);
    if (entry === undefined || nowMs - entry.sinceMs >= this.#windowMs || nowMs < entry.sinceMs) {
      if (entry === undefined && this.#counts.size >= MAX_KEYS)
        this.#counts.delete(this.#counts.keys().next().value as string);
      entry = { sinceMs: nowMs, count: 0 };
      // Begun last, forgotten last.
      this.#counts.delete(key);
      this.#counts.set(key, entry);
    }
    if (entry.count >= this.#max) return entry.sinceMs + this.#windowMs - nowMs;
    entry.count++;
    return 0;
  }
}
