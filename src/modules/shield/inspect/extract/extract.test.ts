import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gate } from '../gate/gate.ts';
import { type BodyHead, scanBody } from './body.ts';
import { scanGraphql } from './graphql.ts';
import { scanJson } from './json.ts';
import { COOKIES, QUERY, scanPairs } from './pairs.ts';
import type { Problem } from './sink.ts';

const BOUNDS = { maxDepth: 64, maxValues: 1_000, maxBodyBytes: 65_536 };
type Seen = readonly [place: string, name: string, value: string];

class Kept {
  readonly seen: Seen[] = [];
  readonly problems: Problem[] = [];
  suspect = (value: string, place: string, name: string): void => void this.seen.push([place, name, value]);
  problem = (problem: Problem): void => void this.problems.push(problem);
}

function json(text: string, bounds = BOUNDS): Kept {
  const kept = new Kept();
  scanJson(text, bounds, { place: 'json', name: '' }, kept);
  return kept;
}

function body(content: string | Uint8Array, head: Partial<BodyHead>, cuts: readonly number[] = []): Kept {
  const kept = new Kept();
  const scan = scanBody({ type: undefined, encoding: undefined, target: '/', ...head }, BOUNDS, kept);
  const bytes = Buffer.from(content);
  let from = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    scan.write(bytes.subarray(from, cut));
    from = cut;
  }
  scan.end();
  return kept;
}

describe('pairs', () => {
  const pairs = (text: string, syntax = QUERY): Kept => {
    const kept = new Kept();
    scanPairs(text, 0, text.length, syntax, 'query', kept);
    return kept;
  };

  it('are decoded as the application decodes them, by their names', () => {
    expect(pairs('a=1&b=%27+or+1%3D1&c=O%27Brien&d[]=%3Cb%3E&%3Cx%3E=1&<y>').seen).toEqual([
      ['query', 'b', "' or 1=1"],
      ['query', 'd[]', '<b>'],
      ['name', '<x>', '<x>'],
      ['query', '', '<y>'],
    ]);
    expect(pairs("a=1; b='or 1=1--;c=2+2", COOKIES).seen).toEqual([['query', 'b', "'or 1=1--"]]);
  });

  it('are bounded in number', () => {
    expect(pairs('&'.repeat(20_000)).problems).toEqual(['too-many-values']);
  });
});

describe('JSON', () => {
  it('gives every key and string past the gate, by its path', () => {
    const text = JSON.stringify({
      a: { b: ['x', '<i>'], $where: '1' },
      'c"\n': '\u0027 or 1=1',
      d: 7,
      e: null,
    });
    expect(json(text).seen).toEqual([
      ['json', 'a.b', '<i>'],
      ['name', 'a.$where', '$where'],
      ['json', String.raw`c\"\n`, "' or 1=1"],
    ]);
  });

  const words = fc.constantFrom('<b>', "' or 1=1", 'plain', 'ü', '\\', '"', '\n', '{"a":"<i>"}', '$(id)', '');
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      words,
      fc.integer(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(words, tie('value'), { maxKeys: 3 }),
    ),
  })).value;

  it('gives the very strings that a parser would find', () => {
    const stringsOf = (one: unknown): string[] => {
      if (typeof one === 'string') return [one];
      if (Array.isArray(one)) return one.flatMap(stringsOf);
      return typeof one === 'object' && one !== null
        ? Object.entries(one).flatMap(([key, inner]) => [key, ...stringsOf(inner)])
        : [];
    };
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (one, indent) => {
        const expected = stringsOf(one).filter((text) => gate(text));
        const seen = json(JSON.stringify(one, null, indent)).seen.map(([, , text]) => text);
        // Escapes are let past whatever they stand for: more may be seen, never less.
        for (const text of expected) expect(seen).toContain(text);
      }),
    );
  });

  it('never breaks on what is no JSON, and finds what stands between quotes', () => {
    fc.assert(fc.property(fc.string(), (text) => void json(text)));
    expect(json('{"a": oops, "b": "<b>').seen).toEqual([['json', 'b', '<b>']]);
    expect(body('<script>', { type: 'application/json' }).seen).toEqual([['text', '', '<script>']]);
  });

  it('is refused when it is too deep or holds too much', () => {
    expect(json('['.repeat(64)).problems).toEqual([]);
    expect(json('['.repeat(65)).problems).toEqual(['too-deep']);
    expect(json(JSON.stringify(Array.from({ length: 1_001 }, () => ''))).problems).toEqual([
      'too-many-values',
    ]);
  });
});

