import type { Stores } from '../../src/server/data/index.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../src/server/api/index.ts';
import type { Route } from '../../src/server/api/route.ts';
import { errorOf, House, OPERATOR_KEY } from './house.ts';

const SECRET_VALUE = 'do-not-echo-me-4711';
const operator = { authorization: `Bearer ${OPERATOR_KEY}` };

/** Input that means harm, on every route. */
export function hostileSuite(stores: () => Stores): void {
  let house: House;
  let routes: readonly Route[];
  beforeAll(() => {
    house = new House(stores());
    routes = apiRoutes(house.ports);
  });
  const pathOf = ({ spec }: Route): string => spec.path.replace(/:\w+/g, 'x').replace(/\*$/, 'x');
  const withBody = (): readonly Route[] => routes.filter((one) => one.spec.body !== undefined);
  const send = (one: Route, body: RequestInit['body'], headers: Record<string, string>): Promise<Response> =>
    house.fetch(pathOf(one), {
      method: one.spec.method,
      headers: { ...operator, ...headers },
      body: body ?? null,
    });
  const jsonType = { 'content-type': 'application/json' };

  /** Each of these to every route that takes a body: [what, body, headers, status]. */
  const BODIES: readonly (readonly [
    string,
    string | Uint8Array<ArrayBuffer>,
    Record<string, string>,
    number,
  ])[] = [
    ['nothing', '', jsonType, 400],
    ['half an object', `{"a":"${SECRET_VALUE}`, jsonType, 400],
    ['text', SECRET_VALUE, jsonType, 400],
    ['a list', `["${SECRET_VALUE}"]`, jsonType, 400],
    ['null', 'null', jsonType, 400],
    ['a number', '1e999', jsonType, 400],
    ['unknown keys', `{"${SECRET_VALUE}":1}`, jsonType, 400],
    ['a prototype', `{"__proto__":{"polluted":"${SECRET_VALUE}"}}`, jsonType, 400],
    ['a constructor', `{"a":[{"constructor":{"prototype":{"polluted":1}}}]}`, jsonType, 400],
    [
      'the wrong types',
      '{"target":{},"minutes":"1","reason":[],"setupToken":7,"key":{},"name":[],"value":{}}',
      jsonType,
      400,
    ],
    ['a deep list', '['.repeat(20_000) + ']'.repeat(20_000), jsonType, 400],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), jsonType, 400],
    ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text', '{}', { 'content-type': 'text/plain' }, 415],
    ['no type', new Uint8Array([0x7b, 0x7d]), {}, 415],
    ['gzip', '{}', { ...jsonType, 'content-encoding': 'gzip' }, 415],
    ['too much', `"${'x'.repeat(70_000)}"`, jsonType, 413],
  ];

  it.each(BODIES)('a body that is %s is refused by every route', async (_what, body, headers, status) => {
    expect(withBody().length).toBeGreaterThan(8);
    for (const one of withBody()) {
      const response = await send(one, body, headers);
      expect([one.spec.method, one.spec.path, response.status]).toEqual([
        one.spec.method,
        one.spec.path,
        status,
      ]);
      const error = await errorOf(response);
      expect(JSON.stringify(error)).not.toContain(SECRET_VALUE);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('a body without end is cut off at the limit', async () => {
    for (const one of withBody().slice(0, 3)) {
      let pulled = 0;
      const endless = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(16_384).fill(0x20));
        },
      });
      const request = new Request(`http://localhost${pathOf(one)}`, {
        method: one.spec.method,
        headers: { ...operator, ...jsonType },
        body: endless,
        duplex: 'half',
      });
      expect((await house.app.fetch(request)).status).toBe(413);
      expect(pulled).toBeLessThan(20);
    }
  });

  it('a query parameter that is given twice, or is not known, is refused by every route with a query', async () => {
    const withQuery = routes.filter((one) => one.spec.query !== undefined);
    expect(withQuery.length).toBeGreaterThan(4);
    for (const one of withQuery) {
      for (const query of [
        'limit=1&limit=2',
        'search=a&search=b',
        `zzz=${SECRET_VALUE}`,
        '__proto__=1',
        'limit[]=1',
      ]) {
        const response = await house.fetch(`${pathOf(one)}?${query}`, { headers: operator });
        expect([one.spec.path, query, response.status]).toEqual([one.spec.path, query, 400]);
        expect(JSON.stringify(await errorOf(response))).not.toContain(SECRET_VALUE);
      }
    }
  });

  it('numbers, ids and filters that make no sense are refused', async () => {
    const queries = [
      '/admin/decisions?limit=0',
      '/admin/decisions?limit=201',
      '/admin/decisions?limit=1.5',
      '/admin/decisions?limit=NaN',
      '/admin/decisions?limit=',
      '/admin/decisions?limit=0x10000',
      '/admin/decisions?before=abc',
      "/admin/decisions?before=dec_01k9x3v8c0m2n4p6q8r0s2t4v'",
      '/admin/decisions?fromMs=-1',
      '/admin/decisions?fromMs=1e300',
      '/admin/decisions?filter=steps:x',
      '/admin/decisions?filter=route',
      `/admin/decisions?${'filter=route:a&'.repeat(21)}`,
      `/admin/decisions?filter=route:${'a'.repeat(400)}`,
      '/admin/stats/overview?buckets=501',
      '/admin/stats/overview?exclude=none:x',
      '/admin/events?before=dec_01k9x3v8c0m2n4p6q8r0s2t4v6',
      `/admin/events?${'type=A&'.repeat(21)}`,
      '/sample/orders?cursor=1',
    ];
    for (const path of queries) {
      const response = await house.fetch(path, { headers: operator });
      expect([path, response.status]).toEqual([path, 400]);
      expect(['VALIDATION_ERROR', 'INVALID_REQUEST']).toContain((await errorOf(response)).code);
    }
  });

  it('hostile texts in parameters and filters are only ever compared', async () => {
    const texts = [
      "' OR 1=1 --",
      '%00',
      '\\u0000',
      '%ED%A0%80',
      '%',
      '$1',
      '../../etc/passwd',
      '%F0%9F%98%80',
      '%2F',
    ];
    const paths = texts.flatMap((text) => [
      `/admin/decisions?filter=route:${text}&exclude=userAgent:${text}`,
      `/admin/events?type=${text}`,
      `/admin/limits/${text}/keys`,
      `/admin/decisions/${text}`,
      `/sample/orders/${text}`,
      `/console/${text}`,
    ]);
    for (const path of paths) {
      const response = await house.fetch(path, { headers: operator });
      expect([path, response.status < 500]).toEqual([path, true]);
      if (response.status >= 400) await errorOf(response);
    }
    for (const value of ['%00', 'a%00b', "x'--"]) {
      const response = await house.fetch(`/admin/limits/deny/${value}`, {
        method: 'DELETE',
        headers: operator,
      });
      expect(response.status).toBe(404);
    }
  });

  it('a NUL or half a character in a reason, note or order is refused before anybody keeps it', async () => {
    const hostile = 'a\0b\ud800';
    const answers = await Promise.all([
      house.operator('POST', '/admin/blocks', { target: '198.51.100.77', minutes: 1, reason: hostile }),
      house.operator('POST', '/admin/limits/deny', { value: 'user:nul', note: hostile }),
      house.operator('POST', '/sample/orders', {
        items: [{ name: hostile, quantity: 1 }],
        instructions: hostile,
      }),
      house.operator('POST', '/admin/setup-links', { name: hostile }),
      house.operator('POST', '/admin/limits/api/reset', { key: hostile }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect((await errorOf(answer)).details).toMatchObject([{ field: 'body', code: 'NOT_TEXT' }]);
    }
  });

  it('other methods answer 405 with what is allowed', async () => {
    const paths = new Map<string, Route>(routes.map((one) => [one.spec.path, one]));
    for (const [path, one] of paths) {
      for (const method of ['PUT', 'OPTIONS', 'PROPFIND', 'QUERY']) {
        const response = await house.fetch(pathOf(one), { method, headers: operator });
        expect([path, method, response.status]).toEqual([path, method, 405]);
        expect(response.headers.get('allow')).toContain(one.spec.method);
        expect((await errorOf(response)).code).toBe('METHOD_NOT_ALLOWED');
      }
    }
  });

  it('paths that are not there answer 404 in the envelope', async () => {
    for (const path of ['/nothing', '/sample', '/sample/orders/a/b', '//', '/console/../admin']) {
      const response = await house.fetch(path, { headers: operator });
      expect([path, response.status]).toEqual([path, 404]);
      expect((await errorOf(response)).code).toBe('NOT_FOUND');
    }
  });

  describe('reports of browsers', () => {
    const report = (body: string, type: string): Promise<Response> =>
      house.fetch('/csp-reports', { method: 'POST', headers: { 'content-type': type }, body });

    it('are taken in both forms and without signing in', async () => {
      expect((await report('{}', 'application/csp-report')).status).toBe(204);
      expect((await report('[]', 'application/reports+json; charset=utf-8')).status).toBe(204);
      expect(house.reported.at(-1)).toBe('application/reports+json 192.0.2.10');
    });

    it('are refused when they are no reports, or too large', async () => {
      expect((await report('{}', 'text/plain')).status).toBe(415);
      expect((await report('junk', 'application/csp-report')).status).toBe(400);
      expect((await report(`{${' '.repeat(70_000)}}`, 'application/csp-report')).status).toBe(413);
    });
  });
}
