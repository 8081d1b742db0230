import type { FeedStatus } from '../modules/shield/index.ts';
import type { HealthAnswer } from './api/types.ts';

type Finding = HealthAnswer['findings'][number];

const HOUR_MS = 3_600_000;

/** What is to be said about feeds: pure, so that the health page and `rampart doctor` say the same. */
export function feedFindings(feeds: readonly FeedStatus[], nowMs: number): readonly Finding[] {
  return feeds.flatMap((feed): Finding[] => {
    const { name, state, error } = feed;
    if (state === 'current') return [];
    const byHand = feed.source === null;
    const remedy = error ?? (byHand ? handWords(feed) : `rampart feeds update ${name}`);
    if (state === 'missing')
      return [
        {
          // Just started: it will be asked for by itself.
          level: error === null && feed.nextAtMs !== null ? 'info' : 'warning',
          text: `The feed ${name} has no file yet: nothing stands on it.`,
          remedy,
        },
      ];
    const text =
      state === 'failed'
        ? `The feed ${name} could not be brought up to date; what it had stays in use.`
        : `The feed ${name} is stale: ${ageOf(feed, nowMs)}.`;
    return [{ level: 'warning', text, remedy }];
  });
}

function handWords({ name, state }: FeedStatus): string {
  return state === 'missing'
    ? `Put the file into the folder feeds of the data folder; rampart feeds update ${name} says under which name.`
    : 'Put a newer file in its place.';
}

/** Which of its ages makes it stale. */
function ageOf({ checkedAtMs, updatedAtMs, builtAtMs, staleAfterMs }: FeedStatus, nowMs: number): string {
  const seenAtMs = checkedAtMs ?? updatedAtMs;
  return builtAtMs !== null && (seenAtMs === null || nowMs - seenAtMs <= staleAfterMs)
    ? `its maker built it ${ageWords(nowMs - builtAtMs)} ago`
    : `it was last found to be up to date ${ageWords(nowMs - (seenAtMs ?? nowMs))} ago`;
}

function ageWords(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
