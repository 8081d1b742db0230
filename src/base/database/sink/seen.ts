/** How much a {@link SeenTexts} keeps. */
export interface SeenLimits {
  /** Texts per generation. */
  readonly maxTexts: number;
  /** Characters per generation, all texts together. */
  readonly maxCharacters: number;
}

/**
 * Remembers texts in two generations: what was not asked for while one generation filled up is forgotten with the next.
 * Asking costs one look-up and writes nothing, unlike an order of last use.
 */
export class SeenTexts {
  readonly #limits: SeenLimits;
  #young = new Set<string>();
  #old = new Set<string>();
  #characters = 0;

  constructor(limits: SeenLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  has(text: string): boolean {
    if (this.#young.has(text)) return true;
    if (!this.#old.has(text)) return false;
    this.add(text);
    return true;
  }

  add(text: string): void {
    const { maxTexts, maxCharacters } = this.#limits;
    if (text.length > maxCharacters / 8 || this.#young.has(text)) return;
    if (this.#young.size >= maxTexts || this.#characters + text.length > maxCharacters) {
      this.#old = this.#young;
      this.#young = new Set();
      this.#characters = 0;
    }
    this.#young.add(text);
    this.#characters += text.length;
  }
}
