import { describe, expect, it } from 'vitest';
import { sqlGuard } from './guard.ts';
import { SqlInjectionError } from './errors.ts';
import { requestInputs } from './inputs.ts';

const refuses = (text: string, ...values: readonly string[]): boolean => {
  const request = requestInputs({ target: '/find', rawHeaders: () => [], body: () => values });
  try {
    sqlGuard({}, { inputs: () => request }).check(text);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(SqlInjectionError);
    return true;
  }
};

const SIGNS = '! # $ % & ( ) * + , - . / : ; < = > ? @ [ \\ ] ^ ` { | } ~'.split(' ');
const OPERATORS = '<> != <= >= || :: .. := -> ->> #> && <@ ~* !~ <<'.split(' ');

/** Statements as applications write them, of every kind of place in which a sign may stand. */
const WRITTEN = [
  'SELECT * FROM people',
  'SELECT p.*, count(*) FROM people p GROUP BY p.id;',
  'SELECT DISTINCT ON (id) * FROM people ORDER BY id, name DESC, born',
  'SELECT a + b - c * d / e % f ^ 2, -a, +b, ~c, @ d, |/ e FROM numbers WHERE a = -1 AND b >= - 2 OR c <> +3',
  'SELECT 1 - -1, 2 * - 3, (a - b) * (c), a-(-b) FROM t LIMIT -1 + 2 OFFSET 3 * 2',
  "SELECT extra->>'a', extra #> '{b}', tags && $1, x <@ y, name ~* 'a' FROM people WHERE extra ? 'k' AND NOT a = b",
  'UPDATE t SET a = b, c = DEFAULT, d = (SELECT 1), e[2] = 5 WHERE x = ANY($1) AND y = ALL (ARRAY[1, 2])',
  'INSERT INTO t (a, b) VALUES (1, -2), ($1, CASE WHEN a > 1 THEN -1 ELSE b - 1 END) RETURNING *, old.*',
  'SELECT a AS offset, b AS values, c FROM t ORDER BY a USING >, b USING < LIMIT 5',
  'SELECT items[1:2], items[:3], items[2:], items[1][2], (row).field, t.a.b FROM t',
  "SELECT $1::int[], now() - interval '1 day' * 2, f(a := 1, b => 2), 5 OPERATOR(pg_catalog.+) 6, \"a\" || 'b' || c",
  'SELECT count(*) FILTER (WHERE a > b), sum(a) OVER (PARTITION BY b, c ORDER BY d) FROM t, LATERAL f(t.x) AS g(y)',
  'SELECT id FROM a UNION ALL SELECT id - 1 FROM b WHERE (a, b) > ($1, $2) AND c IS NOT DISTINCT FROM d - 1;',
  'CREATE TABLE x (a int NOT NULL, b numeric(10, 2), EXCLUDE USING gist (c WITH &&), CHECK (a > 0 AND b < 1))',
  'SELECT left(a, 2) || right(b, 1), a - left(b, 1)::int FROM t WHERE a BETWEEN -1 AND 1 AND b LIKE c || $1 FOR UPDATE;',
];

describe('a lone sign of a request', () => {
  it('is nothing against the comments of an application: every browser sends one that reads alike', () => {
    expect(refuses('/* page: home */ SELECT a FROM b -- all\nWHERE c / d > 1', '*/*', '/', '--x')).toBe(
      false,
    );
  });

  it.each(WRITTEN)('is nothing against a statement that the application wrote: %s', (text) => {
    for (const sign of SIGNS) expect([sign, refuses(text, sign)]).toEqual([sign, false]);
    expect(refuses(text, ...SIGNS)).toBe(false);
  });

  const PLACES: readonly ((sign: string) => string)[] = [
    (sign) => `SELECT id FROM people WHERE id = ${sign} AND active`,
    (sign) => `SELECT id FROM people WHERE (active AND (id > ${sign}))`,
    (sign) => `SELECT id FROM people ORDER BY ${sign} LIMIT 20`,
    (sign) => `SELECT id FROM people ORDER BY id LIMIT ${sign}`,
    (sign) => `SELECT id FROM ${sign} WHERE active`,
    (sign) => `SELECT id FROM people WHERE id IN (${sign}) AND active`,
    (sign) => `INSERT INTO notes VALUES (1, ${sign}, 2)`,
    (sign) => `UPDATE ${sign} SET a = 1`,
  ];
  it.each(PLACES.map((write) => [write('…'), write] as const))(
    'is refused where it has nothing to work on: %s',
    (_place, write) => {
      for (const sign of [...SIGNS, ...OPERATORS])
        expect([sign, refuses(write(sign), sign)]).toEqual([sign, true]);
      expect(refuses(write(' / '), ' / ')).toBe(true);
      expect(refuses(write('='), '!=')).toBe(true);
    },
  );

  it('may choose how two things are compared, and nothing else', () => {
    const compare = (operator: string): string => `SELECT id FROM people WHERE born ${operator} $1`;
    for (const operator of ['=', '<', '>', '<=', '>=', '<>', '!='])
      expect(refuses(compare(operator), operator)).toBe(false);
    for (const operator of ['||', '~*', '->>', '@>', '&&'])
      expect(refuses(compare(operator), operator)).toBe(true);
  });

  it('teaches nothing where nobody sent it: the next request is looked at as the first was', () => {
    let values: readonly string[] = ['cut off /'];
    const guard = sqlGuard(
      {},
      { inputs: () => requestInputs({ target: '/x', rawHeaders: () => [], body: () => values }) },
    );
    const text = 'SELECT id FROM people WHERE id = / AND active';
    guard.check(text);
    values = ['/'];
    expect(() => guard.check(text)).toThrow(SqlInjectionError);
  });

  it('is found behind any number of harmless ones', () => {
    for (const value of ['/', 'id+1', 'a, b']) {
      const many = Array.from({ length: 5_000 }, () => value).join(' ');
      expect(refuses(`SELECT 1 FROM people WHERE name = '${many}' AND id = ${value}`, value, many)).toBe(
        true,
      );
      expect(refuses(`SELECT 1 FROM people WHERE name = '${many}' AND id = 1`, value, many)).toBe(false);
    }
  });
});
