import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HeldBytes } from './held-bytes.ts';

it('gives back what it was given, in order, whatever the size of the pieces', () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9_000 }));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
      const held = new HeldBytes();
      const given = sizes.map((bytes, i) => Buffer.alloc(bytes, i + 1));
      for (const chunk of given) held.add(chunk);
      expect(Buffer.compare(Buffer.concat(held.takeAll()), Buffer.concat(given))).toBe(0);
      expect(held.takeAll()).toEqual([]);
    }),
  );
});

it('keeps a body that comes byte by byte in few objects, of at most twice its size', () => {
  const held = new HeldBytes();
  const socketBuffer = Buffer.alloc(65_536);
  let taken = 0;
  for (let i = 0; i < 200_000; i++) taken += held.add(socketBuffer.subarray(i % 60_000, (i % 60_000) + 1));
  expect(taken).toBeLessThanOrEqual(400_000);
  const chunks = held.takeAll();
  expect(chunks.length).toBeLessThan(20);
  expect(chunks.some(({ buffer }) => buffer === socketBuffer.buffer)).toBe(false);
});
