import { ago } from '../../format/time.ts';

const DAY_MS = 86_400_000;
/** What ends within this time is pointed out. */
const SOON_MS = 7 * DAY_MS;

/**
 * The end that was chosen, milliseconds since the epoch.
 * @param choice days, `date`, or empty for no end
 * @param day `2026-12-01`, for `date`: the end of that day where the reader is
 * @returns undefined for no end, null for a day that is none or is over
 */
export function expiryOf(choice: string, day: string, nowMs: number): number | undefined | null {
  if (choice === '') return undefined;
  if (choice !== 'date') return nowMs + Number(choice) * DAY_MS;
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const end = new Date(year, month - 1, date + 1).getTime() - 1;
  const isDay = new Date(end).getMonth() === month - 1 && new Date(end).getDate() === date;
  return isDay && end > nowMs ? end : null;
}

/** What is left of a time in words. @param expiresAtMs null: until somebody ends it */
export function leftWords(
  expiresAtMs: number | null,
  nowMs: number,
): { readonly text: string; readonly state: 'open' | 'over' | 'soon' | 'later' } {
  if (expiresAtMs === null) return { text: 'Until ended', state: 'open' };
  if (expiresAtMs <= nowMs) return { text: 'Ended', state: 'over' };
  return { text: ago(expiresAtMs, nowMs), state: expiresAtMs - nowMs <= SOON_MS ? 'soon' : 'later' };
}
