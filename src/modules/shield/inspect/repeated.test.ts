import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookAtString } from './extract/json-string.ts';
import { scanEncoded } from './extract/pairs.ts';
import { gate } from './gate/gate.ts';
import { Inspector } from './inspector.ts';
import { readInspection } from './options.ts';
import { compilePolicy } from './policy.ts';
import { beyondRepetition, LastRead, stepOfRepetition, STRETCH } from './repeated.ts';
import type { Detector } from './types.ts';

describe('what repeats itself', () => {
  it('is known by its period: a step leads to the very same text', () => {
    const token = fc.string({ minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(token, (one) => {
        const text = one.repeat(Math.ceil(1_000 / one.length));
        const step = stepOfRepetition(text, 0, 300, 200, 256);
        expect(step).toBeGreaterThanOrEqual(200);
        expect(text.slice(step, step + 300)).toBe(text.slice(0, 300));
      }),
    );
  });

  it.each([
    ['does not repeat itself', Array.from({ length: 400 }, (_, i) => `${i},`).join('')],
    ['changes within the piece', `${'ab'.repeat(200)}c${'ab'.repeat(400)}`],
    ['ends too soon', 'ab'.repeat(200)],
    ['is empty', ''],
  ])('is no text that %s', (_name, text) => expect(stepOfRepetition(text, 0, 300, 200, 256)).toBe(0));

  it('is remembered with its place, and forgotten in turn', () => {
    const last = new LastRead();
    last.add('a', { place: 'json', name: 'x' }, 8);
    expect(last.workOf('a', { place: 'json', name: 'x' })).toBe(8);
    expect(last.workOf('a', { place: 'json', name: 'y' })).toBe(0);
    expect(last.workOf('a', { place: 'form', name: 'x' })).toBe(0);
    expect(last.workOf('a', { place: 'json', name: 'x', kind: 'html' })).toBe(0);
    for (let i = 0; i < 8; i++) last.add(`b${i}`, { place: 'json', name: 'x' }, 8);
    expect(last.workOf('a', { place: 'json', name: 'x' })).toBe(0);
  });
});

describe('the inspector', () => {
  const policy = compilePolicy(readInspection({ maxWork: 65_536 }));

  function reader() {
    const read: string[] = [];
    const detector: Detector = { name: 'all', detect: (value) => void read.push(value) };
    const inspector = new Inspector(policy, [detector]);
    inspector.start(policy, []);
    return { read, inspector };
  }

  it('reads a value once that comes again at the same place, in each request', () => {
    const { read, inspector } = reader();
    for (let i = 0; i < 5; i++) inspector.suspect("' or 1", 'json', 'a');
    inspector.suspect("' or 1", 'json', 'b');
    expect(read).toHaveLength(2);
    inspector.start(policy, []);
    inspector.suspect("' or 1", 'json', 'a');
    expect(read).toHaveLength(3);
  });

  it('counts as read what it need not read again', () => {
    const { inspector } = reader();
    for (let i = 0; i < 9_000; i++) inspector.suspect("' or 1", 'json', 'a');
    expect(inspector.wrong).toBe('too-much-suspicious');
  });

  it('goes by the pieces of a long value that are all the same, and reads what differs', () => {
    const { read, inspector } = reader();
    inspector.suspect(`${"' or 1".repeat(8_000)}<script>`, 'json', 'a');
    expect(read.length).toBeLessThan(8);
    expect(read.some((piece) => piece.endsWith('<script>'))).toBe(true);
    expect(inspector.wrong).toBeNull();
    inspector.suspect("' or 2".repeat(8_000), 'json', 'a');
    expect(inspector.wrong).toBe('too-much-suspicious');
  });
});

describe('a reader of a text that repeats itself', () => {
  const reads = {
    'a decoded value': (text: string) => gate(text),
    'an encoded value': (text: string) => scanEncoded(text, 0, text.length, 0),
    'a string of JSON': (text: string) => lookAtString(`${text}"`).passes,
  };

  it.each(Object.entries(reads))('sees what stands between the repetitions of %s', (_, passes) => {
    const pieces = [
      '^',
      'a.',
      '%=',
      '-[x',
      'blue (',
      '+|+',
      'ü¡',
      '/:',
      '/products/42?',
      `${'ab '.repeat(1_300)}.`,
    ];
    for (const piece of pieces) {
      const long = piece.repeat(Math.ceil(30_000 / piece.length));
      const expected = passes(piece.repeat(3)) || passes(long.slice(0, 4_000));
      expect([piece.slice(0, 20), passes(long)]).toEqual([piece.slice(0, 20), expected]);
      for (const at of [0, 4_095, 4_096, 8_190, 12_345, 25_000, long.length]) {
        const found = passes(`${long.slice(0, at)}<script>${long.slice(at)}`);
        expect([piece.slice(0, 20), at, found]).toEqual([piece.slice(0, 20), at, true]);
      }
    }
  });

  it.each(Object.entries(reads))('counts a word again that comes again in %s', (_, passes) => {
    const filler = 'ab-'.repeat(1_340);
    expect(passes(` ${filler} select `)).toBe(false);
    expect(passes(` ${filler} select `.repeat(4))).toBe(true);
  });

  it('goes on where the text is another, and never beyond its end', () => {
    const text = `${'xy.'.repeat(10_000)}end of it`;
    const place = beyondRepetition(text, STRETCH, text.length);
    expect(place).toBeGreaterThan(20_000);
    expect(place).toBeLessThan(30_000);
    expect(place % 3).toBe(STRETCH % 3);
    expect(beyondRepetition(text, STRETCH, 9_000)).toBeLessThan(9_000);
    const other = Array.from({ length: 4_000 }, (_, i) => `${i * 7919};`).join('');
    expect(beyondRepetition(other, STRETCH, other.length)).toBe(STRETCH);
  });
});
