const FIRST_BYTES = 4_096;

/**
 * Bytes that came and are not done with, in one piece. However small the pieces are in which they come, each byte is
 * copied a constant number of times on average: room is doubled, and what is done with is let go only when room runs out.
 */
export class Pending {
  #room = Buffer.allocUnsafe(0);
  #from = 0;
  #to = 0;

  /** How many there are. */
  get length(): number {
    return this.#to - this.#from;
  }

  /** Adds what came next. */
  add(chunk: Uint8Array): void {
    if (this.#to + chunk.length > this.#room.length) this.#makeRoom(this.length + chunk.length);
    this.#room.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  #makeRoom(bytes: number): void {
    const { length } = this;
    if (2 * bytes <= this.#room.length) this.#room.copyWithin(0, this.#from, this.#to);
    else {
      const room = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * bytes));
      this.#room.copy(room, 0, this.#from, this.#to);
      this.#room = room;
    }
    this.#from = 0;
    this.#to = length;
  }

  /** The byte at a place; -1 where none came yet. */
  at(index: number): number {
    return index < this.length ? (this.#room[this.#from + index] as number) : -1;
  }

  /** Where `mark` stands from a place on; -1 for nowhere. */
  indexOf(mark: Uint8Array, from: number): number {
    return this.slice(0, this.length).indexOf(mark, from);
  }

  /** What stands between two places, in the memory that is kept here: to be read before more is added. */
  slice(from: number, to: number): Buffer {
    return this.#room.subarray(this.#from + from, this.#from + to);
  }

  /** Lets go of the first bytes. */
  drop(bytes: number): void {
    this.#from += bytes;
  }

  /** Lets go of everything. */
  clear(): void {
    this.#room = Buffer.allocUnsafe(0);
    this.#from = 0;
    this.#to = 0;
  }
}
