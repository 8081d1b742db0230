import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientGroup, contains, formatAddress, formatCidr, parseAddress, parseCidr } from './address.ts';

const v4 = fc
  .tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })))
  .map((parts) => parts.join('.'));

describe('addresses', () => {
  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::ffff:102:304', '1.2.3.4'],
    ['0:0:0:0:0:FFFF:1.2.3.4', '1.2.3.4'],
    ['::FFFF:0102:0304', '1.2.3.4'],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[::1]', '::1'],
    ['::', '::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ])('reads %s as %s', (text, canonical) => {
    expect(formatAddress(parseAddress(text) as never)).toBe(canonical);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '0x7f.1',
    '2130706433',
    '256.1.1.1',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '12345::',
    '::1.2.3.999',
    'localhost',
    '1.2.3.4:80',
    'a'.repeat(100),
  ])('refuses %s', (text) => expect(parseAddress(text)).toBeUndefined());

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const text = formatAddress({ version: 6, bytes });
        const again = parseAddress(text);
        expect(again && formatAddress(again)).toBe(again?.version === 4 ? formatAddress(again) : text);
      }),
    );
    fc.assert(
      fc.property(v4, (text) => {
        expect(formatAddress(parseAddress(text) as never)).toBe(text);
      }),
    );
  });

  it('counts all addresses of an IPv6 prefix as one client, at each width', () => {
    const groups = (bits: number, texts: string[]): number =>
      new Set(texts.map((text) => clientGroup(parseAddress(text) as never, bits))).size;
    const rotating = Array.from({ length: 1024 }, (_, i) => `2001:db8:1:2::${i.toString(16)}`);
    expect(groups(64, rotating)).toBe(1);
    const nets = Array.from({ length: 256 }, (_, i) => `2001:db8:1:${(0x200 + i).toString(16)}::1`);
    expect(groups(64, nets)).toBe(256);
    expect(groups(56, nets)).toBe(1);
    expect(groups(48, nets)).toBe(1);
  });

  it('agrees with a bit by bit comparison on what a range holds', () => {
    const bitsOf = (bytes: Uint8Array): string =>
      [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    fc.assert(
      fc.property(v4, v4, fc.integer({ min: 0, max: 32 }), (net, address, bits) => {
        const cidr = parseCidr(`${net}/${bits}`);
        const a = parseAddress(address);
        const n = parseAddress(net);
        if (!cidr || !a || !n) throw new Error('unreadable');
        expect(contains(cidr, a)).toBe(bitsOf(a.bytes).slice(0, bits) === bitsOf(n.bytes).slice(0, bits));
      }),
    );
  });

  it('writes a range with its network address, mapped ones as IPv4', () => {
    expect(formatCidr(parseCidr('10.1.2.3/8') as never)).toBe('10.0.0.0/8');
    expect(formatCidr(parseCidr('::ffff:10.0.0.0/104') as never)).toBe('10.0.0.0/8');
    expect(parseCidr('10.0.0.0/33')).toBeUndefined();
    expect(parseCidr('10.0.0.0/x')).toBeUndefined();
    expect(parseCidr('::ffff:10.0.0.0/40')).toBeUndefined();
  });
});
