import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOME, safeNext } from './next.ts';

const ORIGIN = 'https://app.example';

describe('where a sign-in leads (A33)', () => {
  it.each([
    '/account/security',
    '/orders?id=7&next=%2F%2Fevil.example#top',
    '/%0d%0aSet-Cookie:a=b',
    '/%2F%2Fevil.example',
  ])('is a path of this origin: %s', (asked) => {
    expect(safeNext(asked, ORIGIN)).toBe(asked);
    expect(new URL(safeNext(asked, ORIGIN), ORIGIN).origin).toBe(ORIGIN);
  });

  it.each([
    '//evil.example',
    String.raw`/\evil.example`,
    String.raw`\/evil.example`,
    '/\t/evil.example',
    '\t//evil.example',
    '/\n/evil.example',
    ' //evil.example',
    'https:evil.example',
    'https://evil.example',
    'https://app.example@evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '@evil.example',
    'evil.example',
    '/..//evil.example',
    '/./\\evil.example',
    '/a/../..//evil.example/',
    '/\u0000/evil.example',
    '',
    `/${'a'.repeat(3000)}`,
    '/account/sign-in?next=//evil.example',
    null,
    undefined,
    7,
    ['/account'],
  ])('is the account when something else was asked for: %j', (asked) => {
    expect(safeNext(asked, ORIGIN)).toBe(HOME);
  });

  it('never leaves the origin, whatever was asked for', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      ':',
      '@',
      '\t',
      '\n',
      '%2f',
      '?',
      '#',
      'evil.example',
      'https:',
      '//',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 12 }), (pieces) => {
        const led = safeNext(pieces.join(''), ORIGIN);
        return led.startsWith('/') && !led.startsWith('//') && new URL(led, ORIGIN).origin === ORIGIN;
      }),
      { numRuns: 5000 },
    );
  });
});
