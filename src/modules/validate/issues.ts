import type { StandardIssue } from '../../core/standard-schema.ts';
import type { FieldFault } from './fault.ts';
import type { Shape } from './shape/shape.ts';

const MAX_FAULTS = 20;
const MAX_MESSAGE = 200;
/** Texts of an input that messages are held against; where there are more, none of the library's words are used. */
const MAX_TEXTS = 2_000;
const PLAIN_KEY = /^[\w-]{1,64}$/;

/** What libraries tell of an issue beyond Standard Schema. */
interface Told extends StandardIssue {
  readonly code?: unknown;
  readonly type?: unknown;
  readonly kind?: unknown;
  readonly expected?: unknown;
  readonly params?: { readonly code?: unknown } | undefined;
}

/** A value as it was given to a schema, and what is known of it. */
export interface Subject {
  readonly value: unknown;
  readonly shape: Shape | undefined;
  /** Name of the part, where the whole of it is meant. */
  readonly part: string;
}

/**
 * Issues as they may be shown: never with anything of the value. Libraries quote it in their messages, so a message in
 * which any text of the input stands gives way to one of our own.
 */
export function faultsOf(issues: readonly StandardIssue[], subject: Subject): readonly FieldFault[] {
  const texts = new Texts(subject.value, subject.shape);
  return issues.slice(0, MAX_FAULTS).map((issue) => {
    const missing = isMissing(issue, subject.value);
    const field = fieldOf(issue, subject);
    if (missing) return { field, code: 'REQUIRED', message: 'Is missing.' };
    return { field, code: codeOf(issue), message: messageOf(issue, texts) };
  });
}

function keysOf({ path = [] }: StandardIssue): readonly PropertyKey[] {
  return [...path].map((one) => (typeof one === 'object' ? one.key : one));
}

/** The path; keys that the caller chose are `*`. */
function fieldOf(issue: StandardIssue, { part, shape }: Subject): string {
  let at = shape;
  const shown = keysOf(issue).map((key) => {
    const index = typeof key === 'number' || (typeof key === 'string' && /^\d{1,7}$/.test(key));
    const isKnown = at === undefined || index || at.keys?.has(String(key)) === true;
    at = at && (at.keys?.get(String(key)) ?? (index ? at.items : undefined));
    return isKnown && PLAIN_KEY.test(String(key)) ? String(key) : '*';
  });
  return shown.join('.') || part;
}

function isMissing(issue: StandardIssue, value: unknown): boolean {
  const keys = keysOf(issue);
  let at: unknown = value;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return keys.at(-1) === key;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at === undefined;
}

function codeOf(issue: Told): string {
  const { code, type, kind, params } = issue;
  if (typeof params?.code === 'string') return wordOf(params.code);
  if (code === 'unrecognized_keys') return 'UNKNOWN_KEY';
  if (code === 'invalid_type' || code === 'domain' || kind === 'schema') return 'WRONG_TYPE';
  if (typeof code === 'string' && code !== 'custom' && code !== 'predicate') return wordOf(code);
  return typeof type === 'string' ? wordOf(type) : 'INVALID';
}

function wordOf(code: string): string {
  return /^\w{1,40}$/.test(code) ? code.toUpperCase() : 'INVALID';
}

function messageOf(issue: Told, texts: Texts): string {
  const { message, expected } = issue;
  if (issue.code === 'unrecognized_keys') return 'Holds a key that is not known here.';
  if (isSayable(message) && !texts.standIn(message)) return message;
  // Valibot and arktype tell what they expected apart from what they found.
  if (isSayable(expected) && !texts.standIn(expected)) return `Must be ${expected}.`;
  return 'Does not fit.';
}

function isSayable(text: unknown): text is string {
  return typeof text === 'string' && text !== '' && text.length <= MAX_MESSAGE;
}

/** Every text that an input is made of: values, and keys that its schema does not name. */
class Texts {
  readonly #value: unknown;
  readonly #shape: Shape | undefined;
  #texts: Set<string> | undefined;

  constructor(value: unknown, shape: Shape | undefined) {
    this.#value = value;
    this.#shape = shape;
  }

  /** Whether one of them stands in a message, in whatever case, or its beginning where it was cut. */
  standIn(message: string): boolean {
    if (this.#texts === undefined) {
      this.#texts = new Set();
      this.#collect(this.#value, this.#shape);
    }
    if (this.#texts.size > MAX_TEXTS) return true;
    const folded = fold(message);
    for (const text of this.#texts) if (folded.includes(text)) return true;
    return false;
  }

  #collect(value: unknown, shape: Shape | undefined): void {
    const texts = this.#texts as Set<string>;
    if (texts.size > MAX_TEXTS) return;
    if (Array.isArray(value)) for (const one of value) this.#collect(one, shape?.items);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value)) {
        if (shape !== undefined && shape.keys?.has(key) !== true) this.#add(key);
        this.#collect(one, shape?.keys?.get(key));
      }
    } else if (typeof value === 'string' || typeof value === 'number') this.#add(String(value));
  }

  #add(text: string): void {
    // Written plain, and as a string literal; cut at the first escape, which libraries write in several ways.
    const [first = ''] = fold(text)
      .trim()
      .split(/["\\\p{Cc}]/u, 1);
    const start = first === '' ? fold(text).trim() : first;
    if (start !== '') this.#texts?.add(start.slice(0, 12));
  }
}

function fold(text: string): string {
  return text.toLowerCase();
}
