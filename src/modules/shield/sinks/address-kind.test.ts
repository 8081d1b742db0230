import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, type IpAddress, parseAddress } from '../../../core/address.ts';
import { addressKind } from './address-kind.ts';
import { SsrfError } from './errors.ts';
import { readTarget } from './target.ts';

const RULES = { allowHttp: false, ports: undefined, hosts: undefined, allowRanges: [] };
const kindOf = (text: string): string => addressKind(parseAddress(text) as IpAddress);

function isRefused(host: string): boolean {
  try {
    readTarget(`https://${host}/`, RULES);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(SsrfError);
    return true;
  }
}

describe('an address', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['223.255.255.255', 'public'],
    ['2606:4700::1111', 'public'],
    ['2a00:1450::1', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['0.0.0.0', 'unspecified'],
    ['::', 'unspecified'],
    ['10.0.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['fd12::1', 'private'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['::ffff:169.254.169.254', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['100.64.0.1', 'shared'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['203.0.113.9', 'documentation'],
    ['2001:db8::1', 'documentation'],
    ['64:ff9b::7f00:1', 'translated'],
    ['2002:7f00:1::', 'translated'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'translated'],
    ['::7f00:1', 'translated'],
    ['2a00:1450::5efe:a00:1', 'translated'],
    ['2a00:1450::200:5efe:a00:1', 'translated'],
    ['255.255.255.255', 'reserved'],
    ['198.19.0.1', 'reserved'],
    ['2001:10::1', 'reserved'],
    ['4000::1', 'reserved'],
  ])('%s is %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind);
  });
});

/** Bytes that lie inside a special range as often as outside. */
const v4 = fc.tuple(
  fc.oneof(fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 203, 224), fc.nat(255)),
  fc.oneof(fc.constantFrom(0, 16, 18, 51, 64, 88, 168, 254), fc.nat(255)),
  fc.oneof(fc.constantFrom(0, 2, 99, 100, 113), fc.nat(255)),
  fc.nat(255),
);
const numeral = (value: number, form: number): string =>
  form === 0 ? String(value) : form === 1 ? `0x${value.toString(16)}` : `0${value.toString(8)}`;
const WIDE = '０１２３４５６７８９';

/** The same IPv4 address in the forms that URLs take. */
function formsOfV4([a, b, c, d]: readonly [number, number, number, number], form: number): string[] {
  const whole = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const dotted = `${a}.${b}.${c}.${d}`;
  return [
    dotted,
    `${dotted}.`,
    [a, b, c, d].map((byte) => numeral(byte, form)).join('.'),
    `${numeral(a, form)}.${numeral(whole & 0xffffff, form)}`,
    `${numeral(a, form)}.${b}.${numeral(whole & 0xffff, form)}`,
    numeral(whole, form),
    [a, b, c, d].join('。'),
    dotted.replaceAll(/\d/g, (digit) => WIDE[Number(digit)] as string),
    dotted.replaceAll('.', '%2e'),
    `[::ffff:${dotted}]`,
    `[::FFFF:${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}]`,
    `[0:0:0:0:0:ffff:${dotted}]`,
  ];
}

function formsOfV6(bytes: Uint8Array): string[] {
  const short = formatAddress({ version: 6, bytes });
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[i * 2] as number) << 8) | (bytes[i * 2 + 1] as number),
  );
  const long = groups.map((group) => group.toString(16).padStart(4, '0')).join(':');
  const dotted = `${groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(':')}:${bytes.slice(12).join('.')}`;
  return [short, long, long.toUpperCase(), dotted].map((text) => `[${text}]`);
}

describe('an address in a URL', () => {
  it('is judged by its number, however it is written (IPv4)', () => {
    fc.assert(
      fc.property(v4, fc.nat(2), (bytes, form) => {
        const refused = addressKind({ version: 4, bytes: Uint8Array.from(bytes) }) !== 'public';
        for (const host of formsOfV4(bytes, form)) expect(isRefused(host), host).toBe(refused);
      }),
      { numRuns: 300 },
    );
  });

  it('is judged by its number, however it is written (IPv6)', () => {
    const start = fc.oneof(
      fc.constantFrom([0x20, 1], [0x20, 2], [0xfe, 0x80], [0xfc, 0], [0, 0x64], [0x2a, 0], [0, 0], [0x26, 6]),
      fc.tuple(fc.nat(255), fc.nat(255)),
    );
    const rest = fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 14, maxLength: 14 });
    fc.assert(
      fc.property(start, rest, (first, others) => {
        const bytes = Uint8Array.from([...first, ...others]);
        const read = parseAddress(formatAddress({ version: 6, bytes })) as IpAddress;
        for (const host of formsOfV6(bytes))
          expect(isRefused(host), host).toBe(addressKind(read) !== 'public');
      }),
      { numRuns: 300 },
    );
  });
});
