import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { RequestContext, RoutePlan } from '../context.ts';
import { eachHeader, type GivenHeaders, type HeaderValue, unionOf } from './headers.ts';
import { type PlanHeaders, planHeaders } from './plan-headers.ts';

/** Names that are remembered in lower case; more are worked out each time. */
const MAX_NAMES = 1_000;
const LOWER = new Map<string, string>();

/** A header's name in lower case. @throws TypeError of node:http when it is no name (RFC 9110, 5.1) */
export function lowerName(name: string): string {
  const known = LOWER.get(name);
  if (known !== undefined) return known;
  validateHeaderName(name);
  const lower = name.toLowerCase();
  if (LOWER.size < MAX_NAMES) LOWER.set(name, lower);
  return lower;
}

/**
 * The headers of one response: the house's from the start, with what the application does to them. One flat list, because
 * `writeHead` of node:http takes that at a fraction of the price of as many `setHeader`.
 */
export class HeaderList {
  /** Names as they were given, and values. A name of the plan keeps its place; an empty one was removed. */
  readonly #flat: HeaderValue[];
  readonly #plan: RoutePlan;
  readonly #ready: PlanHeaders;
  readonly #places: ReadonlyMap<string, number>;
  /** Where the plan's headers end. */
  readonly #planEnd: number;
  /** Names after the plan's, in lower case. */
  readonly #lower: string[] = [];
  #holes = 0;
  /** Bits of the plan's headers that are not as the plan has them. */
  #changed = 0;
  /** Lines of the head that are not in what `finish` gave: the plan's, where nobody changed them. */
  lines = '';
  /** How many of the request's own headers are in the list already. */
  #taken = 0;
  /** What the house varies by; the application's `vary` is joined with it. */
  #vary: string | null;

  /** @param context a request that was not refused */
  constructor(context: RequestContext) {
    const { plan } = context;
    this.#plan = plan;
    this.#flat = plan.headers.slice();
    this.#planEnd = plan.headers.length;
    this.#ready = planHeaders(plan);
    this.#places = this.#ready.places;
    const vary = this.#places.get('vary');
    this.#vary = vary === undefined ? null : (plan.headers[vary + 1] as string);
    if (context.headers !== null) this.#takeOwn(context.headers);
  }

