import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keyedHash } from './hash.ts';

/** HalfSipHash-1-3 with 64 bits of output, as its authors write it down, over bytes. */
function reference(bytes: Uint8Array, key: Uint8Array): readonly [number, number] {
  const keys = new DataView(key.buffer);
  const v = new Uint32Array([0, 0xee, 0x6c796765, 0x74656462]);
  for (let i = 0; i < 4; i++) v[i]! ^= keys.getUint32(4 * (i % 2), true);
  const turn = (i: number, by: number): void => void (v[i] = (v[i]! << by) | (v[i]! >>> (32 - by)));
  const mix = (a: number, b: number, by: number): void => {
    v[a]! += v[b]!;
    turn(b, by);
    v[b]! ^= v[a]!;
  };
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      mix(0, 1, 5);
      turn(0, 16);
      mix(2, 3, 8);
      mix(0, 3, 7);
      mix(2, 1, 13);
      turn(2, 16);
    }
  };
  const padded = new Uint8Array((bytes.length & ~3) + 4);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length;
  const words = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 4) {
    v[3]! ^= words.getUint32(at, true);
    rounds(1);
    v[0]! ^= words.getUint32(at, true);
  }
  v[2]! ^= 0xee;
  rounds(3);
  const first = (v[1]! ^ v[3]!) >>> 0;
  v[1]! ^= 0xdd;
  rounds(3);
  return [first, (v[1]! ^ v[3]!) >>> 0];
}

const KEY = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 200);

it('is HalfSipHash-1-3 of the bytes of Latin-1 text', () => {
  const hash = keyedHash(KEY);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      const [low, high] = reference(bytes, KEY);
      expect(hash.to53(text)).toBe(low + (high & 0x1fffff) * 2 ** 32);
      expect(hash.to32(text)).toBe(low);
    }),
  );
});

it('keeps wide text apart from Latin-1 text with the same bytes, and from other wide text', () => {
  const hash = keyedHash(KEY);
  const texts = [
    '\u6261',
    'ab',
    'ab\0\0',
    '\u6261\0',
    'a\u0100',
    'b\u0100',
    'a\u0100\0',
    '\u0100a',
    '\u0161',
  ];
  expect(new Set(texts.map((text) => hash.to53(text))).size).toBe(texts.length);
});
