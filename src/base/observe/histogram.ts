const SUB_BITS = 3;
const SUB = 1 << SUB_BITS;
const BUCKETS = (32 - SUB_BITS) * SUB;

/**
 * Counts durations in log-linear buckets (eight per doubling, so within 12.5 %), from 1 µs to an hour. A record is two
 * shifts and an increment; two histograms merge by addition.
 */
export class DurationHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #sumMs = 0;
  #count = 0;

  /** @param durationMs milliseconds */
  record(durationMs: number): void {
    const us = durationMs >= 4_000_000 ? 4_000_000_000 : Math.max(0, Math.floor(durationMs * 1000));
    const index = bucketOf(us >>> 0);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#sumMs += durationMs;
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  get sumMs(): number {
    return this.#sumMs;
  }

  /** Upper edge of the bucket that holds the quantile (0 to 1), milliseconds; 0 without data. */
  quantileMs(quantile: number): number {
    let left = Math.max(1, Math.ceil(quantile * this.#count));
    if (this.#count === 0) return 0;
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#counts[i] as number;
      if (left <= 0) return upperEdge(i) / 1000;
    }
    return upperEdge(BUCKETS - 1) / 1000;
  }

  /** How many records are at most `ms` milliseconds, to the precision of a bucket. */
  countUpTo(ms: number): number {
    const last = bucketOf(Math.min(4_000_000_000, Math.floor(ms * 1000)) >>> 0);
    let sum = 0;
    for (let i = 0; i <= last; i++) sum += this.#counts[i] as number;
    return sum;
  }
}

function bucketOf(us: number): number {
  if (us < SUB) return us;
  const exponent = 31 - Math.clz32(us);
  const sub = (us >>> (exponent - SUB_BITS)) & (SUB - 1);
  return (exponent - SUB_BITS + 1) * SUB + sub;
}

function upperEdge(index: number): number {
  if (index < SUB) return index;
  const shift = Math.floor(index / SUB) - 1;
  return (SUB + (index % SUB) + 1) * 2 ** shift - 1;
}
