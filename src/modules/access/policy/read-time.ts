import { OptionsError } from '../../../core/errors.ts';
import type { FactNode } from './model.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const KEYS = ['days', 'from', 'to', 'zone'];
/** Names of the IANA database: an offset such as `+03` means opposite things in JavaScript and in PostgreSQL. */
const ZONE = /^[A-Z][A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)*$/;

function refuse(path: string, reason: string): never {
  throw new OptionsError(path, reason);
}

/** Checks a window of time. @throws OptionsError */
export function readTimeWindow(given: unknown, path: string): FactNode {
  if (typeof given !== 'object' || given === null) refuse(path, 'expected { days?, from?, to?, zone }');
  const window = given as Record<string, unknown>;
  for (const key of Object.keys(window))
    if (!KEYS.includes(key)) refuse(`${path}.${key}`, `unknown; known are ${KEYS.join(', ')}`);
  const fromMinute = minuteOf(window['from'] ?? '00:00', `${path}.from`);
  const toMinute = minuteOf(window['to'] ?? '24:00', `${path}.to`);
  if (fromMinute === toMinute) refuse(`${path}.to`, 'is the same as from');
  return {
    op: 'time',
    days: daysOf(window['days'], `${path}.days`),
    fromMinute,
    toMinute,
    zone: zoneOf(window['zone'], `${path}.zone`),
  };
}

function daysOf(given: unknown, path: string): readonly number[] {
  if (given === undefined) return [1, 2, 3, 4, 5, 6, 7];
  if (!Array.isArray(given) || given.length === 0) refuse(path, `expected a list of ${DAYS.join(', ')}`);
  const days = given.map((day, i) => {
    const at = DAYS.indexOf(day as string);
    return at < 0 ? refuse(`${path}[${i}]`, `expected one of ${DAYS.join(', ')}`) : at + 1;
  });
  return [...new Set(days)].toSorted((a, b) => a - b);
}

function minuteOf(given: unknown, path: string): number {
  const match = typeof given === 'string' ? /^(\d{2}):(\d{2})$/.exec(given) : null;
  const minute = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN;
  if (!match || Number(match[2]) > 59 || minute > 1_440) refuse(path, `expected 'HH:MM', 00:00 to 24:00`);
  return minute;
}

function zoneOf(given: unknown, path: string): string {
  if (typeof given !== 'string' || !ZONE.test(given)) refuse(path, `expected a name such as 'Asia/Riyadh'`);
  try {
    return new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone && given;
  } catch {
    return refuse(path, `'${given.slice(0, 40)}' is no zone of the IANA database`);
  }
}