  /** Takes the headers that guards gave since the last time. Cookies are taken when the head is written. */
  #takeOwn(headers: readonly string[]): void {
    for (let i = this.#taken; i < headers.length; i += 2) {
      const name = headers[i] as string;
      if (name === 'set-cookie') continue;
      const value = headers[i + 1] as string;
      if (name === 'vary') this.#vary = value;
      this.set(name, name, value);
    }
    this.#taken = headers.length;
  }

  /** Place of a lower-case name, or -1. */
  #at(lower: string): number {
    const place = this.#places.get(lower);
    if (place !== undefined) return this.#flat[place] === '' ? -1 : place;
    const index = this.#lower.indexOf(lower);
    return index < 0 ? -1 : this.#planEnd + 2 * index;
  }

  /** Value of a lower-case name. */
  get(lower: string): HeaderValue | undefined {
    const at = this.#at(lower);
    return at < 0 ? undefined : this.#flat[at + 1];
  }

  /** Sets a header in place of one of the same name. */
  set(lower: string, name: string, value: HeaderValue): void {
    const flat = this.#flat;
    let at = this.#places.get(lower);
    if (at === undefined) {
      const index = this.#lower.indexOf(lower);
      if (index < 0) {
        this.#lower.push(lower);
        flat.push(name, value);
        return;
      }
      at = this.#planEnd + 2 * index;
    } else this.#changed |= 1 << (at >> 1);
    if (flat[at] === '') this.#holes--;
    flat[at] = name;
    flat[at + 1] = value;
  }

  /** Sets a header beside those of the same name. */
  append(lower: string, name: string, value: HeaderValue): void {
    const at = this.#at(lower);
    if (at < 0) {
      this.set(lower, name, value);
      return;
    }
    if (at < this.#planEnd) this.#changed |= 1 << (at >> 1);
    const before = listOf(this.#flat[at + 1] as HeaderValue);
    this.#flat[at + 1] = before.concat(value as string | readonly string[]);
  }

  /** Takes a header away. */
  remove(lower: string): void {
    const at = this.#at(lower);
    if (at < 0) return;
    if (at < this.#planEnd) {
      this.#flat[at] = '';
      this.#changed |= 1 << (at >> 1);
      this.#holes++;
      return;
    }
    this.#flat.splice(at, 2);
    this.#lower.splice((at - this.#planEnd) / 2, 1);
  }

  /** Names as they were given, and values. */
  entries(): readonly HeaderValue[] {
    if (this.#holes === 0) return this.#flat;
    const out: HeaderValue[] = [];
    for (let i = 0; i < this.#flat.length; i += 2) {
      if (this.#flat[i] !== '') out.push(this.#flat[i] as string, this.#flat[i + 1] as HeaderValue);
    }
    return out;
  }

  /**
   * The list as it is to be sent, with what was given to `writeHead` and what guards have said meanwhile; but for `lines`.
   * @param given replaces what is there, name by name; a name that it has twice is sent twice
   */
  finish(context: RequestContext, given: GivenHeaders | undefined): readonly HeaderValue[] {
    const { headers } = context;
    if (headers !== null && headers.length > this.#taken) this.#takeLate(headers);
    if (given !== undefined) this.#take(given);
    if (this.#vary !== null) this.#joinVary(this.#vary);
    if (headers !== null) this.#takeCookies(headers);
    const { removes } = this.#plan;
    for (let i = 0; i < removes.length; i++) this.remove(removes[i] as string);
    return this.#rest();
  }

  /** What is not in `lines`. A head that asks for `100 Continue` is flushed at once, so that nothing can be added to it. */
  #rest(): readonly HeaderValue[] {
    const text = this.get('expect') === undefined ? this.#ready.textWithout(this.#changed) : null;
    this.lines = text ?? '';
    if (this.lines === '') return this.entries();
    const flat = this.#flat;
    const rest = flat.slice(this.#planEnd);
    for (let i = 0; i < this.#planEnd; i += 2) {
      if (flat[i] !== '' && !this.#ready.isWithin(i, this.#changed))
        rest.push(flat[i] as string, flat[i + 1] as HeaderValue);
    }
    return rest;
  }

  /** What a guard says after the application has begun gives way to what the application said itself. */
  #takeLate(headers: readonly string[]): void {
    for (let i = this.#taken; i < headers.length; i += 2) {
      const name = headers[i] as string;
      if (name === 'set-cookie') continue;
      if (name === 'vary') this.#vary = headers[i + 1] as string;
      const now = this.get(name);
      if (now === undefined || now === this.#saidBefore(headers, name, i))
        this.set(name, name, headers[i + 1] as string);
    }
    this.#taken = headers.length;
  }

  /** What the house itself said of a name before. */
  #saidBefore(headers: readonly string[], name: string, end: number): string | undefined {
    for (let i = end - 2; i >= 0; i -= 2) if (headers[i] === name) return headers[i + 1];
    const place = this.#places.get(name);
    return place === undefined ? undefined : this.#plan.headers[place + 1];
  }

  #take(given: GivenHeaders): void {
    if (!Array.isArray(given)) {
      const fields = given as Readonly<Record<string, HeaderValue | undefined>>;
      for (const name in fields) {
        if (Object.hasOwn(fields, name)) this.set(lowerName(name), name, sendable(name, fields[name]));
      }
      return;
    }
    const fresh = new Set<string>();
    eachHeader(given, (name, value) => {
      const lower = lowerName(name);
      if (fresh.has(lower)) this.append(lower, name, sendable(name, value));
      else this.set(lower, name, sendable(name, value));
      fresh.add(lower);
    });
  }

  #joinVary(ours: string): void {
    const at = this.#at('vary');
    if (at < 0 || this.#flat[at + 1] === ours) return;
    this.#flat[at + 1] = unionOf(ours, String(this.#flat[at + 1]));
  }

  #takeCookies(headers: readonly string[]): void {
    for (let i = 0; i < headers.length; i += 2) {
      if (headers[i] !== 'set-cookie') continue;
      const there = this.get('set-cookie');
      const cookie = headers[i + 1] as string;
      if (there === undefined || !listOf(there).includes(cookie))
        this.append('set-cookie', 'set-cookie', cookie);
    }
  }
}

/** A value that cannot be sent is refused here, so that the list can still carry the error that follows. */
function sendable(name: string, value: HeaderValue | undefined): HeaderValue {
  validateHeaderValue(name, value as string);
  return value as HeaderValue;
}

/** A number stays one, as node:http has it. */
function listOf(value: HeaderValue): string[] {
  return typeof value === 'object' ? [...value] : [value as string];
}
