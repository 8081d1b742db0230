import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BrowserOptions } from './options.ts';
import { browserHouse, type TestAnswer } from './test-house.ts';

const APP = 'https://app.example.com';
const CORS = { origins: [APP, 'https://*.partner.example.com'], credentials: true } as const;

function preflight(origin: string, more: Record<string, string> = {}) {
  return {
    method: 'OPTIONS',
    target: '/orders',
    headers: { origin, 'access-control-request-method': 'PATCH', ...more },
  };
}

function granted(answer: TestAnswer): string[] {
  return Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));
}

/** What A21 tries against an allowed `https://app.example.com`. */
const FOREIGN = [
  'null',
  'https://evil.example',
  'https://app.example.com.evil.example',
  'https://app.example.com.',
  'https://appXexample.com',
  'https://evilapp.example.com',
  'https://app.example.com:8443',
  'http://app.example.com',
  'HTTPS://APP.EXAMPLE.COM',
  'https://app.example.com/',
  'https://app.example.com@evil.example',
  'https://evil.example#https://app.example.com',
  ' https://app.example.com',
  'https://app.example.com, https://evil.example',
  'https://a.b.partner.example.com',
  'https://.partner.example.com',
  'https://evil.example/.partner.example.com',
  'https://evil.example?.partner.example.com',
  'https://evil.example\\.partner.example.com',
  'https://-a.partner.example.com',
  'https://partner.example.com',
  'https://xpartner.example.com',
  `https://${'a'.repeat(64)}.partner.example.com`,
  '',
];

