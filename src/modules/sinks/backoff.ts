const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** What a server may ask for at most. */
const LONGEST_ASKED_MS = 900_000;

/**
 * Pause before the next try, in milliseconds: a random part of a span that doubles from 1 s to a minute (full jitter), so
 * that nodes and sinks do not come back together; and never less than the server asked for. Pure.
 * @param attempts tries that failed in a row, this one included
 * @param random a whole number from 0 to below `max`
 */
export function pauseMs(attempts: number, afterMs: number | null, random: (max: number) => number): number {
  const span = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 16));
  return Math.min(LONGEST_ASKED_MS, afterMs ?? 0) + random(span + 1);
}
