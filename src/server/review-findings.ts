import type { Grants, OverdueReview } from '../modules/access/grants/index.ts';
import type { HealthAnswer } from './api/types.ts';

type Finding = HealthAnswer['findings'][number];

const DAY_MS = 86_400_000;
/** As many as are named. */
export const MAX_OVERDUE = 5;

/**
 * What is to be said about reviews of access whose day is over: pure, so that the health page and `rampart doctor` say the
 * same.
 * @param overdue the longest overdue first; one more than {@link MAX_OVERDUE} tells that there are others
 */
export function reviewFindings(overdue: readonly OverdueReview[], nowMs: number): readonly Finding[] {
  if (overdue.length === 0) return [];
  const named = overdue.slice(0, MAX_OVERDUE).map(({ name, dueAtMs, open }) => {
    const days = Math.floor((nowMs - dueAtMs) / DAY_MS);
    return `'${name}' (${days === 0 ? 'since today' : `${days} d`}, ${open} undecided)`;
  });
  const more = overdue.length > MAX_OVERDUE ? ', …' : '';
  return [
    {
      level: 'warning',
      text: `Reviews of access are overdue: ${named.join(', ')}${more}.`,
      remedy: 'Decide their lines and close them: Access, Reviews in the console.',
    },
  ];
}

/** The same of a running server; nothing while the database is away, which has a check of its own. */
export async function overdueFindings(
  reviews: Pick<Grants['reviews'], 'overdue'> | undefined,
  nowMs: number,
): Promise<readonly Finding[]> {
  if (!reviews) return [];
  try {
    return reviewFindings(await reviews.overdue(MAX_OVERDUE + 1), nowMs);
  } catch {
    return [];
  }
}

/** What the database knows of; nothing of what it cannot be asked now: that it is away is a check of its own. */
export async function storedFindings(
  ...asked: readonly Promise<readonly Finding[]>[]
): Promise<readonly Finding[]> {
  const found = await Promise.allSettled(asked);
  return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
}
