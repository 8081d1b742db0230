const FIRST_BYTES = 64;

/** Bytes that come in pieces, in one place: many small pieces would hold more memory than they are long. */
export class GrowingBytes {
  #bytes = Buffer.alloc(0);
  #length = 0;

  get byteLength(): number {
    return this.#length;
  }

  add(piece: Uint8Array): void {
    const length = this.#length + piece.byteLength;
    if (length > this.#bytes.byteLength) {
      const grown = Buffer.alloc(Math.max(FIRST_BYTES, length, this.#bytes.byteLength * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  text(): string {
    return new TextDecoder().decode(this.#bytes.subarray(0, this.#length));
  }
}
