const SIZE = 4096;

/**
 * Many phrases, looked for in one walk over a text: each pair of characters leads to the few phrases that begin with it.
 * What a phrase belongs to is a bit, so that one walk answers for several lists.
 */
export class PhraseTable {
  readonly #buckets: (readonly (readonly [phrase: string, bit: number])[] | undefined)[] = Array.from({
    length: SIZE,
  });
  readonly #used = new Uint8Array(SIZE);

  /** Phrases in small letters, of at least two characters, under the bit of their list. */
  constructor(lists: readonly (readonly [phrases: readonly string[], bit: number])[]) {
    for (const [phrases, bit] of lists) {
      for (const phrase of phrases) {
        if (phrase.length < 2) throw new RangeError(`A phrase of one character: ${phrase}`);
        const key = keyOf(phrase.charCodeAt(0), phrase.charCodeAt(1));
        this.#buckets[key] = [...(this.#buckets[key] ?? []), [phrase, bit]];
        this.#used[key] = 1;
      }
    }
  }

  /** Bits of all lists of which a phrase stands in `text`. */
  find(text: string): number {
    let found = 0;
    let first = text.charCodeAt(0);
    for (let i = 1; i < text.length; i++) {
      const second = text.charCodeAt(i);
      const key = keyOf(first, second);
      if (this.#used[key] === 1) found |= this.#at(text, i - 1, key, found);
      first = second;
    }
    return found;
  }

  #at(text: string, at: number, key: number, known: number): number {
    let found = 0;
    for (const [phrase, bit] of this.#buckets[key] ?? []) {
      if ((known & bit) !== bit && text.startsWith(phrase, at)) found |= bit;
    }
    return found;
  }
}

function keyOf(first: number, second: number): number {
  return ((first << 5) ^ second) & (SIZE - 1);
}
