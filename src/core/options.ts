import { formatDuration, parseDuration } from './duration.ts';
import { OptionsError } from './errors.ts';

/** Reads one value of a configuration, or refuses it with its path. */
export interface Field<T> {
  /** @throws OptionsError */
  parse(value: unknown, path: string): T;
  /** Unit, bounds and default in a few words: shown by the console and held against the docs. */
  readonly about: string;
  /** Whether the option may be left out. */
  readonly optional?: boolean;
}

/** A reader for each option of an object. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

function refuse(path: string, reason: string): never {
  throw new OptionsError(path, reason);
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/**
 * Reads an object of options: every unknown key is refused (with the nearest known one), every value is checked.
 * @throws OptionsError naming the path and the reason
 */
export function readOptions<T>(path: string, given: unknown, fields: Fields<T>): T {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    refuse(path, `expected an object, found ${shown(given)}`);
  }
  const source = given as Record<string, unknown>;
  for (const key of Object.keys(source)) {
    if (!Object.hasOwn(fields, key)) {
      const near = nearest(key, Object.keys(fields));
      refuse(
        path === '' ? key : `${path}.${key}`,
        `unknown option${near ? `; did you mean '${near}'?` : ''}`,
      );
    }
  }
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(fields) as (keyof T & string)[]) {
    const value = fields[key].parse(source[key], path === '' ? key : `${path}.${key}`);
    if (value !== undefined) result[key] = value;
  }
  return result as T;
}

function nearest(key: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = 3;
  for (const candidate of known) {
    const distance = editDistance(key.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3 || a.length > 40) return 99;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + same);
    }
    row = next;
  }
  return row[b.length] as number;
}

/** A length of time: `'10s'` outside, milliseconds inside. */
export function duration(bounds: { min?: string; max?: string; default?: string } = {}): Field<number> {
  const min = bounds.min === undefined ? 0 : (parseDuration(bounds.min) as number);
  const max = bounds.max === undefined ? Number.MAX_SAFE_INTEGER : (parseDuration(bounds.max) as number);
  return {
    about: `duration${bounds.min ? ` ≥ ${bounds.min}` : ''}${bounds.max ? ` ≤ ${bounds.max}` : ''}${bounds.default ? `, default ${bounds.default}` : ''}`,
    optional: bounds.default !== undefined,
    parse(value, path) {
      const text = value === undefined ? bounds.default : value;
      if (typeof text !== 'string') refuse(path, `expected a duration such as '10s', found ${shown(text)}`);
      const ms = parseDuration(text);
      if (ms === undefined)
        refuse(path, `'${text.slice(0, 40)}' is not a duration; write '250ms', '10s', '15m', '1h' or '7d'`);
      if (ms < min) refuse(path, `${formatDuration(ms)} is shorter than ${bounds.min}`);
      if (ms > max) refuse(path, `${formatDuration(ms)} is longer than ${bounds.max}`);
      return ms;
    },
  };
}

/** A number with bounds; whole unless `fraction`. */
export function number(bounds: {
  min: number;
  max: number;
  default?: number;
  fraction?: boolean;
}): Field<number> {
  const kind = bounds.fraction ? 'number' : 'whole number';
  return {
    about: `${kind} ${bounds.min} to ${bounds.max}${bounds.default === undefined ? '' : `, default ${bounds.default}`}`,
    optional: bounds.default !== undefined,
    parse(value, path) {
      const found = value === undefined ? bounds.default : value;
      if (
        typeof found !== 'number' ||
        Number.isNaN(found) ||
        (!bounds.fraction && !Number.isInteger(found))
      ) {
        refuse(path, `expected a ${kind}, found ${shown(found)}`);
      }
      if (found < bounds.min || found > bounds.max) {
        refuse(path, `${found} is outside ${bounds.min} to ${bounds.max}`);
      }
      return found;
    },
  };
}

