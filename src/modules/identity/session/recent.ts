/**
 * A map with a ceiling, in two generations: when the younger one is half of the ceiling, the older one is dropped whole
 * and the younger takes its place. What is used moves into the younger. No entry is ever moved on a hit there, and
 * nothing is searched for what to drop.
 */
export class Recent<V> {
  readonly #half: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** @param ceiling most entries, at least 2 */
  constructor(ceiling: number) {
    this.#half = Math.max(1, Math.floor(ceiling / 2));
  }

  get(key: string): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined || this.#old.size === 0) return value;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
  }

  /** At most the ceiling. An entry that moved counts twice until its old place is dropped. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  *values(): IterableIterator<V> {
    yield* this.#young.values();
    yield* this.#old.values();
  }
}
