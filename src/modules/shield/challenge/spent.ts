const MAX_KEPT = 50_000;

/**
 * Challenges that were solved already, until they would have run out anyway. Bounded: beyond it the oldest are forgotten,
 * and could be shown once more, by the same client, for a clearance like the one that it has.
 */
export class Spent {
  readonly #until = new Map<string, number>();

  /** Takes one. @returns whether it had not been taken before */
  take(seed: string, untilMs: number, nowMs: number): boolean {
    const known = this.#until.get(seed);
    if (known !== undefined && known > nowMs) return false;
    this.#forget(nowMs);
    this.#until.set(seed, untilMs);
    return true;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#until.size;
  }

  #forget(nowMs: number): void {
    for (const [seed, untilMs] of this.#until) {
      if (untilMs > nowMs && this.#until.size < MAX_KEPT) return;
      this.#until.delete(seed);
    }
  }
}
