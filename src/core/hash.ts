import { randomFillSync } from 'node:crypto';

/**
 * HalfSipHash-1-3 (Aumasson and Bernstein's SipHash in its 32-bit form) with 64 bits of output: keyed, so that nobody who
 * lacks the key can make two names share a counter, and fast enough for every request. Text of Latin-1 alone is hashed
 * byte by byte; other text as UTF-16 code units, from another starting state, so that the two never meet.
 */
export interface KeyedHash {
  /** Hashes `text` to 53 bits, never 0 (which marks an empty slot). */
  to53(text: string): number;
  /** Hashes `text` to 32 bits, unsigned. */
  to32(text: string): number;
}

/** Makes a hash with a random key, or with a given one (8 bytes) where several processes must agree. */
export function keyedHash(key: Uint8Array = randomFillSync(new Uint8Array(8))): KeyedHash {
  const view = new DataView(key.buffer, key.byteOffset, 8);
  const k0 = view.getInt32(0, true);
  const k1 = view.getInt32(4, true);
  return {
    to53: (text) => halfSip(text, k0, k1) || 1,
    to32: (text) => halfSip(text, k0, k1) >>> 0,
  };
}

/** @returns the first 53 bits: the first word, and 21 bits of the second above it */
function halfSip(text: string, k0: number, k1: number): number {
  let v0 = k0;
  let v1 = k1 ^ 0xee;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  const length = text.length;
  const quads = length & ~3;
  let m = 0;
  let wide = 0;
  for (let i = 0; i <= quads; i += 4) {
    if (i < quads) {
      const a = text.charCodeAt(i);
      const b = text.charCodeAt(i + 1);
      const c = text.charCodeAt(i + 2);
      const d = text.charCodeAt(i + 3);
      m = a | (b << 8) | (c << 16) | (d << 24);
      wide |= a | b | c | d;
    } else {
      m = length << 24;
      for (let j = i; j < length; j++) {
        const code = text.charCodeAt(j);
        m |= code << ((j & 3) << 3);
        wide |= code;
      }
    }
    v3 ^= m;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= m;
  }
  return wide > 255 ? halfSipWide(text, k0, k1) : finish(v0, v1, v2, v3);
}

/** The same over UTF-16 code units, two to a word. */
function halfSipWide(text: string, k0: number, k1: number): number {
  let v0 = k0 ^ 1;
  let v1 = k1 ^ 0xee;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  const length = text.length;
  const pairs = length & ~1;
  let m = 0;
  for (let i = 0; i <= pairs; i += 2) {
    m =
      i < pairs
        ? text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)
        : (length & 1 ? text.charCodeAt(i) : 0) | (length << 24) | ((length & 1) << 16);
    v3 ^= m;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= m;
  }
  return finish(v0, v1, v2, v3);
}

function finish(a: number, b: number, c: number, d: number): number {
  let v0 = a;
  let v1 = b;
  let v2 = c ^ 0xee;
  let v3 = d;
  let low = 0;
  for (let round = 1; ; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    if (round === 3) {
      low = (v1 ^ v3) >>> 0;
      v1 ^= 0xdd;
    } else if (round === 6) return low + ((v1 ^ v3) & 0x1fffff) * 4_294_967_296;
  }
}
