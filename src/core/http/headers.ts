import type { RequestContext, RoutePlan } from '../context.ts';
import { planHeaders } from './plan-headers.ts';

/** A header's value as node:http takes it. */
export type HeaderValue = string | number | readonly string[];
/** What `writeHead` of node:http takes: an object, a flat list, or a list of pairs. */
export type GivenHeaders =
  | Readonly<Record<string, HeaderValue | undefined>>
  | readonly HeaderValue[]
  | readonly (readonly [string, HeaderValue])[];

/** Headers that tell of the body that was meant to be sent, and are wrong for the error that is sent instead. */
export const BODY_HEADERS = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-disposition',
  'content-range',
  'content-language',
  'content-location',
  'transfer-encoding',
  'accept-ranges',
  'etag',
  'last-modified',
  'cache-control',
  'expires',
] as const;

/**
 * The house's headers of one response: the plan's, then the request's; flat. Cookies stand side by side. A guard's reply
 * has them in it already.
 */
export function ownHeaders(context: RequestContext): readonly string[] {
  if (context.reply !== null) return [];
  const { plan, headers } = context;
  if (headers === null) return plan.headers;
  const out = [...plan.headers];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    const at = name === 'set-cookie' ? -1 : placeOf(out, plan, name);
    if (at < 0) out.push(name, value);
    else out[at + 1] = value;
  }
  return out;
}

/** Place of a lower-case name in a flat list that begins with the plan's headers; -1 when it is not there. */
function placeOf(flat: readonly HeaderValue[], plan: RoutePlan, name: string): number {
  const known = planHeaders(plan).places.get(name);
  if (known !== undefined) return known;
  for (let i = plan.headers.length; i < flat.length; i += 2) if (flat[i] === name) return i;
  return -1;
}

/**
 * Puts what the application gave upon the house's own headers: a name of the application's replaces ours, but cookies
 * stand side by side and `vary` is the union, since a lost `vary: origin` would poison caches.
 * @param own as `ownHeaders` gave them
 */
export function mergeGiven(
  context: RequestContext,
  own: readonly string[],
  given: GivenHeaders,
): GivenHeaders {
  const { plan } = context;
  if (own.length === 0) return withoutRemoved(given, plan.removes);
  const out: HeaderValue[] = [...own];
  eachHeader(given, (name, value) => {
    const lower = name.toLowerCase();
    if (plan.removes.includes(lower) || (lower === 'set-cookie' && hasCookie(own, value))) return;
    const at = lower === 'set-cookie' ? -1 : placeOf(own, plan, lower);
    if (at < 0) out.push(name, value);
    else out[at + 1] = lower === 'vary' ? unionOf(own[at + 1] as string, String(value)) : value;
  });
  return out;
}

/** Whether the very cookie is there already, as in the gate's words for an error. */
function hasCookie(own: readonly string[], value: HeaderValue): boolean {
  for (let i = 0; i < own.length; i += 2) if (own[i] === 'set-cookie' && own[i + 1] === value) return true;
  return false;
}

/** Calls `visit` for each header of any of the forms that node:http knows. */
export function eachHeader(given: GivenHeaders, visit: (name: string, value: HeaderValue) => void): void {
  if (!Array.isArray(given)) {
    const fields = given as Readonly<Record<string, HeaderValue>>;
    for (const name of Object.keys(fields)) visit(name, fields[name] as HeaderValue);
  } else if (Array.isArray(given[0])) {
    for (const [name, value] of given as readonly (readonly [string, HeaderValue])[]) visit(name, value);
  } else {
    const flat = given as readonly HeaderValue[];
    for (let i = 0; i < flat.length; i += 2) visit(String(flat[i]), flat[i + 1] as HeaderValue);
  }
}

/** Two values of `vary` as one. */
export function unionOf(ours: string, theirs: string): string {
  const names = new Map<string, string>();
  for (const name of `${ours},${theirs}`.split(',')) {
    const text = name.trim();
    if (text !== '') names.set(text.toLowerCase(), text);
  }
  return names.has('*') ? '*' : [...names.values()].join(', ');
}

/** The given headers but those that are to be taken away. */
export function withoutRemoved(given: GivenHeaders, removes: readonly string[]): GivenHeaders {
  if (removes.length === 0) return given;
  const kept: HeaderValue[] = [];
  let dropped = false;
  eachHeader(given, (name, value) => {
    if (removes.includes(name.toLowerCase())) dropped = true;
    else kept.push(name, value);
  });
  return dropped ? kept : given;
}
