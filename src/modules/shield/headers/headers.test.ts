import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../core/context.ts';
import { createCorridor, type RouteRule } from '../../../core/corridor.ts';
import { replayStep } from '../../../core/decision.ts';
import { WebView } from '../../../core/http/web-view.ts';
import type { RequestView } from '../../../core/request.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { headerDecider } from './decide.ts';
import { readHeaderFeatures } from './features.ts';
import { headerSanity } from './guard.ts';
import type { HeaderSanityOptions } from './options.ts';

const clock = new ManualClock();
const USUAL = ['Host', 'shop.example', 'User-Agent', 'curl/8.9', 'Accept', '*/*'];

function view(raw: readonly string[], target = '/orders', bare = false): RequestView {
  const header = (name: string): string | undefined => {
    const at = raw.findIndex((one, i) => i % 2 === 0 && one.toLowerCase() === name);
    return at < 0 ? undefined : raw[at + 1];
  };
  const shown = { method: 'POST', target, peer: '192.0.2.1', encrypted: false, header };
  return bare ? shown : { ...shown, rawHeaders: () => raw };
}

function house(options: HeaderSanityOptions = {}, rules: readonly RouteRule[] = []) {
  const guard = headerSanity(options, (route) => route.settings['headers']);
  const corridor = createCorridor({
    guards: [guard],
    rules,
    clock,
    readClient: () => ({
      ok: true,
      client: { address: '192.0.2.1', group: '192.0.2.1', forwarded: false },
      untrustedHeader: false,
    }),
  });
  return { guard, ask: (request: RequestView) => corridor.enter(request) as RequestContext };
}

/** The check that refused; null where none did. */
function refusedBy(context: RequestContext): string | null {
  const { verdict } = context;
  if (verdict.kind !== 'deny') return null;
  expect([verdict.refusal.status, verdict.refusal.code]).toEqual([400, 'INVALID_REQUEST']);
  return String(verdict.refusal.details?.['check']);
}

const check = (raw: readonly string[], options?: HeaderSanityOptions): string | null =>
  refusedBy(house(options).ask(view(raw)));
const but = (name: string): readonly string[] => {
  const at = USUAL.indexOf(name);
  return [...USUAL.slice(0, at), ...USUAL.slice(at + 2)];
};

