import { OptionsError } from '../../core/errors.ts';
import { custom, type Fields, list, number, oneOf, optional, readOptions } from '../../core/options.ts';

/** Hours of a week. */
export interface Hours {
  /** Events inside or outside of these hours. */
  readonly when: 'inside' | 'outside';
  /** `'07:00-19:00'`; past midnight `'22:00-06:00'`. */
  readonly between: string;
  /** Days on which the hours count, 1 (Monday) to 7; default all. Other days are outside. */
  readonly days?: readonly number[] | undefined;
  /** Name of a time zone, such as `Europe/Berlin`; default UTC. */
  readonly timeZone?: string | undefined;
}

/** Tells whether a moment fits. */
export type HoursTest = (atMs: number) => boolean;

const zone = custom(
  'name of a time zone',
  (value, path) => {
    if (value === undefined) return undefined;
    try {
      return new Intl.DateTimeFormat('en', { timeZone: value as string }).resolvedOptions().timeZone;
    } catch {
      throw new OptionsError(path, 'expected the name of a time zone, such as Europe/Berlin');
    }
  },
  true,
);
const between = custom<string>("hours such as '07:00-19:00'", (value, path) => {
  if (typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-4]):[0-5]\d$/.test(value))
    return value;
  throw new OptionsError(path, "expected hours such as '07:00-19:00'");
});
const FIELDS: Fields<Hours> = {
  when: oneOf(['inside', 'outside']),
  between,
  days: optional(list(number({ min: 1, max: 7 }), { atMost: 7 })),
  timeZone: zone,
};

/** Reads the hours of a condition. @throws OptionsError */
export function readHours(given: unknown, path: string): Hours {
  return readOptions<Hours>(path, given, FIELDS);
}

/** Makes the test of hours that were read. */
export function hoursTest({ when, between: text, days, timeZone = 'UTC' }: Hours): HoursTest {
  const [from, to] = text.split('-').map(minutesOf) as [number, number];
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (atMs) => {
    const { day, minute } = localTime(format, atMs);
    const within = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
    return (within && (days === undefined || days.includes(day))) === (when === 'inside');
  };
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function localTime(
  format: Intl.DateTimeFormat,
  atMs: number,
): { readonly day: number; readonly minute: number } {
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  return {
    day: DAYS.indexOf(parts['weekday'] ?? '') + 1,
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
}

function minutesOf(text: string): number {
  const [hours, minutes] = text.split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
}
