import {
  contains,
  formatAddress,
  formatCidr,
  parseAddress,
  parseCidr,
  prefixOf,
  type Cidr,
} from '../../core/address.ts';
import { OptionsError, RampartError } from '../../core/errors.ts';

/** Most entries of a list. */
const MAX_ENTRIES = 10_000;
const PRINCIPAL = /^[!-~]{1,200}$/;
/** Was meant to be an address or a range: refused rather than taken for somebody's id. */
const LIKE_ADDRESS = /^[0-9a-fA-F:./]*$/;

/**
 * Callers by address, range or principal id. Single addresses and principals are found by hash; ranges by one hash per
 * prefix length in use, so that ten thousand of them cost no more than a few.
 */
export class CallerList {
  #names = new Set<string>();
  #ranges = new Map<string, Cidr>();
  /** Prefix lengths in use, how often: `4/24`. */
  #lengths = new Map<string, number>();

  /** @throws OptionsError when an entry is none */
  constructor(entries: readonly string[], path: string) {
    entries.forEach((entry, i) => {
      const canonical = canonicalEntry(entry);
      if (canonical === undefined)
        throw new OptionsError(`${path}[${i}]`, 'is no address, range or principal id');
      this.#keep(canonical);
    });
  }

  /** All entries in canonical form. */
  get entries(): readonly string[] {
    return [...this.#names, ...this.#ranges.keys()];
  }

  /**
   * Adds an entry. @returns its canonical form
   * @throws RampartError `LIMIT_LIST_ENTRY` when it is none, `LIMIT_LIST_FULL` at 10,000 entries
   */
  add(entry: string): string {
    const canonical = canonicalEntry(entry);
    if (canonical === undefined)
      throw new RampartError('LIMIT_LIST_ENTRY', 'The entry is no address, range or principal id.');
    if (this.#names.size + this.#ranges.size >= MAX_ENTRIES)
      throw new RampartError('LIMIT_LIST_FULL', `The list holds ${MAX_ENTRIES} entries already.`);
    this.#keep(canonical);
    return canonical;
  }

  /**
   * Puts other entries in the place of all: how a node takes over what another one changed.
   * @throws RampartError `LIMIT_LIST_ENTRY` or `LIMIT_LIST_FULL`; then nothing has changed
   */
  replace(entries: readonly string[]): void {
    const next = new CallerList([], '');
    for (const entry of entries) next.add(entry);
    this.#names = next.#names;
    this.#ranges = next.#ranges;
    this.#lengths = next.#lengths;
  }

  /** Takes an entry away. @returns whether it was there */
  remove(entry: string): boolean {
    const canonical = canonicalEntry(entry);
    if (canonical === undefined) return false;
    const range = this.#ranges.get(canonical);
    if (!range) return this.#names.delete(canonical);
    this.#ranges.delete(canonical);
    const length = lengthOf(range);
    const left = (this.#lengths.get(length) ?? 1) - 1;
    if (left > 0) this.#lengths.set(length, left);
    else this.#lengths.delete(length);
    return true;
  }

  /** The entry that names the caller, or `null`. */
  find(address: string, principal: string | undefined): string | null {
    if (this.#names.size > 0) {
      if (this.#names.has(address)) return address;
      if (principal !== undefined && this.#names.has(principal)) return principal;
    }
    return this.#ranges.size > 0 ? this.#findRange(address) : null;
  }

  #findRange(address: string): string | null {
    const parsed = parseAddress(address);
    if (!parsed) return null;
    for (const length of this.#lengths.keys()) {
      if (length.charCodeAt(0) - 48 !== parsed.version) continue;
      const bits = Number(length.slice(2));
      const range = this.#ranges.get(formatCidr({ network: prefixOf(parsed, bits), bits }));
      if (range && contains(range, parsed)) return formatCidr(range);
    }
    return null;
  }

  #keep(canonical: string): void {
    const range = canonical.includes('/') ? parseCidr(canonical) : undefined;
    if (!range) {
      this.#names.add(canonical);
      return;
    }
    if (this.#ranges.has(canonical)) return;
    this.#ranges.set(canonical, range);
    const length = lengthOf(range);
    this.#lengths.set(length, (this.#lengths.get(length) ?? 0) + 1);
  }
}

function lengthOf(range: Cidr): string {
  return `${range.network.version}/${range.bits}`;
}

/** An entry in the one form in which it is kept; `undefined` when it is none. */
function canonicalEntry(entry: string): string | undefined {
  const range = parseCidr(entry.trim());
  if (range) {
    const whole = range.bits === range.network.bytes.length * 8;
    return whole ? formatAddress(range.network) : formatCidr(range);
  }
  return PRINCIPAL.test(entry) && !LIKE_ADDRESS.test(entry) ? entry : undefined;
}
