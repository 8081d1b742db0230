import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresService } from '../../../testing/services.ts';
import { TOKEN, tokenizeSql, type TokenOptions } from './tokens.ts';

const NAMES = Object.fromEntries(Object.entries(TOKEN).map(([name, kind]) => [kind, name]));
/** Tokens but white space, as `kind text`. */
function read(text: string, options?: TokenOptions): string[] {
  const { kinds, starts } = tokenizeSql(text, options);
  return kinds.flatMap((kind, i) =>
    kind === TOKEN.space ? [] : [`${NAMES[kind]} ${text.slice(starts[i], starts[i + 1])}`],
  );
}

describe('tokens', () => {
  it.each<[string, readonly string[]]>([
    ["'a''b'", ["string 'a''b'"]],
    ["'a\\' b", ["string 'a\\'", 'word b']],
    ["E'a\\'b' c", ["string E'a\\'b'", 'word c']],
    ["e'a''b'", ["string e'a''b'"]],
    ["n'a' B'01' x'1F' u&'d\\0061'", ["string n'a'", "string B'01'", "string x'1F'", "string u&'d\\0061'"]],
    ["fooE'a\\'", ['word fooE', "string 'a\\'"]],
    ["'a'\n'b'", ["string 'a'", "string 'b'"]],
    ["E'a' -- c\n'b\\'' d", ["string E'a'", 'lineComment -- c', "string 'b\\''", 'word d']],
    ["E'a' 'b\\' c", ["string E'a'", "string 'b\\'", 'word c']],
    ['"a""b" U&"c"', ['quotedWord "a""b"', 'quotedWord U&"c"']],
    ['$$a$b$$ $q$ $$ $q$', ['dollarString $$a$b$$', 'dollarString $q$ $$ $q$']],
    ['a$$b$$ $1 $é$x$é$', ['word a$$b$$', 'parameter $1', 'dollarString $é$x$é$']],
    ['$ $a b', ['other $', 'other $', 'word a', 'word b']],
    ['1 1.5 .5 1. 1e5 1.5E-3 1_000', '1 1.5 .5 1. 1e5 1.5E-3 1_000'.split(' ').map((n) => `number ${n}`)],
    ['0x1F 0o17 0b01', ['number 0x1F', 'number 0o17', 'number 0b01']],
    ['1..2', ['number 1', 'punctuation ..', 'number 2']],
    ['1e 1or', ['number 1', 'word e', 'number 1', 'word or']],
    ['a::int b:=1', ['word a', 'punctuation ::', 'word int', 'word b', 'punctuation :=', 'number 1']],
    ['a->>b <> @-', ['word a', 'operator ->>', 'word b', 'operator <>', 'operator @-']],
    ['1=-2', ['number 1', 'operator =', 'operator -', 'number 2']],
    ['*+-', ['operator *', 'operator +', 'operator -']],
    ['+--x', ['operator +', 'lineComment --x']],
    ['1-/*x*/-1', ['number 1', 'operator -', 'blockComment /*x*/', 'operator -', 'number 1']],
    ['/* a /* b */ c */ d', ['blockComment /* a /* b */ c */', 'word d']],
    ['-- a\r\nb', ['lineComment -- a', 'word b']],
    ['größe 名前 😀', ['word größe', 'word 名前', 'word 😀']],
    ['a\u00a0b', ['word a\u00a0b']],
    ['{\\}', ['other {', 'other \\', 'other }']],
  ])('of %s', (text, tokens) => {
    expect(read(text)).toEqual(tokens);
    expect(tokenizeSql(text).unterminated).toBe(false);
  });

  it('take backslashes as the server was told', () => {
    expect(read("'a\\' c'", { standardConformingStrings: false })).toEqual(["string 'a\\' c'"]);
    expect(read("'a\\' c'", { standardConformingStrings: true })).toEqual([
      "string 'a\\'",
      'word c',
      "string '",
    ]);
  });

  it.each(["'a", "E'a\\'", '"a', '$$a$', '/* a /* */', "U&'a", "x'0"])('without an end: %s', (text) => {
    const tokens = tokenizeSql(`b ${text}`);
    expect(tokens.unterminated).toBe(true);
    expect(tokens.starts.at(-1)).toBe(text.length + 2);
  });

  const PIECES = `' " $ $$ $a$ -- /* */ \\ E' U&' U&" B' + - * / @ ? < = . .. : :: ; ( 0x 1 1e _ a é`.split(
    ' ',
  );
  const pieces = fc.constantFrom(...PIECES, ' ', '\n', '\r', '\0');
  const soup = fc.oneof(
    fc.array(pieces, { maxLength: 60 }).map((all) => all.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );

  it('leave nothing out and are never empty, whatever the text', () => {
    fc.assert(
      fc.property(soup, fc.boolean(), (text, standardConformingStrings) => {
        const { kinds, starts } = tokenizeSql(text, { standardConformingStrings });
        expect(starts).toHaveLength(kinds.length + 1);
        expect(starts[0]).toBe(0);
        expect(starts.at(-1)).toBe(text.length);
        for (let i = 1; i < starts.length; i++) expect(starts[i]).toBeGreaterThan(starts[i - 1] as number);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(["'", '"', '$', '$a', '/*', '-', '+', '--\n', 'a', '1', '1_', '.', ':', "''", "E'\\", '@-', '('])(
    'take time in proportion to the text: %s repeated',
    (pump) => {
      const work = (times: number): number => tokenizeSql(pump.repeat(times)).kinds.length;
      const small = work(1_000);
      // A quadratic scan of this would not end within the time that a test has.
      expect(work(1_000_000)).toBeLessThanOrEqual(small * 1_001 + 2);
    },
  );
});

const service = await postgresService();

describe.skipIf(service.absent !== undefined)('a server', () => {
  let client: pg.Client;
  beforeAll(async () => {
    client = new pg.Client({ connectionString: service.url });
    await client.connect();
  });
  afterAll(() => client.end());

  const body = fc
    .array(
      fc.constantFrom('a', "'", "''", '"', '\\', '$', '$$', '$q$', '--', '/*', '*/', '\n', ' ', ';', 'é'),
      {
        maxLength: 12,
      },
    )
    .map((all) => all.join(''));
  const literal = fc.oneof(
    body.map((text) => `'${text.replaceAll("'", "''")}'`),
    body.map((text) => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`),
    body.map((text) => `$t$${text}$t$`),
    body.map((text) => `'${text.replaceAll("'", "''")}'\n'${text.replaceAll("'", "''")}'`),
  );

  it('ends literals where we do: a value comes back whole, and one column follows another', async () => {
    await fc.assert(
      fc.asyncProperty(literal, literal, async (one, two) => {
        const text = `SELECT ${one} AS a /* x */, ${two} AS b -- y`;
        const { rows } = await client.query<{ a: string; b: string }>(text);
        expect(Object.keys(rows[0] ?? {})).toEqual(['a', 'b']);
        expect(read(text).filter((token) => token.startsWith('word '))).toEqual([
          'word SELECT',
          'word AS',
          'word a',
          'word AS',
          'word b',
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it('takes for one statement what we take for one, of any soup of quotes', async () => {
    const soups = fc.array(
      fc.constantFrom(
        "'",
        "''",
        '"',
        '\\',
        '$$',
        '$q$',
        '--',
        '/*',
        '*/',
        '\n',
        ' ',
        'a',
        '1',
        "E'",
        "U&'",
        '+',
      ),
      { maxLength: 14 },
    );
    let complete = 0;
    await fc.assert(
      fc.asyncProperty(soups, async (all) => {
        const text = `SELECT ${all.join('')}`;
        const { unterminated } = tokenizeSql(text);
        const message = await client.query(text).then(
          () => '',
          (error: unknown) => (error as Error).message,
        );
        // The server stops at the first thing that it does not understand, which may be before an open quote.
        if (message.startsWith('unterminated ')) expect(unterminated, text).toBe(true);
        if (message === '') expect(unterminated, text).toBe(false);
        if (message === '') complete++;
      }),
      { numRuns: 1_500 },
    );
    expect(complete).toBeGreaterThan(20);
  });
});
