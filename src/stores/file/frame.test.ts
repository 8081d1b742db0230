import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_OVERHEAD, readFrame, writeFrame } from './frame.ts';

const entry = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\n', ' '));

function framed(entries: readonly string[]): Buffer {
  const buffer = Buffer.alloc(entries.reduce((sum, text) => sum + text.length * 3 + FRAME_OVERHEAD, 0));
  let at = 0;
  for (const text of entries) at = writeFrame(buffer, at, text);
  return buffer.subarray(0, at);
}

function read(bytes: Buffer): { entries: string[]; damaged: number } {
  const entries: string[] = [];
  let damaged = 0;
  for (let at = 0; at < bytes.length;) {
    const step = readFrame(bytes, at, true);
    if (step.kind === 'more') throw new Error('nothing more can come');
    if (step.kind === 'entry') entries.push(step.text);
    else damaged++;
    expect(step.next).toBeGreaterThan(at);
    at = step.next;
  }
  return { entries, damaged };
}

describe('frames', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(read(framed(entries))).toEqual({ entries, damaged: 0 });
      }),
    );
  });

  it('give nothing but entries that were written, whatever happens to the bytes', () => {
    const overwrite = fc.record({ at: fc.nat(), bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }) });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1 }), overwrite, (entries, { at, bytes }) => {
        const damaged = Buffer.concat([framed(entries), Buffer.alloc(20)]);
        damaged.set(bytes, at % (damaged.length - 20));
        for (const text of read(damaged).entries) expect(entries).toContain(text);
      }),
    );
  });

  it('ask for as many bytes as they need, and no more than there could be', () => {
    const bytes = framed(['x'.repeat(100)]);
    for (let cut = 0; cut < bytes.length; cut++) {
      const step = readFrame(bytes.subarray(0, cut), 0, false);
      expect(step.kind).toBe('more');
      if (step.kind === 'more') expect(step.need).toBeLessThanOrEqual(bytes.length);
    }
  });
});
