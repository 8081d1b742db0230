import fc from 'fast-check';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { look, pdf } from '../test-look.ts';

const mib = (count: number): Buffer => Buffer.alloc(count * 1_048_576);
const stream = (dictionary: string, data: Buffer): string =>
  `<< ${dictionary} /Length ${data.length} >>\nstream\n${data.toString('latin1')}\nendstream`;

describe('a document', () => {
  const script = '<< /S /JavaScript /JS (app.alert(1)) >>';

  it.each([
    ['a script', pdf(script)],
    ['a script behind an escaped name', pdf('<< /S /J#61vaScript /JS (1) >>')],
    ['a program to launch', pdf('<< /S /Launch /F (cmd.exe) >>')],
    [
      'a script among packed objects',
      pdf(stream('/Type /ObjStm /Filter /FlateDecode /N 1 /First 4', deflateSync(`1 0 ${script}`))),
    ],
    [
      'objects behind another filter',
      pdf(stream('/Type /ObjStm /Filter [/ASCIIHexDecode /LZWDecode]', Buffer.from('00'))),
    ],
  ])('is refused with %s', async (_what, bytes) => {
    expect(await look(bytes)).toEqual({ refused: 'active_content', status: 422 });
    expect(await look(bytes, { activeContent: 'flag' })).toMatchObject({ type: 'application/pdf' });
  });

  it('may hold attachments, which are flagged, and streams of any content', async () => {
    const honest = pdf(
      '<< /Type /EmbeddedFile >>',
      stream('/Filter /FlateDecode', deflateSync(mib(3))),
      stream('/Filter /DCTDecode', Buffer.from([255, 216, 255, 224, 0, 16])),
    );
    expect(await look(honest)).toEqual({ type: 'application/pdf', flags: ['pdf.attachment'] });
  });

  it('is refused where its streams unpack to too much, or are packed again and again', async () => {
    const bomb = pdf(stream('/Filter /FlateDecode', deflateSync(mib(4))));
    expect(await look(bomb, { archives: { maxUnpackedBytes: 3_000_000 } })).toEqual({
      refused: 'unpacked',
      status: 413,
    });
    expect(await look(pdf('<< /Filter [/FlateDecode /FlateDecode /FlateDecode] >>'))).toEqual({
      refused: 'pdf_filters',
      status: 413,
    });
  });

  const packed = (text: string): Buffer => deflateSync(Buffer.from(text));
  const objects = packed(`1 0 ${script}`);
  const blanks = ' '.repeat(100_000);

  it.each([
    ['far behind its type', stream(`/Type /ObjStm ${blanks} /Filter /FlateDecode`, objects)],
    ['far behind its filter', stream(`/Filter /FlateDecode ${blanks} /Type /ObjStm`, objects)],
    ['with no type', stream('/Filter /FlateDecode /N 1 /First 4', objects)],
    ['behind a comment', stream('/Filter /FlateDecode', packed(`%${'x'.repeat(90)}\n \0 1 0 ${script}`))],
    ['behind a long comment', stream('/Filter /FlateDecode', packed(`%${'x'.repeat(9_000)}\n1 0 ${script}`))],
    ['behind another object in a string', stream('/Type /ObjStm /Filter /FlateDecode /X (2 0 obj)', objects)],
    [
      'of another filter, far away',
      stream(`/Type /ObjStm ${blanks} /Filter /ASCIIHexDecode`, Buffer.from('31 20')),
    ],
    [
      'of another filter, in disguise',
      stream('/Filter /ASCIIHexDecode /X (2 0 obj <<) /Type /ObjStm', Buffer.from('31 20 30 20')),
    ],
    ['packed twice', stream('/Type /ObjStm /Filter [/FlateDecode /FlateDecode]', deflateSync(objects))],
    [
      'behind a blank',
      stream('/Type /ObjStm /Filter /FlateDecode', objects).replace('stream\n', 'stream \r\n'),
    ],
    [
      'behind a lone carriage return',
      stream('/Filter /FlateDecode', objects).replace('stream\n', 'stream\r'),
    ],
    [
      'behind an end that is none',
      stream(
        '/Filter /FlateDecode',
        deflateSync(Buffer.from(`1 0 (endstream endobj) ${script}`), { level: 0 }),
      ),
    ],
    [
      'behind a stream that is none',
      stream('/Type /ObjStm /X (stream\n) /Filter /LZWDecode', Buffer.from('x')),
    ],
  ])('is refused with acting objects %s', async (_where, hidden) => {
    expect(await look(pdf(hidden))).toEqual({ refused: 'active_content', status: 422 });
  });

  it('is refused with an action wherever it stands among packed objects', async () => {
    const filler = fc.string({
      unit: fc.constantFrom(' ', '\n', '1', '(a)', '<<', '/Page'),
      maxLength: 40_000,
    });
    await fc.assert(
      fc.asyncProperty(filler, fc.integer({ min: 0, max: 9 }), async (text, level) => {
        const data = deflateSync(Buffer.from(`1 0 ${text} ${script}`), { level });
        expect(await look(pdf(stream('/Filter /FlateDecode', data)))).toMatchObject({ status: 422 });
      }),
      { numRuns: 40 },
    );
  });

  it('takes one sum of all that its streams unpack to, objects as well', async () => {
    const one = stream('/Type /ObjStm /Filter /FlateDecode', packed(`1 0 ${' '.repeat(1_048_576)}`));
    const bounds = { archives: { maxUnpackedBytes: 5_500_000 } };
    expect(await look(pdf(...Array<string>(4).fill(one)), bounds)).toMatchObject({ type: 'application/pdf' });
    expect(await look(pdf(...Array<string>(6).fill(one)), bounds)).toEqual({
      refused: 'unpacked',
      status: 413,
    });
  });

  it('is refused where its streams lie within each other', async () => {
    // Each says that the 60,000 bytes behind it are its own.
    const start = Buffer.from([0x78, 0x01, 0x00, 0x60, 0xea, 0x9f, 0x15]).toString('latin1');
    const nested = Buffer.from(`%PDF-1.7\n${`stream\n${start}${'x'.repeat(300)}`.repeat(5_000)}`, 'latin1');
    expect(await look(nested)).toEqual({ refused: 'pdf_objects', status: 413 });
  });

  it('may hold the names of actions in its text, and thousands of streams', async () => {
    const text = stream('/Filter /FlateDecode', packed('BT (/JavaScript is a name) Tj ET'));
    expect(await look(pdf(...Array<string>(3_000).fill(text)))).toEqual({
      type: 'application/pdf',
      flags: [],
    });
    const plain = `<< /Type /ObjStm /N 1 /First 4 /Length 12 >>\nstream\n1 0 << >>\nendstream`;
    expect(await look(pdf(plain))).toEqual({ type: 'application/pdf', flags: [] });
  });

  it('is refused with more objects than honest ones have', async () => {
    const many = Buffer.from(`%PDF-1.7\n${'1 0 obj\nendobj\n'.repeat(500_001)}`);
    expect(await look(many)).toEqual({ refused: 'pdf_objects', status: 413 });
  });
});
