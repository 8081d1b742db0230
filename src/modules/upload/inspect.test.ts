import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { look, pdf } from './test-look.ts';
import { pngOf, type TestEntry, zipOf } from './test-upload.ts';

const dot = sharp({ create: { width: 40, height: 30, channels: 3, background: '#6a8' } });
const jpeg = await dot
  .clone()
  .jpeg()
  .withMetadata({ exif: { IFD0: { Artist: 'ada' } } })
  .toBuffer();
const png = await dot.clone().png().toBuffer();
const gif = await dot.clone().gif().toBuffer();
const webp = await dot.clone().webp().toBuffer();
const avif = await dot.clone().avif({ effort: 0 }).toBuffer();
const mib = (count: number): Buffer => Buffer.alloc(count * 1_048_576);
const office = (folder: string, ...more: readonly TestEntry[]): Buffer =>
  zipOf([
    { name: '[Content_Types].xml', data: '<Types/>' },
    { name: `${folder}/main.xml`, data: '<w/>' },
    ...more,
  ]);

describe('the type of a file', () => {
  it.each([
    ['a JPEG', jpeg, 'image/jpeg'],
    ['a PNG', png, 'image/png'],
    ['a GIF', gif, 'image/gif'],
    ['a WebP', webp, 'image/webp'],
    ['an AVIF', avif, 'image/avif'],
    ['a text', 'Grüße <b>!', 'text/plain'],
    ['a list of Latin-1', Buffer.from('a;b\r\nM\u00fcller;1', 'latin1'), 'text/plain'],
    [
      'a text of UTF-16',
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a\tb', 'utf16le')]),
      'text/plain',
    ],
    ['a page of XML', '<?xml version="1.0"?><gpx version="1.1"/>', 'application/xml'],
    ['a picture of text', '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="4"/>', 'image/svg+xml'],
    ['a PDF', pdf('<< /Type /Catalog /OpenAction [1 0 R /Fit] >>'), 'application/pdf'],
    ['an archive', zipOf([{ name: 'a/b.txt', data: 'x' }]), 'application/zip'],
    ['a letter', office('word'), 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['a sheet', office('xl'), 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    [
      'a letter of OpenDocument',
      zipOf([
        { name: 'mimetype', data: 'application/vnd.oasis.opendocument.text', stored: true },
        { name: 'content.xml', data: '<x/>' },
      ]),
      'application/vnd.oasis.opendocument.text',
    ],
    ['a compressed file', gzipSync('hello'), 'application/gzip'],
  ])('is told by its content: %s', async (_what, bytes, type) => {
    expect(await look(bytes)).toMatchObject({ type });
  });

  it.each([
    [
      '<!doctype svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">',
      { type: 'image/svg+xml' },
    ],
    ['<!DOCTYPE svg>\n', { refused: 'svg_doctype' }],
    ['<!DOCTYPE svg [<!ATTLIST svg b CDATA "]>"> <!ATTLIST svg c CDATA "x"> ] >', { refused: 'xml_doctype' }],
  ])('is that of what stands behind a declaration: %s', async (declaration, found) => {
    const svg = `<?xml version="1.0"?>${declaration}<!-- x --><svg xmlns="http://www.w3.org/2000/svg"/>`;
    expect(await look(svg)).toMatchObject(found);
  });

  it('is JSON only where it says so and is', async () => {
    expect(await look('{"a":1}', {}, 'json')).toEqual({ type: 'application/json' });
    expect(await look('{"a":1}', {}, 'txt')).toEqual({ type: 'text/plain' });
    expect(await look('{a:1}', {}, 'json')).toEqual({ type: 'text/plain' });
    expect(await look('['.repeat(200_000), {}, 'json')).toEqual({ type: 'text/plain' });
  });

  it.each([
    ['a page', '<!DOCTYPE html><p>'],
    ['a page behind a comment', '\ufeff \n<!-- x --><script>1</script>'],
    ['a page of UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<script>', 'utf16le')])],
    ['a script of PHP', '<?php system($_GET[0]);'],
    ['a script', '#!/bin/sh\nrm -rf /'],
    ['a program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200, 1), Buffer.from([0, 0])])],
    ['a program of Java', zipOf([{ name: 'META-INF/MANIFEST.MF', data: 'x' }])],
    ['bytes of no kind', Buffer.from([0, 1, 2, 3, 4, 5, 6, 7])],
    ['the mark of UTF-16 before such bytes', Buffer.from([0xff, 0xfe, 0, 0, 1, 0, 0, 0xd8])],
  ])('is never accepted where nobody lists it: %s', async (_what, bytes) => {
    expect(await look(bytes)).toMatchObject({ status: 415 });
  });

  it('is refused where it is not on the list', async () => {
    expect(await look(png, { types: ['image/jpeg'] })).toEqual({ refused: 'type', status: 415 });
    expect(await look('<svg/>', { types: ['image/png', 'text/plain'] })).toMatchObject({ status: 415 });
  });
});

