import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type BodyHead, scanBody } from './body.ts';
import { bodyKind } from './content.ts';
import type { BodyScan, Problem } from './sink.ts';

const BOUNDS = { maxDepth: 64, maxValues: 1_000, maxBodyBytes: 65_536 };
const ATTACK = '{"a":"<b>"}';
type Seen = readonly [place: string, name: string, value: string];

function open(head: Partial<BodyHead>): { scan: BodyScan; seen: Seen[]; problems: Problem[] } {
  const seen: Seen[] = [];
  const problems: Problem[] = [];
  const sink = {
    suspect: (value: string, place: string, name: string): void => void seen.push([place, name, value]),
    problem: (problem: Problem): void => void problems.push(problem),
  };
  return {
    scan: scanBody({ type: undefined, encoding: undefined, target: '/', ...head }, BOUNDS, sink),
    seen,
    problems,
  };
}

function body(content: string | Uint8Array, head: Partial<BodyHead>, piece = 65_536) {
  const { scan, seen, problems } = open(head);
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += piece) scan.write(bytes.subarray(at, at + piece));
  scan.end();
  return { seen, problems, passing: scan.passing };
}

describe('the charset of a content type', () => {
  const problems = (label: string): readonly Problem[] =>
    body(ATTACK, { type: `application/json${label}` }).problems;

  it.each([
    '; charset=utf-16le',
    '; charset="utf-16"',
    '; CHARSET = UTF-16BE',
    '; charset=utf-8; charset=utf-7',
    '; a="x;y"; charset="utf\\-16"',
    '; charset=ibm037',
  ])('%s is refused: some read UTF-8 whatever it says, and some do as it says', (label) =>
    expect(problems(label)).toEqual(['bad-encoding']),
  );

  it.each([
    '',
    ';',
    '; charset=UTF-8',
    '; charset="utf-8"; garbage',
    '; charset=us-ascii',
    '; charset=ISO-8859-1',
    '; x-charset=utf-16le',
    '; a="; charset=utf-16le"',
  ])("'%s' is read as UTF-8", (label) => {
    const { seen, problems: wrong } = body(ATTACK, { type: `application/json${label}` });
    expect([seen, wrong]).toEqual([[['json', 'a', '<b>']], []]);
  });

  it('of Latin-1 is read in both ways where they differ', () => {
    const type = 'text/plain; charset=iso-8859-1';
    expect(body(Buffer.from('<é>', 'latin1'), { type }).seen.map(([, , value]) => value)).toEqual([
      '<\uFFFD>',
      '<é>',
    ]);
    expect(body('<b>', { type }).seen).toHaveLength(1);
  });
});

describe('a content type with a comma', () => {
  it('says nothing, and the body is read as what it looks like', () => {
    expect(bodyKind('image/png, application/json')).toBe('unknown');
    expect(bodyKind('image/png; a=b, application/json')).toBe('unknown');
    expect(body(ATTACK, { type: 'image/png, application/json' }).seen).toEqual([['json', 'a', '<b>']]);
  });

  it('in a boundary is one type', () =>
    expect(bodyKind('multipart/form-data; boundary=a,b')).toBe('multipart'));
});

describe('a compressed body', () => {
  const type = 'application/json';
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ] as const)('of %s with something behind it is refused', (encoding, compress) => {
    const honest = compress('{"a":1}');
    expect(body(honest, { type, encoding }).problems).toEqual([]);
    for (const rest of [ATTACK, '\0', `\0${ATTACK}`])
      expect(body(Buffer.concat([honest, Buffer.from(rest)]), { type, encoding }).problems).toEqual([
        'bad-encoding',
      ]);
  });

  it('hides no form in what the compression leaves out', () => {
    const form = { type: 'application/x-www-form-urlencoded', encoding: 'gzip' };
    const hidden = Buffer.from('&padding=1&a=%3Cscript%3E&b=2');
    const plain = gzipSync('a=1');
    const named = Buffer.concat([plain.subarray(0, 10), hidden, Buffer.from([0]), plain.subarray(10)]);
    named[3] = 8;
    expect(body(named, form).seen).toContainEqual(['form', 'a', '<script>']);
    expect(body(gzipSync('a=1&b=2'), form)).toMatchObject({ seen: [], problems: [] });
  });
});

