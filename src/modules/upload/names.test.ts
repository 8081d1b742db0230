import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasControl } from './control.ts';
import { safeName } from './names.ts';
import { fitsDeclared, fitsExtension } from './types.ts';

describe('the name of a file', () => {
  it.each([
    'photo.jpg',
    'Отчёт 2026.pdf',
    'تقرير.pdf',
    '報告書.docx',
    'archive.tar.gz',
    'Screenshot 2026-11-21 at 10.00.00.png',
    'Screenshot from 2013-01-01 10:00:00.png',
    "l'été (1) [final] v1.2.pdf",
    'node.js.pdf',
    'invoice example.com.pdf',
    'index.html.pdf',
    'README',
    'a..b.txt',
    'party 🎉.jpeg',
    '100% real.txt',
  ])('is accepted: %s', (name) => {
    expect(() => safeName(name)).not.toThrow();
  });

  it.each([
    '../../etc/passwd',
    '..\\..\\windows\\win.ini',
    '/etc/passwd',
    'C:\\evil.txt',
    '..',
    'a\u0000.jpg',
    'shell.php%00.jpg',
    '..%2f..%2fetc%2fpasswd',
    'a\r\nset-cookie: x.jpg',
    'shell.php',
    'shell.php.jpg',
    'shell.pHp5',
    'shell.PHTML.png',
    'shell.php.',
    'shell.php   ',
    'shell.php....',
    'page.jsp;.jpg',
    'invoice.pdf.exe',
    'invoice.exe.pdf',
    'x.asp::$DATA',
    '.htaccess',
    'con',
    'nul.txt',
    `${'x'.repeat(300)}.txt`,
  ])('is refused: %j', (name) => {
    // A semicolon ends a name on one server alone; there the extension is checked against the content.
    if (name === 'page.jsp;.jpg') expect(safeName(name).display).toBe('page.jsp_.jpg');
    else expect(() => safeName(name)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('is shown without signs that turn text around or cannot be seen', () => {
    expect(safeName('photo\u202Egpj.txt').display).toBe('photogpj.txt');
    expect(safeName('a\u200Bb<c>.txt').display).toBe('ab_c_.txt');
  });

  it('is safe to show whatever was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (name) => {
        let display: string;
        try {
          ({ display } = safeName(name));
        } catch {
          return;
        }
        expect(hasControl(display)).toBe(false);
        expect(display).not.toMatch(/[/\\<>"|?*\u202a-\u202e\u2066-\u2069]/);
        expect(display.length).toBeGreaterThan(0);
        expect(display.length).toBeLessThanOrEqual(150);
        expect(display.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('what a sender says of a file', () => {
  it.each([
    ['jpg', 'image/jpeg', 'image/jpeg'],
    ['', '', 'image/png'],
    ['jpg', 'image/jpeg', 'image/webp'],
    ['csv', 'application/vnd.ms-excel', 'text/plain'],
    ['zip', 'application/x-zip-compressed', 'application/zip'],
    [
      'docx',
      'application/octet-stream',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    ['mp3', 'audio/mp3', 'audio/mpeg'],
  ])('may be .%s and %j for %s', (extension, declared, found) => {
    expect(fitsExtension(extension, found) && fitsDeclared(declared, found)).toBe(true);
  });

  it.each([
    ['pdf', 'application/pdf', 'image/png'],
    ['jpg', 'image/jpeg', 'application/zip'],
    ['txt', 'text/plain', 'application/pdf'],
    ['html', '', 'text/plain'],
    ['js', '', 'text/plain'],
    ['png', 'text/html', 'image/png'],
  ])('may not be .%s and %j for %s', (extension, declared, found) => {
    expect(fitsExtension(extension, found) && fitsDeclared(declared, found)).toBe(false);
  });
});
