import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileCsp,
  type CspDirective,
  type CspParts,
  CSP_RISKS,
  cspWithNonce,
  SOURCE_DIRECTIVES,
} from './csp.ts';

const PARTS: CspParts = {
  directives: {},
  acceptedRisks: [],
  nonce: true,
  upgradeInsecureRequests: true,
  reportPath: '/csp-reports',
  reportOnly: false,
  frameAncestors: "'none'",
};

/** The parsing algorithm of CSP Level 3, 2.2.1: split at `;`, strip, split at blanks, the first of a name counts. */
function parse(policy: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const token of policy.split(';')) {
    const [name, ...values] = token.trim().split(/[\t\n\f\r ]+/);
    if (name && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), values);
  }
  return found;
}

const host = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}\.[a-z]{2,5}$/);
const source = fc.oneof(
  fc.constantFrom(
    "'self'",
    "'nonce'",
    "'strict-dynamic'",
    "'report-sample'",
    "'unsafe-inline'",
    '*',
    'data:',
    'https:',
  ),
  host,
  host.map((name) => `https://${name}:8443/path/`),
  host.map((name) => `https://*.${name}`),
);
const directives = fc.dictionary(
  fc.constantFrom(...SOURCE_DIRECTIVES),
  fc.uniqueArray(source, { minLength: 1, maxLength: 6 }),
) as fc.Arbitrary<Partial<Record<CspDirective, never[]>>>;

describe('the Content-Security-Policy builder', () => {
  it('writes what a browser reads back, nonce in place', () => {
    fc.assert(
      fc.property(directives, (given) => {
        const policy = parse(
          cspWithNonce(
            compileCsp('csp', { ...PARTS, directives: given, acceptedRisks: CSP_RISKS }),
            'bm9uY2U=',
          ),
        );
        for (const [name, sources] of Object.entries(given))
          expect(policy.get(name)).toEqual(
            sources.map((one: string) => (one === "'nonce'" ? "'nonce-bm9uY2U='" : one)),
          );
        for (const name of [
          'object-src',
          'base-uri',
          'script-src',
          'frame-ancestors',
          'upgrade-insecure-requests',
        ])
          expect(policy.has(name)).toBe(true);
      }),
    );
  });

  it('lets no text end a source, a directive or the header', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.constantFrom(';', ',', ' ', '\r\n', '\u0000', '\u0001', '"', '\u00a0'),
        (text, bad) => {
          const sources = [`https://a.example/${text}${bad}`] as never;
          expect(() => compileCsp('csp', { ...PARTS, directives: { 'img-src': sources } })).toThrow(
            /img-src\[0\]/,
          );
        },
      ),
    );
  });

  it.each([
    ["'unsafe-inline'", 'style-src', 'unsafe-inline'],
    ["'unsafe-eval'", 'script-src', 'unsafe-eval'],
    ["'unsafe-hashes'", 'script-src', 'unsafe-hashes'],
    ['*', 'img-src', 'wildcard'],
    ['https:', 'font-src', 'wildcard'],
    ['https://*', 'connect-src', 'wildcard'],
    ['*.com', 'img-src', 'wildcard'],
    ['https://*.example.com', 'script-src', 'wildcard'],
    ['http://cdn.example.com', 'img-src', 'insecure-scheme'],
    ['data:', 'script-src', 'data-script'],
    ['blob:', 'worker-src', 'data-script'],
  ] as const)('refuses %s in %s unless %s is an accepted risk', (text, directive, risk) => {
    const given = { [directive]: [text] };
    const others = CSP_RISKS.filter((one) => one !== risk);
    expect(() => compileCsp('csp', { ...PARTS, directives: given, acceptedRisks: others })).toThrow(risk);
    expect(() => compileCsp('csp', { ...PARTS, directives: given, acceptedRisks: [risk] })).not.toThrow();
  });

  it.each([
    [{ 'object-src': false }, 'csp.directives.object-src'],
    [{ 'base-uri': false }, 'csp.directives.base-uri'],
    [{ 'scripts-src': ["'self'"] }, 'csp.directives.scripts-src'],
    [{ 'img-src': [] }, 'csp.directives.img-src'],
    [{ 'img-src': ["'none'", "'self'"] }, 'csp.directives.img-src[0]'],
    [{ 'img-src': ['self'] }, 'csp.directives.img-src[0]'],
    [{ 'img-src': ["'nonce-abc'"] }, 'csp.directives.img-src[0]'],
    [{ 'img-src': 'none' }, 'csp.directives.img-src'],
  ])('checks %j', (given, path) => {
    expect(() => compileCsp('csp', { ...PARTS, directives: given as never })).toThrow(
      expect.objectContaining({ path }),
    );
  });

  it('lets nothing run on a response that has no nonce', () => {
    const { withoutNonce } = compileCsp('csp', PARTS);
    expect(withoutNonce).not.toContain('nonce');
    expect(parse(withoutNonce).get('script-src')).toEqual(["'none'"]);
    expect(parse(withoutNonce).get('style-src')).toEqual(["'self'"]);
  });

  it('leaves out of a report-only policy what browsers ignore there', () => {
    const policy = parse(compileCsp('csp', { ...PARTS, reportOnly: true }).withoutNonce);
    expect(policy.has('frame-ancestors')).toBe(false);
    expect(policy.has('upgrade-insecure-requests')).toBe(false);
  });

  it('refuses a nonce where nonces are off', () => {
    expect(() =>
      compileCsp('csp', { ...PARTS, nonce: false, directives: { 'style-src': ["'nonce'"] } }),
    ).toThrow(/switched off/);
  });
});
