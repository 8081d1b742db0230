import { describe, expect, it } from 'vitest';
import { addressReader, type TrustProxy } from './proxy.ts';
import type { RequestView } from './request.ts';

function view(peer: string, headers: Record<string, string> = {}): RequestView {
  return { method: 'GET', target: '/', peer, encrypted: false, header: (name) => headers[name] };
}

function read(trustProxy: TrustProxy, peer: string, forwarded?: string) {
  return addressReader({ trustProxy })(
    view(peer, forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
  );
}

describe('the client address', () => {
  it('is the peer, whatever headers say, when nobody is trusted', () => {
    const headers = {
      'x-forwarded-for': '1.1.1.1',
      forwarded: 'for=1.1.1.1',
      'x-real-ip': '1.1.1.1',
      'cf-connecting-ip': '1.1.1.1',
    };
    const found = addressReader({ trustProxy: false })(view('203.0.113.9', headers));
    expect(found).toMatchObject({
      ok: true,
      client: { address: '203.0.113.9', forwarded: false },
      untrustedHeader: true,
    });
  });

  it('is not believed from a peer outside the trusted ranges', () => {
    expect(read(['loopback'], '203.0.113.9', '1.1.1.1')).toMatchObject({
      client: { address: '203.0.113.9' },
      untrustedHeader: true,
    });
  });

  it.each([
    [
      'the last entry behind one trusted proxy',
      ['loopback'],
      '127.0.0.1',
      '6.6.6.6, 198.51.100.7',
      '198.51.100.7',
    ],
    [
      'the first untrusted one from the right',
      ['loopback', '10.0.0.0/8'],
      '127.0.0.1',
      '6.6.6.6, 198.51.100.7, 10.1.1.1',
      '198.51.100.7',
    ],
    ['without its port', ['loopback'], '127.0.0.1', '198.51.100.7:4711', '198.51.100.7'],
    ['without brackets and port', ['loopback'], '127.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['IPv4 when it was mapped', ['loopback'], '::ffff:127.0.0.1', '::ffff:198.51.100.7', '198.51.100.7'],
    ['the proxy itself when the entry is no address', ['loopback'], '127.0.0.1', 'unknown', '127.0.0.1'],
    [
      'the last proxy when a later entry is damaged',
      ['loopback', '10.0.0.0/8'],
      '127.0.0.1',
      '1.1.1.1, <script>, 10.1.1.1',
      '10.1.1.1',
    ],
    ['by one trusted hop', 1, '203.0.113.1', '6.6.6.6, 198.51.100.7', '198.51.100.7'],
    ['by two trusted hops', 2, '203.0.113.1', '6.6.6.6, 198.51.100.7, 10.0.0.1', '198.51.100.7'],
  ] as const)('is %s', (_what, trust, peer, header, expected) => {
    expect(read(trust as TrustProxy, peer, header)).toMatchObject({
      ok: true,
      client: { address: expected },
    });
  });

  it('is refused when more hops are claimed than are accepted', () => {
    expect(read(['loopback'], '127.0.0.1', '1.1.1.1,'.repeat(5) + '2.2.2.2')).toMatchObject({ ok: false });
    expect(read(['loopback'], '127.0.0.1', '1.1.1.1,'.repeat(4) + '2.2.2.2')).toMatchObject({ ok: true });
    expect(read(['loopback'], '127.0.0.1', ','.repeat(100_000))).toMatchObject({ ok: false });
  });

  it('reads the Forwarded header (RFC 7239) when that is what the proxy writes', () => {
    const reader = addressReader({ trustProxy: ['loopback'], header: 'forwarded' });
    const forwarded = 'for=6.6.6.6, proto=https;For="[2001:db8::7]:4711";by=10.0.0.1';
    expect(reader(view('127.0.0.1', { forwarded }))).toMatchObject({
      client: { address: '2001:db8::7', group: '2001:db8::/64' },
    });
    expect(reader(view('127.0.0.1', { 'x-forwarded-for': '1.1.1.1' }))).toMatchObject({
      client: { address: '127.0.0.1' },
    });
  });

  it('refuses nonsense at construction, with its path', () => {
    expect(() => addressReader({ trustProxy: ['10.0.0.0/40'] })).toThrow(/trustProxy: '10.0.0.0\/40'/);
    expect(() => addressReader({ trustProxy: ['constructor'] })).toThrow(/trustProxy: 'constructor'/);
    expect(() => addressReader({ trustProxy: -1 })).toThrow(/trustProxy/);
    expect(() => addressReader({ trustProxy: 1.5 })).toThrow(/trustProxy/);
    expect(() => addressReader({ trustProxy: false, ipv6Bits: 32 })).toThrow(/ipv6Bits/);
  });
});
