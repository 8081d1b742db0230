import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvAnswer, csvCell, csvLines, csvRow } from './index.ts';
import { readCsv } from './test-reader.ts';

/** As a spreadsheet looks at a cell: what it does not show is gone. */
const seen = (text: string): string => text.normalize('NFKC').replace(/^[\s\p{Z}\p{C}"]+/u, '');
const isFormula = (cell: string): boolean => /^[=+\-@−]/.test(seen(cell));
const SIGNS = '=+-@＝＋－＠\t\r\n\0;,"\'| \uFEFF\u00A0\u200B\u2028';
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...SIGNS.split(''), 'SUM(1)', 'cmd|/C', 'ä', 'b'),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

async function whole(lines: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const one of lines) text += one;
  return text;
}

describe('csv', () => {
  it('keeps every text whole, with apostrophes at most, and lets none begin like a formula', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), (cells) => {
        const table = readCsv(csvRow(cells));
        expect(table).toHaveLength(1);
        const [row = []] = table;
        expect(row).toHaveLength(cells.length);
        for (const [i, cell] of row.entries()) {
          expect(isFormula(cell)).toBe(false);
          expect(cell.replaceAll("'", '')).toBe((cells[i] as string).replaceAll("'", ''));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('lets no cell begin like a formula for a program that splits at semicolons or tabs', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(';', '\t'),
        fc.array(hostile, { minLength: 2, maxLength: 4 }),
        (by, cells) => {
          for (const row of readCsv(csvRow(cells), by))
            for (const cell of row) expect(isFormula(cell)).toBe(false);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('leaves honest texts as they are', () => {
    const honest = [
      '',
      'Ada Lovelace',
      'ada@example.com',
      '2026-01-02',
      'covers nights, and days',
      'say "hi"',
      '„so“',
    ];
    expect(readCsv(csvRow(honest))).toEqual([honest]);
    const numbers = [-5, 0.25, -1e21, 12n, true, null, undefined, new Date(0)] as const;
    expect(csvRow(numbers)).toBe('-5,0.25,-1e+21,12,true,,,1970-01-01T00:00:00.000Z\r\n');
    expect(csvCell('-5')).toBe(`"'-5"`);
    expect([Number.NaN, Number.POSITIVE_INFINITY, new Date(Number.NaN)].map(csvCell)).toEqual(['', '', '']);
  });

  it('cuts a text of a million characters, and never through a character', () => {
    const cell = csvCell('💥'.repeat(500_000));
    expect(cell.length).toBeLessThan(33_000);
    expect(cell.isWellFormed()).toBe(true);
  });

  it('asks for no more rows than it may give, and says so', async () => {
    let asked = 0;
    let ended = false;
    function* endless(): Generator<number> {
      try {
        for (;;) yield asked++;
      } finally {
        ended = true;
      }
    }
    const text = await whole(csvLines([{ name: 'n', value: (n: number) => n }], endless(), { maxRows: 3 }));
    const table = readCsv(text);
    expect(table.slice(0, 4)).toEqual([['n'], ['0'], ['1'], ['2']]);
    expect(table[4]?.[0]).toContain('only the first 3 rows');
    expect([asked, ended]).toEqual([4, true]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'takes %s rows at most for the default',
    async (maxRows) => {
      let asked = 0;
      function* many(): Generator<number> {
        while (asked < 100_010) yield asked++;
      }
      await whole(csvLines([{ name: 'n', value: (n: number) => n }], many(), { maxRows }));
      expect(asked).toBe(100_001);
    },
  );

  it('reads rows as they are taken, and stops when the client is gone', async () => {
    let asked = 0;
    function* endless(): Generator<string> {
      for (;;) {
        asked += 1;
        yield 'x'.repeat(1_000);
      }
    }
    const answer = csvAnswer([{ name: 'x', value: (x: string) => x }], endless(), { file: 'a "b"\r\nc' });
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="a-b-c.csv"');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(asked).toBe(0);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    expect(Array.from((first.value as Uint8Array).slice(0, 3))).toEqual([0xef, 0xbb, 0xbf]);
    await reader.cancel();
    expect(asked).toBeLessThan(40);
  });

  it('breaks off when reading fails in the middle', async () => {
    function* broken(): Generator<string> {
      yield 'x'.repeat(20_000);
      throw new Error('the database is gone');
    }
    const answer = csvAnswer([{ name: 'x', value: (x: string) => x }], broken(), { file: 'x' });
    await expect(answer.text()).rejects.toThrow('the database is gone');
  });
});
