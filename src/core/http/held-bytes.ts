const FIRST_SLAB_BYTES = 1_024;
const MAX_SLAB_BYTES = 65_536;
/** Chunks from this size on are kept as they are. */
const OWN_BYTES = 4_096;
/** So are the first ones of whatever size: most bodies come in one. */
const OWN_CHUNKS = 4;

/**
 * Bytes that are held back, in order. Small chunks are copied into slabs that grow: a body that comes byte by byte would
 * otherwise cost an object for each, and keep the socket's whole buffer alive with it.
 */
export class HeldBytes {
  readonly #chunks: Uint8Array[] = [];
  #slab: Uint8Array | null = null;
  #used = 0;

  /** Takes the next bytes. @returns how many bytes of memory that took */
  add(chunk: Uint8Array): number {
    const few = this.#chunks.length < OWN_CHUNKS && this.#slab === null;
    if ((few || chunk.length >= OWN_BYTES) && chunk.buffer.byteLength <= 2 * chunk.length) {
      this.#seal();
      this.#chunks.push(chunk);
      return chunk.buffer.byteLength;
    }
    let taken = 0;
    for (let at = 0; at < chunk.length;) {
      if (this.#slab === null || this.#used === this.#slab.length) taken += this.#grow();
      const slab = this.#slab as unknown as Uint8Array;
      const part = chunk.subarray(at, at + slab.length - this.#used);
      slab.set(part, this.#used);
      this.#used += part.length;
      at += part.length;
    }
    return taken;
  }

  /** Hands everything over, and holds nothing any more. */
  takeAll(): readonly Uint8Array[] {
    this.#seal();
    return this.#chunks.splice(0);
  }

  #grow(): number {
    const bytes = Math.min(MAX_SLAB_BYTES, 2 * (this.#slab?.length ?? FIRST_SLAB_BYTES / 2));
    this.#seal();
    this.#slab = Buffer.allocUnsafeSlow(bytes);
    return bytes;
  }

  #seal(): void {
    if (this.#slab !== null && this.#used > 0) this.#chunks.push(this.#slab.subarray(0, this.#used));
    this.#slab = null;
    this.#used = 0;
  }
}
