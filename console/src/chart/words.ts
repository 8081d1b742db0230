import type { TrafficClass } from '../../../src/server/api/types.ts';
import { percent, whole } from '../format/number.ts';
import { clockTime, shortTime } from '../format/time.ts';
import type { Zone } from '../format/time.ts';
import { CLASSES, refused, requests } from './stack.ts';
import type { Bucket } from './stack.ts';

/** What each class means, in one phrase. */
export const CLASS_MEANING: Readonly<Record<TrafficClass, string>> = {
  allowed: 'Passed every guard and reached the handler',
  answered: 'Answered by a guard, nothing was wrong (preflight, cached answer)',
  challenged: 'Asked to prove something first',
  limited: 'Refused by a limit',
  blocked: 'Refused by any other guard',
};

/** One column read aloud: `14:05: 431 requests, 12 limited, 3 blocked`. */
export function bucketSentence(bucket: Bucket, spanMs: number, zone: Zone): string {
  const time =
    spanMs > 86_400_000 ? shortTime(bucket.atMs, zone) : clockTime(bucket.atMs, zone, spanMs < 3_600_000);
  const parts = CLASSES.filter((kind) => kind !== 'allowed' && bucket[kind] > 0).map(
    (kind) => `${whole(bucket[kind])} ${kind}`,
  );
  if (bucket.wouldRefuse > 0) parts.push(`${whole(bucket.wouldRefuse)} would have been refused`);
  const rest = parts.length === 0 ? 'nothing refused' : parts.join(', ');
  return `${time}: ${whole(requests(bucket))} requests, ${rest}`;
}

/** What the chart shows, and when most was refused. */
export function chartSentence(series: readonly Bucket[], zone: Zone): string {
  const all = series.reduce((sum, bucket) => sum + requests(bucket), 0);
  const isLong = (series.at(-1)?.atMs ?? 0) - (series[0]?.atMs ?? 0) > 86_400_000;
  if (all === 0) return 'No requests in this span.';
  const bad = series.reduce((sum, bucket) => sum + refused(bucket), 0);
  const peak = series.reduce((top, bucket) => (refused(bucket) > refused(top) ? bucket : top));
  const share = percent(bad / all);
  const start = `${whole(all)} requests, ${bad === 0 ? 'none' : `${whole(bad)} (${share})`} refused.`;
  if (bad === 0) return start;
  const when = isLong ? `on ${shortTime(peak.atMs, zone)}` : `at ${clockTime(peak.atMs, zone, false)}`;
  return `${start} Most refusals ${when}: ${whole(refused(peak))}.`;
}
