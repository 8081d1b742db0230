import { describe, expect, it } from 'vitest';
import { CspNonce } from '../../core/fact.ts';
import type { Guard } from '../../core/guard.ts';
import { deny } from '../../core/verdict.ts';
import { browserHouse } from './test-house.ts';
import type { BrowserOptions } from './options.ts';

/** Default headers of helmet 8, as its documentation lists them, but Content-Security-Policy. */
const HELMET: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
};
/** Directives of its default policy that are stricter than nothing: ours must be as strict each. */
const HELMET_CSP: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'self'"],
  'base-uri': ["'self'"],
  'font-src': ["'self'", 'https:', 'data:'],
  'form-action': ["'self'"],
  'frame-ancestors': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'script-src-attr': ["'none'"],
  'style-src': ["'self'", 'https:', "'unsafe-inline'"],
  'upgrade-insecure-requests': [],
};

function parse(policy: string): Map<string, readonly string[]> {
  return new Map(
    policy.split(';').map((line) => {
      const [name, ...sources] = line.trim().split(/\s+/);
      return [name as string, sources];
    }),
  );
}

describe('security headers', () => {
  it('are at least as strict as those of helmet', () => {
    const { headers } = browserHouse({}).ask({});
    expect(headers).toMatchObject(HELMET);
    // helmet: SAMEORIGIN and no Permissions-Policy or COEP at all.
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['cross-origin-embedder-policy']).toBe('require-corp');
    expect(headers['referrer-policy']).toBe('strict-origin-when-cross-origin');
    for (const feature of ['camera', 'microphone', 'geolocation'])
      expect(headers['permissions-policy']).toContain(`${feature}=()`);
  });

  it('hold a policy that is at least as strict as that of helmet, directive by directive', () => {
    const ours = parse(browserHouse({}).ask({}).headers['content-security-policy'] as string);
    for (const [name, theirs] of Object.entries(HELMET_CSP)) {
      const sources = ours.get(name) ?? (name === 'font-src' ? ours.get('default-src') : undefined);
      expect(sources, name).toBeDefined();
      for (const source of sources ?? [])
        expect(
          [...theirs, "'none'"].includes(source) || source.startsWith("'nonce-"),
          `${name} ${source}`,
        ).toBe(true);
    }
    expect(ours.get('script-src')?.[1]).toBe("'strict-dynamic'");
  });

  it('take away what tells of the software', () => {
    expect(browserHouse({}).ask({}).context.plan.removes).toEqual(['x-powered-by', 'server']);
  });

  it('are on refusals of earlier guards too: no response can be framed (A20)', () => {
    const refuse: Guard = {
      name: 'first',
      phase: 'admit',
      mode: 'enforce',
      onError: 'deny',
      check: () => deny({ status: 403, code: 'NO', message: 'No.' }, { code: 'test.no', text: 'Because.' }),
    };
    const { headers, status } = browserHouse({}, { before: [refuse] }).ask({});
    expect(status).toBe(403);
    expect(headers['x-frame-options']).toBe('DENY');
    const policy = parse(headers['content-security-policy'] as string);
    expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
    // Nobody was told a nonce, so nothing may run.
    expect(policy.get('script-src')).toEqual(["'none'"]);
  });

  it.each<[string, BrowserOptions]>([
    ['without a content policy', { csp: false }],
    ['with one that only reports', { csp: { mode: 'report', reportPath: '/csp-reports' } }],
    ['without nonces', { csp: { nonce: false } }],
    ['without the other headers', { headers: false }],
  ])('deny framing %s (A20)', (_how, options) => {
    const policy = parse(browserHouse(options).ask({}).headers['content-security-policy'] as string);
    expect(policy.get('frame-ancestors')).toEqual(["'none'"]);
  });

  it('may each be replaced or left out', () => {
    const { headers } = browserHouse({
      headers: {
        hsts: { maxAge: '730d', preload: true },
        frame: 'sameorigin',
        referrerPolicy: 'no-referrer',
        permissionsPolicy: { camera: ['self', 'https://meet.example.com'], fullscreen: [] },
        crossOriginEmbedderPolicy: false,
        crossOriginResourcePolicy: 'cross-origin',
        xssFilterOff: false,
      },
    }).ask({});
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'cross-origin',
    });
    expect(headers['permissions-policy']).toContain('camera=(self "https://meet.example.com")');
    expect(headers['permissions-policy']).toContain('fullscreen=()');
    expect(headers['permissions-policy']).toContain('microphone=()');
    expect(headers).not.toHaveProperty('cross-origin-embedder-policy');
    expect(headers).not.toHaveProperty('x-xss-protection');
    expect(parse(headers['content-security-policy'] as string).get('frame-ancestors')).toEqual(["'self'"]);
  });

  it('tell of https only over https where that is wished, a trusted proxy vouching', () => {
    const { ask } = browserHouse(
      { headers: { hsts: { onlyOverTls: true } } },
      { trustProxy: ['10.0.0.0/8'] },
    );
    const over = { 'x-forwarded-for': '198.51.100.4', 'x-forwarded-proto': 'https' };
    expect(ask({}).headers).not.toHaveProperty('strict-transport-security');
    expect(ask({ headers: over }).headers).not.toHaveProperty('strict-transport-security');
    expect(ask({ headers: over, peer: '10.0.0.1' }).headers['strict-transport-security']).toContain(
      'max-age=',
    );
    expect(ask({ encrypted: true }).headers['strict-transport-security']).toContain('max-age=');
  });

  it('give each response a nonce of its own, which later guards and the application can read', () => {
    const { ask } = browserHouse({});
    const nonces = Array.from({ length: 50 }, () => {
      const { headers, context } = ask({});
      const nonce = context.get(CspNonce) as string;
      expect(headers['content-security-policy']).toContain(`'nonce-${nonce}' 'strict-dynamic'`);
      expect(Buffer.from(nonce, 'base64')).toHaveLength(16);
      return nonce;
    });
    expect(new Set(nonces).size).toBe(50);
  });

  it('cost nothing per response without nonces', () => {
    const { context } = browserHouse({ csp: { nonce: false } }).ask({});
    expect(context.headers).toBeNull();
  });

  it('tell where reports go', () => {
    const { headers } = browserHouse({ csp: { mode: 'report', reportPath: '/csp-reports' } }).ask({});
    const policy = headers['content-security-policy-report-only'] as string;
    expect(parse(policy).get('report-uri')).toEqual(['/csp-reports']);
    expect(parse(policy).get('report-to')).toEqual(['csp']);
    expect(headers['reporting-endpoints']).toBe('csp="/csp-reports"');
    expect(headers['content-security-policy']).toBe("frame-ancestors 'none'");
  });

  it('may differ by route, key by key, and may be off there', () => {
    const { ask } = browserHouse(
      { headers: { frame: 'sameorigin' }, csp: { nonce: false } },
      {
        rules: [
          {
            match: '/embed/*',
            settings: { browser: { headers: { crossOriginResourcePolicy: 'cross-origin' } } },
          },
          { match: '/raw', settings: { browser: false } },
        ],
      },
    );
    const embed = ask({ target: '/embed/1' }).headers;
    expect(embed['cross-origin-resource-policy']).toBe('cross-origin');
    expect(embed['x-frame-options']).toBe('SAMEORIGIN');
    expect(ask({ target: '/raw' }).headers).toEqual({});
  });

  it.each<[string, unknown]>([
    ['browser.headers.hstz', { headers: { hstz: false } }],
    ['browser.headers.hsts.preload', { headers: { hsts: { preload: true, maxAge: '30d' } } }],
    ['browser.headers.referrerPolicy', { headers: { referrerPolicy: 'unsafe-url' } }],
    [
      'browser.headers.permissionsPolicy.camera[0]',
      { headers: { permissionsPolicy: { camera: ['https://a.example")'] } } },
    ],
    ['browser.headers.permissionsPolicy.a=(), b', { headers: { permissionsPolicy: { 'a=(), b': [] } } }],
    ['browser.csp.reportPath', { csp: { mode: 'report' } }],
    ['browser.csp.reportPath', { csp: { reportPath: '/x; script-src *' } }],
    ['browser.csrf.mode', { csrf: { mode: 'off' } }],
  ])('refuse nonsense at %s', (path, options) => {
    expect(() => browserHouse(options as BrowserOptions)).toThrow(
      expect.objectContaining({ name: 'OptionsError', path }),
    );
  });

  it("refuse nonsense in a route's settings when the corridor is built", () => {
    const build = (browser: unknown) => () =>
      browserHouse({}, { rules: [{ match: 'POST /x', settings: { browser } }] });
    expect(build({ csp: { nonse: false } })).toThrow(
      /routes\['POST \/x'\]\.browser\.csp\.nonse: unknown option; did you mean 'nonce'/,
    );
    expect(build({ csrf: { mode: 'shadow' } })).toThrow(/csrf\.mode/);
    expect(build('off')).toThrow(/browser/);
  });
});