describe('CORS', () => {
  it('answers the preflight of an allowed origin with fixed lists', () => {
    const { ask } = browserHouse({ cors: { ...CORS, maxAge: '10m' } });
    const answer = ask(preflight(APP, { 'access-control-request-headers': 'x-anything' }));
    expect(answer).toMatchObject({ verdict: 'answer', status: 204 });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'content-type, authorization',
      'access-control-max-age': '600',
    });
    for (const name of ['Origin', 'Access-Control-Request-Method', 'Access-Control-Request-Headers'])
      expect(answer.headers['vary']).toContain(name);
  });

  it('lets scripts of an allowed origin read answers, refusals among them', () => {
    const { ask } = browserHouse({ cors: CORS });
    for (const origin of [APP, 'https://shop.partner.example.com']) {
      expect(ask({ headers: { origin } }).headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        vary: 'Origin',
      });
    }
    const refused = ask({ method: 'POST', headers: { origin: APP, 'x-http-method-override': 'DELETE' } });
    expect(refused.status).toBe(403);
    expect(refused.headers['access-control-allow-origin']).toBe(APP);
    expect(refused.headers['access-control-expose-headers']).toContain('x-rampart-decision');
  });

  it.each(FOREIGN)('grants nothing to %j, asked before or not (A21)', (origin) => {
    for (const origins of [CORS.origins, 'ask'] as const) {
      const { ask } = browserHouse(
        { cors: { origins, credentials: true } },
        { ports: { allowOrigin: (one) => one === APP } },
      );
      const before = ask(preflight(origin));
      expect(granted(before)).toEqual([]);
      expect(before.status).toBe(403);
      expect(before.headers['vary']).toContain('Origin');
      const actual = ask({ headers: { origin } });
      expect(granted(actual)).toEqual([]);
      expect(actual.headers['vary']).toBe('Origin');
      expect(actual.verdict).toBe('pass');
    }
  });

  it('says Vary even to requests without an origin, so that no cache serves one answer to all', () => {
    expect(browserHouse({ cors: CORS }).ask({}).headers['vary']).toBe('Origin');
  });

  it('never asks the predicate about null or texts that are no origin', () => {
    const asked: string[] = [];
    const allowOrigin = (origin: string): boolean => (asked.push(origin), true);
    const { ask } = browserHouse({ cors: { origins: 'ask' } }, { ports: { allowOrigin } });
    for (const origin of [
      'null',
      '',
      'https://a.example\r\nx: y',
      'https://a.example/',
      'https://a.example.',
      `https://${'a'.repeat(400)}.com`,
    ]) {
      expect(granted(ask({ headers: { origin } }))).toEqual([]);
      expect(granted(ask(preflight(origin)))).toEqual([]);
    }
    expect(asked).toEqual([]);
    expect(granted(ask({ headers: { origin: 'https://new.example' } }))).toContain(
      'access-control-allow-origin',
    );
  });

  it('grants private networks only where that is wished', () => {
    const wants = { 'access-control-request-private-network': 'true' };
    expect(browserHouse({ cors: CORS }).ask(preflight(APP, wants)).headers).not.toHaveProperty(
      'access-control-allow-private-network',
    );
    const { ask } = browserHouse({ cors: { ...CORS, privateNetwork: true } });
    expect(ask(preflight(APP, wants)).headers['access-control-allow-private-network']).toBe('true');
    expect(ask(preflight(APP)).headers).not.toHaveProperty('access-control-allow-private-network');
  });

  it('opens a route to everybody with the star, and never with credentials', () => {
    const { ask } = browserHouse({ cors: { origins: '*' } });
    expect(ask({ headers: { origin: 'https://any.example' } }).headers['access-control-allow-origin']).toBe(
      '*',
    );
    const answer = ask(preflight('null'));
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('answers by the rules of the method that the preflight announces', () => {
    const { ask } = browserHouse(
      {},
      { rules: [{ match: 'PATCH /orders', settings: { browser: { cors: { origins: [APP] } } } }] },
    );
    expect(ask(preflight(APP)).status).toBe(204);
    expect(granted(ask({ ...preflight(APP), target: '/other' }))).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['credentials', { origins: '*', credentials: true }],
    ['origins[0]', { origins: ['http://app.example.com'], credentials: true }],
    ['exposedHeaders', { origins: [APP], credentials: true, exposedHeaders: ['*'] }],
    ['credentials', { origins: 'ask', credentials: true }],
    ['origins', {}],
    ['origins', { origins: /example\.com/ }],
    ['origins[0]', { origins: [/example\.com/] }],
    ['origins[0]', { origins: ['null'] }],
    ['origins[0]', { origins: ['*'] }],
    ['origins[0]', { origins: ['https://*'] }],
    ['origins[0]', { origins: ['https://*.com'] }],
    ['origins[0]', { origins: ['https://a*.example.com'] }],
    ['origins[0]', { origins: ['https://app.example.com/'] }],
    ['origins[0]', { origins: ['https://app.example.com:443'] }],
    ['origins[0]', { origins: ['app.example.com'] }],
    ['allowedHeaders[0]', { origins: [APP], allowedHeaders: ['x: y\r\nz'] }],
    ['maxAge', { origins: [APP], maxAge: '48h' }],
  ])('refuses at %s what would let any site act as the user: %j', (path, cors) => {
    const build = () => browserHouse({ cors } as BrowserOptions, { ports: { allowOrigin: () => true } });
    expect(build).toThrow(expect.objectContaining({ name: 'OptionsError', path: `browser.cors.${path}` }));
  });

  it("needs the port for 'ask'", () => {
    expect(() => browserHouse({ cors: { origins: 'ask' } })).toThrow(/allowOrigin/);
  });

  it('gives the same verdict again from its record, whatever was asked', () => {
    const { ask, again } = browserHouse({ cors: CORS });
    const origin = fc.oneof(
      fc.constantFrom(APP, 'https://x.partner.example.com', ...FOREIGN),
      fc.webUrl(),
      fc.string(),
    );
    fc.assert(
      fc.property(origin, fc.constantFrom('GET', 'OPTIONS'), fc.boolean(), (text, method, announced) => {
        const headers = { origin: text, ...(announced ? { 'access-control-request-method': 'GET' } : {}) };
        const { context } = ask({ method, headers });
        const verdict = again('browser.cors', context);
        expect(verdict.reason?.code).toMatch(/^cors\./);
        const own = context.trail?.find((entry) => entry.guard === 'browser.cors');
        expect(verdict.kind).toBe(own?.verdict.kind ?? 'pass');
        if (own) expect(verdict).toEqual(own.verdict);
      }),
    );
  });
});
