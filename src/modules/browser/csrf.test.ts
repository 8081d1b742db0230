import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csrfTokens } from './csrf-token.ts';
import type { BrowserOptions, CsrfOptions } from './options.ts';
import { browserHouse, type TestRequest } from './test-house.ts';

const OWN = 'https://shop.example.com';
const HOST = 'shop.example.com';
const SESSION = { cookie: '__Host-session=abc' };
const DAY_MS = 86_400_000;
const KEY = new Uint8Array(32).fill(7);

function house(csrf: CsrfOptions = {}, more: BrowserOptions = {}) {
  return browserHouse({ csrf, ...more }, { ports: { csrfKeys: [KEY] } });
}
function post(headers: Record<string, string>, more: Partial<TestRequest> = {}): TestRequest {
  return { method: 'POST', target: '/orders', headers: { host: HOST, ...headers }, ...more };
}

describe('forged requests', () => {
  it.each<[string, TestRequest, string]>([
    [
      'a form of another site',
      post({
        ...SESSION,
        origin: 'https://evil.example',
        'sec-fetch-site': 'cross-site',
        'content-type': 'text/plain',
      }),
      'csrf.cross_site',
    ],
    [
      'the same from a browser without Fetch Metadata',
      post({ ...SESSION, origin: 'https://evil.example', 'content-type': 'text/plain' }),
      'csrf.foreign_origin',
    ],
    ['no origin at all, with cookies', post({ ...SESSION }), 'csrf.no_proof'],
    ['the null origin', post({ ...SESSION, origin: 'null' }), 'csrf.null_origin'],
    [
      'a lengthened host',
      post({ ...SESSION, origin: `https://${HOST}.evil.example` }),
      'csrf.foreign_origin',
    ],
    ['a host that ends alike', post({ ...SESSION, origin: `https://x${HOST}` }), 'csrf.foreign_origin'],
    ['another port', post({ ...SESSION, origin: `https://${HOST}:8443` }), 'csrf.foreign_origin'],
    ['user information', post({ ...SESSION, origin: `https://${HOST}@evil.example` }), 'csrf.foreign_origin'],
    [
      'plain http to an encrypted hop',
      post({ ...SESSION, origin: `http://${HOST}` }, { encrypted: true }),
      'csrf.foreign_origin',
    ],
    [
      'a sibling domain',
      post({ ...SESSION, origin: 'https://blog.example.com', 'sec-fetch-site': 'same-site' }),
      'csrf.same_site',
    ],
    [
      'a word that no standard knows',
      post({ ...SESSION, 'sec-fetch-site': 'same-originn' }),
      'csrf.cross_site',
    ],
    [
      'a foreign referring page',
      post({ ...SESSION, referer: 'https://evil.example/?https://shop.example.com/' }),
      'csrf.foreign_referer',
    ],
    [
      'login without cookies',
      post({ origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' }),
      'csrf.foreign_origin',
    ],
    ['login without cookies, current browser', post({ 'sec-fetch-site': 'cross-site' }), 'csrf.cross_site'],
    ['a password that the browser adds', post({ authorization: 'Basic dTpw' }), 'csrf.no_proof'],
    [
      'bearer beside cookies',
      post({ ...SESSION, authorization: 'Bearer x', origin: 'https://evil.example' }),
      'csrf.foreign_origin',
    ],
    [
      'a WebSocket of another site',
      { headers: { host: HOST, ...SESSION, upgrade: 'WebSocket', origin: 'https://evil.example' } },
      'csrf.foreign_origin',
    ],
    [
      'a WebSocket over HTTP/2',
      { headers: { host: HOST, ...SESSION, 'sec-fetch-mode': 'websocket', 'sec-fetch-site': 'cross-site' } },
      'csrf.cross_site',
    ],
    [
      'another host named by the caller',
      post({ ...SESSION, origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' }),
      'csrf.foreign_origin',
    ],
    [
      'DELETE',
      { ...post({ ...SESSION, origin: 'https://evil.example' }), method: 'DELETE' },
      'csrf.foreign_origin',
    ],
    [
      'a method that nobody knows',
      { ...post({ ...SESSION, origin: 'https://evil.example' }), method: 'PURGE' },
      'csrf.foreign_origin',
    ],
  ])('are refused: %s (A18, A19)', (_what, request, code) => {
    const { ask, events } = house();
    const answer = ask(request);
    expect(answer).toMatchObject({ verdict: 'deny', status: 403, reason: code });
    expect(events).toMatchObject([
      { type: 'CSRF_ATTEMPT', fields: { address: '203.0.113.7', details: { reason: code } } },
    ]);
  });

  it.each([
    ['/x', { 'x-http-method-override': 'DELETE' }],
    ['/x', { 'x-method-override': 'put' }],
    ['/x', { 'x-http-method': 'PATCH' }],
    ['/x?_method=DELETE', {}],
    ['/x?a=1&_METHOD=DELETE', {}],
    ['/x?%5fmethod=DELETE', {}],
    ['/x?%5F%6D%65%74%68%6F%64=DELETE', {}],
    ['/x?_method[]=DELETE', {}],
    ['/x?_m%65thod', {}],
  ])('cannot hide behind GET: %s %j (A18)', (target, headers) => {
    for (const method of ['GET', 'HEAD', 'POST'])
      expect(house().ask({ method, target, headers }).reason).toBe('csrf.method_override');
    // Where overrides are honoured, they are checked as what they ask for.
    const { ask } = house({ methodOverride: 'check' });
    const own = { ...headers, ...SESSION, host: HOST, origin: OWN };
    expect(ask({ target, headers: { ...own, origin: 'https://evil.example' } }).reason).toBe(
      'csrf.foreign_origin',
    );
    expect(ask({ target, headers: own }).verdict).toBe('pass');
  });

  it.each(['/x?_methodology=1', '/x?method=DELETE', '/x?q=_method=1', '/x_method=1', '/x?a=%5fmethod'])(
    'are not seen in %s',
    (target) => expect(house().ask({ target }).verdict).toBe('pass'),
  );

  it('are refused even as GET where a route says that GET changes state', () => {
    const headers = { host: HOST, ...SESSION, 'sec-fetch-site': 'cross-site' };
    expect(house().ask({ headers }).verdict).toBe('pass');
    for (const method of ['GET', 'HEAD'])
      expect(house({ safeMethods: 'check' }).ask({ method, headers }).status).toBe(403);
  });

  it('are refused as cross-site loads where a route is isolated, but people may still follow links', () => {
    const { ask } = house({ isolate: true });
    const cross = { host: HOST, ...SESSION, 'sec-fetch-site': 'cross-site' };
    expect(ask({ headers: { ...cross, 'sec-fetch-mode': 'no-cors' } }).reason).toBe('csrf.isolated');
    expect(
      ask({ headers: { ...cross, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'object' } }).reason,
    ).toBe('csrf.isolated');
    expect(
      ask({ headers: { ...cross, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } }).verdict,
    ).toBe('pass');
    expect(
      ask({ headers: { ...SESSION, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' } }).verdict,
    ).toBe('pass');
  });

  it('only go into the record in shadow mode', () => {
    const { ask, events } = house({ mode: 'shadow' });
    const { verdict, context } = ask(post({ ...SESSION, origin: 'https://evil.example' }));
    expect(verdict).toBe('pass');
    expect(context.trail).toMatchObject([{ guard: 'browser.csrf', shadow: true }]);
    expect(events).toMatchObject([{ type: 'CSRF_ATTEMPT' }]);
  });

  it('leave no secret in events and records', () => {
    const { ask, events, guards } = house();
    const { context } = ask(
      post({
        cookie: '__Host-session=SECRET; __Host-csrf=SECRET',
        'x-rampart-csrf': 'SECRET',
        origin: 'https://evil.example/SECRET',
      }),
    );
    const evidence = guards.map((guard) => guard.evidence?.(context));
    expect(JSON.stringify([events, evidence, context.trail, context.reply])).not.toContain('SECRET');
  });
});

describe('honest requests', () => {
  it.each<[string, TestRequest]>([
    ['a form of this site', post({ ...SESSION, origin: OWN, 'sec-fetch-site': 'same-origin' })],
    [
      'a current browser that hides its origin',
      post({ ...SESSION, origin: 'null', 'sec-fetch-site': 'same-origin' }),
    ],
    ['an older browser', post({ ...SESSION, origin: OWN })],
    [
      'an older browser over plain http, TLS ending before us',
      post({ ...SESSION, origin: `http://${HOST}` }),
    ],
    ['a browser that sends the port', post({ ...SESSION, origin: OWN, host: `${HOST}:443` })],
    ['a browser that sends only Referer', post({ ...SESSION, referer: `${OWN}/cart?x=1` })],
    ['a program without cookies', post({ 'content-type': 'text/plain' })],
    [
      'a program with a bearer token',
      post({ authorization: 'bearer x', origin: 'https://app.elsewhere.example' }),
    ],
    ['a program with an API key', post({ 'x-api-key': 'k' })],
    [
      'a page of another site reading',
      { headers: { host: HOST, ...SESSION, 'sec-fetch-site': 'cross-site' } },
    ],
    ['an override that overrides nothing', post({ 'x-http-method-override': 'POST' })],
  ])('pass: %s', (_what, request) => {
    const { ask, events } = house();
    expect(ask(request).verdict).toBe('pass');
    expect(events).toEqual([]);
  });

  it('pass when the browser vouches for them and a proxy has renamed the host', () => {
    const { ask } = house();
    const renamed = { ...SESSION, host: 'backend:3000', origin: OWN };
    expect(ask(post({ ...renamed, 'sec-fetch-site': 'same-origin' })).verdict).toBe('pass');
    // The person's own doing, such as a form that is sent again after a restart: no page is behind it.
    expect(ask(post({ ...SESSION, 'sec-fetch-site': 'none' })).verdict).toBe('pass');
    expect(ask(post({ ...renamed, 'sec-fetch-site': 'none' })).reason).toBe('csrf.contradiction');
  });

  it('pass behind a trusted proxy that renamed the host', () => {
    const headers = {
      ...SESSION,
      host: 'backend:3000',
      origin: OWN,
      'x-forwarded-host': HOST,
      'x-forwarded-for': '198.51.100.1',
    };
    const { ask } = browserHouse({}, { trustProxy: ['10.0.0.0/8'] });
    expect(ask({ method: 'POST', headers, peer: '10.0.0.1' }).verdict).toBe('pass');
    expect(ask({ method: 'POST', headers }).reason).toBe('csrf.foreign_origin');
  });

  it('pass from listed origins, whatever the host says', () => {
    const { ask } = house({
      origins: [OWN],
      trustedOrigins: ['https://*.pay.example.com'],
      sameSite: 'allow',
    });
    expect(ask(post({ ...SESSION, host: 'other', origin: OWN })).verdict).toBe('pass');
    expect(
      ask(post({ ...SESSION, origin: 'https://eu.pay.example.com', 'sec-fetch-site': 'cross-site' })).verdict,
    ).toBe('pass');
    expect(
      ask(post({ ...SESSION, origin: 'https://blog.example.com', 'sec-fetch-site': 'same-site' })).verdict,
    ).toBe('pass');
    // DNS rebinding: the host is the attacker's, and so is the origin.
    expect(ask(post({ ...SESSION, host: 'evil.example', origin: 'https://evil.example' })).reason).toBe(
      'csrf.foreign_origin',
    );
    expect(
      ask(post({ ...SESSION, origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' })).reason,
    ).toBe('csrf.contradiction');
  });

  it("pass from origins that the route's CORS policy names", () => {
    const { ask } = house({}, { cors: { origins: ['https://app.other.example'], credentials: true } });
    expect(
      ask(post({ ...SESSION, origin: 'https://app.other.example', 'sec-fetch-site': 'cross-site' })).verdict,
    ).toBe('pass');
    expect(
      ask(post({ ...SESSION, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).status,
    ).toBe(403);
  });

  it('pass from anywhere on a route that CORS opens, but not with cookies', () => {
    const { ask } = house({}, { cors: { origins: '*' } });
    const cross = { origin: 'https://any.example', 'sec-fetch-site': 'cross-site' };
    expect(ask(post(cross)).verdict).toBe('pass');
    expect(ask(post({ ...cross, ...SESSION })).reason).toBe('csrf.cross_site');
    expect(ask(post({ ...cross, authorization: 'Basic dTpw' })).reason).toBe('csrf.cross_site');
  });
});

describe('JSON routes', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'Multipart/Form-Data; boundary=x',
    '',
    'text/plain;application/json',
    'application/json-not',
  ])('refuse a body of type %j', (type) => {
    const request = post({ ...SESSION, origin: OWN, 'content-type': type, 'content-length': '5' });
    expect(house({ contentTypes: 'json' }).ask(request)).toMatchObject({
      status: 415,
      reason: 'csrf.content_type',
    });
    expect(house().ask(request).verdict).toBe('pass');
  });

  it.each([
    { 'content-type': 'application/json; charset=utf-8' },
    { 'content-type': 'application/merge-patch+json' },
    {},
    { 'content-length': '0' },
  ])('take %j', (headers) =>
    expect(house({ contentTypes: 'json' }).ask(post({ ...SESSION, origin: OWN, ...headers })).verdict).toBe(
      'pass',
    ),
  );
});

describe('double-submit tokens', () => {
  const tokens = csrfTokens([KEY], DAY_MS);
  const send = (token: string, cookies = `__Host-session=abc; __Host-csrf=${token}`, header = token) =>
    post({ cookie: cookies, 'x-rampart-csrf': header });

  it('let browsers through that send neither Origin nor Fetch Metadata', () => {
    const { ask, clock } = house();
    expect(ask(send(tokens.issue('abc', clock.now()))).verdict).toBe('pass');
  });

  it.each<[string, (now: number) => TestRequest]>([
    ['of another session', (now) => send(tokens.issue('xyz', now))],
    ['after logout', (now) => send(tokens.issue('abc', now), `__Host-csrf=${tokens.issue('abc', now)}`)],
    ['only in the header', (now) => send(tokens.issue('abc', now), '__Host-session=abc')],
    [
      'that differs from the cookie',
      (now) => send(tokens.issue('abc', now), undefined, tokens.issue('abc', now)),
    ],
    ['that is too old', (now) => send(tokens.issue('abc', now - DAY_MS - 1))],
    ['of the future', (now) => send(tokens.issue('abc', now + 120_000))],
    ['signed by another key', (now) => send(csrfTokens([new Uint8Array(32)], DAY_MS).issue('abc', now))],
    [
      'of nobody, beside twins of the session (A17)',
      (now) => {
        const token = tokens.issue('', now);
        return send(token, `__Host-session=abc; __Host-session=evil; __Host-csrf=${token}`);
      },
    ],
    [
      'with a planted twin of the session (A17)',
      (now) => {
        const token = tokens.issue('evil', now);
        return send(token, `__Host-session=abc; __Host-session=evil; __Host-csrf=${token}`);
      },
    ],
    ['that is no token', () => send('x'.repeat(99))],
  ])('are refused: one %s (A18)', (_what, make) => {
    const { ask, clock } = house();
    expect(ask(make(clock.now())).reason).toBe('csrf.no_proof');
  });

  it('do not help a foreign origin', () => {
    const { ask, clock } = house();
    const request = send(tokens.issue('abc', clock.now()));
    expect(ask({ ...request, headers: { ...request.headers, origin: 'https://evil.example' } }).status).toBe(
      403,
    );
  });

  it('survive the change of keys, and no change of a letter', () => {
    const now = 1_795_000_000_000;
    const next = csrfTokens([new Uint8Array(32).fill(9), KEY], DAY_MS);
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        fc.nat(200),
        fc.constantFrom('0', 'a', 'Z', '.', '-'),
        (session, at, letter) => {
          const token = tokens.issue(session, now);
          expect(next.verify(token, session, now + DAY_MS)).toBe(true);
          expect(next.verify(token, `${session}x`, now)).toBe(false);
          const place = at % token.length;
          // The last letter holds two bits that base64url leaves unused.
          if (place === token.length - 1 || token[place] === letter) return;
          expect(next.verify(token.slice(0, place) + letter + token.slice(place + 1), session, now)).toBe(
            false,
          );
        },
      ),
    );
  });

  it('need long keys', () => {
    expect(() => csrfTokens([new Uint8Array(31)], DAY_MS)).toThrow(/csrfKeys\[0\]/);
    expect(() => csrfTokens([], DAY_MS)).toThrow(/csrfKeys/);
    expect(() => browserHouse({}, { ports: { csrfKeys: [new Uint8Array(3)] } })).toThrow(/csrfKeys\[0\]/);
  });
});

describe('the guard', () => {
  it('says what its decider says again from the record', () => {
    const header = (...values: (string | undefined)[]) => fc.constantFrom(undefined, ...values);
    const headers = fc.record({
      host: header(HOST),
      origin: header(OWN, 'https://evil.example', 'null', 'https://t.example.com'),
      referer: header(`${OWN}/x`, 'https://evil.example/'),
      cookie: header('__Host-session=abc'),
      authorization: header('Bearer x', 'Basic x'),
      upgrade: header('websocket'),
      'content-type': header('text/plain', 'application/json'),
      'content-length': header('3'),
      'sec-fetch-site': header('same-origin', 'same-site', 'cross-site', 'none', 'x'),
      'sec-fetch-mode': header('navigate', 'cors', 'websocket'),
      'x-http-method-override': header('PUT'),
    });
    const options = fc.record({
      safeMethods: fc.constantFrom('pass', 'check'),
      sameSite: fc.constantFrom('refuse', 'allow'),
      methodOverride: fc.constantFrom('refuse', 'check'),
      contentTypes: fc.constantFrom('any', 'json'),
      isolate: fc.boolean(),
      origins: fc.constantFrom([], [OWN]),
      trustedOrigins: fc.constantFrom([], ['https://t.example.com']),
    }) as fc.Arbitrary<CsrfOptions>;
    const method = fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE');
    fc.assert(
      fc.property(options, headers, method, (csrf, given, verb) => {
        const sent = Object.fromEntries(
          Object.entries(given).filter((pair) => pair[1] !== undefined),
        ) as Record<string, string>;
        const { ask, again } = house(csrf);
        const { context, verdict } = ask({ method: verb, headers: sent });
        const repeated = again('browser.csrf', context);
        expect(repeated.kind).toBe(verdict);
        expect(repeated.reason?.code).toMatch(/^csrf\./);
        if (verdict === 'deny') expect(repeated).toEqual(context.verdict);
      }),
      { numRuns: 400 },
    );
  });
});
