import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPath } from './path-reading.ts';
import { canonicalPath } from './route.ts';

const read = (target: string) => readPath(target, canonicalPath(target));

describe('the other reading of a path', () => {
  it.each(['/', '/orders/17', '/orders/17?x=/../y', '/v1.2', '/orders#x', "/a-b_c~d!$'()*+,=:@"])(
    'is the same for %s',
    (target) => expect(read(target)).toBeNull(),
  );

  it.each([
    ['/files/a%2Fb', '/files/a%2fb'],
    ['/files/a%5Cb', '/files/a%5cb'],
    ['/orders/;x', '/orders/;x'],
    ['/orders/%3bx', '/orders/%3bx'],
    ['//Login/', '/login/'],
    ['//', '/'],
    ['/%6cogin', '/login'],
    ['/v1.2/..hidden', '/v1.2/..hidden'],
    ['/a/...', '/a/...'],
    ['/a/.well-known/x.', '/a/.well-known/x.'],
    ['/caf%C3%A9', '/caf%c3%a9'],
    ['http://host/a%2fb?c', '/a%2fb'],
    ['/a?b=..%2f..\\', '/a'],
  ])('keeps what %s has within its segments', (target, literal) => {
    const reading = read(target);
    expect(reading?.fault ?? null).toBeNull();
    expect(reading?.literal ?? literal).toBe(literal);
  });

  it.each([
    '/a/../b',
    '/a/./b',
    '/a/..',
    '/a/..%2fb',
    '/a/%2e%2E/b',
    '/a/.%2e%2fb',
    '/a%2f..%2fb',
    '/a%5c..%5cb',
    '/a/..;/b',
    '/a/..%3bx/b',
    '/a/.;x/b',
    '/%2e',
    'http://host/../a',
    '/a/..?q',
  ])('tells of dot segments: %s', (target) => expect(read(target)?.fault).toBe('dots'));

  it.each(['/a\\b', '\\a', '/a\\..\\b'])('tells of bare backslashes: %s', (target) =>
    expect(read(target)?.fault).toBe('backslash'),
  );

  it('tells of every path in which a reader that decodes once finds a dot segment', () => {
    const path = fc.string({
      unit: fc.constantFrom('/', '.', '%2e', '%2F', '%5c', '\\', 'a', ';', '%25', 'B'),
      maxLength: 20,
    });
    fc.assert(
      fc.property(path, (text) => {
        const target = `/${text}`;
        const segments = decodeURIComponent(target).split(/[/\\]/);
        const hasDots = segments.some((one) => one === '.' || one === '..');
        if (hasDots) expect(read(target)?.fault).not.toBeNull();
        if (hasDots) expect(read(target)).not.toBeNull();
      }),
    );
  });

  it('does bounded work on hostile targets', () => {
    for (const pump of ['/', '%2f', '/..', ';', '\\', '%', '/.%2e', '%2e', '/;', '.'])
      expect(read(`/${pump.repeat(100_000)}`)?.literal.length ?? 0).toBeLessThanOrEqual(700_001);
  });
});
