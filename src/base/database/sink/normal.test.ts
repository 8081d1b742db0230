import { describe, expect, it } from 'vitest';
import { normalizeSql, skeletonOf } from './normal.ts';
import { tokenizeSql } from './tokens.ts';

describe('a statement without its values', () => {
  it.each([
    ["SELECT * FROM a WHERE b = 'secret' AND c = 42", 'SELECT * FROM a WHERE b = ? AND c = ?'],
    ['SELECT 1  +\n 2 -- secret', 'SELECT ? + ?'],
    ["SELECT E'a\\'b', $q$secret$q$, U&'x'", 'SELECT ?'],
    ['SELECT a FROM b WHERE c IN ($1, $2,$3) AND d IN (1,2)', 'SELECT a FROM b WHERE c IN (?) AND d IN (?)'],
    ["INSERT INTO a (b, c) VALUES (1, 'x'), (2, 'y'), ($1, $2)", 'INSERT INTO a (b, c) VALUES (?)'],
    ['SELECT "Name", a.b::int[] /* why */ FROM t', 'SELECT "Name", a.b::int[] FROM t'],
    ["SELECT 'open", 'SELECT ?'],
  ])('%s', (text, normal) => {
    expect(normalizeSql(text)).toBe(normal);
  });

  it('is cut where it is too long', () => {
    const normal = normalizeSql(`SELECT ${'a + '.repeat(1_000)} 1`, 100);
    expect(normal).toHaveLength(100);
    expect(normal.endsWith('…')).toBe(true);
  });
});

describe('a skeleton', () => {
  const same = (a: string, b: string): boolean => skeletonOf(tokenizeSql(a)) === skeletonOf(tokenizeSql(b));

  it.each([
    ["SELECT 'a'", "SELECT 'O''Brien'"],
    ['SELECT  1', 'SELECT\n2'],
    ['SELECT a WHERE b IN (1)', 'SELECT a WHERE b IN (4, 5,6)'],
    ["SELECT a WHERE b in ('x')", "SELECT a WHERE b in ('y', 'z')"],
    ['SELECT 1 /* a */', 'SELECT 1 /* b */'],
  ])('stays when values change: %s', (a, b) => {
    expect(same(a, b)).toBe(true);
  });

  it.each([
    ["SELECT 'a'", "SELECT E'a'"],
    ["SELECT 'a'", 'SELECT $$a$$'],
    ['SELECT 1', 'SELECT 1 --'],
    ['SELECT 1', 'SELECT -1'],
    ['INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (1, 2)'],
    ['SELECT a WHERE b IN (1)', 'SELECT a WHERE b IN (a)'],
    ['SELECT a', 'SELECT b'],
  ])('differs when more does: %s', (a, b) => {
    expect(same(a, b)).toBe(false);
  });
});
