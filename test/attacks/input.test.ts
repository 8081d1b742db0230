import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { INPUT_APPS } from './input-apps.ts';
import { shieldHouse } from './shield-house.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly codes: readonly string[];
}
interface Sent {
  readonly path?: string;
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

const NAME = '{"name":"Ada"}';
const clean = (): boolean => !('x' in {}) && Object.keys(Object.prototype).length === 0;

describe.each(INPUT_APPS)('input of an application behind the %s adapter', (name, start) => {
  // Without the shield's inspection, which refuses some of it before.
  const { house } = shieldHouse({ shield: { inspection: false }, browser: false });
  let app: RunningApp;
  let asked = 0;
  beforeAll(async () => {
    app = await start(house, () => asked++);
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });

  async function put({ path = '/orders/o1', body = NAME, headers = {} }: Sent): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${app.port}${path}`, {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    });
    const text = await response.text();
    const { error } = JSON.parse(text) as { error?: { details?: readonly { code: string }[] } };
    return { status: response.status, text, codes: (error?.details ?? []).map(({ code }) => code) };
  }
  /** Refused before the handler was asked, with nothing left behind. */
  async function refused(sent: Sent, code: string): Promise<void> {
    const before = asked;
    const answer = await put(sent);
    expect({ status: answer.status, codes: answer.codes }).toEqual({ status: 400, codes: [code] });
    expect(asked).toBe(before);
    expect(clean()).toBe(true);
  }

  it('what fits reaches the handler as the schemas gave it, without what they do not name', async () => {
    const body = '{"name":"Ada","quantity":2,"role":"admin","more":{"a":[1,{"b":null}]}}';
    const path = '/orders/o1?dry=yes&tag=a&tag=b&utm_source=mail';
    const { status, text } = await put({ path, body, headers: { 'x-request-id': 'r1' } });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      params: { id: 'o1' },
      query: { dry: 'yes', tag: ['a', 'b'] },
      headers: { 'x-request-id': 'r1' },
      body: { name: 'Ada', quantity: 2, more: { a: [1, { b: null }] } },
    });
  });

  it('what does not fit is told by field, code and message, never by the value', async () => {
    const body = '{"name":"Q","quantity":777123}';
    const { status, text } = await put({ path: '/orders/o1?dry=zebra', body });
    expect(status).toBe(400);
    const { error } = JSON.parse(text) as {
      error: { code: string; details: { field: string; code: string }[] };
    };
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(error.details.map(({ field, code }) => `${field} ${code}`)).toEqual([
      'dry INVALID_VALUE',
      'name TOO_SMALL',
      'quantity TOO_BIG',
    ]);
    expect(text).not.toMatch(/zebra|777123|"Q"/);
  });

  it('A55: a parameter that comes twice, in whatever way of writing, is refused', async () => {
    await refused({ path: '/orders/o1?dry=yes&dry=no' }, 'DUPLICATE');
    await refused({ path: '/orders/o1?dry=yes&d%72y=no' }, 'DUPLICATE');
    await refused({ path: '/orders/o1?dry=yes&dry' }, 'DUPLICATE');
    await refused({ path: '/orders/o1?dry[]=yes' }, 'NOT_A_LIST');
    await refused({ path: '/orders/o1?dry%5B%5D=yes' }, 'NOT_A_LIST');
    await refused({ path: '/orders/o1?tag=a&tag[]=b' }, 'DUPLICATE');
    await refused(
      { body: 'name=Ada&name=Eve', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      'DUPLICATE',
    );
    expect((await put({ path: '/orders/o1?tag[]=a&tag[]=b' })).status).toBe(200);
  });

  it('A55: a name in the query and in the body or the path at once is refused', async () => {
    await refused({ path: '/orders/o1?name=Eve' }, 'CLASH');
    await refused({ path: '/orders/o1?n%61me=Eve' }, 'CLASH');
    await refused({ path: '/orders/o1?id=o2' }, 'CLASH');
  });

  it('A56: keys that could reach a prototype are refused at any depth and in dotted form', async () => {
    for (const key of [
      '"__proto__":{"x":1}',
      '"\\u005f_proto__":{"x":1}',
      '"constructor":{"prototype":{"x":1}}',
      '"more":{"a":[{"__proto__":{"x":1}}]}',
      '"more":{"constructor.prototype.x":1}',
      '"more":{"a[__proto__][x]":1}',
      '"more":{"a[\\"__proto__\\"].x":1}',
    ])
      await refused({ body: `{"name":"Ada",${key}}` }, 'FORBIDDEN_KEY');
  });

  it('A56: nor do they come by the query, a form or a header; cookies leave nothing behind', async () => {
    for (const query of ['__proto__[x]=1', 'constructor.prototype.x=1', '__proto__=1', 'a%5b__proto__%5d=1'])
      await refused({ path: `/orders/o1?${query}` }, 'FORBIDDEN_KEY');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await refused({ body: 'name=Ada&__proto__.x=1', headers: form }, 'FORBIDDEN_KEY');
    await refused({ headers: { constructor: 'x' } }, 'FORBIDDEN_KEY');
    expect((await put({ headers: { cookie: '__proto__=x; constructor.prototype.x=1' } })).status).toBe(200);
    expect(clean()).toBe(true);
  });

  it('A61: JSON that is deep, wide, doubled, torn, too exact or marked is refused', async () => {
    const bodies: readonly (readonly [string | Uint8Array<ArrayBuffer>, string])[] = [
      [`{"name":"Ada","more":{"a":${'['.repeat(33)}${']'.repeat(33)}}}`, 'TOO_DEEP'],
      [`{"name":"Ada","more":{${Array.from({ length: 1_001 }, (_, i) => `"k${i}":1`).join()}}}`, 'TOO_MANY'],
      [`{"name":"Ada","more":{"a":[${'1,'.repeat(10_001)}1]}}`, 'TOO_MANY'],
      [`{"name":"Ada","more":{"a":1e999}}`, 'NUMBER_TOO_LARGE'],
      [`{"name":"Ada","more":{"a":9007199254740993}}`, 'NUMBER_TOO_LARGE'],
      [`{"name":"Ada","more":{"a":${'9'.repeat(5_000)}}}`, 'NUMBER_TOO_LARGE'],
      [`{"name":"Ada\\ud800"}`, 'NOT_TEXT'],
      [`{"name":"Ada","more":{"\\udc00":1}}`, 'NOT_TEXT'],
      [`{"name":"Ada\\u0000"}`, 'NOT_TEXT'],
      [`{"name":"Ada","name":"Eve"}`, 'DUPLICATE_KEY'],
      [`{"name":"Ada","n\\u0061me":"Eve"}`, 'DUPLICATE_KEY'],
      [`{"name":"Ada","more":{"a":[{"b":1,"b":{"c":1}}]}}`, 'DUPLICATE_KEY'],
      [`\uFEFF${NAME}`, 'BYTE_ORDER_MARK'],
      [new Uint8Array([...Buffer.from('{"name":"A'), 0xff, ...Buffer.from('"}')]), 'BAD_ENCODING'],
      [`{"name":"${'a'.repeat(65_537)}"}`, 'TOO_LONG'],
      [`${NAME},`, 'TOO_MANY'],
      [`{name:"Ada"}`, 'NOT_JSON'],
      [`{"name":"Ada"`, 'NOT_JSON'],
    ];
    for (const [body, code] of bodies) await refused({ body }, code);
  });

  it('A61: what is larger than accepted answers 413, whether its length is told or not', async () => {
    const before = asked;
    const large = `{"name":"${'a'.repeat(200_000)}"}`;
    expect((await put({ body: large })).status).toBe(413);
    expect((await put({ body: new Blob([large]).stream() })).status).toBe(413);
    expect(asked).toBe(before);
    expect((await put({ body: new Blob([NAME]).stream() })).status).toBe(200);
  });

  it('refuses other content types, compressed bodies, and an empty one where something is needed', async () => {
    expect((await put({ headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await put({ headers: { 'content-encoding': 'gzip' } })).status).toBe(415);
    const { status, codes } = await put({ body: '' });
    // Fastify has words of its own for an empty body.
    expect([status, codes]).toEqual([400, name === 'fastify' ? [] : ['REQUIRED']]);
  });
});
