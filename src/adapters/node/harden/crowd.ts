import { type Cidr, clientGroup, contains, parseAddress } from '../../../core/address.ts';

/** Counts connections by address; holds no more entries than there are connections. */
export class Crowd {
  readonly #max: number;
  readonly #exempt: readonly Cidr[];
  readonly #counts = new Map<string, number>();

  /** @param max connections of one address; 0 for any number */
  constructor(max: number, exempt: readonly Cidr[]) {
    this.#max = max;
    this.#exempt = exempt;
  }

  /** Addresses with connections. */
  get size(): number {
    return this.#counts.size;
  }

  /** @returns what takes the connection out again; `undefined` where there are too many already */
  enter(text: string | undefined): (() => void) | undefined {
    const address = parseAddress(text ?? '');
    // A socket of the file system has no address.
    if (this.#max === 0 || address === undefined || this.#exempt.some((range) => contains(range, address)))
      return () => undefined;
    const group = clientGroup(address);
    const count = this.#counts.get(group) ?? 0;
    if (count >= this.#max) return undefined;
    this.#counts.set(group, count + 1);
    return () => this.#leave(group);
  }

  #leave(group: string): void {
    const count = (this.#counts.get(group) ?? 0) - 1;
    if (count > 0) this.#counts.set(group, count);
    else this.#counts.delete(group);
  }
}