describe('a body of a type that nobody reads', () => {
  const TYPES = ['image/png', 'application/octet-stream', 'application/x-protobuf', 'text/csv', 'foo/bar'];

  it.each(TYPES)('%s is read as what it begins with', (type) => {
    for (const blanks of ['', ' \r\n\t', '\uFEFF', ' '.repeat(300)])
      for (const piece of [1, 7, 65_536])
        expect(body(blanks + ATTACK, { type }, piece).seen).toEqual([['json', 'a', '<b>']]);
    expect(body('<a>$(id)</a>', { type }).seen).toEqual([['xml', 'a', '$(id)']]);
    expect(body('a=1&b=%3Cb%3E', { type }, 1).seen).toEqual([['form', 'b', '<b>']]);
    expect(body("<a><b>' or 1=1--</b></a>", { type }, 1).seen).toContainEqual(['xml', 'b', "' or 1=1--"]);
  });

  it.each<[string, string, Uint8Array]>([
    ['a picture', 'image/png', Buffer.from('\x89PNG\r\n\x1A\n<script>', 'latin1')],
    ['a film', 'video/mp4', Buffer.from('\0\0\0 ftypisom')],
    ['a document', 'application/pdf', Buffer.from('%PDF-1.7\n<< /JS (app.alert) >>')],
    ['a call of gRPC', 'application/grpc', Buffer.from('\0\0\0\0\x05\x0A\x03<b>')],
    ['a message of protobuf', 'application/x-protobuf', Buffer.from('\x0A\x03<b>')],
    ['a drawing', 'image/svg+xml', Buffer.from('<svg onload="x()"><script>a()</script></svg>')],
    ['a page', 'application/octet-stream', Buffer.from('<!DOCTYPE html><script>a()</script>')],
    ['a table', 'text/csv', Buffer.from('name,note\nSeán,<b>\n')],
    ['bytes that begin like JSON', 'application/octet-stream', Buffer.from('{[[<\x01<"\xFF<b>"', 'latin1')],
  ])('%s goes by, and nothing is held of it', (_what, type, bytes) => {
    for (const piece of [1, 65_536])
      expect(body(bytes, { type }, piece)).toEqual({ seen: [], problems: [], passing: true });
  });

  it('may be empty', () => {
    for (const content of ['', '  ', 'word'])
      expect(body(content, { type: 'image/png' })).toMatchObject({ seen: [], problems: [] });
  });

  it('goes by when it is larger than what is held', () => {
    const { scan, problems } = open({ type: 'application/octet-stream' });
    scan.write(Buffer.from('["'));
    expect(scan.passing).toBe(false);
    for (let i = 0; i < 20; i++) scan.write(Buffer.alloc(65_536, 'a'));
    scan.end();
    expect([scan.passing, problems]).toEqual([true, []]);
  });

  it('loses no report of a browser for what it quotes, and lets nothing else in under its type', () => {
    const csp = { type: 'application/csp-report' };
    const report = { 'csp-report': { 'blocked-uri': 'inline', 'script-sample': '<script>alert(1)' } };
    expect(body(JSON.stringify(report), csp)).toMatchObject({ seen: [], problems: [] });
    expect(body(ATTACK, csp).seen).toEqual([['json', 'a', '<b>']]);
    const reports = { type: 'application/reports+json' };
    const sent = [{ type: 'csp-violation', url: 'https://a/?q=<script>', body: { sample: '<script>' } }];
    expect(body(JSON.stringify(sent), reports).seen).toEqual([]);
    expect(body('{"body":{"user":"<b>"}}', reports).seen).toEqual([['json', 'body.user', '<b>']]);
  });
});

describe('a body of application/graphql', () => {
  const type = 'application/graphql';
  it('is read as JSON as well when it is JSON', () => {
    const sent = '{"query":"# it\'s","variables":{"a":"<b>"}}';
    expect(body(sent, { type }).seen).toContainEqual(['json', 'variables.a', '<b>']);
    expect(body('{ user(name: "<b>") { id } }', { type }).seen).toEqual([['graphql', 'query', '<b>']]);
  });
});
