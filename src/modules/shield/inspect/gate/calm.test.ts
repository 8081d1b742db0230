import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookAtString } from '../extract/json-string.ts';
import { scanEncoded } from '../extract/pairs.ts';
import { calmEncoded, calmString, encodedSyntax, isCalm } from './calm.ts';
import { Class } from './classes.ts';
import { ONE_LINE, PLUS } from './encoded.ts';
import { gate } from './gate.ts';
import { MACHINE, UNKNOWN_WORD } from './machine.ts';
import { KNOWN_WORDS } from './words.ts';

const HONEST = [
  '',
  "Please don't ring the bell - it's late.",
  "Seán O'Brien-Smith, Zürich",
  'محمد بن سلمان',
  '田中さくら、「東京」',
  "L’été, c'est beau… 🙂",
  'Rock & Roll; Blues and Jazz | Soul',
  '2de210e4-f3eb-4293-afaf-549552000000',
  '2024-05-01T10:00:00+02:00',
  'GA1.1.1022459808.1716226183',
  'jane.doe@example.co.uk',
  '(she is 12), +49 (0)30 123',
  '$19.99, 5% off; a < 5',
  'select a colour',
  '/products/42/running-shoes.html',
];

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}

const SIGNS = Array.from(` '"<>&|;$%\`(){}[]/\\.,:=#*+-?!@^~_0a1\n\r\t\0\x7féñ°«’—…＜／字🙂\u2028\ufe64`);
const piece = fc.oneof(
  fc.constantFrom(...KNOWN_WORDS.map(({ word }) => word)),
  fc.constantFrom(...KNOWN_WORDS.map(({ word }) => word.toUpperCase())),
  fc.constantFrom(...SIGNS),
  fc.constantFrom(...SIGNS),
  fc.constantFrom(' ', ' ', '://', 'http', 'https:', '..', '%2f', '%2c', '%27', '%a9', '%0d%0a', 'a: b', 'x'),
);
const text = fc.array(piece, { maxLength: 7 }).map((all) => all.join(''));
const RUNS = { numRuns: 3_000 };

describe('the quick look', () => {
  it.each(HONEST)('is enough for %s', (value) => {
    const query = encodeURIComponent(value).replaceAll('%20', '+');
    const ascii = query.replaceAll(/%(?:[ef].%..%..(?:%..)?|..)/gi, '');
    expect(isCalm(bytesOf(value), 0, bytesOf(value).length)).toBe(true);
    expect(calmString(bytesOf(`${value}"`), 0, bytesOf(value).length + 1)).toBe(bytesOf(value).length);
    expect(calmEncoded(bytesOf(ascii), 0, ascii.length, encodedSyntax(PLUS, '&'))).toBe(ascii.length);
  });

  it('reads on by words that no list knows, which tell nothing', () => {
    for (const row of Object.values(UNKNOWN_WORD)) {
      for (let given = 1; given <= Class.digit; given++) {
        const next = given === Class.digit ? UNKNOWN_WORD.digit : UNKNOWN_WORD.letter;
        expect(MACHINE[row | given]).toBe(next);
      }
    }
    expect(calmEncoded(bytesOf('xyzzy9select'), 0, 12, encodedSyntax(PLUS, '&'))).toBe(12);
  });

  it('is never enough for what the gate lets past', () => {
    fc.assert(
      fc.property(text, (value) => {
        const bytes = bytesOf(value);
        if (isCalm(bytes, 0, bytes.length)) expect(gate(value)).toBe(false);
      }),
      RUNS,
    );
  });

  it('is never enough for what the gate lets past in JSON, and ends where the string ends', () => {
    fc.assert(
      fc.property(text, (value) => {
        const written = JSON.stringify(value).slice(1);
        const bytes = bytesOf(written);
        const end = calmString(bytes, 0, bytes.length);
        expect(end < 0 ? ~end : end).toBe(bytes.length - 1);
        if (end >= 0) expect(lookAtString(written).passes).toBe(false);
      }),
      RUNS,
    );
  });

  it('is never enough for what the gate lets past in a query, a form or a cookie', () => {
    const style = fc.constantFrom(PLUS, ONE_LINE, PLUS | ONE_LINE);
    const encoded = text.chain((value) =>
      fc.constantFrom(value, encodeURIComponent(value), encodeURIComponent(value).replaceAll('%20', '+')),
    );
    fc.assert(
      fc.property(encoded, style, (value, how) => {
        const bytes = bytesOf(value);
        const end = calmEncoded(bytes, 0, bytes.length, encodedSyntax(how, ''));
        if (end >= 0) expect(scanEncoded(value, 0, value.length, how)).toBe(false);
      }),
      RUNS,
    );
  });

  it('ends at the sign that ends a part, whatever stands before it', () => {
    const syntax = encodedSyntax(PLUS, '=&');
    const before = text.map((value) => value.replaceAll(/[=&%]/g, ''));
    fc.assert(
      fc.property(before, fc.constantFrom('=', '&'), (value, stop) => {
        const bytes = bytesOf(`${value}${stop}a`);
        const end = calmEncoded(bytes, 0, bytes.length, syntax);
        expect(end < 0 ? ~end : end).toBe(bytes.length - 2);
      }),
    );
  });
});
