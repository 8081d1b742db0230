/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Nothing of ours is nested deeper; what is came from elsewhere. */
const MAX_DEPTH = 32;

/**
 * Writes JSON in its one canonical form (RFC 8785): names sorted by UTF-16 code units, numbers as ECMAScript writes them,
 * Unicode as it is, no spaces.
 * @throws TypeError on what has no such form: numbers that are not finite, lone surrogates, deep nesting
 */
export function canonicalJson(value: Json, depth = 0): string {
  if (depth > MAX_DEPTH) throw new TypeError('nested too deeply for a canonical form');
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('not a finite number');
  if (typeof value === 'string' && !value.isWellFormed()) throw new TypeError('a lone surrogate');
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one: Json) => canonicalJson(one, depth + 1)).join(',')}]`;
  const members = value as { readonly [name: string]: Json };
  const texts = Object.keys(members)
    .toSorted(byCodeUnits)
    .map((name) => `${canonicalJson(name, depth + 1)}:${canonicalJson(members[name] as Json, depth + 1)}`);
  return `{${texts.join(',')}}`;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
