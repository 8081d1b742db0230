/** What was read, and the version of the grants at that time. */
export interface Loaded<V> {
  readonly version: number;
  readonly value: V;
}

/** What a memory stands on. */
export interface RememberedParts<V> {
  /** Most entries; the one that was not asked for longest goes first. */
  readonly max: number;
  readonly load: (id: string) => Promise<Loaded<V>>;
  /** Whether a value is worth remembering; default every one. */
  readonly keeps?: (value: V) => boolean;
  /** Whether memory may be believed; otherwise every question goes to the database. */
  readonly trusted: () => boolean;
  /** Version that this node knows. */
  readonly version: () => number;
}

/** What is read from the database once and remembered until it changes; never more than `max` entries. */
export class Remembered<V> {
  readonly #parts: RememberedParts<V>;
  readonly #known = new Map<string, V>();
  readonly #loading = new Map<string, Promise<V>>();

  constructor(parts: RememberedParts<V>) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Waits only when it must be read. */
  get(id: string): V | Promise<V> {
    const found = this.#parts.trusted() ? this.#known.get(id) : undefined;
    if (found === undefined) return this.#loading.get(id) ?? this.#read(id);
    this.#known.delete(id);
    this.#known.set(id, found);
    return found;
  }

  /** Forgets these; what is being read at this moment is handed to those who wait for it and not kept. */
  forget(ids: readonly string[]): void {
    for (const id of ids) {
      this.#known.delete(id);
      this.#loading.delete(id);
    }
  }

  forgetAll(): void {
    this.#known.clear();
    this.#loading.clear();
  }

  #read(id: string): Promise<V> {
    const reading = this.#parts.load(id).then(
      ({ version, value }) => {
        if (this.#loading.get(id) !== reading) return value;
        this.#loading.delete(id);
        if (version >= this.#parts.version() && this.#parts.keeps?.(value) !== false) this.#keep(id, value);
        return value;
      },
      (error: unknown) => {
        if (this.#loading.get(id) === reading) this.#loading.delete(id);
        throw error;
      },
    );
    this.#loading.set(id, reading);
    return reading;
  }

  #keep(id: string, value: V): void {
    if (this.#known.size >= this.#parts.max) {
      const [oldest] = this.#known.keys();
      this.#known.delete(oldest as string);
    }
    this.#known.set(id, value);
  }
}
