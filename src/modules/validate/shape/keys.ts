import { type FieldFault } from '../fault.ts';
import type { Shape } from './shape.ts';

const MAX_FAULTS = 20;

/** A value without the keys that its schema neither names nor takes. Nothing is changed in place. */
export function stripped(value: unknown, shape: Shape | undefined): unknown {
  if (shape === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return shape.items === undefined ? value : value.map((one) => stripped(one, shape.items));
  const { keys, others } = shape;
  if (keys === undefined) return value;
  const result: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) {
    const known = keys.get(key);
    if (known !== undefined) result[key] = stripped(one, known);
    else if (others !== 'unsaid') result[key] = one;
  }
  return result;
}

/** Objects that hold keys which their schema neither names nor takes, at most 20. */
export function unknownKeys(value: unknown, shape: Shape | undefined, part: string): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  look(value, shape, part, '', faults);
  return faults;
}

function look(
  value: unknown,
  shape: Shape | undefined,
  part: string,
  path: string,
  faults: FieldFault[],
): void {
  if (shape === undefined || typeof value !== 'object' || value === null || faults.length >= MAX_FAULTS)
    return;
  const below = (key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) {
    if (shape.items !== undefined) value.forEach((one, i) => look(one, shape.items, part, below(i), faults));
    return;
  }
  if (shape.keys === undefined) return;
  const entries = Object.entries(value);
  if (shape.others !== 'taken' && entries.some(([key]) => !shape.keys?.has(key)))
    faults.push({ field: path || part, code: 'UNKNOWN_KEY', message: 'Holds a key that is not known here.' });
  for (const [key, one] of entries) look(one, shape.keys.get(key), part, below(key), faults);
}