describe('a picture', () => {
  it('is measured by its own headers', async () => {
    for (const bytes of [jpeg, png, gif, webp, avif])
      expect(await look(bytes)).toMatchObject({ width: 40, height: 30 });
  });

  it('is refused by the pixels that it says, before anybody decodes it', async () => {
    expect(await look(pngOf(50_000, 50_000))).toEqual({ refused: 'pixels', status: 413 });
    const wide = Buffer.from(gif);
    wide.writeUInt16LE(60_000, 6);
    wide.writeUInt16LE(60_000, 8);
    expect(await look(wide)).toEqual({ refused: 'pixels', status: 413 });
    expect(await look(jpeg, { images: { maxPixels: 1_000 } })).toEqual({ refused: 'pixels', status: 413 });
  });

  it('is refused for more frames than are accepted', async () => {
    const frame = gif.subarray(gif.indexOf(0x2c), -1);
    const many = Buffer.concat([
      gif.subarray(0, -1),
      ...Array.from({ length: 600 }, () => frame),
      Buffer.from([0x3b]),
    ]);
    expect(await look(many)).toEqual({ refused: 'frames', status: 413 });
    expect(await look(many, { images: { maxFrames: 1_000 } })).toMatchObject({ type: 'image/gif' });
  });

  it.each([
    ['a page at its end', Buffer.concat([jpeg, Buffer.from('<script>alert(1)</script>')]), 'polyglot'],
    [
      'a script in its description',
      Buffer.concat([
        jpeg.subarray(0, 2),
        Buffer.from([0xff, 0xfe, 0, 20]),
        Buffer.from('<?php system("x");'),
        jpeg.subarray(2),
      ]),
      'polyglot',
    ],
    ['an archive at its end', Buffer.concat([jpeg, zipOf([{ name: 'a', data: 'x' }])]), 'polyglot'],
    [
      'a document at its beginning',
      Buffer.concat([
        jpeg.subarray(0, 2),
        Buffer.from([0xff, 0xfe, 0, 12]),
        Buffer.from('%PDF-1.4\n\n'),
        jpeg.subarray(2),
      ]),
      'polyglot',
    ],
    ['anything after a PNG', Buffer.concat([png, Buffer.from('x')]), 'after_end'],
    ['anything after a GIF', Buffer.concat([gif, Buffer.from('/*x*/=1')]), 'after_end'],
    ['anything after a WebP', Buffer.concat([webp, Buffer.from('xxxx')]), 'after_end'],
    ['half of it missing', png.subarray(0, 60), 'picture_broken'],
    ['its headers alone', Buffer.from('GIF89a'), 'picture_broken'],
  ])('is refused with %s', async (_what, bytes, refused) => {
    expect(await look(bytes)).toEqual({ refused, status: 400 });
  });

  it('may be followed by what cameras append', async () => {
    expect(
      await look(Buffer.concat([jpeg, jpeg, Buffer.from('\u0000\u0000\u0000\u0018ftypmp42')])),
    ).toMatchObject({ type: 'image/jpeg' });
  });
});

