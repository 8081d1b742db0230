import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPath, parsePattern, type RoutePattern, RouteTable } from './route.ts';

describe('the canonical path', () => {
  it.each([
    '/login',
    '//login',
    '/login/',
    '/LOGIN',
    '/%6cogin',
    '/login;x=1',
    '/login?a=b',
    '/login#x',
    '/./login',
    '/x/../login',
    '\\login',
    '/%2flogin',
    'http://host/login',
    '/login/.',
  ])('is the same for %s', (target) => expect(canonicalPath(target)).toBe('/login'));

  it('keeps what may differ', () => {
    expect(canonicalPath('/orders/17?x=/y')).toBe('/orders/17');
    expect(canonicalPath('/')).toBe('/');
    expect(canonicalPath('*')).toBe('/*');
    expect(canonicalPath('/a%C3%A9')).toBe('/a%c3%a9');
    expect(canonicalPath('/../../etc')).toBe('/etc');
  });

  it('is stable: a canonical path is its own canonical path', () => {
    const target = fc.string({
      unit: fc.constantFrom('/', '.', '%', '2', 'f', 'F', 'a', 'Z', ';', '\\', '?', 'é'),
      maxLength: 30,
    });
    fc.assert(
      fc.property(target, (text) => {
        const once = canonicalPath(`/${text}`);
        expect(once.startsWith('/')).toBe(true);
        if (!once.includes('%')) expect(canonicalPath(once)).toBe(once);
      }),
    );
  });

  it('does bounded work on hostile targets', () => {
    for (const pump of ['/', '%2f', '/..', ';', '\\', '%', '/.%2e']) {
      const target = `/${pump.repeat(100_000)}`;
      expect(canonicalPath(target).length).toBeLessThanOrEqual(target.length);
    }
  });
});

describe('the route table', () => {
  const table = new RouteTable<string>();
  for (const text of [
    '/orders/:id',
    'POST /orders/:id',
    '/admin',
    'GET /admin',
    '/admin/*',
    'GET /admin/*',
    'HEAD /admin/*',
    '/orders/new',
    '/auth/*',
    'POST /auth/sign-in',
    '/',
    '/files/:a/:b/*',
  ]) {
    table.add(parsePattern(text) as RoutePattern, text);
  }

  it.each([
    ['GET', '/orders/17', '/orders/:id'],
    ['POST', '/orders/17', 'POST /orders/:id'],
    ['GET', '/orders/new', '/orders/new'],
    ['POST', '/auth/sign-in', 'POST /auth/sign-in'],
    ['GET', '/auth/sign-in', '/auth/*'],
    ['GET', '/auth/a/b/c', '/auth/*'],
    ['GET', '/auth', '/auth/*'],
    ['GET', '/', '/'],
    ['GET', '/files/a/b/c/d', '/files/:a/:b/*'],
    ['HEAD', '/admin', 'GET /admin'],
    ['PUT', '/admin', '/admin'],
    ['HEAD', '/admin/x', 'HEAD /admin/*'],
    ['HEAD', '/orders/17', '/orders/:id'],
    ['HEAD', '/auth/sign-in', '/auth/*'],
    ['GET', '/orders', undefined],
    ['GET', '/orders/17/x', undefined],
  ])('finds the most specific pattern for %s %s', (method, path, expected) => {
    expect(table.find(method, path)).toBe(expected);
  });

  it.each(['orders', 'get /x', '/a*', '/a/*/b', '/a?b', ''])('refuses the pattern %s', (text) => {
    expect(parsePattern(text)).toBeUndefined();
  });
});
