/**
 * SHA-256 (FIPS 180-4) of short texts, again and again: for a Web Worker, and for the page itself where there is none. Written
 * out, because crypto.subtle takes longer to be asked than to answer, and is not there without https.
 */
(() => {
  // prettier-ignore
  const K = new Int32Array(Uint32Array.of(
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ));
  // prettier-ignore
  const START = new Int32Array(Uint32Array.of(
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ));
  const W = new Int32Array(64);

  /** The first 32 bits of the hash of the block that stands in W[0..15]. */
  function firstWord() {
    for (let i = 16; i < 64; i++) {
      const x = W[i - 15];
      const y = W[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
    }
    let a = START[0];
    let b = START[1];
    let c = START[2];
    let d = START[3];
    let e = START[4];
    let f = START[5];
    let g = START[6];
    let h = START[7];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    return (a + START[0]) >>> 0;
  }

  /** Looks for the counter of one puzzle, from `from` on, at most `tries` times; -1 where it was not among them. */
  function search(seed, index, bits, from, tries) {
    const bytes = new Uint8Array(64);
    const view = new DataView(bytes.buffer);
    const head = `${seed}:${index}:`;
    for (let i = 0; i < head.length; i++) bytes[i] = head.charCodeAt(i);
    for (let counter = from; counter < from + tries; counter++) {
      const digits = String(counter);
      const length = head.length + digits.length;
      bytes.fill(0, head.length);
      for (let i = 0; i < digits.length; i++) bytes[head.length + i] = digits.charCodeAt(i);
      bytes[length] = 0x80;
      view.setUint32(60, length * 8);
      for (let i = 0; i < 16; i++) W[i] = view.getInt32(i * 4);
      if (firstWord() >>> (32 - bits) === 0) return counter;
    }
    return -1;
  }

  globalThis.rampartSearch = search;

  const isWorker = typeof document === 'undefined' && typeof postMessage === 'function';
  if (isWorker) {
    addEventListener('message', ({ data }) => {
      const counters = [];
      for (let index = 0; index < data.puzzles; index++) {
        let from = 0;
        let found;
        while ((found = search(data.seed, index, data.bits, from, 5000)) < 0) from += 5000;
        counters.push(found);
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
        postMessage({ solved: index + 1, counters });
      }
    });
  }
})();
