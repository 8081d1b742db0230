import type { Scalar } from '../../../src/server/api/types.ts';
import { millis, whole } from './number.ts';
import { duration, fullTime } from './time.ts';
import type { Zone } from './time.ts';

/** A number or word of a reason, with the unit that its name states (`windowMs`, `retryAfterSeconds`). */
export function valueText(name: string, value: Scalar, zone: Zone): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  if (name.endsWith('Ms')) {
    if (value > 1e11) return fullTime(value, zone);
    return value >= 1000 ? duration(value) : millis(value);
  }
  if (name.endsWith('Seconds')) return duration(value * 1000);
  return Number.isInteger(value) ? whole(value) : value.toFixed(3).replace(/0+$/, '');
}

/** `windowMs` as a reader sees it: `window`. */
export function valueName(name: string): string {
  return name
    .replace(/(Ms|Seconds)$/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}
