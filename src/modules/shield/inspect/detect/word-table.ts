/**
 * Words that are looked up in the middle of a text without cutting them out: nothing is made per look-up, and a text that
 * was built to collide costs a bounded number of comparisons.
 */
export class WordTable {
  readonly #mask: number;
  readonly #words: (string | undefined)[];
  readonly #values: Int32Array;
  readonly #longest: number;
  /** For the first two letters of a word: a bit for each length that words have which begin so. */
  readonly #lengths = new Uint32Array(1_024);
  /** All words. */
  readonly all: readonly string[];

  constructor(entries: Iterable<readonly [word: string, value: number]>) {
    const list = [...new Map(entries)];
    this.all = list.map(([word]) => word);
    let size = 16;
    while (size < list.length * 4) size *= 2;
    this.#mask = size - 1;
    this.#words = Array.from({ length: size });
    this.#values = new Int32Array(size);
    this.#longest = list.reduce((most, [word]) => Math.max(most, word.length), 0);
    for (const [word, value] of list) {
      this.#put(word, value);
      const start = startOf(word, 0, word.length);
      this.#lengths[start] = (this.#lengths[start] as number) | bitOf(word.length);
    }
  }

  #put(word: string, value: number): void {
    let at = hashOf(word, 0, word.length) & this.#mask;
    while (this.#words[at] !== undefined) at = (at + 1) & this.#mask;
    this.#words[at] = word;
    this.#values[at] = value;
  }

  /** The value of the word `text.slice(start, end)`, 0 where it is not in the table. */
  get(text: string, start: number, end: number): number {
    const length = end - start;
    if (length < 1 || length > this.#longest) return 0;
    // Most words of a text end here: none of the table begins so and is as long.
    if (((this.#lengths[startOf(text, start, length)] as number) & bitOf(length)) === 0) return 0;
    let at = hashOf(text, start, end) & this.#mask;
    for (;;) {
      const word = this.#words[at];
      if (word === undefined) return 0;
      if (word.length === length && text.startsWith(word, start)) return this.#values[at] as number;
      at = (at + 1) & this.#mask;
    }
  }

  /** The value of a whole word. */
  of(word: string): number {
    return this.get(word, 0, word.length);
  }
}

function startOf(text: string, start: number, length: number): number {
  const second = length > 1 ? text.charCodeAt(start + 1) & 31 : 0;
  return ((text.charCodeAt(start) & 31) << 5) | second;
}

function bitOf(length: number): number {
  return 1 << (length < 31 ? length : 31);
}

function hashOf(text: string, start: number, end: number): number {
  let hash = 2_166_136_261;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return hash ^ (hash >>> 15);
}

/** Entries of words that all have the same value, from a text in which white space separates them. */
export function words(value: number, text: string): (readonly [string, number])[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => [word, value]);
}