describe('header sanity', () => {
  it('lets the usual through', () => {
    expect(check(USUAL)).toBeNull();
    expect(check([...USUAL, 'Content-Length', '5', 'X-Note', 'caf\u00e9\tau lait'])).toBeNull();
    expect(check([...USUAL, 'Transfer-Encoding', 'chunked'])).toBeNull();
    expect(check([...USUAL, 'Cookie', `a=${'x'.repeat(4_000)}`])).toBeNull();
  });

  it.each<[string, readonly string[], string]>([
    ['no User-Agent', but('User-Agent'), 'userAgent'],
    ['an empty User-Agent', [...but('User-Agent'), 'User-Agent', ' '], 'userAgent'],
    ['no Accept', but('Accept'), 'accept'],
    ['two hosts', [...USUAL, 'host', 'evil.example'], 'host'],
    ['two equal hosts', [...USUAL, 'HOST', 'shop.example'], 'host'],
    ['a host that is two', [...but('Host'), 'Host', 'shop.example, evil.example'], 'host'],
    ['another :authority', [':authority', 'evil.example', ...USUAL], 'host'],
    ['two lengths (A57)', [...USUAL, 'Content-Length', '5', 'content-length', '6'], 'framing'],
    ['two equal lengths', [...USUAL, 'Content-Length', '5', 'Content-Length', '5'], 'framing'],
    ['a length that is two', [...USUAL, 'Content-Length', '5, 5'], 'framing'],
    ['a signed length (A57)', [...USUAL, 'Content-Length', '+5'], 'framing'],
    ['CL.TE (A57)', [...USUAL, 'Content-Length', '5', 'Transfer-Encoding', 'chunked'], 'framing'],
    ['TE.TE (A57)', [...USUAL, 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'x'], 'framing'],
    ['an odd coding (A57)', [...USUAL, 'Transfer-Encoding', 'xchunked'], 'framing'],
    ['a veiled coding (A57)', [...USUAL, 'Transfer-Encoding', '\x0bchunked'], 'framing'],
    ['a NUL', [...USUAL, 'X-A', 'a\0b'], 'controlBytes'],
    ['a line break', [...USUAL, 'X-A', 'a\r\nX-B: c'], 'controlBytes'],
    ['DEL', [...USUAL, 'X-A', '\x7f'], 'controlBytes'],
    ['a name that is none', [...USUAL, 'X A', 'b'], 'controlBytes'],
    ['a name with a colon', [...USUAL, 'X-A:', 'b'], 'controlBytes'],
    [
      '101 headers',
      [...USUAL, ...Array.from({ length: 98 }, (_, i) => [`x-${i}`, '1']).flat()],
      'maxHeaders',
    ],
    ['a long header', [...USUAL, 'X-A', 'a'.repeat(8_190)], 'maxHeaderBytes'],
    [
      'long headers',
      [...USUAL, 'X-A', 'a'.repeat(8_100), 'X-B', 'a'.repeat(8_100), 'X-C', 'b'.repeat(200)],
      'maxTotalBytes',
    ],
  ])('refuses %s', (_what, raw, by) => {
    expect(check(raw)).toBe(by);
    // And only by that check.
    const off = ['maxHeaders', 'maxHeaderBytes', 'maxTotalBytes'].includes(by)
      ? { maxHeaders: 10_000, maxHeaderBytes: 1_000_000, maxTotalBytes: 1_000_000 }
      : { [by]: false };
    expect(check(raw, { ...off, ...(by === 'framing' ? { controlBytes: false } : {}) })).toBeNull();
  });

  it('counts at the bound itself as within', () => {
    const many = [...USUAL, ...Array.from({ length: 97 }, (_, i) => [`x-${i}`, '1']).flat()];
    expect(check(many)).toBeNull();
    expect(check([...USUAL, 'X-A', 'a'.repeat(8_189)])).toBeNull();
  });

  it('asks neither of probes, and no Accept of what browsers send without one', () => {
    const { ask } = house();
    for (const path of ['/livez', '/readyz', '/startupz', '/healthz', '/health', '/metrics'])
      expect(refusedBy(ask(view(['Host', 'a'], path)))).toBeNull();
    expect(refusedBy(ask(view(['Host', 'a'], '/livez/x')))).toBe('userAgent');
    const socket = ['User-Agent', 'Mozilla/5.0', 'Upgrade', 'websocket', 'Connection', 'Upgrade'];
    expect(refusedBy(ask(view(socket)))).toBeNull();
    const report = ['User-Agent', 'Mozilla/5.0', 'Content-Type', 'application/reports+json'];
    expect(refusedBy(ask(view(report)))).toBeNull();
    // The other checks stand on probes, too.
    expect(refusedBy(ask(view(['Host', 'a', 'Host', 'b'], '/livez')))).toBe('host');
  });

  it('differs by route, key by key, and can be off there', () => {
    const { ask } = house({ maxHeaders: 50 }, [
      { match: '/hooks/*', settings: { headers: { accept: false, userAgent: false } } },
      { match: '/off', settings: { headers: false } },
    ]);
    const many = Array.from({ length: 51 }, (_, i) => [`x-${i}`, '1']).flat();
    expect(refusedBy(ask(view([], '/hooks/pay')))).toBeNull();
    expect(refusedBy(ask(view(many, '/hooks/pay')))).toBe('maxHeaders');
    expect(refusedBy(ask(view([...many, 'Host', 'a', 'Host', 'b'], '/off')))).toBeNull();
    expect(refusedBy(ask(view([])))).toBe('userAgent');
  });

  it('only watches in shadow mode', () => {
    const context = house({ mode: 'shadow' }).ask(view([]));
    expect(context.reply).toBeNull();
    expect(context.trail).toMatchObject([{ guard: 'shield.headers', shadow: true }]);
  });

  it.each<[unknown, string]>([
    [{ maxHeaders: 5 }, 'shield.headers.maxHeaders'],
    [{ accepts: true }, "did you mean 'accept'"],
    [{ probePaths: ['livez'] }, 'shield.headers.probePaths[0]'],
  ])('refuses options such as %j', (options, words) => {
    expect(() => headerSanity(options as HeaderSanityOptions)).toThrow(words);
  });

  it('refuses a mode of one route', () => {
    const rules = [{ match: '/a', settings: { headers: { mode: 'shadow' } } }];
    expect(() => house({}, rules)).toThrow("routes['/a'].shield.headers.mode");
  });

  it('is decided the same again from its record, which holds no value', () => {
    const { guard, ask } = house();
    const context = ask(view([...but('Accept'), 'Authorization', 'Bearer very-secret']));
    const evidence = guard.evidence?.(context);
    expect(JSON.stringify(evidence)).not.toContain('very-secret');
    const step = {
      guard: guard.name,
      mode: guard.mode,
      verdict: 'deny' as const,
      decider: headerDecider,
      ...(evidence === undefined
        ? {}
        : { evidence: JSON.parse(JSON.stringify(evidence)) as typeof evidence }),
    };
    expect(replayStep(step, new Map([[headerDecider.name, headerDecider]]))).toEqual(context.verdict);
  });

  it('reads a Request of the Web standard, which joins what is repeated', () => {
    const request = new Request('http://shop.example/', { headers: { accept: '*/*', 'user-agent': 'x' } });
    request.headers.append('x-a', '1');
    request.headers.append('x-a', '2');
    const features = readHeaderFeatures(new WebView(request, undefined), false);
    expect(features).toMatchObject({ userAgent: true, accept: true, headers: 3, controlBytes: false });
  });

  it('looks up the few by name where the runtime tells no more', () => {
    const bare = (raw: readonly string[]): string | null => refusedBy(house().ask(view(raw, '/', true)));
    expect(bare(USUAL)).toBeNull();
    expect(bare(but('Accept'))).toBe('accept');
    expect(bare([...USUAL, 'content-length', '5', 'transfer-encoding', 'chunked'])).toBe('framing');
  });

  it('never throws, and refuses exactly what is odd, whatever the bytes are', () => {
    // oxlint-disable-next-line no-control-regex -- what is looked for
    const odd = /[\x00-\x08\x0a-\x1f\x7f]/;
    const name = fc.stringMatching(/^x-[a-z]{1,12}$/);
    const value = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes(','));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 20 }), (pairs) => {
        const expected = pairs.some(([, text]) => odd.test(text)) ? 'controlBytes' : null;
        expect(check([...USUAL, ...pairs.flat()])).toBe(expected);
      }),
    );
  });
});
