import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { scanBody } from './body.ts';
import { boundaryOf } from './part-head.ts';
import { Pending } from './pending.ts';
import { scanJson } from './json.ts';
import type { Problem } from './sink.ts';
import { scanXml } from './xml.ts';

const BOUNDS = { maxDepth: 64, maxValues: 50_000, maxBodyBytes: 16_777_216 };
const TYPE = 'multipart/form-data; boundary=b';

class Kept {
  readonly values: string[] = [];
  readonly problems: Problem[] = [];
  suspect = (value: string): void => void this.values.push(value);
  problem = (problem: Problem): void => void (this.problems.includes(problem) || this.problems.push(problem));
}

function scan(content: string | Uint8Array, type = TYPE, stepBytes = Infinity): Kept {
  const kept = new Kept();
  const body = scanBody({ type, encoding: undefined, target: '/' }, BOUNDS, kept);
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += stepBytes) body?.write(bytes.subarray(at, at + stepBytes));
  body?.end();
  return kept;
}

const part = (content: string, head = 'Content-Disposition: form-data; name="a"'): string =>
  `--b\r\n${head}\r\n\r\n${content}\r\n`;
const END = '--b--\r\n';

/** Scans whole and byte by byte, which must come to the same. */
function problemsOf(content: string, type = TYPE): readonly Problem[] {
  const bytewise = scan(content, type, 1);
  expect(scan(content, type)).toMatchObject({ values: bytewise.values, problems: bytewise.problems });
  return bytewise.problems;
}

