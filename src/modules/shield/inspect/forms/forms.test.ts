import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from './base64.ts';
import { eachForm, MAX_FORMS } from './forms.ts';
import { decodePercent } from './percent.ts';

function formsOf(value: string): string[] {
  const forms: string[] = [];
  eachForm(value, (form) => {
    forms.push(form);
    return true;
  });
  return forms;
}

describe('the readings of a value', () => {
  it.each([
    ['%27', "'"],
    ['%2527', "'"],
    ['%252527', "'"],
    ['%u0027', "'"],
    ['%c0%ae%c0%ae%c0%af', '../'],
    ['%e0%80%af', '/'],
    ['&lt;script&#x3e;', '<script>'],
    ['&#0000060script&#62', '<script>'],
    ['%26lt;b', '<b'],
    ['\\u003cscript\\x3e', '<script>'],
    ['\\u{3c}b', '<b'],
    ['\\74script', '<script'],
    ['＜ｓｃｒｉｐｔ＞', '<script>'],
    ['PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==', '<script>alert(1)</script>'],
    ['PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg', '<script>alert(1)</script>'],
    ['c\'\'a""t${IFS}/e\\tc', 'cat /etc'],
    ['who^ami', 'whoami'],
    ['/bi[n]/b[a]sh', '/bin/bash'],
    ['o<x>nfocus=alert<x>(1)', 'onfocus=alert(1)'],
    ['l$@s$IFS$9-la', 'ls -la'],
    ['pi$()ng c$$at', 'ping cat'],
  ])('of %s have %s among them', (value, form) => expect(formsOf(value)).toContain(form));

  it.each([
    'hello',
    "O'Brien",
    '100 %',
    'AT&T',
    '50% off',
    'C:\\new',
    '[\\0-\\377]',
    'checkout',
    'items[0]',
    'a[i] = b',
    '<b>new</b>',
    '%zz',
  ])('of %j are the value alone', (value) => expect(formsOf(value)).toEqual([value]));

  it('take away three layers and no more, the value itself first', () => {
    let value = '<';
    for (let i = 0; i < 4; i++) value = encodeURIComponent(value);
    const forms = formsOf(value);
    expect(forms[0]).toBe(value);
    expect(forms).toHaveLength(4);
    expect(forms).not.toContain('<');
  });

  it('are few, each once, none longer than the value, whatever it holds', () => {
    const piece = fc.constantFrom(
      '%25',
      '%2',
      '&amp;',
      '&#x26;',
      '\\u0025',
      '\\',
      "''",
      '${IFS}',
      '＆',
      'a',
      '%c0',
      '%',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 40 }).map((all) => all.join('')),
          fc.string(),
        ),
        (value) => {
          const forms = formsOf(value);
          expect(forms[0]).toBe(value);
          expect(forms.length).toBeLessThanOrEqual(MAX_FORMS);
          expect(new Set(forms).size).toBe(forms.length);
          for (const form of forms) expect(form.length).toBeLessThanOrEqual(value.length);
        },
      ),
    );
  });

  it('end as soon as nobody wants more', () => {
    let seen = 0;
    eachForm('%252527', () => ++seen < 2);
    expect(seen).toBe(2);
  });
});

describe('percent-encoding', () => {
  it('is taken away as everybody takes it away, where it is right', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodePercent(encodeURIComponent(text), false)).toBe(text);
        expect(decodePercent(new URLSearchParams({ a: text }).toString().slice(2), true)).toBe(text);
      }),
    );
  });

  it('that is wrong stays as it is, or counts as single bytes', () => {
    expect(decodePercent('%', false)).toBe('%');
    expect(decodePercent('%4', false)).toBe('%4');
    expect(decodePercent('%g1%41', false)).toBe('%g1A');
    expect(decodePercent('%ff%41', false)).toBe('ÿA');
    expect(decodePercent('%f8%80', false)).toBe('ø\u0080');
    expect(decodePercent('a+b%2B', true)).toBe('a b+');
    expect(decodePercent('a+b', false)).toBe('a+b');
  });
});

describe('Base64', () => {
  it('is read where it says something in ASCII, in either alphabet', () => {
    const text = fc.string({
      unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
      minLength: 6,
    });
    fc.assert(
      fc.property(text, (plain) => {
        expect(decodeBase64(Buffer.from(plain).toString('base64'))).toBe(plain);
        expect(decodeBase64(Buffer.from(plain).toString('base64url'))).toBe(plain);
      }),
    );
  });

  it.each(['/9j/4AAQSkZJRgABAQAAAQABAAD', 'password1', 'Straßenbahn', 'aaaaaaaa aaaa', 'deadbeefdeadbeef'])(
    'is not seen in %s',
    (value) => expect(decodeBase64(value)).toBeUndefined(),
  );
});
