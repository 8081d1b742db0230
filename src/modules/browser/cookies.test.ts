import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clearCookie, cookie, type CookieOptions, readCookie } from './cookies.ts';

describe('writing cookies', () => {
  it('is as strict as can be unless told otherwise', () => {
    expect(cookie('session', 'abc')).toBe('__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax');
    expect(cookie('__Host-session', 'abc')).toBe(cookie('session', 'abc'));
    expect(clearCookie('session')).toBe('__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax');
  });

  it('writes what is asked for', () => {
    expect(
      cookie('id', 'x', {
        prefix: 'secure',
        path: '/app',
        domain: 'example.com',
        maxAgeSeconds: 60,
        sameSite: 'None',
        httpOnly: false,
        partitioned: true,
      }),
    ).toBe('__Secure-id=x; Path=/app; Domain=example.com; Max-Age=60; Secure; SameSite=None; Partitioned');
    expect(cookie('theme', 'dark', { prefix: 'none', secure: false, sameSite: 'Strict' })).toBe(
      'theme=dark; Path=/; HttpOnly; SameSite=Strict',
    );
  });

  it.each<[string, string, CookieOptions]>([
    ['a b', 'x', {}],
    ['a=b', 'x', {}],
    ['', 'x', {}],
    ['a', 'x; Domain=evil.example', {}],
    ['a', 'x\r\nset-cookie: b=c', {}],
    ['a', 'x,y', {}],
    ['a', 'ü', {}],
    ['a', '"x"', {}],
    ['a', 'x', { path: '/; Secure' }],
    ['a', 'x', { path: 'x' }],
    ['a', 'x', { path: '/app' }],
    ['a', 'x', { domain: 'example.com' }],
    ['a', 'x', { prefix: 'secure', domain: 'example.com; x' }],
    ['a', 'x', { secure: false }],
    ['a', 'x', { prefix: 'none', secure: false, sameSite: 'None' }],
    ['a', 'x', { prefix: 'none', secure: false, partitioned: true }],
    ['a', 'x', { maxAgeSeconds: 1.5 }],
    ['a', 'x', { maxAgeSeconds: 401 * 86_400 }],
    ['a', 'x', { sameSite: 'lax; x' as 'Lax' }],
    ['__host-a', 'x', { prefix: 'none' }],
    ['__Host-a', 'x', { prefix: 'none' }],
    ['__SECURE-a', 'x', {}],
    ['a', 'x'.repeat(4089), {}],
  ])('refuses %j=%j %j', (name, value, options) => {
    expect(() => cookie(name, value, options)).toThrow(expect.objectContaining({ code: 'COOKIE_INVALID' }));
  });

  it('takes exactly 4,096 bytes of name and value', () => {
    expect(() => cookie('a', 'x'.repeat(4096 - '__Host-a'.length))).not.toThrow();
  });

  it('never writes more than one cookie, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (name, value, path) => {
        let text: string;
        try {
          text = cookie(name, value, { prefix: 'none', path: `/${path}` });
        } catch (error) {
          expect(error).toMatchObject({ code: 'COOKIE_INVALID' });
          return;
        }
        const [pair, ...attributes] = text.split('; ');
        expect(pair).toBe(`${name}=${value}`);
        expect(attributes).toEqual([`Path=/${path}`, 'Secure', 'HttpOnly', 'SameSite=Lax']);
      }),
    );
  });
});

describe('reading cookies (A17)', () => {
  const NAME = '__Host-session';
  it.each<[string | undefined, string | null | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['a=b', undefined],
    [`${NAME}=good`, 'good'],
    [`a=b; ${NAME}=good; c=d`, 'good'],
    [`a=b;${NAME}=good`, 'good'],
    [`${NAME}=good; ${NAME}=evil`, null],
    [`${NAME}=evil; a=b;\t${NAME}=good`, null],
    [`${NAME}=good; ${NAME}=good`, 'good'],
    [`${NAME}=good; ${NAME}=`, null],
    [`__host-session=evil; ${NAME}=good`, 'good'],
    ['__HOST-SESSION=evil', undefined],
    [`x${NAME}=evil`, undefined],
    [`${NAME}x=evil`, undefined],
    [NAME, undefined],
    [`\u00a0${NAME}=evil; ${NAME}=good`, 'good'],
    [`\u000b${NAME}=evil`, undefined],
    [`a="x; ${NAME}=evil"; ${NAME}=good`, null],
    [`a=${NAME}=evil`, undefined],
    [`${NAME} =evil`, undefined],
    [`${NAME}=a=b`, 'a=b'],
  ])('reads %j as %j', (header, value) => expect(readCookie(header, NAME)).toBe(value));

  it('reads back what was written, beside any others', () => {
    const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
    fc.assert(
      fc.property(token, token, fc.array(fc.tuple(token, token)), fc.nat(), (name, value, others, at) => {
        const own = cookie(name, value).split(';')[0] as string;
        const parts = others.map(([key, text]) => `${key}=${text}`);
        parts.splice(at % (parts.length + 1), 0, own);
        expect(readCookie(parts.join('; '), `__Host-${name}`)).toBe(value);
      }),
    );
  });
});