describe('a boundary', () => {
  it('ends nothing in the midst of a line', () => {
    const value = "x--b--\r\n' or 1=1-- --b\r\n";
    const body = `${part(value)}${part('<i>')}${END}`;
    expect(scan(body)).toMatchObject({ values: [value.trimEnd(), '<i>'], problems: [] });
  });

  it.each([
    ['text on its line', `${part('x')}--bc\r\n\r\n<i>`],
    ['dashes and text on its line', `${part('x')}--b--c\r\n<i>`],
    ['one dash', `${part('x')}--b-\r\n<i>`],
    ['endless blanks', `${part('x')}--b${' '.repeat(300)}\r\n`],
    [
      'a line feed alone before it',
      `${part('x\n--b\r\nContent-Disposition: form-data; name="c"\r\n\r\n<i>')}${END}`,
    ],
    ['a line feed alone behind it', `--b\nContent-Disposition: form-data; name="c"\n\n<i>\n--b--`],
    ['the last one before it', `${part('x')}${END}${part('<i>')}${END}`],
    ['a head right before it', `--b\r\nA: b\r\n\r\n--b\r\n\r\n<i>\r\n${END}`],
    ['nothing that it ends', `--c\r\nContent-Disposition: form-data; name="c"\r\n\r\n<i>\r\n--c--`],
    ['no other behind it', part('x')],
    ['no other behind a file', part('x', 'Content-Disposition: form-data; name="f"; filename="x"')],
    ['a head that never ends', '--b\r\nContent-Disposition: form-data; name="c"'],
  ])('with %s is a problem', (_what, body) => {
    expect(problemsOf(body)).toEqual(['malformed']);
  });

  it.each([
    ['blanks behind it', `${part('x').replace('--b', '--b \t')}--b-- \r\n`],
    ['no part at all, as browsers send an empty form', END],
    ['text around the parts', `preamble\r\n${part('x')}${END}epilogue`],
    ['no line end behind the last one', `${part('x')}--b--`],
    ['empty parts', `${part('')}${part('', 'Content-Disposition: form-data; name="f"; filename=""')}${END}`],
    ['a part without headers', `--b\r\n\r\nx\r\n${END}`],
    ['content that is nearly one', `${part('\r\n--a\r\n-b--\r\n--\r\n')}${END}`],
    ['lines that begin like it in a file', `${part('\n--bc', 'Content-Disposition: a; filename=x')}${END}`],
  ])('with %s is none', (_what, body) => {
    expect(problemsOf(body)).toEqual([]);
  });

  it.each([
    'multipart/form-data; boundary=b; boundary=c',
    'multipart/form-data; foo; boundary=c; boundary=b',
    'multipart/form-data; foo; boundary=b',
    String.raw`multipart/form-data; boundary="b\c"`,
    'multipart/form-data; boundary="b" c',
    'multipart/form-data; boundary="b',
    'multipart/form-data; boundary*=b',
    'multipart/form-data; boundary*0=b',
    'multipart/form-data; boundary=b, multipart/form-data; boundary=c',
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'b'.repeat(71)}`,
  ])('that can be read in two ways is a problem: %s', (type) => {
    expect(problemsOf(`${part('x')}${END}`, type)).toEqual(['malformed']);
  });

  it.each([
    [
      'multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW',
      '----WebKitFormBoundary7MA4YWxkTrZu0gW',
    ],
    [
      'multipart/form-data; boundary=---------------------------9051914041544843365972754266',
      '---------------------------9051914041544843365972754266',
    ],
    ['multipart/form-data;boundary="----=_Part_5_13.14"', '----=_Part_5_13.14'],
    ['multipart/mixed; boundary=----=_Part_5_13.14; charset=UTF-8;', '----=_Part_5_13.14'],
    ['Multipart/Form-Data; Charset="utf-8" ; Boundary=b', 'b'],
    ['multipart/form-data', null],
    ['multipart/form-data, text/plain; boundary=b', null],
  ])('is read from a content type, or refused: %s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });
});

describe('the head of a part', () => {
  const FIELD = 'Content-Disposition: form-data; name="a"';
  it.each([
    ['a repeated header', `${FIELD}; filename="x"\r\n${FIELD}`],
    ['a folded line', `${FIELD};\r\n filename="x"`],
    ['a line that is no header', `${FIELD}\r\nfilename`],
    ['a blank before the colon', 'Content-Disposition : form-data; name="a"'],
    ['a line feed alone', `A: b\n${FIELD}`],
    ['a repeated parameter', `${FIELD}; name="b"`],
    ['a parameter without a value', `${FIELD}; filename`],
    ['an open quote', 'Content-Disposition: form-data; name="a'],
    ['text beside a value', `${FIELD} x; filename="y"`],
    ['a name in pieces', `${FIELD}; filename*0="x"`],
    ['an extended field name', `Content-Disposition: form-data; name*=utf-8''a`],
    ['a transfer encoding', `${FIELD}\r\nContent-Transfer-Encoding: base64`],
  ])('with %s is a problem', (_what, head) => {
    expect(problemsOf(`${part('PGk+', head)}${END}`)).toEqual(['malformed']);
  });

  it.each([
    `${FIELD}; filename="a \\"quoted\\"; name.txt"`,
    `${FIELD}; filename="naïve.txt"; filename*=UTF-8''na%C3%AFve.txt`,
    `${FIELD}; filename=plain.txt\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary`,
    `${FIELD}\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-Length: 1`,
    'content-disposition:form-data;name=a;',
  ])('of an honest sender is read: %s', (head) => {
    expect(problemsOf(`${part('x', head)}${END}`)).toEqual([]);
  });
});

describe('a field', () => {
  const typed = (type: string): string => `Content-Disposition: form-data; name="a"\r\nContent-Type: ${type}`;

  it('that is said to be JSON and is none is looked at as text', () => {
    expect(scan(`${part("' or 1=1--", typed('application/json'))}${END}`).values).toEqual(["' or 1=1--"]);
    expect(scan(`${part('{"a":"<i>"}', typed('application/json'))}${END}`).values).toEqual(['<i>']);
  });

  it('is refused in a charset that some parsers follow and others do not', () => {
    for (const charset of ['utf-16le', 'base64'])
      expect(problemsOf(`${part('x', typed(`text/plain; charset=${charset}`))}${END}`)).toEqual([
        'bad-encoding',
      ]);
    expect(problemsOf(`${part('x', typed('text/plain; charset=ISO-8859-1'))}${END}`)).toEqual([]);
  });
});

describe('A62: the work of a multipart body', () => {
  it('grows with its length and no faster, in however small pieces it comes', () => {
    const cpuUs = (bytes: number): number => {
      const body = Buffer.from(`${part('a'.repeat(bytes))}${END}`);
      const before = process.cpuUsage();
      expect(scan(body, TYPE, 1).problems).toEqual([]);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    cpuUs(16_384);
    const [short, long] = [cpuUs(32_768), cpuUs(131_072)];
    // Four times as long is four times as dear; what grows with the square would be sixteen times as dear.
    expect(long).toBeLessThan(10 * short + 3_000);
  });

  it('copies each byte a few times at most', () => {
    const copied = vi.spyOn(Buffer.prototype, 'copy');
    const pending = new Pending();
    for (let i = 0; i < 100_000; i++) pending.add(Uint8Array.of(i));
    const bytes = copied.mock.results.reduce((sum, result) => sum + (result.value as number), 0);
    copied.mockRestore();
    expect([pending.length, pending.at(99_999)]).toEqual([100_000, 99_999 % 256]);
    expect(bytes).toBeLessThan(200_000);
  });

  it('lets go of bytes and keeps the others in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 9_000 }), fc.nat(9_000)), { maxLength: 20 }),
        (steps) => {
          const pending = new Pending();
          let kept: Buffer = Buffer.alloc(0);
          for (const [added, dropped] of steps) {
            pending.add(added);
            kept = Buffer.concat([kept, added]);
            const bytes = Math.min(dropped, kept.length);
            pending.drop(bytes);
            kept = kept.subarray(bytes);
          }
          expect(pending.slice(0, pending.length).equals(kept)).toBe(true);
        },
      ),
    );
  });

  it('of Base64 in JSON searches each value, and not what follows it', () => {
    const text = JSON.stringify(Array.from({ length: 2_000 }, () => 'c2VsZWN0IHBsYWlu'));
    const searched = vi.spyOn(String.prototype, 'includes');
    scanJson(text, BOUNDS, { place: 'json', name: '' }, new Kept());
    const lengths = searched.mock.contexts.map((context) => String(context).length);
    searched.mockRestore();
    expect(lengths.length).toBeGreaterThan(0);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(4 * text.length);
  });
});

describe('a text of XML', () => {
  const values = (text: string): readonly string[] => {
    const kept = new Kept();
    scanXml(text, kept);
    return kept.values;
  };

  it('is looked at as parsers join it across comments, CDATA and instructions', () => {
    for (const cut of ['<!---->', '<!-- x -->', '<![CDATA[]]>', '<?x?>'])
      expect(values(`<a>&lt;scr${cut}ipt&gt;</a>`)).toContain('<script>');
    expect(values("<a>' un<![CDATA[ion sel]]>ect 1--</a>")).toContain("' union select 1--");
    expect(values("<a>' or <!-- -->1=1--")).toContain("' or 1=1--");
  });

  it('of several elements is not joined', () => {
    expect(values('<a><b>5 &lt; 6</b><c>7 &gt; 6</c></a>')).not.toContain('5 < 67 > 6');
    expect(values('<a>plain<!-- and --> <![CDATA[simple]]></a>')).toEqual([]);
  });
});

describe('a part whose file has no name', () => {
  const body = (head: string, type = ''): string =>
    `${part('<i>', `Content-Disposition: form-data; name="a"${head}${type && `\r\nContent-Type: ${type}`}`)}${END}`;
  // What Request.formData makes of it is asked; busboy 1 (multer, @fastify/multipart) and formidable 3 as their sources say:
  // formidable takes whatever names no Content-Type for a field, also what Python's requests sends as a file.
  it.each<[string, string, string, string, boolean]>([
    ['', 'field', 'field', 'field', true],
    ['; filename=""', 'file', 'field', 'field', true],
    ['; filename="x.txt"', 'file', 'file', 'field', false],
  ])('is read as a field where busboy would: %s', async (head, fetch, _busboy, _formidable, isRead) => {
    const form = await new Response(body(head), { headers: { 'content-type': TYPE } }).formData();
    expect(typeof form.get('a') === 'string' ? 'field' : 'file').toBe(fetch);
    expect(scan(body(head)).values.includes('<i>')).toBe(isRead);
  });

  it('is read whatever type it names, and empty inputs of browsers pass', () => {
    expect(scan(body('; filename=""', 'application/octet-stream')).values).toEqual(['<i>']);
    expect(scan(body(`; filename=""; filename*=UTF-8''a`)).values).toContain('<i>');
    const empty = part(
      '',
      'Content-Disposition: form-data; name="a"; filename=""\r\nContent-Type: application/octet-stream',
    );
    expect(scan(`${empty}${END}`)).toMatchObject({ values: [], problems: [] });
  });
});
