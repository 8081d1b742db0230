/** Keys that are counted at once; beyond them only every second, fourth, eighth … key is. */
const MAX_KEYS = 4_096;
/** Exact up to 16, then eight bins per doubling, up to 2⁴⁰. */
const EXACT = 16;
const PER_OCTAVE = 8;
const BINS = EXACT + PER_OCTAVE * 36 + 1;
/** The last hour in slices. */
const SLICES = 12;
const SLICE_MS = 300_000;
/** Counts that a shown bin is made of; bins of the answer are at most this many. */
const MAX_SHOWN = 24;

/** How many requests the keys of a policy made per window, over the last hour. */
export interface RateHistogram {
  /** `upTo` inclusive; the last bin is open (`upTo` null). `keys` counts key-windows. */
  readonly bins: readonly { readonly from: number; readonly upTo: number | null; readonly keys: number }[];
  /** Share of key-windows at or under the limit, 0 to 1; null without data. */
  readonly shareWithin: number | null;
  /** Smallest limit under which 99 % of key-windows stay; null without data. */
  readonly p99: number | null;
  /** The same for 99.9 %. */
  readonly p999: number | null;
}

/**
 * Counts what keys ask for per window (granted or not, so that a better limit can be found), for a sample of the keys
 * chosen by their hash: whole keys, never single requests, so that the counts are true.
 */
export class RateCounts {
  readonly #windowMs: number;
  readonly #open = new Map<string, { count: number }>();
  readonly #slices = Array.from({ length: SLICES }, () => ({ index: -1, bins: new Float64Array(BINS) }));
  #window = -1;
  /** When the open windows began; before the first one, never. */
  #fromMs = Infinity;
  #mask = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** A request asked for `key`. */
  saw(key: string, nowMs: number): void {
    if (nowMs < this.#fromMs || nowMs >= this.#fromMs + this.#windowMs) this.#roll(nowMs);
    if (this.#mask !== 0 && (mix(key) & this.#mask) !== 0) return;
    const open = this.#open.get(key);
    if (open !== undefined) open.count++;
    else {
      if (this.#open.size >= MAX_KEYS) this.#thin();
      if ((mix(key) & this.#mask) === 0) this.#open.set(key, { count: 1 });
    }
  }

  /** The last hour, the open windows included. @param max the limit in force */
  answer(max: number, nowMs: number): RateHistogram {
    const bins = new Float64Array(BINS);
    const oldest = Math.floor(nowMs / SLICE_MS) - SLICES;
    for (const slice of this.#slices) {
      if (slice.index <= oldest) continue;
      for (let i = 0; i < BINS; i++) bins[i] = (bins[i] as number) + (slice.bins[i] as number);
    }
    for (const { count } of this.#open.values())
      bins[binOf(count)] = (bins[binOf(count)] as number) + this.#mask + 1;
    return summary(bins, max);
  }

  /** Closes the windows that were open: they go into the slice in which they ended. */
  #roll(nowMs: number): void {
    if (this.#open.size > 0) {
      const { bins } = this.#slice((this.#window + 1) * this.#windowMs - 1);
      for (const { count } of this.#open.values())
        bins[binOf(count)] = (bins[binOf(count)] as number) + this.#mask + 1;
      // A crowd that has gone lets more of the keys be counted again.
      if (this.#open.size < MAX_KEYS / 4) this.#mask >>>= 1;
      this.#open.clear();
    }
    this.#window = Math.floor(nowMs / this.#windowMs);
    this.#fromMs = this.#window * this.#windowMs;
  }

  #slice(atMs: number): { index: number; bins: Float64Array } {
    const index = Math.floor(atMs / SLICE_MS);
    const slice = this.#slices[index % SLICES] as { index: number; bins: Float64Array };
    if (slice.index !== index) {
      slice.index = index;
      slice.bins.fill(0);
    }
    return slice;
  }

  /** Halves the sample: keys of which the next bit of the hash is set are forgotten. */
  #thin(): void {
    while (this.#open.size >= MAX_KEYS && this.#mask < 0x3fffffff) {
      this.#mask = this.#mask * 2 + 1;
      for (const key of this.#open.keys()) if ((mix(key) & this.#mask) !== 0) this.#open.delete(key);
    }
  }
}

/** A cheap hash of a key's end, where keys differ. Only chooses a sample: who steers it skews a statistic. */
function mix(key: string): number {
  let hash = 0x2545f491;
  for (let i = Math.max(0, key.length - 10); i < key.length; i++)
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x5bd1e995);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function binOf(count: number): number {
  if (count <= EXACT) return count - 1;
  const octave = 31 - Math.clz32(Math.min(count - 1, 0x7fffffff));
  const within = Math.floor(((count - 1) / 2 ** octave - 1) * PER_OCTAVE);
  return Math.min(BINS - 1, EXACT + (octave - 4) * PER_OCTAVE + within);
}

/** The largest count of a bin. */
function topOf(bin: number): number {
  if (bin < EXACT) return bin + 1;
  const octave = 4 + Math.floor((bin - EXACT) / PER_OCTAVE);
  const within = (bin - EXACT) % PER_OCTAVE;
  return Math.floor(2 ** octave * (1 + (within + 1) / PER_OCTAVE));
}

function summary(bins: Float64Array, max: number): RateHistogram {
  const total = bins.reduce((sum, one) => sum + one, 0);
  if (total === 0) return { bins: [], shareWithin: null, p99: null, p999: null };
  let within = 0;
  for (let i = 0; i < BINS; i++) if (topOf(i) <= max) within += bins[i] as number;
  return {
    bins: shownBins(bins),
    shareWithin: within / total,
    p99: quantile(bins, total * 0.99),
    p999: quantile(bins, total * 0.999),
  };
}

function quantile(bins: Float64Array, rank: number): number {
  let sum = 0;
  for (let i = 0; i < BINS; i++) {
    sum += bins[i] as number;
    if (sum >= rank) return topOf(i);
  }
  return topOf(BINS - 1);
}

/** Joins neighbours until few enough bins are left; the last one is open. */
function shownBins(bins: Float64Array): RateHistogram['bins'] {
  let last = BINS - 1;
  while (last > 0 && bins[last] === 0) last--;
  const width = Math.ceil((last + 1) / MAX_SHOWN);
  const shown: { from: number; upTo: number | null; keys: number }[] = [];
  for (let start = 0; start <= last; start += width) {
    const end = Math.min(start + width - 1, BINS - 1);
    let keys = 0;
    for (let i = start; i <= end; i++) keys += bins[i] as number;
    shown.push({ from: start === 0 ? 1 : topOf(start - 1) + 1, upTo: topOf(end), keys });
  }
  const open = shown.at(-1);
  shown.push({ from: (open?.upTo ?? 0) + 1, upTo: null, keys: 0 });
  return shown;
}
