import type { TrafficClass } from '../../../src/server/api/types.ts';
import { whole } from '../format/number.ts';
import { clockTime, shortTime } from '../format/time.ts';
import type { Zone } from '../format/time.ts';
import { CLASSES, requests } from './stack.ts';
import type { Bucket } from './stack.ts';

/** What each class means, in one phrase. */
export const CLASS_MEANING: Readonly<Record<TrafficClass, string>> = {
  allowed: 'Passed every guard and reached the handler',
  answered: 'Answered by a guard, nothing was wrong (preflight, cached answer)',
  challenged: 'Asked to prove something first',
  limited: 'Refused by a limit',
  blocked: 'Refused by any other guard',
};

/** When a column begins, as exactly as its chart is wide. */
export function columnTime(atMs: number, spanMs: number, zone: Zone): string {
  return spanMs > 86_400_000 ? shortTime(atMs, zone) : clockTime(atMs, zone, spanMs < 3_600_000);
}

/** One column read aloud: `14:05: 431 requests, 12 limited, 3 blocked`. */
export function bucketSentence(bucket: Bucket, spanMs: number, zone: Zone): string {
  const time = columnTime(bucket.atMs, spanMs, zone);
  const parts = CLASSES.filter((kind) => kind !== 'allowed' && bucket[kind] > 0).map(
    (kind) => `${whole(bucket[kind])} ${kind}`,
  );
  if (bucket.wouldRefuse > 0) parts.push(`${whole(bucket.wouldRefuse)} would have been refused`);
  const rest = parts.length === 0 ? 'nothing refused' : parts.join(', ');
  return `${time}: ${whole(requests(bucket))} requests, ${rest}`;
}
