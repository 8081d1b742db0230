import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Notice } from '../contract.ts';
import { isMailAddress } from './address.ts';
import { ARABIC } from './arabic.ts';
import { ENGLISH } from './english.ts';
import { renderNotice } from './render.ts';

const LINK = 'https://example.com/reset?token=s3cret&next=%2F';
const ALL: Notice['values'] = {
  link: LINK,
  code: '314159',
  device: 'Firefox on Windows',
  place: 'Bremen, DE',
  time: '1795000123456',
  factor: 'totp',
  left: '7',
  name: 'Ada Lovelace',
};
const KINDS = Object.keys(ENGLISH.notices) as Notice['kind'][];
const render = (kind: Notice['kind'], locale = 'en', values: Notice['values'] = ALL) =>
  renderNotice({ kind, to: 'ada@example.com', locale, values }, 'Fischmarkt');

describe.each(['en', 'ar'])('notices in %s', (locale) => {
  it.each(KINDS)('%s is whole in text and HTML, and its subject holds no value', (kind) => {
    const mail = render(kind, locale);
    expect(mail.subject).toContain('Fischmarkt');
    for (const value of [LINK, '314159', 'Ada', 'Firefox', 'Bremen', '\n'])
      expect(mail.subject).not.toContain(value);
    for (const part of [mail.subject, mail.text, mail.html]) expect(part).not.toMatch(/\{\w+\}|undefined/);
    expect(mail.text.length).toBeGreaterThan(80);
    expect(mail.html).not.toMatch(/<(script|img|link|iframe|form|svg)|url\(|@import|src=/i);
    const addresses = [...mail.html.matchAll(/href="([^"]*)"/g)].map(([, url]) => url);
    expect(addresses.every((url) => url === LINK.replaceAll('&', '&amp;'))).toBe(true);
  });

  it('stands without any value where no link or code is needed', () => {
    for (const kind of KINDS) {
      if (ENGLISH.notices[kind].needs) continue;
      const mail = render(kind, locale, {});
      expect(mail.text).not.toMatch(/\{\w+\}|undefined|: *$|: \./m);
    }
  });

  it('works in dark mode by the colours of the reader', () => {
    const { html } = render('new-device', locale);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain(locale === 'ar' ? '<html lang="ar" dir="rtl">' : '<html lang="en" dir="ltr">');
  });
});

describe('the words', () => {
  it('are there for the same kinds, with the same values, in both languages', () => {
    expect(Object.keys(ARABIC.notices).toSorted()).toEqual(KINDS.toSorted());
    const namesOf = (sentences: readonly string[]): string[] =>
      sentences.flatMap((sentence) => [...sentence.matchAll(/\{\w+\}/g)].map(([name]) => name)).toSorted();
    for (const kind of KINDS) {
      const [one, two] = [ENGLISH.notices[kind], ARABIC.notices[kind]];
      expect([two.needs, two.facts, two.stranger, two.button === undefined]).toEqual([
        one.needs,
        one.facts,
        one.stranger,
        one.button === undefined,
      ]);
      expect(new Set(namesOf(two.before))).toEqual(new Set(namesOf(one.before)));
    }
  });

  it('say when, on what and where, and what to do if it was not you', () => {
    const { text } = render('new-device');
    expect(text).toContain('When: 18 November 2026 at 11:08 UTC');
    expect(text).toContain('Device: Firefox on Windows');
    expect(text).toContain('Where: Bremen, DE');
    expect(text).toMatch(/If this was not you, set a new password/);
    expect(render('factor-added').text).toContain('Added: authenticator app.');
    expect(render('backup-code-used').text).toContain('Codes left: 7.');
    expect(render('code').text).toContain('\n314159\n');
  });

  it('in Arabic values keep their own direction', () => {
    const { text, html } = render('new-device', 'ar-EG');
    expect(text).toContain('الجهاز: \u2068Firefox on Windows\u2069');
    expect(text).toMatch(/2026/);
    expect(html).toContain('<bdi><strong>Firefox on Windows</strong></bdi>');
    expect(render('code', 'ar').html).toContain('<p dir="ltr"');
  });
});

describe('hostile values', () => {
  it('are escaped, of one line, without marks of direction, and cut', () => {
    const device = '<b onclick="x">\r\nBcc: a@b\u202egpj.exe\u0000' + 'y'.repeat(500);
    const { html, text } = render('new-device', 'en', { ...ALL, device });
    expect(html).not.toContain('<b ');
    expect(html).toContain('&lt;b onclick=&quot;x&quot;&gt;');
    for (const mark of ['\r', '\u202e', '\0']) expect(text).not.toContain(mark);
    expect(text).not.toContain('\nBcc');
    expect(text).not.toContain('y'.repeat(201));
  });

  it('nothing given opens a tag or an attribute, in either language', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(...KINDS),
        fc.constantFrom('en', 'ar'),
        (text, kind, locale) => {
          const evil = `"'><img src=x>${text}`;
          const values = {
            ...ALL,
            device: evil,
            place: evil,
            name: evil,
            left: evil,
            factor: evil,
            code: evil,
            time: evil,
          };
          const { html, subject } = render(kind, locale, values);
          expect(html).not.toContain('<img');
          expect(subject).not.toContain('img');
        },
      ),
    );
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'https://a.example/ b',
    '//evil.example',
    'https://a.example/\r\nx',
  ])('the link %s is none', (link) => {
    expect(() => render('reset-password', 'en', { ...ALL, link })).toThrow('lacks its link');
    expect(render('already-registered', 'en', { ...ALL, link }).html).not.toContain('href');
  });

  it('a name that strangers chose is repeated only where it looks like one, and never to strangers', () => {
    expect(render('password-changed').text).toMatch(/^Hello Ada Lovelace,/);
    expect(render('password-changed', 'en', { name: "Siân O'Neill-Weiß" }).text).toMatch(/^Hello Siân/);
    for (const name of [
      'win at evil.com',
      'www evil',
      'http://evil',
      'a@b',
      '$$$ now',
      'x'.repeat(61),
      '+4915112345678',
    ]) {
      expect(render('password-changed', 'en', { name }).text, name).toMatch(/^Hello,/);
    }
    expect(render('verify-email').text).toMatch(/^Hello,/);
    expect(render('no-account').text).not.toContain('Ada');
  });

  it('a placeholder in a value is not filled again', () => {
    const { text } = render('new-device', 'en', { device: '{code}', code: '314159' });
    expect(text).toContain('Device: {code}');
    expect(text).not.toContain('314159');
  });
});

