import { type Bounds, tooDeep, tooMany } from '../bounds.ts';
import { refused } from '../fault.ts';

const QUOTE = 34;
const BACKSLASH = 92;
/** Characters of a number at most: a double has 17 digits, a sign, a point and an exponent. */
const MAX_NUMBER = 40;

/**
 * Counts what a JSON text holds in one pass and without building it, so that nothing is built for a text beyond its bounds.
 * What is no JSON at all is left to the parser.
 * @returns keys in all, as they are written: the parser keeps one of doubled ones
 * @throws ValidationError
 */
export function scanJson(text: string, part: string, bounds: Bounds): number {
  return new Scan(text, part, bounds).run();
}

class Scan {
  readonly #text: string;
  readonly #part: string;
  readonly #bounds: Bounds;
  /** Commas of each open level: one less than its items. */
  readonly #commas: Int32Array;
  #depth = 0;
  #keys = 0;
  #values = 0;

  constructor(text: string, part: string, bounds: Bounds) {
    this.#text = text;
    this.#part = part;
    this.#bounds = bounds;
    this.#commas = new Int32Array(bounds.maxDepth + 2);
  }

  run(): number {
    const text = this.#text;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === QUOTE) i = this.#string(i + 1);
      else if (code === 123 || code === 91) this.#open(code === 123);
      else if (code === 125 || code === 93) this.#depth = Math.max(0, this.#depth - 1);
      else if (code === 44) this.#comma();
      else if (code === 58) this.#keys++;
      else if (code === 45 || (code >= 48 && code <= 57)) i = this.#number(i);
    }
    return this.#keys;
  }

  #open(object: boolean): void {
    const { maxDepth, maxKeys, maxItems } = this.#bounds;
    if (++this.#depth > maxDepth) throw tooDeep(this.#part, maxDepth);
    // Counts down to what is refused.
    this.#commas[this.#depth] = (object ? maxKeys : maxItems) - 1;
  }

  #comma(): void {
    const left = (this.#commas[this.#depth] as number) - 1;
    this.#commas[this.#depth] = left;
    if (left < 0 || ++this.#values > this.#bounds.maxValues) throw tooMany(this.#part);
  }

  /** @returns where the closing quote stands, or the text ends */
  #string(from: number): number {
    const text = this.#text;
    let i = from;
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === QUOTE) break;
      if (code === BACKSLASH) i++;
    }
    return i;
  }

  /** @returns where its last character stands */
  #number(from: number): number {
    const text = this.#text;
    let i = from + 1;
    while (i < text.length && isNumberCode(text.charCodeAt(i))) i++;
    if (i - from > MAX_NUMBER)
      throw refused({
        field: this.#part,
        code: 'NUMBER_TOO_LARGE',
        message: 'A number has too many digits.',
      });
    return i - 1;
  }
}

/** Digits, sign, point, exponent. */
function isNumberCode(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46 || (code | 32) === 101;
}
