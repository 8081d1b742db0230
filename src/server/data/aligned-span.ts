import { TRAFFIC_BUCKET_MS } from './traffic.ts';
import { SUM_WIDTHS_MS } from './traffic-tables.ts';

/** A span that is to be cut into buckets. */
export interface SpanQuery {
  /** Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How many buckets are wished for, 1 to 500; widths are whole multiples of 10 s. */
  readonly buckets: number;
}

/** Widths that a reader of a clock expects, 10 s to a day: columns begin at whole minutes, hours, days. */
const ROUND_WIDTHS_MS = [
  ...[10, 20, 30, 60, 120, 300, 600, 900, 1_800].map((seconds) => seconds * 1_000),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * 3_600_000),
];

/**
 * Widens a span to whole buckets, whose width is a multiple of the stored one. Round widths are taken where they widen
 * the span by a tenth at most.
 */
export function alignedSpan(query: SpanQuery): { fromMs: number; toMs: number; bucketMs: number } {
  const askedMs = query.toMs - query.fromMs;
  for (const bucketMs of ROUND_WIDTHS_MS) {
    const first = Math.floor(query.fromMs / bucketMs);
    const end = Math.ceil(query.toMs / bucketMs);
    const isClose = (end - first) * bucketMs - askedMs <= Math.max(2 * TRAFFIC_BUCKET_MS, askedMs / 10);
    if (end - first <= query.buckets && isClose)
      return { fromMs: first * bucketMs, toMs: end * bucketMs, bucketMs };
  }
  // Of sums where a tenth of a bucket is as wide: a column is moved by less than can be seen, and read at once.
  const unitMs =
    SUM_WIDTHS_MS.find((widthMs) => askedMs / query.buckets >= 10 * widthMs) ?? TRAFFIC_BUCKET_MS;
  const fromMs = Math.floor(query.fromMs / unitMs) * unitMs;
  const lengthMs = Math.max(1, query.toMs - fromMs);
  const bucketMs = Math.ceil(lengthMs / query.buckets / unitMs) * unitMs;
  return { fromMs, toMs: fromMs + Math.ceil(lengthMs / bucketMs) * bucketMs, bucketMs };
}
