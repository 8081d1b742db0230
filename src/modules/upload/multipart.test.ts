import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { body, BOUNDARY, streamed } from './test-upload.ts';
import { MultipartReader } from './receive/multipart.ts';

interface Found {
  readonly field: string;
  readonly fileName: string | undefined;
  readonly bytes: string;
}

async function read(bytes: Uint8Array | string, step = 16_384, maxHeaderBytes = 8_192): Promise<Found[]> {
  const found: Found[] = [];
  const reader = new MultipartReader(body(bytes, {}, step).body, BOUNDARY, maxHeaderBytes);
  for await (const { head, body } of reader.parts()) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    found.push({
      field: head.field,
      fileName: head.fileName,
      bytes: Buffer.concat(chunks).toString('latin1'),
    });
  }
  return found;
}

const part = (headers: string, content: string): string =>
  `--${BOUNDARY}\r\n${headers}\r\n\r\n${content}\r\n`;
const field = (name: string, content: string): string =>
  part(`content-disposition: form-data; name="${name}"`, content);
const END = `--${BOUNDARY}--\r\n`;

describe('a form', () => {
  it('is split into its parts, however the network cuts it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.string({ maxLength: 60 }),
            fc.constantFrom('\r\n', '\r\n--', `\r\n--${BOUNDARY.slice(0, -1)}`, '--', '\r\n\r\n', '\r\r\n'),
          ),
          { maxLength: 4 },
        ),
        fc.integer({ min: 1, max: 90 }),
        async (contents, step) => {
          const text = Buffer.from(contents.map((content, at) => field(`f${at}`, content)).join('') + END);
          const found = await read(text, step);
          expect(found.map(({ bytes }) => Buffer.from(bytes, 'latin1').toString())).toEqual(contents);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is read as the platform reads its own', async () => {
    const given = new FormData();
    given.set('a', 'one');
    given.set('file', new File(['\u0000\u00ff--x'], 'näme "q".bin', { type: 'application/x-any' }));
    const request = new Request('http://x', { method: 'POST', body: given });
    const boundary = /boundary=(.*)$/.exec(request.headers.get('content-type') ?? '')?.[1] ?? '';
    const reader = new MultipartReader(streamed(request.body as ReadableStream).body, boundary, 8_192);
    const names: (string | undefined)[] = [];
    for await (const one of reader.parts()) {
      names.push(one.head.fileName);
      for await (const _chunk of one.body);
    }
    expect(names).toEqual([undefined, 'näme %22q%22.bin']);
  });

  it('may hold an empty part, with or without a line of its own', async () => {
    const bare = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="b"\r\n\r\n`;
    expect(await read(field('a', '') + bare + END)).toMatchObject([{ bytes: '' }, { bytes: '' }]);
  });

  it('may come without a part', async () => {
    expect(await read(END)).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['no last boundary', field('a', 'x')],
    ['a part that is cut off', `--${BOUNDARY}\r\ncontent-disposition: form-data; name="a"\r\n\r\nx`],
    ['headers that are cut off', `--${BOUNDARY}\r\ncontent-disposition: form-da`],
    ['something on the line of a boundary', `--${BOUNDARY} x\r\n${END}`],
    ['bare line feeds', field('a', 'x').replaceAll('\r\n', '\n') + END],
    ['a long preamble', 'x'.repeat(5_000) + field('a', 'x') + END],
    ['a long epilogue', field('a', 'x') + END + 'x'.repeat(5_000)],
    ['no disposition', part('content-type: text/plain', 'x') + END],
    ['another disposition', part('content-disposition: attachment; name="a"', 'x') + END],
    ['no name', part('content-disposition: form-data', 'x') + END],
    [
      'two dispositions',
      part('content-disposition: form-data; name="a"\r\ncontent-disposition: form-data; name="b"', 'x') + END,
    ],
    ['two names', part('content-disposition: form-data; name="a"; name="b"', 'x') + END],
    [
      'two file names',
      part('content-disposition: form-data; name="a"; filename="x.txt"; filename="x.php"', 'x') + END,
    ],
    ['a folded header', part('content-disposition: form-data;\r\n name="a"', 'x') + END],
    ['a NUL in a header', part('content-disposition: form-data; name="a\u0000"', 'x') + END],
    ['an open quote', part('content-disposition: form-data; name="a', 'x') + END],
    [
      'a transfer encoding',
      part('content-disposition: form-data; name="a"\r\ncontent-transfer-encoding: base64', 'eA==') + END,
    ],
    ['a blank before the colon', part('content-disposition : form-data; name="a"', 'x') + END],
    [
      'a name in pieces',
      part('content-disposition: form-data; name="a"; filename*0="x."; filename*1="php"', 'x') + END,
    ],
    [
      'filename* that is no UTF-8',
      part('content-disposition: form-data; name="a"; filename*=UTF-8\'\'%ff.txt', 'x') + END,
    ],
    [
      'filename* of another charset',
      part('content-disposition: form-data; name="a"; filename*=utf-7\'\'x.txt', 'x') + END,
    ],
    [
      'two names of two kinds',
      part('content-disposition: form-data; name="a"; filename="x.txt"; filename*=UTF-8\'\'x.php', 'x') + END,
    ],
    [
      'more headers than any sender writes',
      part(
        `content-disposition: form-data; name="a"\r\n${Array.from({ length: 20 }, (_, i) => `x-${i}: 1`).join('\r\n')}`,
        'x',
      ) + END,
    ],
  ])('is refused with %s', async (_what, text) => {
    await expect(read(Buffer.from(text), 7)).rejects.toMatchObject({ status: 400 });
  });

  it('is refused where the headers of a part do not end', async () => {
    const long = `--${BOUNDARY}\r\nx-long: ${'x'.repeat(100_000)}`;
    await expect(read(long, 1_000)).rejects.toMatchObject({ status: 413, code: 'UPLOAD_TOO_LARGE' });
  });

  it('takes the extended name where both are of one kind', async () => {
    const both = `content-disposition: form-data; name="a"; filename="n_ive.txt"; filename*=UTF-8''na%C3%AFve.txt`;
    expect(await read(part(both, 'x') + END)).toMatchObject([{ fileName: 'naïve.txt' }]);
  });
});
