/** Where times are shown: of this machine, or UTC. */
export type Zone = 'local' | 'utc';

const formats = new Map<string, Intl.DateTimeFormat>();

/** `14:05:12` */
export function clockTime(atMs: number, zone: Zone, seconds = true): string {
  return format(
    zone,
    { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' as const } : {}) },
    atMs,
  );
}

/** `21 Nov 2026, 14:05:12` */
export function fullTime(atMs: number, zone: Zone): string {
  return format(
    zone,
    {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    },
    atMs,
  );
}

/** `21 Nov, 14:05` */
export function shortTime(atMs: number, zone: Zone): string {
  return format(zone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }, atMs);
}

/** `14:05`, or with its day where that is not the present one's: a moment since which something is so. */
export function momentTime(atMs: number, nowMs: number, zone: Zone): string {
  const day = (ms: number): string => format(zone, { day: 'numeric', month: 'short', year: 'numeric' }, ms);
  return day(atMs) === day(nowMs) ? clockTime(atMs, zone, false) : shortTime(atMs, zone);
}

/** Label of an axis whose whole span is `spanMs` long. */
export function axisTime(atMs: number, spanMs: number, zone: Zone): string {
  if (spanMs > 2 * 86_400_000) return format(zone, { day: 'numeric', month: 'short' }, atMs);
  return clockTime(atMs, zone, spanMs < 300_000);
}

/** `just now`, `42 s ago`, `5 min ago`, `3 h ago`, `2 d ago`; `in 5 min` for the future. */
export function ago(atMs: number, nowMs: number): string {
  const gapMs = nowMs - atMs;
  if (Math.abs(gapMs) < 5000) return 'just now';
  const text = duration(Math.abs(gapMs), 1);
  return gapMs > 0 ? `${text} ago` : `in ${text}`;
}

/** A moment as a field of date and time holds it: `2026-11-21T14:05`. */
export function inputTime(atMs: number, zone: Zone): string {
  const shiftMs = zone === 'utc' ? 0 : new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - shiftMs).toISOString().slice(0, 16);
}

/** The moment that such a field holds, milliseconds since the epoch; null where it holds none. */
export function readInputTime(text: string, zone: Zone): number | null {
  const atMs = Date.parse(zone === 'utc' ? `${text}Z` : text);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && !Number.isNaN(atMs) ? atMs : null;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** `2 h 5 min`: the largest units, at most `parts` of them, rounded down. */
export function duration(lengthMs: number, parts = 2): string {
  const out: string[] = [];
  let left = Math.max(0, lengthMs);
  for (const [name, unitMs] of UNITS) {
    const count = Math.floor(left / unitMs);
    if (count === 0 && out.length === 0) continue;
    left -= count * unitMs;
    if (count > 0) out.push(`${count} ${name}`);
    parts -= 1;
    if (parts === 0) break;
  }
  return out.length === 0 ? '0 s' : out.join(' ');
}

/** `0:42`, `12:05`, `3:12:05`, `2 d 3 h`: time left, ticking. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  if (seconds >= 86_400) return duration(seconds * 1000);
  const pad = (value: number): string => value.toString().padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

function format(zone: Zone, options: Intl.DateTimeFormatOptions, atMs: number): string {
  const key = `${zone}${Object.keys(options).join()}${options.month ?? ''}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', {
      ...options,
      hourCycle: 'h23',
      ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
    });
    formats.set(key, found);
  }
  return found.format(atMs);
}