/** One of a closed list of words. */
export function oneOf<const T extends string>(words: readonly T[], fallback?: T): Field<T> {
  return {
    about: `one of ${words.join(', ')}${fallback === undefined ? '' : `, default ${fallback}`}`,
    optional: fallback !== undefined,
    parse(value, path) {
      const found = value === undefined ? fallback : value;
      if (typeof found !== 'string' || !words.includes(found as T)) {
        refuse(path, `expected one of ${words.join(', ')}, found ${shown(found)}`);
      }
      return found as T;
    },
  };
}

/** True or false. */
export function flag(fallback: boolean): Field<boolean> {
  return {
    about: `true or false, default ${fallback}`,
    optional: true,
    parse(value, path) {
      if (value === undefined) return fallback;
      if (typeof value !== 'boolean') refuse(path, `expected true or false, found ${shown(value)}`);
      return value;
    },
  };
}

/** Text of bounded length that fits a pattern. */
export function text(
  bounds: { min?: number; max?: number; pattern?: RegExp; default?: string; about?: string } = {},
): Field<string> {
  const { min = 1, max = 1_000 } = bounds;
  return {
    about:
      bounds.about ??
      `text of ${min} to ${max} characters${bounds.default === undefined ? '' : `, default '${bounds.default}'`}`,
    optional: bounds.default !== undefined,
    parse(value, path) {
      const found = value === undefined ? bounds.default : value;
      if (typeof found !== 'string') refuse(path, `expected text, found ${shown(found)}`);
      if (found.length < min || found.length > max) refuse(path, `expected ${min} to ${max} characters`);
      if (bounds.pattern && !bounds.pattern.test(found))
        refuse(path, `${shown(found)} does not fit: ${bounds.about ?? bounds.pattern.source}`);
      return found;
    },
  };
}

/** A list; `atMost` items. */
export function list<T>(
  item: Field<T>,
  bounds: { atMost?: number; default?: readonly T[] } = {},
): Field<readonly T[]> {
  return {
    about: `list of: ${item.about}${bounds.default === undefined ? '' : '; default empty'}`,
    optional: bounds.default !== undefined,
    parse(value, path) {
      if (value === undefined && bounds.default !== undefined) return bounds.default;
      if (!Array.isArray(value)) refuse(path, `expected a list, found ${shown(value)}`);
      if (value.length > (bounds.atMost ?? 10_000))
        refuse(path, `more than ${bounds.atMost ?? 10_000} items`);
      return value.map((one, i) => item.parse(one, `${path}[${i}]`));
    },
  };
}

/** An object with free keys. */
export function record<T>(
  item: Field<T>,
  bounds: { default?: Readonly<Record<string, T>> } = {},
): Field<Readonly<Record<string, T>>> {
  return {
    about: `object of: ${item.about}`,
    optional: bounds.default !== undefined,
    parse(value, path) {
      if (value === undefined && bounds.default !== undefined) return bounds.default;
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        refuse(path, `expected an object, found ${shown(value)}`);
      return Object.fromEntries(
        Object.entries(value).map(([key, one]) => {
          if (key === '__proto__' || key === 'constructor' || key === 'prototype')
            refuse(`${path}.${key}`, 'this name cannot be used');
          return [key, item.parse(one, `${path}.${key}`)];
        }),
      );
    },
  };
}

/** A nested object of options. */
export function object<T>(fields: Fields<T>, fallback?: unknown): Field<T> {
  return {
    about: 'object',
    optional: fallback !== undefined,
    parse: (value, path) => readOptions(path, value === undefined ? fallback : value, fields),
  };
}

/** May be left out. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    about: `${field.about}; may be left out`,
    optional: true,
    parse: (value, path) => (value === undefined ? undefined : field.parse(value, path)),
  };
}

/** Anything that passes a check of its own. */
export function custom<T>(
  about: string,
  parse: (value: unknown, path: string) => T,
  isOptional = false,
): Field<T> {
  return { about, parse, optional: isOptional };
}

/** Either of two shapes: tries the first where `isFirst` says so. */
export function either<A, B>(
  isFirst: (value: unknown) => boolean,
  first: Field<A>,
  second: Field<B>,
): Field<A | B> {
  return {
    about: `${first.about}, or ${second.about}`,
    parse: (value, path) => (isFirst(value) ? first.parse(value, path) : second.parse(value, path)),
  };
}