describe('an archive', () => {
  it.each<[string, Buffer, string, number]>([
    ['shrinks too well', zipOf([{ name: 'a', data: mib(8) }]), 'ratio', 413],
    ['says less than there is', zipOf([{ name: 'a', data: mib(3), says: 100 }]), 'zip_broken', 400],
    ['says more than there is', zipOf([{ name: 'a', data: 'x', says: 900_000 }]), 'zip_broken', 400],
    ['claims too much', zipOf([{ name: 'a', data: 'x', says: 4_000_000_000 }]), 'zip_claims', 413],
    [
      'holds too many files',
      zipOf(Array.from({ length: 2_001 }, (_, i) => ({ name: `${i}`, data: '' }))),
      'zip_entries',
      413,
    ],
    [
      'shares bytes between files',
      zipOf([
        { name: 'a', data: 'xxxx' },
        { name: 'b', data: 'xxxx', at: 0 },
      ]),
      'zip_overlap',
      413,
    ],
    ['leads out of itself', zipOf([{ name: '../../etc/cron.d/x', data: 'x' }]), 'zip_broken', 400],
    ['leads to a root', zipOf([{ name: '/etc/passwd', data: 'x' }]), 'zip_broken', 400],
    ['uses backslashes', zipOf([{ name: '..\\x', data: 'x' }]), 'zip_broken', 400],
    [
      'holds a link',
      zipOf([{ name: 'l', data: '/etc/passwd', attributes: (0o120777 << 16) >>> 0 }]),
      'zip_link',
      400,
    ],
    [
      'has one name twice',
      zipOf([
        { name: 'a.txt', data: 'x' },
        { name: 'A.TXT', data: 'y' },
      ]),
      'zip_twice',
      400,
    ],
    ['is encrypted', zipOf([{ name: 'a', data: 'x', flags: 1 }]), 'zip_encrypted', 422],
    ['is cut off', zipOf([{ name: 'a', data: 'x' }]).subarray(0, -8), 'zip_broken', 400],
    [
      'is followed by something',
      Buffer.concat([zipOf([{ name: 'a', data: 'x' }]), Buffer.from('<script>')]),
      'zip_broken',
      400,
    ],
    [
      'holds one of another kind',
      zipOf([{ name: 'a.7z', data: Buffer.from('7z\u00bc\u00af\u0027\u001c0000', 'latin1') }]),
      'nested',
      413,
    ],
    [
      'defines entities',
      office('word', { name: 'word/x.xml', data: '<!DOCTYPE x [<!ENTITY a "b">]><x/>' }),
      'xml_entity',
      422,
    ],
  ])('is refused where it %s', async (_what, bytes, refused, status) => {
    expect(await look(bytes)).toEqual({ refused, status });
  });

  it('may hold another one, but not a third', async () => {
    const inner = zipOf([{ name: 'a.txt', data: 'x' }]);
    const two = zipOf([{ name: 'a.zip', data: inner, stored: true }]);
    expect(await look(two)).toMatchObject({ type: 'application/zip' });
    expect(await look(zipOf([{ name: 'b.zip', data: two, stored: true }]))).toEqual({
      refused: 'nested',
      status: 413,
    });
    expect(await look(two, { archives: { maxDepth: 0 } })).toEqual({ refused: 'nested', status: 413 });
  });

  it('is unpacked within one room, inner archives too', async () => {
    const noise = Buffer.from(Array.from({ length: 40_000 }, (_, i) => (i * 7_919) % 251));
    const inner = zipOf([{ name: 'a', data: noise, stored: true }]);
    const outer = zipOf([1, 2, 3, 4].map((n) => ({ name: `${n}.zip`, data: inner, stored: true })));
    expect(await look(outer, { archives: { maxUnpackedBytes: 400_000 } })).toMatchObject({
      type: 'application/zip',
    });
    expect(await look(outer, { archives: { maxUnpackedBytes: 250_000 } })).toMatchObject({ status: 413 });
  });

  it('is cut while it is unpacked where it is one stream', async () => {
    expect(await look(gzipSync(mib(20)))).toEqual({ refused: 'ratio', status: 413 });
    expect(
      await look(gzipSync(mib(2)), { archives: { maxRatio: 10_000, maxUnpackedBytes: 1_048_576 } }),
    ).toEqual({ refused: 'unpacked', status: 413 });
    expect(await look(gzipSync('x').subarray(0, 15))).toEqual({ refused: 'gzip_broken', status: 400 });
    expect(await look(gzipSync(gzipSync('x')))).toEqual({ refused: 'nested', status: 413 });
  });

  it('is refused for macros, or flagged', async () => {
    const macros = office('word', { name: 'word/vbaProject.bin', data: 'x' });
    expect(await look(macros)).toEqual({ refused: 'active_content', status: 422 });
    expect(await look(macros, { activeContent: 'flag' })).toMatchObject({ flags: ['office.macros'] });
  });
});

describe('marked-up text', () => {
  const svg = (inner: string, attributes = ''): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inner}</svg>`;

  it.each([
    ['a script', svg('<script>1</script>')],
    ['a script under a prefix', '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script>1</s:script></s:svg>'],
    ['a handler', svg('', 'onload="1"')],
    ['a link to a script', svg('<a href="javascript:1"><text>x</text></a>')],
    ['a link to a script, escaped', svg('<a href="&#106;avascript:1"/>')],
    ['a page within', svg('<foreignObject><p/></foreignObject>')],
    ['a picture from elsewhere', svg('<image href="http://example.org/x.png"/>')],
    ['a use of elsewhere', svg('<use xlink:href="https://example.org/x.svg#a"/>')],
    ['a style from elsewhere', svg('<style>@import url(//example.org)</style>')],
    ['a link that turns into a script', svg('<animate attributeName="href" to="javascript:1"/>')],
    ['an entity', `<!DOCTYPE svg [<!ENTITY x "y">]>${svg('&x;')}`],
    ['an instruction', `<?xml-stylesheet href="x.xsl"?>${svg('')}`],
    ['an encoding that hides', `<?xml version="1.0" encoding="utf-7"?>${svg('')}`],
  ])('is refused as a picture with %s', async (_what, text) => {
    expect(await look(text)).toMatchObject({ status: 422 });
  });

  it('is accepted as a picture that is one', async () => {
    const drawn = `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg width="20" height="10.5" viewBox="0 0 20 10" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape">
<defs><linearGradient id="a"><stop offset="0" style="stop-color:#fff"/></linearGradient><style>.x{fill:url(#a)}</style></defs>
<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" /></metadata>
<use xlink:href="#b"/><image href="data:image/png;base64,AAAA"/><text font-size="3">on and on</text></svg>`;
    expect(await look(drawn)).toEqual({ type: 'image/svg+xml', width: 20, height: 10 });
  });

  it.each([
    [
      'entities that grow',
      '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><l>&b;</l>',
    ],
    ['a file of the server', '<?xml version="1.0"?><!DOCTYPE l SYSTEM "file:///etc/passwd"><l/>'],
    ['a page', '<x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>1</h:script></x>'],
    ['a style', '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="x"?><x/>'],
  ])('is refused as data with %s', async (_what, text) => {
    expect(await look(text)).toMatchObject({ status: 422 });
  });
});
