import { field, NO_TEXT, type ReadyField, textOf, countOf, misfit } from './field.ts';

/** Somewhere on earth. */
export interface Coordinates {
  /** Degrees, -90 to 90. */
  readonly latitude: number;
  /** Degrees, -180 to 180. */
  readonly longitude: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** A UUID of any version; gives it in lower case. */
export function uuid(): ReadyField<string> {
  return field({ type: 'string', format: 'uuid' }, (given) => {
    if (typeof given !== 'string') return NO_TEXT;
    if (given.length !== 36 || !UUID.test(given)) return misfit('UUID_INVALID', 'Must be a UUID.');
    return { value: given.toLowerCase() };
  });
}

/** Latitude and longitude, as numbers. */
export function coordinates(): ReadyField<Coordinates, Coordinates> {
  const degree = { type: 'number' };
  const described = { type: 'object', properties: { latitude: degree, longitude: degree } };
  return field(described, (given) => {
    const { latitude, longitude } = (given ?? {}) as Partial<Record<keyof Coordinates, unknown>>;
    if (!within(latitude, 90) || !within(longitude, 180))
      return misfit('COORDINATES_INVALID', 'Must be a latitude and a longitude in degrees.');
    return { value: { latitude, longitude } };
  });
}

function within(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= -most && value <= most;
}

/** A text of some length, with no control characters but tabs and line ends. */
export function words(bounds: { readonly min?: number; readonly max: number }): ReadyField<string> {
  const { min = 0, max } = bounds;
  return field({ type: 'string' }, (given) => {
    if (typeof given !== 'string') return NO_TEXT;
    const value = textOf(given, max * 2);
    const characters = value === undefined ? max + 1 : countOf(value);
    if (value === undefined || characters < min || characters > max)
      return misfit('LENGTH', `Must be ${min} to ${max} characters long.`);
    if (/(?![\t\n\r])\p{Cc}/u.test(value)) return misfit('NOT_TEXT', 'Holds a control character.');
    return { value };
  });
}

/** A whole number within bounds; of a query it may come as digits. */
export function whole(bounds: {
  readonly min: number;
  readonly max: number;
}): ReadyField<number, number | string> {
  const { min, max } = bounds;
  return field({ type: 'integer' }, (given) => {
    const value = typeof given === 'string' && /^-?\d{1,15}$/.test(given) ? Number(given) : given;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
      return misfit('RANGE', `Must be a whole number from ${min} to ${max}.`);
    return { value };
  });
}
