import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TARGET_CHARACTERS, parseTarget } from './target.ts';

describe('the target of a block', () => {
  it.each([
    ['203.0.113.7', 'address', '203.0.113.7'],
    ['203.0.113.7/32', 'address', '203.0.113.7'],
    ['203.0.113.7/24', 'range', '203.0.113.0/24'],
    ['::ffff:203.0.113.7', 'address', '203.0.113.7'],
    ['::ffff:cb00:7107/120', 'range', '203.0.113.0/24'],
    [' 2001:DB8::1/64 ', 'range', '2001:db8::/64'],
    ['2001:db8::1/128', 'address', '2001:db8::1'],
    ['asn:64500', 'asn', 'asn:64500'],
    ['asn:AS64500', 'asn', 'asn:64500'],
    ['asn:4294967295', 'asn', 'asn:4294967295'],
    ['country:de', 'country', 'country:DE'],
    ['user:42', 'user', 'user:42'],
    ['user:user:42', 'user', 'user:42'],
    ['user:service:billing', 'user', 'user:service:billing'],
    ['session:ses_1', 'session', 'session:ses_1'],
    ['device:dev_1', 'device', 'device:dev_1'],
  ])('reads %s as %s, written %s', (text, kind, canonical) =>
    expect(parseTarget(text)).toMatchObject({ kind, text: canonical }),
  );

  it.each([
    '',
    'localhost',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '1'.repeat(100),
    'asn:',
    'asn:0',
    'asn:064500',
    'asn:4294967296',
    'asn:64500.5',
    'asn:-1',
    'ASN:64500',
    'country:D',
    'country:DEU',
    'country:D1',
    'country:',
    'user:',
    'user:user:',
    'user:with space',
    'user:line\nbreak',
    'user:zoë',
    `user:${'x'.repeat(201)}`,
    'session:',
    'device: x',
    'tenant:acme',
    ':42',
  ])('refuses %j', (text) => expect(parseTarget(text)).toBeUndefined());

  it('has one form, that reads as itself, and no form of another kind', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.tuple(fc.ipV4(), fc.nat(32)).map(([net, bits]) => `${net}/${bits}`),
      fc.integer({ min: 1, max: 4_294_967_295 }).map((asn) => `asn:${asn}`),
      fc
        .tuple(
          fc.constantFrom('user', 'session', 'device', 'country', 'asn', 'x'),
          fc.string({ maxLength: 220, unit: 'binary-ascii' }),
        )
        .map((parts) => parts.join(':')),
      fc.string({ maxLength: 300 }),
    );
    fc.assert(
      fc.property(text, (given) => {
        const read = parseTarget(given);
        if (read === undefined) return;
        expect(read.text.length).toBeLessThanOrEqual(MAX_TARGET_CHARACTERS);
        expect(parseTarget(read.text)).toEqual(read);
      }),
      { numRuns: 500 },
    );
  });
});
