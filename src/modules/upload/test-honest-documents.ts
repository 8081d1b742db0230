import { deflateSync, gzipSync } from 'node:zlib';
import { pdf } from './test-look.ts';
import { type TestEntry, type TestFile, zipOf } from './test-upload.ts';

const stream = (dictionary: string, data: Uint8Array | string): string => {
  const bytes = Buffer.from(data as string, 'latin1');
  return `<< ${dictionary} /Length ${bytes.length} >>\nstream\n${bytes.toString('latin1')}\nendstream`;
};
const PAGES = '<< /Type /Pages /Kids [3 0 R] /Count 1 >>';
const PAGE = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>';
const WORDS = 'BT /F1 12 Tf 1 0 0 1 72 720 Tm (Invoice 2026) Tj ET';
const catalog = (more = ''): string => `<< /Type /Catalog /Pages 2 0 R ${more} >>`;
const paper = (more = '', ...objects: readonly string[]): Buffer =>
  pdf(catalog(more), PAGES, PAGE, stream('/Filter /FlateDecode', deflateSync(WORDS)), ...objects);
const XMP =
  '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>2</pdfaid:part></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>';

function papers(): readonly (readonly [string, Buffer])[] {
  const packed = deflateSync(`1 0 2 40 ${catalog()} ${PAGES}`);
  const later = Buffer.from(
    '3 0 obj\n<< /Type /Page /Parent 2 0 R /Rotate 90 >>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer << /Prev 9 /Root 1 0 R >>\nstartxref\n400\n%%EOF\n',
  );
  return [
    ['plain.pdf', paper()],
    ['uncompressed.pdf', pdf(catalog(), PAGES, PAGE, stream('', WORDS))],
    [
      'linearised.pdf',
      pdf('<< /Linearized 1 /L 900 /H [500 30] /O 3 /E 800 /N 1 /T 850 >>', catalog(), PAGES),
    ],
    ['object streams.pdf', pdf(stream('/Type /ObjStm /N 2 /First 8 /Filter /FlateDecode', packed))],
    ['saved twice.pdf', Buffer.concat([paper(), later])],
    [
      'form.pdf',
      paper(
        '/AcroForm << /Fields [5 0 R] /NeedAppearances true >>',
        '<< /FT /Tx /T (name) /V (Ada) /Subtype /Widget >>',
      ),
    ],
    [
      'archive.pdf',
      paper(
        '/Metadata 5 0 R /MarkInfo << /Marked true >> /OutputIntents [6 0 R]',
        stream('/Type /Metadata /Subtype /XML', XMP),
        '<< /Type /OutputIntent /S /GTS_PDFA1 >>',
      ),
    ],
    ['encrypted.pdf', paper('', '<< /Encrypt 7 0 R >>', '<< /Filter /Standard /V 4 /R 4 /P -1028 >>')],
    [
      'with links.pdf',
      paper(
        '',
        '<< /Subtype /Link /A << /S /URI /URI (https://example.org/a?b=c) >> >>',
        '<< /S /GoTo /D [3 0 R /Fit] >>',
      ),
    ],
    ['opens at a page.pdf', paper('/OpenAction [3 0 R /XYZ null null 0] /PageMode /UseOutlines')],
    [
      'invoice with data.pdf',
      paper('/AF [5 0 R]', stream('/Type /EmbeddedFile', '<rsm:CrossIndustryInvoice/>')),
    ],
    [
      'scanned.pdf',
      paper('', stream('/Subtype /Image /Filter /DCTDecode', Buffer.from([255, 216, 255, 224, 0, 16]))),
    ],
    ['two filters.pdf', paper('', stream('/Filter [/ASCII85Decode /FlateDecode]', '87cURD_*#TDfTZ)~>'))],
    [
      'signed.pdf',
      paper(
        '',
        `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Contents <${'0'.repeat(400)}> >>`,
      ),
    ],
    [
      'of Windows.pdf',
      Buffer.from(paper().toString('latin1').replaceAll('endobj\n', 'endobj\r\n'), 'latin1'),
    ],
    ['about scripts.pdf', paper('', '<< /Title (JavaScript for beginners: <script> and others) >>')],
    ['blank page.pdf', paper('', stream('/Filter /FlateDecode', deflateSync(Buffer.alloc(3_000_000, 255))))],
  ];
}

