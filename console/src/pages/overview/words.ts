import type { ResponseEntry } from '../../api/responses.ts';
import type { TrafficCounts } from '../../../../src/server/api/types.ts';
import { requests } from '../../chart/stack.ts';
import { percent, plural, whole } from '../../format/number.ts';

/** A part of a whole, 0 to 1; null where there is no whole. */
export function share(part: number, all: number): number | null {
  return all === 0 ? null : Math.min(1, part / all);
}

/** Traffic that the stream goes on counting, in a sentence with the numbers of the tiles. */
export function trafficWords(totals: TrafficCounts): string {
  const all = requests(totals);
  if (all === 0) return 'No requests in this span.';
  const through = percent((totals.allowed + totals.answered) / all);
  const parts = (['limited', 'blocked', 'challenged'] as const)
    .filter((kind) => totals[kind] > 0)
    .map((kind) => `${whole(totals[kind])} ${kind}`);
  const shadow =
    totals.wouldRefuse > 0
      ? ` Guards in shadow mode would have refused ${whole(totals.wouldRefuse)} more.`
      : '';
  return `${[plural(all, 'request'), `${through} let through`, ...parts].join(', ')}.${shadow}`;
}

interface Counts {
  readonly ok: number;
  readonly failed: number;
}

/** How many of some tries went well, beside the same hour of last week; a fall of a tenth is worth a colour. */
export function signInWords(
  now: Counts,
  before: Counts,
): { readonly value: string; readonly note: string; readonly isWorse: boolean } {
  const shareNow = share(now.ok, now.ok + now.failed);
  const shareThen = share(before.ok, before.ok + before.failed);
  const then = shareThen === null ? 'none a week before' : `${percent(shareThen)} a week before`;
  if (shareNow === null)
    return { value: '–', note: `nobody signed in within the hour; ${then}`, isWorse: false };
  return {
    value: percent(shareNow),
    note: `${whole(now.ok)} of ${whole(now.ok + now.failed)} in the last hour; ${then}`,
    isWorse: shareThen !== null && shareNow < shareThen - 0.1,
  };
}

/** Whom it touches, by the decisions of the last day. */
export function touchWords({ radius, met }: Pick<ResponseEntry, 'radius' | 'met'>): string {
  const parts: string[] = [];
  if (radius !== null) {
    parts.push(
      radius.targeted === 0
        ? 'none of the requests before it'
        : `${percent(radius.share)} of the requests before it`,
    );
    parts.push(
      radius.goodTargeted === 0
        ? 'nobody in good standing'
        : plural(radius.goodTargeted, 'person in good standing', 'people in good standing'),
    );
  }
  if (met !== null) parts.push(`met ${whole(met)} so far`);
  return parts.join(', ');
}

/** How a response is to be seen. */
export const LOOK: Readonly<Record<ResponseEntry['state'], 'acting' | 'waiting' | 'shadow' | 'ended'>> = {
  full: 'acting',
  staged: 'acting',
  waiting: 'waiting',
  shadow: 'shadow',
  expired: 'ended',
  undone: 'ended',
  'rolled-back': 'ended',
  refused: 'ended',
};
