import type { AlertEntry } from '../../api/alerts.ts';

/** Rows that stay where they are. */
export interface Steady {
  readonly rows: readonly AlertEntry[];
  /** New ones that wait until the reader asks for them. */
  readonly waiting: number;
}

/**
 * Brings a list up to date without moving what the reader looks at: rows that are shown keep their places, what belongs
 * after the last of them is added there, and what would push in between is counted. With nothing shown all are.
 * @param shown ids in the order in which they are on the page
 */
export function steady(shown: readonly string[], next: readonly AlertEntry[]): Steady {
  const places = new Map(next.map((one, at) => [one.id, at]));
  const kept = shown.flatMap((id) => places.get(id) ?? []);
  if (kept.length === 0) return { rows: next, waiting: 0 };
  const lastAt = Math.max(...kept);
  const isKept = new Set(kept);
  const between = next.filter((_, at) => at < lastAt && !isKept.has(at)).length;
  const rows = kept.map((at) => next[at] as AlertEntry);
  return { rows: [...rows, ...next.slice(lastAt + 1)], waiting: between };
}
