import { randomFillSync } from 'node:crypto';

/**
 * HalfSipHash-1-3 over UTF-16 code units (Aumasson and Bernstein's SipHash in its 32-bit form): keyed, so that nobody
 * who lacks the key can make two names share a counter, and fast enough for every request.
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
  const out = new Uint32Array(2);
  return {
    to53(text) {
      halfSip(text, k0, k1, out);
      return (out[0] as number) + ((out[1] as number) & 0x1fffff) * 4294967296 || 1;
    },
    to32(text) {
      halfSip(text, k0, k1, out);
      return out[0] as number;
    },
  };
}

function halfSip(text: string, k0: number, k1: number, out: Uint32Array): void {
  let v0 = k0;
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
  v2 ^= 0xee;
  for (let half = 0; half < 2; half++) {
    for (let round = 0; round < 3; round++) {
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
    }
    out[half] = (v1 ^ v3) >>> 0;
    v1 ^= 0xdd;
  }
}