describe('a multipart body', () => {
  const parts = [
    'Content-Disposition: form-data; name="a"\r\n\r\n<b>',
    'content-disposition: form-data; name="$ne[<x>]"\r\n\r\nplain',
    'Content-Disposition: form-data; name="f"; filename="../../x.png"\r\nContent-Type: image/png\r\n\r\n<script>',
    'Content-Disposition: form-data; name="g"; filename="x"; filename*=UTF-8\'\'%2e%2e%2fy\r\n\r\n<script>',
    'Content-Disposition: form-data; name="j"\r\nContent-Type: application/json\r\n\r\n{"k":"<i>"}',
    'Content-Disposition: form-data; name="z"\r\n\r\n<u>',
  ];
  const whole = `preamble\r\n${parts.map((part) => `--xyz\r\n${part}\r\n`).join('')}--xyz--\r\n`;
  const expected: readonly Seen[] = [
    ['multipart', 'a', '<b>'],
    ['name', '$ne[<x>]', '$ne[<x>]'],
    ['filename', 'f', '../../x.png'],
    ['filename', 'g', '../y'],
    ['multipart', 'j.k', '<i>'],
    ['multipart', 'z', '<u>'],
  ];
  const type = 'multipart/form-data; boundary="xyz"';

  it('gives fields and file names, and lets files go by', () => {
    expect(body(whole, { type }).seen).toEqual(expected);
  });

  it('gives the same however it is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 30 }), (cuts) => {
        expect(body(whole, { type }, cuts).seen).toEqual(expected);
      }),
    );
    expect(
      body(
        whole,
        { type },
        Array.from({ length: whole.length }, (_, i) => i),
      ).seen,
    ).toEqual(expected);
  });

  it('gives a field that no boundary ends', () => {
    expect(body('--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n<b>', { type }).seen).toEqual([
      expected[0],
    ]);
  });

  it('is refused when a head or a field is too large, or there are too many parts', () => {
    expect(body(`--xyz\r\nA: ${'a'.repeat(20_000)}`, { type }).problems).toEqual(['too-large']);
    expect(body(`--xyz\r\nA: b\r\n\r\n${'a'.repeat(70_000)}`, { type }).problems).toEqual(['too-large']);
    expect(body('--xyz\r\nA: b\r\n\r\n\r\n'.repeat(1_001), { type }).problems).toEqual(['too-many-values']);
  });

  it('takes files of any size', () => {
    const kept = new Kept();
    const scan = scanBody({ type, encoding: undefined, target: '/' }, BOUNDS, kept);
    scan.write(Buffer.from('--xyz\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'));
    for (let i = 0; i < 100; i++) scan.write(Buffer.alloc(65_536, '-'));
    scan.write(Buffer.from('\r\n--xyz\r\nContent-Disposition: form-data; name="z"\r\n\r\n<u>\r\n--xyz--'));
    scan.end();
    expect([kept.seen, kept.problems]).toEqual([[expected[5]], []]);
  });
});

describe('other bodies', () => {
  it('of XML give texts, attributes, CDATA and declarations', () => {
    const xml =
      '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a b="&lt;i&gt;">\' or 1=1--<![CDATA[<u>]]><c>plain</c></a>';
    const { seen } = body(xml, { type: 'application/xml' });
    expect(seen[0]?.[2]).toMatch(/^<!DOCTYPE a \[<!ENTITY x SYSTEM/);
    expect(seen).toContainEqual(['xml', 'a', '<i>']);
    expect(seen).toContainEqual(['xml', 'a', "' or 1=1--"]);
    expect(seen).toContainEqual(['xml', 'a', '<u>']);
    expect(body('<a><b>plain</b></a>', { type: 'application/soap+xml' }).seen).toEqual([]);
  });

  it('of GraphQL give their strings, and no grammar', () => {
    const query = 'query { user(name: "\\u0027 or 1=1--", id: 7) { id # "<x>"\n } post(text: """<b>""") }';
    const kept = new Kept();
    scanGraphql(query, 'query', kept);
    expect(kept.seen.map(([, , value]) => value)).toEqual(["' or 1=1--", '<b>']);
    const sent = JSON.stringify({ query, variables: { a: '<i>' } });
    const { seen } = body(sent, { type: 'application/json', target: '/graphql?x' });
    expect(seen.map(([place, , value]) => [place, value])).toEqual([
      ['graphql', "' or 1=1--"],
      ['graphql', '<b>'],
      ['json', '<i>'],
    ]);
    expect(body(sent, { type: 'application/json', target: '/search' }).seen[0]?.[2]).toBe(query);
  });

  it('without a type are read as what they look like', () => {
    expect(body('{"a":"<b>"}', {}).seen).toEqual([['json', 'a', '<b>']]);
    expect(body('a=1&b=%3Cb%3E', {}).seen).toContainEqual(['form', 'b', '<b>']);
    expect(body('<b>', { type: 'text/plain' }).seen).toEqual([['text', '', '<b>']]);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ] as const)('compressed by %s are inflated, and bombs are cut', (encoding, compress) => {
    const type = 'application/json';
    expect(body(compress('{"a":"<b>"}'), { type, encoding }).seen).toEqual([['json', 'a', '<b>']]);
    const bomb = compress(Buffer.alloc(50_000_000, ' '));
    expect(body(bomb, { type, encoding }).problems).toEqual(['too-large']);
    expect(body('no such thing', { type, encoding }).problems).toEqual(['bad-encoding']);
  });

  it('in an encoding that nobody reads, or twice compressed, are refused', () => {
    for (const encoding of ['compress', 'gzip, gzip', 'constructor'])
      expect(body('{}', { type: 'application/json', encoding }).problems).toEqual(['bad-encoding']);
    expect(body('{}', { type: 'application/json; charset=ibm037' }).problems).toEqual(['bad-encoding']);
  });

  it('that are too large are refused before they are whole', () => {
    const kept = new Kept();
    const scan = scanBody({ type: 'text/plain', encoding: undefined, target: '/' }, BOUNDS, kept);
    expect([scan.write(Buffer.alloc(65_536)), scan.write(Buffer.alloc(1))]).toEqual([false, true]);
    expect(kept.problems).toEqual(['too-large']);
  });
});
