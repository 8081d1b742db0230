/** Hours in which people are told CRITICAL things alone. */
export interface QuietHours {
  /** Minutes since midnight, 0 to 1439. */
  readonly from: number;
  /** May lie before `from`: then it is of the next day. */
  readonly to: number;
  /** IANA name. */
  readonly zone: string;
}

const MINUTE_MS = 60_000;
const DAY = 1_440;

/** Minutes since midnight in a zone. @throws RangeError of a zone that is not known */
export function minuteOfDay(zone: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(atMs);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return of('hour') * 60 + of('minute');
}

/**
 * When quiet hours end that reign now; null where none do. When the clocks are changed in between it may be an hour too early
 * or late: asked again then, it says how long is left.
 */
export function quietUntilMs({ from, to, zone }: QuietHours, nowMs: number): number | null {
  const minute = minuteOfDay(zone, nowMs);
  const isQuiet = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!isQuiet) return null;
  const left = (to - minute + DAY) % DAY;
  return Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + left * MINUTE_MS;
}
