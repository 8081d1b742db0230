import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanJson } from '../extract/json.ts';
import { scanEncoded } from '../extract/pairs.ts';
import { ONE_LINE, PLUS } from './encoded.ts';
import { gate, gateValue } from './gate.ts';

const HONEST = [
  "Seán O'Brien-Smith",
  'Nguyễn Thị Ánh Tuyết',
  'محمد بن سلمان',
  '田中さくら（さくら）',
  "Please don't ring the bell, it's late.",
  "We'll be there at 10:30 - see you!",
  'Rock & Roll; Blues and Jazz',
  'C++ and C# developer (m/f/d)',
  'https://www.example.com/a/b?c=d&e=f#g',
  'jane.doe+news@example.co.uk',
  'a4eb65b8-a510-47eb-a67d-ee1ce133110b',
  '2024-05-01T10:00:00+02:00',
  '+49 (0)30 1234567',
  '$19.99 instead of 20 €, 5% off',
  'GA1.1.1022459808.1716226183',
  'select a colour',
  'Straße des 17. Juni 135, 10623 Berlin',
  'notes.final..v2.pdf',
  'and so on, or not',
];

const HOSTILE = [
  "' or 1=1--",
  "1' or '1'='1",
  '1 or 1=1',
  '42 like 42',
  'union select null from users',
  "admin'#",
  '<img src=x onerror=alert(1)>',
  'javascript:alert`1`',
  '"-confirm(1)-"',
  '../../etc/passwd',
  '/etc/passwd',
  '..\\..\\windows\\win.ini',
  ';id',
  '| cat /etc/hosts',
  '$(whoami)',
  '`id`',
  '&& ping -c 1 10.0.0.1',
  'a\u0000.png',
  '{{7*7}}',
  '${7*7}',
  '#{7*7}',
  '<%= 7 %>',
  '*)(uid=*))(|(uid=*',
  'http://127.0.0.1:8080/',
  'http://169.254.169.254/latest',
  'http://localhost/',
  'http://intranet/',
  'http://a@evil.example/',
  'http:127.0.0.1',
  'file:///etc/passwd',
  'gopher://x',
  '__proto__',
  '$where',
  '%2527',
  '&#60;b',
  '\\u003cb',
  '＜b＞',
  'require("child_process")',
];

describe('the gate', () => {
  it.each(HONEST)('stops %s', (value) => expect(gate(value)).toBe(false));

  it.each(HOSTILE)('lets %s past', (value) => expect(gate(value)).toBe(true));

  it('sees what Base64 says, and lines that nobody begins a text with', () => {
    expect(gateValue(Buffer.from('<script>alert(1)').toString('base64'))).toBe(true);
    expect(gateValue(Buffer.from('\r\nRCPT TO: a').toString('base64'))).toBe(true);
    expect(gateValue(Buffer.from('just a sentence').toString('base64'))).toBe(false);
  });

  const piece = fc.oneof(
    fc.constantFrom(...HONEST, ...HOSTILE),
    fc.constantFrom(
      "'",
      '"',
      '=',
      ' or ',
      ' and ',
      'select ',
      ' from ',
      '(',
      ')',
      '--',
      ';',
      '&',
      '|',
      '$',
      '/',
      '..',
      '://',
      '*',
      '#',
      '<',
      '>',
      '1',
      'a',
    ),
    fc.string({ maxLength: 3 }),
  );
  const text = fc.array(piece, { maxLength: 5 }).map((all) => all.join(''));

  it('lets an encoded value past that it would let past once decoded', () => {
    fc.assert(
      fc.property(text.filter(gate), (value) => {
        const query = encodeURIComponent(value);
        expect(scanEncoded(query, 0, query.length, ONE_LINE)).toBe(true);
        const form = query.replaceAll('%20', '+');
        expect(scanEncoded(form, 0, form.length, PLUS)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('lets a value past in JSON that it would let past alone', () => {
    fc.assert(
      fc.property(text.filter(gate), (value) => {
        const seen: string[] = [];
        const sink = { suspect: (one: string) => void seen.push(one), problem: () => undefined };
        scanJson(
          JSON.stringify({ a: [value] }),
          { maxDepth: 8, maxValues: 8 },
          { place: 'json', name: '' },
          sink,
        );
        expect(seen).toEqual([value]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not care in which case words are written', () => {
    fc.assert(
      fc.property(fc.constantFrom(...HOSTILE), fc.infiniteStream(fc.boolean()), (value, upper) => {
        const mixed = Array.from(value)
          .map((char) => (upper.next().value === true ? char.toUpperCase() : char))
          .join('');
        // A hexadecimal escape of JavaScript has a small letter.
        if (!value.startsWith('\\u')) expect(gate(mixed)).toBe(true);
      }),
    );
  });
});
