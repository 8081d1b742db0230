import { refused } from './fault.ts';
import type { ReadValidateOptions } from './options.ts';

/** Bounds of a value that somebody sent. */
export type Bounds = Pick<
  ReadValidateOptions,
  'maxDepth' | 'maxKeys' | 'maxItems' | 'maxValues' | 'maxTextLength'
>;

const POLLUTING = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a key could reach an object's prototype, also as a part of a dotted or bracketed one. */
export function isPolluting(key: string): boolean {
  // Most keys are short words that hold none of them.
  if (!/proto|constructor/.test(key)) return false;
  return key.split(/[.[\]]/).some((part) => POLLUTING.has(part.replaceAll(/["'\s]/g, '')));
}

/**
 * Looks through a value once: keys that could reach a prototype, texts that are none, numbers that were rounded, and all
 * bounds. Its depth was bounded before, or is by the walk itself.
 * @param part names what is looked at, for the error
 * @returns how many keys there are in all
 * @throws ValidationError
 */
export function checkValue(value: unknown, part: string, bounds: Bounds): number {
  return new Walk(part, bounds).run(value);
}

class Walk {
  readonly #part: string;
  readonly #bounds: Bounds;
  #keys = 0;
  #values = 0;

  constructor(part: string, bounds: Bounds) {
    this.#part = part;
    this.#bounds = bounds;
  }

  run(value: unknown): number {
    this.#look(value, 0);
    return this.#keys;
  }

  #look(value: unknown, depth: number): void {
    if (typeof value === 'string') checkText(value, this.#part, this.#bounds.maxTextLength);
    else if (typeof value === 'number') checkNumber(value, this.#part);
    else if (Array.isArray(value)) this.#list(value, depth + 1);
    else if (typeof value === 'object' && value !== null) this.#object(value, depth + 1);
  }

  #list(list: readonly unknown[], depth: number): void {
    this.#enter(list.length, this.#bounds.maxItems, depth);
    for (const item of list) this.#look(item, depth);
  }

  #object(object: object, depth: number): void {
    const keys = Object.keys(object);
    this.#enter(keys.length, this.#bounds.maxKeys, depth);
    this.#keys += keys.length;
    for (const key of keys) {
      checkKey(key, this.#part);
      this.#look((object as Record<string, unknown>)[key], depth);
    }
  }

  #enter(count: number, most: number, depth: number): void {
    const { maxDepth, maxValues } = this.#bounds;
    if (depth > maxDepth) throw tooDeep(this.#part, maxDepth);
    this.#values += count;
    if (count > most || this.#values > maxValues) throw tooMany(this.#part);
  }
}

/** @throws ValidationError for a key that could reach a prototype, or is no text */
export function checkKey(key: string, part: string): void {
  if (isPolluting(key))
    throw refused({ field: part, code: 'FORBIDDEN_KEY', message: 'This key is not accepted.' });
  if (!key.isWellFormed() || key.includes('\0'))
    throw refused({ field: part, code: 'NOT_TEXT', message: NOT_TEXT });
}

/** @throws ValidationError for half a character, a NUL, or too much */
export function checkText(text: string, part: string, maxLength: number): void {
  if (text.length > maxLength)
    throw refused({
      field: part,
      code: 'TOO_LONG',
      message: `A text is longer than ${maxLength} characters.`,
    });
  if (!text.isWellFormed() || text.includes('\0'))
    throw refused({ field: part, code: 'NOT_TEXT', message: NOT_TEXT });
}

/** A number that JavaScript had to round is not the one that was sent. */
function checkNumber(value: number, part: string): void {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
    throw refused({
      field: part,
      code: 'NUMBER_TOO_LARGE',
      message: 'A number is larger than can be kept exactly; send it as a text.',
    });
}

const NOT_TEXT = 'Holds half a character or a NUL.';

/** Too many levels. */
export function tooDeep(part: string, maxDepth: number): Error {
  return refused({ field: part, code: 'TOO_DEEP', message: `Is nested more than ${maxDepth} levels deep.` });
}

/** Too many keys or items. */
export function tooMany(part: string): Error {
  return refused({
    field: part,
    code: 'TOO_MANY',
    message: 'Holds more keys or items than are accepted here.',
  });
}
