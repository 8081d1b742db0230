const MAX_KEPT_BYTES = 256 * 1024 * 1024;

/** How many bytes of bodies are kept for all requests at work. */
export class KeptBytes {
  readonly #max: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#max = maxBytes;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#max;
  }

  /** @param bytes negative where they are given back */
  add(bytes: number): void {
    this.#bytes += bytes;
  }
}

/** Of this process: 256 MiB. What comes beyond is not kept, and its request counts as one that is not known whole. */
export const keptBytes = new KeptBytes(MAX_KEPT_BYTES);
