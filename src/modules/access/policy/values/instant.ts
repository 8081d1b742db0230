/** A whole number: a double where it holds it exactly, else a bigint. The two compare exactly with `<` and `>`. */
export type Exact = number | bigint;

/** Microseconds since the epoch; the infinities of PostgreSQL as numbers. */
export type Instant = Exact;

const SHAPE =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}(?::?\d{2})?)$/;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * Reads a `Date`, the infinities as drivers give them, or a text with its zone. A text without a zone means another
 * instant on another machine and is not read.
 * @returns undefined for anything else
 */
export function readInstant(value: unknown): Instant | undefined {
  if (value instanceof Date) return microseconds(value.getTime(), 0);
  if (value === Infinity || value === 'infinity') return Infinity;
  if (value === -Infinity || value === '-infinity') return -Infinity;
  if (typeof value !== 'string') return undefined;
  const match = SHAPE.exec(value);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = match;
  const dayMs = dayStartMs(Number(year), Number(month), Number(day));
  const offset = offsetMinutes(zone);
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (dayMs === undefined || offset === undefined || h > 23 || m > 59 || s > 59) return undefined;
  return microseconds(dayMs + ((h * 60 + m - offset) * 60 + s) * 1_000, Number(fraction.padEnd(6, '0')));
}

/** @returns microseconds since the epoch, undefined for an invalid time */
export function microseconds(ms: number, extraUs: number): Instant | undefined {
  if (Number.isNaN(ms)) return undefined;
  const us = ms * 1_000 + extraUs;
  return Number.isSafeInteger(us) ? us : BigInt(ms) * 1_000n + BigInt(extraUs);
}

/** Midnight UTC of a day that exists, from the year 1; undefined for any other. */
function dayStartMs(year: number, month: number, day: number): number | undefined {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && year > 0;
  return exists && date.getUTCDate() === day ? date.getTime() : undefined;
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 15 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** Writes an instant of the years 1 to 9999 in UTC; undefined for any other. */
export function instantText(value: Instant): string | undefined {
  if (value === Infinity) return 'infinity';
  if (value === -Infinity) return '-infinity';
  const us = BigInt(value);
  const extra = ((us % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const date = new Date(Number((us - extra) / 1_000n));
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9_999)) return undefined;
  return `${date.toISOString().slice(0, 19)}.${String(extra).padStart(6, '0')}Z`;
}

/**
 * Reads a day as drivers give `date`: `YYYY-MM-DD`, which sorts as text. The infinities sort around all days.
 * @returns undefined for anything else, a `Date` too: which day it means depends on a zone
 */
export function readDay(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value === 'infinity') return 'infinity';
  if (value === '-infinity') return '-infinity';
  const match = DAY.exec(value);
  if (!match) return undefined;
  return dayStartMs(Number(match[1]), Number(match[2]), Number(match[3])) === undefined ? undefined : value;
}
