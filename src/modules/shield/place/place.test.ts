import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { contains, parseAddress, parseCidr } from '../../../core/address.ts';
import { riskOf } from './decide.ts';
import { readPlaceOptions } from './options.ts';
import { places } from './place.ts';
import { readList } from './list-file.ts';
import { writeMmdb } from './test-mmdb.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-place-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const COUNTRIES = writeMmdb({
  '203.0.113.0/24': { country: { iso_code: 'DE' }, city: { names: { en: 'Berlin' } } },
  '2001:db8::/32': { country: { iso_code: 'FR' } },
});
const NETWORKS = writeMmdb({
  '203.0.0.0/16': { autonomous_system_number: 64500, autonomous_system_organization: 'Example' },
});
const has = (set: ReturnType<typeof readList>, text: string): boolean =>
  set.contains(parseAddress(text) as NonNullable<ReturnType<typeof parseAddress>>);

describe('files of places', () => {
  const ports = { isNeverBlocked: () => false };

  it('tell country, city, number and name of the network, each from the file that knows it', () => {
    const atlas = places({ files: [file('c.mmdb', COUNTRIES), file('n.mmdb', NETWORKS)] }, ports);
    expect(atlas.find('203.0.113.9')).toEqual({
      country: 'DE',
      city: 'Berlin',
      asn: 64500,
      organisation: 'Example',
    });
    expect(atlas.find('203.0.114.9')).toEqual({ asn: 64500, organisation: 'Example' });
    expect(atlas.find('2001:db8::1')).toEqual({ country: 'FR' });
    expect(atlas.find('192.0.2.1')).toBeUndefined();
    expect(atlas.find('unknown')).toBeUndefined();
    expect(atlas.sizes().files[0]?.builtAtMs).toBe(1_700_000_000_000);
  });

  it('tell coordinates, and how far off they may be, as their makers write them', () => {
    const cities = writeMmdb({
      '203.0.113.0/26': {
        city: { names: { en: 'Berlin' } },
        location: { latitude: 52.5, longitude: 13.4, accuracy_radius: 20 },
      },
      '203.0.113.64/26': { city: { names: { en: 'Quito' } }, location: { latitude: -0.2, longitude: -78.5 } },
      '203.0.113.128/26': { country: { iso_code: 'FR' }, location: { latitude: 46.1, longitude: 2.1 } },
      '203.0.113.192/26': { city: 'Oslo', lat: '59.9', lng: '10.7' },
      '192.0.2.0/24': { city: 'Nowhere', lat: '91.5', lng: 'east' },
    });
    const { find } = places({ files: [file('p.mmdb', cities)] }, ports);
    expect([1, 65, 129, 193].map((last) => find(`203.0.113.${last}`)?.point)).toEqual([
      { latitude: 52.5, longitude: 13.4, accuracyKm: 20 },
      { latitude: -0.2, longitude: -78.5, accuracyKm: 50 },
      undefined,
      { latitude: 59.9, longitude: 10.7, accuracyKm: 50 },
    ]);
    expect(find('192.0.2.1')).toEqual({ city: 'Nowhere' });
  });

  it('know who hides behind a list', () => {
    const lists = {
      'vpn-exits': { file: file('v.txt', '192.0.2.1') },
      tor: { file: file('t.txt', '192.0.2.2'), hides: false },
      drop: { file: file('d.txt', '192.0.2.3') },
      ours: { file: file('o.txt', '192.0.2.4'), hides: true },
      tornado: { file: file('x.txt', '192.0.2.5') },
    };
    const { hides } = places({ lists }, ports);
    expect([1, 2, 3, 4, 5, 6].map((last) => hides(`192.0.2.${last}`))).toEqual([
      true,
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  it('are replaced by a reload, and stay when the new one is broken', () => {
    const path = file('r.mmdb', COUNTRIES);
    const atlas = places({ files: [path] }, ports);
    for (const bad of ['<html>', COUNTRIES.subarray(0, 60)]) {
      file('r.mmdb', bad);
      expect(() => atlas.reload()).toThrow(/r\.mmdb/);
      expect(atlas.find('203.0.113.9')?.country).toBe('DE');
    }
    file('r.mmdb', writeMmdb({ '203.0.113.0/24': { country: { iso_code: 'AT' } } }));
    atlas.reload();
    expect(atlas.find('203.0.113.9')?.country).toBe('AT');
    truncateSync(path, 0);
    expect(() => places({ files: [path] }, ports)).toThrow(/r\.mmdb/);
  });

  it('must be there where countries decide', () => {
    expect(() => places({ countries: { deny: ['DE'] } }, ports)).toThrow(/needs a file of countries/);
    expect(() => places({ countries: { deny: ['Germany'] } }, ports)).toThrow(/countries\.deny/);
  });
});

describe('what lists add to the risk', () => {
  it('is added up, at most to 1, and is none where nothing is said', () => {
    const scores = { a: 0.6, b: 0.3, c: 0.5 };
    expect(riskOf(['a', 'b', 'x'], { scores })).toBe(0.9);
    expect(riskOf(['a', 'b', 'c'], { scores })).toBe(1);
    expect(riskOf(['a'], {})).toBe(0);
  });

  it('is said with the action that adds it, and with no other', () => {
    const read = (list: object) =>
      readPlaceOptions('place', { lists: { tor: { file: 'x', ...list } } }).lists['tor'];
    expect(read({ do: 'score' })).toEqual({ file: 'x', do: 'score', score: 0.6, hides: true });
    expect(read({ do: 'score', score: 0.2 })).toEqual({ file: 'x', do: 'score', score: 0.2, hides: true });
    expect(read({})).toEqual({ file: 'x', do: 'note', score: 0, hides: true });
    expect(() => read({ do: 'deny', score: 0.2 })).toThrow(/lists\.tor\.score: is for do: 'score'/);
    expect(() => read({ do: 'score', score: 2 })).toThrow(/lists\.tor\.score/);
  });
});

describe('lists of addresses', () => {
  it('are read as their makers write them', () => {
    const text = readList(
      'text',
      '# list\n192.0.2.1\n198.51.100.0/24 ; SBL1\n\n203.0.113.1-203.0.113.9\r\n2001:db8::/48 # six\n',
    );
    expect(
      ['192.0.2.1', '198.51.100.255', '203.0.113.9', '2001:db8:0:1::1'].map((one) => has(text, one)),
    ).toEqual([true, true, true, true]);
    expect(
      ['192.0.2.2', '198.51.101.0', '203.0.113.10', '2001:db8:1::'].map((one) => has(text, one)),
    ).toEqual([false, false, false, false]);
    const tor = readList(
      'tor',
      'ExitNode AB\nPublished 2026-01-01\nLastStatus 2026-01-01\nExitAddress 192.0.2.7 2026-01-01 00:00:00\n',
    );
    expect(has(tor, '192.0.2.7')).toBe(true);
    const lines = readList('drop', '{"cidr":"192.0.2.0/24","sblid":"1"}\n{"type":"metadata","records":1}\n');
    expect(has(lines, '192.0.2.200')).toBe(true);
    const cloud = readList(
      'cloud',
      '{"syncToken":"1","prefixes":[{"ip_prefix":"192.0.2.0/24"}],"ipv6_prefixes":[{"ipv6_prefix":"2001:db8::/32"}]}',
    );
    expect([has(cloud, '192.0.2.9'), has(cloud, '2001:db8::9')]).toEqual([true, true]);
    expect(has(readList('json', '["192.0.2.5"]'), '192.0.2.5')).toBe(true);
  });

  it('are refused whole when they are an error page, hold garbage, or would cover the world', () => {
    for (const bad of [
      '',
      '<html><body>502</body></html>',
      '{"error":"no"}',
      '[',
      '0.0.0.0/0',
      '::/0',
      '1.0.0.0-200.0.0.0',
      '192.0.2.1\nx\ny\n',
    ])
      expect(() => readList('bad', bad)).toThrow(/bad/);
  });

  it('hold exactly the addresses of their ranges, in whatever order', () => {
    const cidr = fc
      .tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 }), fc.integer({ min: 14, max: 32 }))
      .map(([a, b, bits]) => `10.1.${a}.${b}/${bits}`);
    const six = fc
      .tuple(fc.nat({ max: 15 }), fc.integer({ min: 40, max: 128 }))
      .map(([a, bits]) => `2001:db8:${a.toString(16)}::/${bits}`);
    const asked = fc.oneof(
      fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 })).map(([a, b]) => `10.1.${a}.${b}`),
      fc
        .tuple(fc.nat({ max: 15 }), fc.nat({ max: 65_535 }))
        .map(([a, b]) => `2001:db8:${a.toString(16)}::${b.toString(16)}`),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(cidr, six), { minLength: 1, maxLength: 30 }), asked, (ranges, one) => {
        const address = parseAddress(one) as NonNullable<ReturnType<typeof parseAddress>>;
        const expected = ranges.some((range) =>
          contains(parseCidr(range) as NonNullable<ReturnType<typeof parseCidr>>, address),
        );
        expect(readList('all', ranges.join('\n')).contains(address)).toBe(expected);
      }),
    );
  });
});
