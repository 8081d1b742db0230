import type { ResponseEntry } from '../../api/responses.ts';
import { percent, plural, whole } from '../../format/number.ts';
import { RESPONDER, targetWords } from '../responses/words.ts';

/** A part of a whole, 0 to 1; null where there is no whole. */
export function share(part: number, all: number): number | null {
  return all === 0 ? null : Math.min(1, part / all);
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

/** What a response does to whom, in a few words. */
export function actWords({ responder, target }: Pick<ResponseEntry, 'responder' | 'target'>): string {
  return `${RESPONDER[responder].label}: ${targetWords(responder, target)}`;
}

/** Whom it touches, by the decisions of the last day. */
export function touchWords({ radius, met }: Pick<ResponseEntry, 'radius' | 'met'>): string {
  const parts: string[] = [];
  if (radius !== null) {
    parts.push(radius.targeted === 0 ? 'no request of the last day' : `${percent(radius.share)} of requests`);
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