describe('a mail address', () => {
  it.each([
    'ada@example.com',
    "o'neill+tag@mail.example.co.uk",
    'root@localhost',
    'jörg@bücher.example',
    'أحمد@مثال.إختبار',
    `${'x'.repeat(64)}@example.com`,
  ])('%s is one', (text) => expect(isMailAddress(text)).toBe(true));

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'a@x.example, b@y.example',
    'a@x.example;b@y.example',
    'a@x.example b@y.example',
    'Ada <ada@example.com>',
    'group: a@x.example, b@y.example;',
    '"ada"@example.com',
    'ada@[127.0.0.1]',
    'ada(comment)@example.com',
    'a@b@example.com',
    'ada@example.com\r\nBcc: b@example.com',
    'ada\n@example.com',
    'ada\u2028@example.com',
    'ada\0@example.com',
    'ada\u202e@example.com',
    '.ada@example.com',
    'a..da@example.com',
    'ada@example..com',
    'ada@-example.com',
    'ada@exam_ple.com',
    'ada@example.com/x',
    'ada@%65xample.com',
    '\ud800@example.com',
    `${'x'.repeat(65)}@example.com`,
    `${'ä'.repeat(33)}@example.com`,
    `ada@${'x'.repeat(300)}.example`,
    'x'.repeat(1 << 20),
  ])('%.60s is none', (text) => expect(isMailAddress(text)).toBe(false));
});
