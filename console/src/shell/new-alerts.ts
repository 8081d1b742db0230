import type { AlertEntry } from '../api/alerts.ts';

/** What is said of alerts that were not there before: the worst one, and how many came with it. Null for none. */
export function newAlertWords(known: ReadonlySet<string>, alerts: readonly AlertEntry[]): string | null {
  const fresh = alerts.filter(({ id }) => !known.has(id));
  const [worst] = fresh;
  if (worst === undefined) return null;
  const more = fresh.length === 1 ? '' : `, and ${fresh.length - 1} more`;
  return `New alert, ${worst.severity.toLowerCase()}: ${worst.title}${more}`;
}
