/**
 * The tree, SHA-256 and canonical texts for the verifier, which must run where nothing is: this file has no imports, and a browser page
 * shows it as it stands.
 */

/** RFC 6962, right edge alone: roots of whole subtrees, the largest first. */
export class Tree {
  size: number;
  readonly #edge: Uint8Array[];

  constructor(size = 0, edge: readonly Uint8Array[] = []) {
    this.size = size;
    this.#edge = [...edge];
  }

  /** @param span leaves below the hash, a power of two that divides the size */
  append(root: Uint8Array, span = 1): void {
    let hash = root;
    for (let at = this.size / span; at % 2 === 1; at = (at - 1) / 2)
      hash = pair(this.#edge.pop() as Uint8Array, hash);
    this.#edge.push(hash);
    this.size += span;
  }

  root(): Uint8Array {
    let hash = this.#edge.at(-1) ?? sha256(new Uint8Array());
    for (let i = this.#edge.length - 2; i >= 0; i--) hash = pair(this.#edge[i] as Uint8Array, hash);
    return hash;
  }
}

/** How many whole subtrees a tree is made of. */
export function subtrees(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** Root over two subtrees. */
export const pair = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(join([1], left, right));

/** Bytes one after the other. */
export function join(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Constants of FIPS 180-4: the first 32 bits of the fractional parts of roots of the first primes. */
const PRIMES = [...Array(312).keys()].filter(
  (n) => n > 1 && ![...Array(n).keys()].some((d) => d > 1 && n % d === 0),
);
const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32);
const START = PRIMES.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
const ROUND = Int32Array.from(PRIMES.slice(0, 64), (p) => fraction(Math.cbrt(p)));

/** SHA-256 (FIPS 180-4), here so that nothing else is needed and nothing has to wait. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, bytes.length << 3);
  const state = Int32Array.from(START);
  for (let at = 0; at < padded.length; at += 64) block(state, view, at);
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => out.setInt32(i * 4, word));
  return new Uint8Array(out.buffer);
}

type Eight = [number, number, number, number, number, number, number, number];
const words = new Int32Array(64);

function block(state: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const a = words[i - 15] as number;
    const b = words[i - 2] as number;
    const s0 = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
    const s1 = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
    words[i] = (words[i - 16] as number) + s0 + (words[i - 7] as number) + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as Eight;
  for (let i = 0; i < 64; i++) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (ROUND[i] as number) + (words[i] as number)) | 0;
    const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = (state[i] as number) + word;
  });
}

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** RFC 8785; null where there is no canonical form. */
export function canonical(value: unknown, depth = 0): string | null {
  if (depth > 32 || value === undefined) return null;
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (typeof value === 'string' && !value.isWellFormed()) return null;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const isList = Array.isArray(value);
  const texts: string[] = [];
  for (const name of isList ? value.keys() : Object.keys(value).sort()) {
    const text = canonical((value as Readonly<Record<string, unknown>>)[name], depth + 1);
    if (text === null || !String(name).isWellFormed()) return null;
    texts.push(isList ? text : `${JSON.stringify(name)}:${text}`);
  }
  return isList ? `[${texts.join(',')}]` : `{${texts.join(',')}}`;
}

/** Places that are written as `0-99,101`, in any order and number. */
export class Spans {
  #spans: (readonly [from: number, to: number])[] = [];
  #merged = true;

  /** @param end only places before it are taken */
  add(text: string, end: number): void {
    for (const [, from = '', to = from] of text.matchAll(/(\d{1,16})(?:-(\d{1,16}))?/g)) {
      const last = Math.min(Number(to), end - 1);
      if (Number(from) <= last) this.#spans.push([Number(from), last]);
    }
    this.#merged = false;
  }

  has(place: number): boolean {
    if (!this.#merged) this.#merge();
    let [low, high] = [0, this.#spans.length];
    while (low < high) {
      const at = (low + high) >> 1;
      if ((this.#spans[at]?.[1] ?? 0) < place) low = at + 1;
      else high = at;
    }
    return place >= (this.#spans[low]?.[0] ?? Infinity);
  }

  #merge(): void {
    const merged: [number, number][] = [];
    for (const [from, to] of this.#spans.toSorted((a, b) => a[0] - b[0])) {
      const last = merged.at(-1);
      if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
      else merged.push([from, to]);
    }
    this.#spans = merged;
    this.#merged = true;
  }
}
