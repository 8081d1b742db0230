import { describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES, readJson } from './body.ts';

const SECRET = 'do-not-echo-4711';
const request = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Request =>
  new Request('http://localhost/admin/blocks', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
const refusal = async (
  body: string | Uint8Array<ArrayBuffer>,
  headers?: Record<string, string>,
): Promise<unknown> => {
  const error: unknown = await readJson(request(body, headers)).then(
    () => 'taken',
    (caught: unknown) => caught,
  );
  expect(JSON.stringify(error)).not.toContain(SECRET);
  const { status, code, details } = error as {
    status: number;
    code: string;
    details?: readonly { field: string; code: string }[];
  };
  return details?.[0] === undefined ? [status, code] : [status, details[0].field, details[0].code];
};
const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('a body of the HTTP API of the house', () => {
  it('is read as it was sent', async () => {
    const value = { target: 'ä', list: [1, 2.5, -0.1, true, null], deep: { a: { b: 'c' } } };
    expect(await readJson(request(JSON.stringify(value)))).toEqual(value);
    expect(await readJson(request('1', { 'content-type': 'Application/JSON; charset=utf-8' }))).toBe(1);
    expect(await readJson(request(deep(32)))).toBeDefined();
  });

  it.each<[string, string, string]>([
    ['a key twice', `{"role":"viewer","role":"${SECRET}"}`, 'DUPLICATE_KEY'],
    ['a key twice, once by its escape', '{"role":1,"r\\u006fle":2}', 'DUPLICATE_KEY'],
    ['a key twice, far below', '{"a":[{"b":{"c":1,"c":1}}]}', 'DUPLICATE_KEY'],
    ['__proto__', `{"__proto__":{"admin":"${SECRET}"}}`, 'FORBIDDEN_KEY'],
    ['__proto__ by its escape', '{"\\u005f_proto__":1}', 'FORBIDDEN_KEY'],
    ['constructor below', '{"a":[{"constructor":{"prototype":{}}}]}', 'FORBIDDEN_KEY'],
    ['a dotted prototype', '{"a.__proto__.b":1}', 'FORBIDDEN_KEY'],
    ['33 levels', deep(33), 'TOO_DEEP'],
    ['60,000 levels that never close', '['.repeat(60_000), 'TOO_DEEP'],
    ['1,001 keys', `{${Array.from({ length: 1_001 }, (_, i) => `"k${i}":1`).join(',')}}`, 'TOO_MANY'],
    ['20,001 items', `[${'[],'.repeat(20_000)}[]]`, 'TOO_MANY'],
    ['a number that would be rounded', '{"id":9007199254740993}', 'NUMBER_TOO_LARGE'],
    ['infinity', '{"limit":1e999}', 'NUMBER_TOO_LARGE'],
    ['half a character', '{"name":"\\ud800"}', 'NOT_TEXT'],
    ['a NUL', '{"name":"a\\u0000b"}', 'NOT_TEXT'],
    ['a byte order mark', '\ufeff{}', 'BYTE_ORDER_MARK'],
    ['nothing', '', 'NOT_JSON'],
    ['a comment', `{}//${SECRET}`, 'NOT_JSON'],
    ['NaN', '{"a":NaN}', 'NOT_JSON'],
    ['a closing comma', '[1,]', 'NOT_JSON'],
    ['two values', '{}{}', 'NOT_JSON'],
  ])('with %s is refused', async (_, body, code) => {
    expect(await refusal(body)).toEqual([400, 'body', code]);
  });

  it('that is no UTF-8 is refused', async () => {
    expect(await refusal(new Uint8Array([0x22, 0xc0, 0xaf, 0x22]))).toEqual([400, 'body', 'BAD_ENCODING']);
  });

  it('of another type, compressed or too large is refused before it is read', async () => {
    const large = 'x'.repeat(MAX_BODY_BYTES + 1);
    expect(await refusal('{}', { 'content-type': 'text/plain' })).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await refusal('{}', { 'content-encoding': 'gzip' })).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await refusal(JSON.stringify(large))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  });
});
