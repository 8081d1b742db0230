import type {
  OverviewAnswer,
  TickMessage,
  TrafficClass,
  TrafficCounts,
} from '../../../src/server/api/types.ts';

/** Classes from the bottom of the stack upwards: what was let through first, what was refused on top. */
export const CLASSES = [
  'allowed',
  'answered',
  'challenged',
  'limited',
  'blocked',
] as const satisfies readonly TrafficClass[];

/** One column of the chart. */
export type Bucket = TrafficCounts & { readonly atMs: number };

/** A stacked column: for each visible class its lower and upper bound, in requests. */
export interface Column {
  readonly atMs: number;
  readonly parts: readonly { readonly kind: TrafficClass; readonly from: number; readonly to: number }[];
  readonly total: number;
}

/** Stacks the visible classes of every bucket. */
export function stack(series: readonly Bucket[], hidden: ReadonlySet<TrafficClass>): readonly Column[] {
  return series.map((bucket) => {
    let total = 0;
    const parts: Column['parts'][number][] = [];
    for (const kind of CLASSES) {
      if (hidden.has(kind) || bucket[kind] === 0) continue;
      parts.push({ kind, from: total, to: total + bucket[kind] });
      total += bucket[kind];
    }
    return { atMs: bucket.atMs, parts, total };
  });
}

/** A round upper end of an axis and its steps, for values up to `highest`. */
export function axis(
  highest: number,
  steps = 4,
): { readonly top: number; readonly ticks: readonly number[] } {
  if (highest <= 0) return { top: steps, ticks: Array.from({ length: steps + 1 }, (_, i) => i) };
  const rough = highest / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10;
  const step = Math.max(1, factor * power);
  const count = Math.ceil(highest / step);
  return { top: step * count, ticks: Array.from({ length: count + 1 }, (_, i) => i * step) };
}

const ROUND_MS = [
  ...[10, 20, 30, 60, 120, 300, 600, 900, 1_800].map((seconds) => seconds * 1_000),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map((hours) => hours * 3_600_000),
];

/**
 * Columns that carry a time, `atMost` of them: those that begin at a round time of the reader's clock, else every n-th.
 * @param offsetMs what the reader's clock is ahead of UTC
 */
export function labelled(
  series: readonly { readonly atMs: number }[],
  bucketMs: number,
  atMost: number,
  offsetMs: number,
): readonly number[] {
  const every = Math.max(1, Math.ceil(series.length / Math.max(2, atMost)));
  const stepMs = ROUND_MS.find((one) => one >= every * bucketMs && one % bucketMs === 0);
  const round =
    stepMs === undefined
      ? []
      : series.flatMap(({ atMs }, index) => ((atMs + offsetMs) % stepMs === 0 ? [index] : []));
  if (round.length > 1) return round;
  return series.flatMap((_, index) => (index % every === 0 ? [index] : []));
}

/** All requests of a bucket or total. */
export function requests(counts: TrafficCounts): number {
  return counts.allowed + counts.answered + counts.challenged + counts.limited + counts.blocked;
}

/**
 * Adds what the stream counted after the answer was made, so that the last columns move every second. The answer stays
 * the truth: the next one replaces what is added here.
 */
export function mergeTicks(answer: OverviewAnswer, ticks: readonly TickMessage[]): readonly Bucket[] {
  const { series, bucketMs } = answer;
  const fresh = freshTicks(answer, ticks);
  const last = series.at(-1);
  if (fresh.length === 0 || last === undefined) return series;
  const tail: Bucket[] = [last];
  for (const { atMs, counts } of fresh) {
    let bucket = tail.at(-1) ?? last;
    while (atMs >= bucket.atMs + bucketMs && tail.length < series.length) {
      bucket = { ...EMPTY, atMs: bucket.atMs + bucketMs };
      tail.push(bucket);
    }
    tail[tail.length - 1] = add(bucket, counts);
  }
  return [...series.slice(tail.length - 1, -1), ...tail];
}

/** The totals of an answer with what the stream counted since. */
export function addTicks(answer: OverviewAnswer, ticks: readonly TickMessage[]): TrafficCounts {
  return freshTicks(answer, ticks).reduce((sum, { counts }) => plus(sum, counts), answer.totals);
}

function freshTicks({ countedAtMs }: OverviewAnswer, ticks: readonly TickMessage[]): readonly TickMessage[] {
  return ticks.filter(({ atMs }) => atMs > countedAtMs);
}

const EMPTY: TrafficCounts = {
  allowed: 0,
  answered: 0,
  challenged: 0,
  limited: 0,
  blocked: 0,
  wouldRefuse: 0,
};

function add(bucket: Bucket, counts: TrafficCounts): Bucket {
  return { atMs: bucket.atMs, ...plus(bucket, counts) };
}

function plus(one: TrafficCounts, other: TrafficCounts): TrafficCounts {
  return {
    allowed: one.allowed + other.allowed,
    answered: one.answered + other.answered,
    challenged: one.challenged + other.challenged,
    limited: one.limited + other.limited,
    blocked: one.blocked + other.blocked,
    wouldRefuse: one.wouldRefuse + other.wouldRefuse,
  };
}
