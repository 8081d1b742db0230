import { deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { brands } from './test-honest-pictures.ts';
import { pdf } from './test-look.ts';
import { pngOf, type TestEntry, type TestFile, zipOf } from './test-upload.ts';

const SCRIPT = '<script>alert(1)</script>';
const EXE = Buffer.concat([Buffer.from('MZ\u0090\u0000\u0003', 'latin1'), Buffer.alloc(200)]);
const ELF = Buffer.concat([Buffer.from('\u007fELF\u0002\u0001\u0001', 'latin1'), Buffer.alloc(200)]);
const note: TestEntry = { name: 'a.txt', data: 'x' };
const office = (...more: readonly TestEntry[]): Buffer =>
  zipOf([
    { name: '[Content_Types].xml', data: '<Types/>' },
    { name: 'word/document.xml', data: '<w/>' },
    ...more,
  ]);

/** Behind the two bytes that a JPEG begins with. */
function commented(jpg: Buffer, text: string): Buffer {
  const head = Buffer.from([0xff, 0xfe, 0, text.length + 2]);
  return Buffer.concat([jpg.subarray(0, 2), head, Buffer.from(text, 'latin1'), jpg.subarray(2)]);
}

function pictures(jpg: Buffer, png: Buffer, gif: Buffer): Readonly<Record<string, Buffer | string>> {
  return {
    'script behind.gif': Buffer.concat([gif, Buffer.from('/*x*/=1;alert(1)')]),
    'script as size.gif': Buffer.from('GIF89a=1;alert(document.domain);//'),
    'page in comment.jpg': commented(jpg, `<html><body>${SCRIPT}`),
    'php in comment.jpg': commented(jpg, '<?php system($_GET["c"]); ?>'),
    'svg in comment.jpg': commented(jpg, '<svg onload=alert(1)>'),
    'svg with slash.jpg': commented(jpg, '<svg/onload=alert(1)>'),
    'jsp in comment.jpg': commented(jpg, '<jsp:scriptlet>x</jsp:scriptlet>'),
    'pdf in comment.jpg': commented(jpg, '%PDF-1.4\n1 0 obj'),
    'zip behind.jpg': Buffer.concat([jpg, zipOf([note])]),
    'page behind.jpg': Buffer.concat([jpg, Buffer.from(SCRIPT)]),
    'page behind.png': Buffer.concat([png, Buffer.from(SCRIPT)]),
    'zip behind.png': Buffer.concat([png, zipOf([note])]),
    'huge.png': pngOf(60_000, 60_000),
    'page.png': `<!doctype html>${SCRIPT}`,
    'program.png': EXE,
    'script.svg': `<svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`,
    'handler.svg': '<svg onload="alert(1)"/>',
    'page as source.svg':
      '<svg xmlns:dc="http://www.w3.org/1999/xhtml"><dc:source srcset="//example.org"/></svg>',
    'entities.svg': '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>',
    'picture.jpg': '<svg onload="alert(1)"/>',
    'no picture.heic': Buffer.concat([brands('heic', 'mif1'), Buffer.from(SCRIPT)]),
  };
}

function documents(): Readonly<Record<string, Buffer | string>> {
  const script = '<< /S /JavaScript /JS (app.alert(1)) >>';
  const packed = deflateSync(`1 0 ${script}`).toString('latin1');
  return {
    'script.pdf': pdf(script),
    'escaped.pdf': pdf('<< /S /Java#53cript /JS (1) >>'),
    'launch.pdf': pdf('<< /S /Launch /F (cmd.exe) >>'),
    'packed.pdf': pdf(`<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n${packed}\nendstream`),
    'filters.pdf': pdf('<< /Filter [/FlateDecode /FlateDecode /FlateDecode] >>'),
    'page.pdf': `<html>${SCRIPT}</html>`,
    'page before.pdf': `${SCRIPT}\n%PDF-1.4`,
    'program.pdf': EXE,
    'macros.docx': office({ name: 'word/vbaProject.bin', data: 'x' }),
    'controls.docx': office({ name: 'word/activeX/activeX1.bin', data: 'x' }),
    'macros.docm': office({ name: 'word/vbaProject.bin', data: 'x' }),
    'entities.docx': office({ name: 'word/x.xml', data: '<!DOCTYPE x [<!ENTITY a "b">]><x/>' }),
    'program.docx': zipOf([{ name: 'META-INF/MANIFEST.MF', data: 'x' }]),
    'zip.docx': zipOf([note]),
    'letter.zip': office(),
  };
}

function archives(): Readonly<Record<string, Buffer | string>> {
  const zeros = Buffer.alloc(8 * 1_048_576);
  const inner = zipOf([{ name: 'b.zip', data: zipOf([note]), stored: true }]);
  return {
    'bomb.zip': zipOf([{ name: 'a', data: zeros }]),
    'bomb.gz': gzipSync(zeros),
    'bomb inside.zip': zipOf([{ name: 'a.gz', data: gzipSync(zeros), stored: true }]),
    'zip inside gz.zip': zipOf([{ name: 'a.gz', data: gzipSync(zipOf([note])), stored: true }]),
    'broken gz.zip': zipOf([{ name: 'a.gz', data: gzipSync('hello').subarray(0, 15), stored: true }]),
    'gz too deep.zip': zipOf([
      { name: 'b.zip', data: zipOf([{ name: 'a.gz', data: gzipSync('x'), stored: true }]), stored: true },
    ]),
    'claims.zip': zipOf([{ name: 'a', data: 'x', says: 4_000_000_000 }]),
    'shared.zip': zipOf([
      { name: 'a', data: 'xxxx' },
      { name: 'b', data: 'xxxx', at: 0 },
    ]),
    'deep.zip': zipOf([{ name: 'c.zip', data: inner, stored: true }]),
    'up.zip': zipOf([{ name: '../../etc/cron.d/x', data: 'x' }]),
    'up the other way.zip': zipOf([{ name: 'a\\..\\..\\x', data: 'x' }]),
    'other root.zip': zipOf([{ name: '\\windows\\x', data: 'x' }]),
    'one name twice.zip': zipOf([
      { name: 'a\\b', data: 'x' },
      { name: 'a/b', data: 'y' },
    ]),
    'link.zip': zipOf([{ name: 'l', data: '/etc/passwd', attributes: (0o120777 << 16) >>> 0 }]),
    'encrypted.zip': zipOf([{ name: 'a', data: 'x', flags: 1 }]),
    'page first.zip': Buffer.concat([Buffer.from(SCRIPT), zipOf([note])]),
    'page last.zip': Buffer.concat([zipOf([note]), Buffer.from(SCRIPT)]),
    'rar.zip': Buffer.from('Rar!\u001a\u0007\u0000xxxx', 'latin1'),
  };
}

const OTHERS: Readonly<Record<string, Buffer | string>> = {
  'page.txt': `<html>${SCRIPT}</html>`,
  'prefixed page.txt': '<h> x <h:script xmlns:h="http://www.w3.org/1999/xhtml">1</h:script>',
  'closed.txt': '<x> text <y/></x>',
  'hidden page.csv': `\uFEFF <!-- x -->${SCRIPT}`,
  'shell.txt': '#!/bin/sh\nrm -rf /',
  'php.txt': '<?php system("x");',
  'program.txt': ELF,
  'nul.txt': 'a\u0000b',
  'shell.php': 'x',
  'shell.php.jpg': 'x',
  'shell.php .jpg': 'x',
  'shell. php': 'x',
  'invoice.pdf.exe': EXE,
  'page.html': 'plain words',
  'program.mp4': EXE,
  'page.mp3': `<html>${SCRIPT}`,
  [`${'長'.repeat(252)}.txt`]: 'x',
};

/** What must be refused wherever every type is taken. */
export async function attacks(): Promise<readonly TestFile[]> {
  const dot = sharp({ create: { width: 40, height: 30, channels: 3, background: '#6a8' } });
  const [jpg, png, gif] = [dot.clone().jpeg(), dot.clone().png(), dot.clone().gif()];
  const all = {
    ...pictures(await jpg.toBuffer(), await png.toBuffer(), await gif.toBuffer()),
    ...documents(),
    ...archives(),
    ...OTHERS,
  };
  return Object.entries(all).map(([name, bytes]) => ({ name, bytes }));
}
