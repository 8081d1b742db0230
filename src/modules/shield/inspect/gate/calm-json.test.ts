import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toldBase64 } from '../extract/pairs.ts';
import { Inspector } from '../inspector.ts';
import { readInspection } from '../options.ts';
import { compilePolicy } from '../policy.ts';
import { isCalmJson } from './calm-json.ts';
import { gate } from './gate.ts';
import { KNOWN_WORDS } from './words.ts';

const isCalm = (text: string): boolean => isCalmJson(Buffer.from(text), 0, Buffer.from(text).length, false);
const isCalmEncoded = (text: string): boolean => isCalmJson(Buffer.from(text), 0, text.length, true);

const piece = fc.oneof(
  fc.constantFrom(...KNOWN_WORDS.map(({ word }) => word)),
  fc.constantFrom(...Array.from(` '"<>$%{}[]\\,:=.-_/0a1\n`)),
  fc.constantFrom('__proto__', '$gt', 'etc/passwd', 'red', 'SKU-4316', 'PHNjcmlwdD4=', '&quot;'),
);
const text = fc.array(piece, { maxLength: 4 }).map((all) => all.join(''));
const scalar = fc.oneof(
  text,
  text,
  fc.integer({ min: -9, max: 1e9 }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const flat = fc.oneof(fc.array(scalar, { maxLength: 3 }), fc.dictionary(text, scalar, { maxKeys: 3 }));
/** Also what is nearly JSON: something cut away, something put between. */
const written = fc
  .tuple(flat, fc.option(fc.nat(60)), fc.option(fc.tuple(fc.nat(60), piece)))
  .map(([value, cut, put]) => {
    let json = JSON.stringify(value);
    if (cut !== null) json = json.slice(0, cut) + json.slice(cut + 1);
    if (put !== null) json = json.slice(0, put[0]) + put[1] + json.slice(put[0]);
    return json;
  });

/** All strings and keys of a flat value. */
function strings(value: object): readonly string[] {
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value)].filter(
    (one): one is string => typeof one === 'string',
  );
}

describe('flat JSON that applications keep in cookies', () => {
  it.each(['["a4eb65b8","2de210e4"]', '{"theme":"dark","size":42,"wide":true,"last":null}', '[0]'])(
    'stops at the gate: %s',
    (json) => {
      expect(isCalm(json)).toBe(true);
      expect(isCalmEncoded(encodeURIComponent(json))).toBe(true);
      expect(isCalmEncoded(json)).toBe(true);
    },
  );

  it.each([
    ['an operator', '{"$gt":"a"}'],
    ['a prototype', '{"__proto__":"a"}'],
    ['a script', '["<script>"]'],
    ['an escape', String.raw`["\u003cscript"]`],
    ['an encoding within', '["%3Cscript"]'],
    ['Base64 that says something', '["PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg"]'],
    ['quotes that may hide a word', '["a","",""]'],
    ['two lists', '["a"]["b"]'],
    ['a list that goes on', '["a",]'],
    ['no end', '["a"'],
    ['a number that is none', '[007]'],
    ['white space', '[ "a"]'],
    ['nothing', ''],
    ['a list in a list', '[["a"]]'],
  ])('is looked at with %s', (_, json) => {
    expect(isCalm(json)).toBe(false);
    expect(isCalmEncoded(encodeURIComponent(json))).toBe(false);
  });

  it('is JSON, of which the gate stops every string', () => {
    let calm = 0;
    fc.assert(
      fc.property(written, (json) => {
        if (!isCalm(json)) return;
        calm++;
        for (const one of strings(JSON.parse(json) as object)) {
          expect(gate(one)).toBe(false);
          expect(toldBase64(one)).toBeUndefined();
        }
      }),
      { numRuns: 20_000 },
    );
    expect(calm).toBeGreaterThan(500);
  });

  it('has nothing in it that a detector would speak of', () => {
    const policy = compilePolicy(readInspection({}));
    const inspector = new Inspector(policy);
    fc.assert(
      fc.property(written, (json) => {
        if (!isCalm(json)) return;
        expect(isCalmEncoded(json.replaceAll(/[[\]{}":,]/g, encodeURIComponent))).toBe(true);
        inspector.start(policy, []);
        inspector.suspect(json, 'cookie', 'recent');
        expect(inspector.findings).toEqual([]);
        expect(inspector.wrong).toBeNull();
      }),
      { numRuns: 10_000 },
    );
  });
});
