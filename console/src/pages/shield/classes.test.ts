import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandsOf, CLASS_NAME, columnSentence, countOf, kindsSentence, stackKinds, sumOf } from './classes.ts';
import type { AttackClass } from '../../api/shield.ts';

const KINDS = Object.keys(CLASS_NAME) as readonly AttackClass[];
const aSeries = fc
  .array(
    fc.dictionary(fc.constantFrom(...KINDS), fc.integer({ min: 0, max: 500 }), { maxKeys: KINDS.length }),
    { minLength: 1, maxLength: 12 },
  )
  .map((all) => all.map((counts, at) => ({ atMs: at * 1000, counts })));

describe('the kinds of attack in a chart', () => {
  it('lose no request: what has no colour of its own is among the others', () => {
    fc.assert(
      fc.property(aSeries, (series) => {
        const bands = bandsOf(series);
        for (const { counts } of series) {
          const shown = bands.reduce((sum, { kind }) => sum + countOf(counts, kind, bands), 0);
          expect(shown).toBe(sumOf(counts));
        }
      }),
    );
  });

  it('have each a colour that no other has', () => {
    fc.assert(
      fc.property(aSeries, (series) => {
        const colours = bandsOf(series).map(({ colour }) => colour);
        expect(new Set(colours).size).toBe(colours.length);
      }),
    );
  });

  it('keep colour and order while their numbers move', () => {
    const before = bandsOf([{ atMs: 0, counts: { sql: 9, xss: 5, command: 1 } }]);
    const after = bandsOf([{ atMs: 0, counts: { sql: 2, xss: 1, command: 80 } }]);
    expect(after).toEqual(before);
  });

  it('leave a busier kind its place when more than five are found', () => {
    const counts = { sql: 1, xss: 7, traversal: 7, command: 7, nosql: 7, template: 7 };
    const bands = bandsOf([{ atMs: 0, counts }]);
    expect(bands.map(({ kind }) => kind)).toEqual([
      'xss',
      'traversal',
      'command',
      'nosql',
      'template',
      'other',
    ]);
    expect(countOf(counts, 'other', bands)).toBe(1);
  });

  it('are stacked without gaps, and close up where one is left out', () => {
    const series = [{ atMs: 0, counts: { sql: 4, xss: 3, scanner: 2 } }];
    const bands = bandsOf(series);
    const [all] = stackKinds(series, bands, new Set());
    expect(all?.parts.map(({ from, to }) => [from, to])).toEqual([
      [0, 4],
      [4, 7],
      [7, 9],
    ]);
    const [some] = stackKinds(series, bands, new Set(['sql']));
    expect(some?.parts.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['xss', 0, 3],
      ['scanner', 3, 5],
    ]);
    expect(some?.total).toBe(5);
  });

  it('are told in sentences: the whole, the worst moment, and each column', () => {
    const series = [
      { atMs: Date.UTC(2026, 10, 21, 14, 0), counts: { sql: 1 } },
      { atMs: Date.UTC(2026, 10, 21, 14, 5), counts: { sql: 6, xss: 3 } },
    ];
    expect(kindsSentence({ series, bucketMs: 300_000 }, 'utc')).toBe(
      '10 attacks found; 70 % SQL injection. Most at 14:05: 9.',
    );
    expect(columnSentence(series[1]!, bandsOf(series), 600_000, 'utc')).toBe(
      '14:05:00: 9 requests, 6 SQL injection, 3 Cross-site scripting',
    );
    expect(kindsSentence({ series: [], bucketMs: 1000 }, 'utc')).toBe(
      'Inspection found no attack in this span.',
    );
  });
});
