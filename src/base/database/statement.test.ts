import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStatement, StatementCache } from './statement.ts';

const shape = (text: string): string => readStatement(text).shape;

describe('the shape of a statement', () => {
  it('is the same for every value, and never holds one', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3 }), fc.integer({ min: 100 }), (text, number) => {
        const literal = `'${text.replaceAll("'", "''")}'`;
        expect(shape(`SELECT a FROM t WHERE b = ${literal} AND c = ${number}`)).toBe(
          'SELECT a FROM t WHERE b = ? AND c = ?',
        );
      }),
    );
  });

  it('is bounded, and read in time that grows with the text', () => {
    expect(shape(`SELECT ${'column_name, '.repeat(100_000)} 1`).length).toBeLessThanOrEqual(2_000);
  });
});

describe('what a replica may answer', () => {
  it.each([
    'SELECT * FROM t',
    '(SELECT 1) UNION (SELECT 2)',
    'WITH a AS (SELECT 1) SELECT * FROM a',
    'SELECT \'insert into t\', "updated_at" FROM t -- delete',
    'VALUES (1)',
    'SHOW server_version',
  ])('reads: %s', (text) => expect(readStatement(text).readOnly).toBe(true));

  it.each([
    'INSERT INTO t VALUES (1)',
    'WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a',
    'SELECT * FROM t FOR UPDATE',
    'SELECT * FROM t FOR NO KEY UPDATE',
    'SELECT * FROM t FOR SHARE',
    'SELECT * INTO u FROM t',
    "SELECT nextval('s')",
    'SELECT pg_advisory_xact_lock(1)',
    "SELECT \"set_config\"('a.b', '', true)",
    'EXPLAIN ANALYZE SELECT 1',
    'CREATE TABLE t (a int)',
    'CALL p()',
    '',
  ])('is for the primary: %s', (text) => expect(readStatement(text).readOnly).toBe(false));
});

describe('the cache of statements', () => {
  it('never holds more than it may', () => {
    const cache = new StatementCache(10);
    for (let i = 0; i < 100; i += 1) expect(cache.read(`SELECT a${i}`).shape).toBe(`SELECT a${i}`);
    expect(cache.size).toBe(10);
  });
});