const TYPES: TestEntry = { name: '[Content_Types].xml', data: '<?xml version="1.0"?><Types/>' };
const RELS: TestEntry = { name: '_rels/.rels', data: '<Relationships/>' };
const open = (type: string, ...more: readonly TestEntry[]): Buffer =>
  zipOf([{ name: 'mimetype', data: type, stored: true }, ...more]);
const content: TestEntry = { name: 'content.xml', data: '<office:document-content/>' };

/** Sizes behind the data, as writers that stream have to put them (APPNOTE 4.3.9). */
function described(entry: TestEntry): Buffer {
  const whole = zipOf([{ ...entry, flags: 8 }]);
  const at = whole.indexOf('PK\u0001\u0002', 0, 'latin1');
  const tail = Buffer.concat([Buffer.from('PK\u0007\u0008', 'latin1'), whole.subarray(14, 26)]);
  const local = Buffer.from(whole.subarray(0, at));
  local.fill(0, 14, 26);
  const directory = Buffer.from(whole.subarray(at));
  directory.writeUInt32LE(at + tail.length, directory.length - 6);
  return Buffer.concat([local, tail, directory]);
}

function archives(): readonly (readonly [string, Buffer])[] {
  const note: TestEntry = { name: 'note.txt', data: 'hello' };
  const letter = zipOf([TYPES, RELS, { name: 'word/document.xml', data: '<w:document/>' }]);
  const rows = Array.from(
    { length: 20_000 },
    (_, i) => `<row r="${i}"><c r="A${i}" t="s"><v>${(i * 7_919) % 4_099}</v></c></row>`,
  ).join('');
  const sheet = zipOf([
    TYPES,
    RELS,
    { name: 'xl/worksheets/sheet1.xml', data: `<worksheet>${rows}</worksheet>` },
  ]);
  return [
    ['letter.docx', letter],
    ['first names last.docx', zipOf([{ name: 'word/document.xml', data: '<w/>' }, RELS, TYPES])],
    [
      'old pictures.docx',
      zipOf([
        TYPES,
        { name: 'word/document.xml', data: '<w/>' },
        { name: 'word/media/image1.emz', data: gzipSync('EMF') },
      ]),
    ],
    ['sheet.xlsx', sheet],
    ['other separators.xlsx', zipOf([TYPES, { name: 'xl\\workbook.xml', data: '<workbook/>' }])],
    [
      'slides.pptx',
      zipOf([
        TYPES,
        { name: 'ppt/presentation.xml', data: '<p/>' },
        { name: 'ppt/embeddings/Sheet1.xlsx', data: sheet, stored: true },
      ]),
    ],
    [
      'letter.odt',
      open('application/vnd.oasis.opendocument.text', content, {
        name: 'META-INF/manifest.xml',
        data: '<m/>',
      }),
    ],
    ['sheet.ods', open('application/vnd.oasis.opendocument.spreadsheet', content)],
    [
      'novel.epub',
      open(
        'application/epub+zip',
        { name: 'META-INF/container.xml', data: '<container/>' },
        {
          name: 'OEBPS/one.xhtml',
          data: '<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
        },
      ),
    ],
    [
      'photos.zip',
      zipOf([
        { name: 'photos/', data: '', stored: true },
        { name: 'photos/Übersicht 2026.txt', data: 'x' },
      ]),
    ],
    ['from a Mac.zip', zipOf([note, { name: '__MACOSX/._note.txt', data: '\u0000\u0005\u0016\u0007' }])],
    ['streamed.zip', described(note)],
    ['with comment.zip', zipOf([note], 'made by hand')],
    ['empty.zip', zipOf([])],
    ['of documents.zip', zipOf([{ name: 'letter.docx', data: letter, stored: true }])],
    ['of logs.zip', zipOf([{ name: 'access.log.gz', data: gzipSync('GET / 200\n'.repeat(400)) }])],
    [
      'of a site.zip',
      zipOf([
        { name: 'index.html', data: '<!doctype html><script>1</script>' },
        { name: 'run.sh', data: '#!/bin/sh' },
      ]),
    ],
    ['backup.tar.gz', gzipSync(Buffer.alloc(10_240, 'a'))],
    ['table.csv.gz', gzipSync('a;b\r\n1;2\r\n')],
  ];
}

/** Documents and archives, laid out as several writers do. */
export function honestDocuments(): readonly TestFile[] {
  return [
    ...papers().map(([name, bytes]) => ({ name, type: 'application/pdf', bytes })),
    ...archives().map(([name, bytes]) => ({ name, type: 'application/octet-stream', bytes })),
  ];
}
