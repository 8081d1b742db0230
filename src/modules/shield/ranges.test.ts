import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Cidr,
  contains,
  type IpAddress,
  parseAddress,
  parseCidr,
  prefixOf,
} from '../../core/address.ts';
import { covers, RangeIndex } from './ranges.ts';

/** Addresses out of few values, so that ranges nest and meet. */
const bytes = (length: number) =>
  fc
    .array(fc.constantFrom(0, 1, 127, 128, 255), { minLength: length, maxLength: length })
    .map((list) => Uint8Array.from(list));
const address: fc.Arbitrary<IpAddress> = fc.oneof(
  bytes(4).map((list) => ({ version: 4, bytes: list }) as const),
  bytes(16).map((list) => ({ version: 6, bytes: list }) as const),
);
const range: fc.Arbitrary<Cidr> = fc.tuple(address, fc.nat(128)).map(([one, n]) => {
  const bits = n % (one.bytes.length * 8 + 1);
  return { network: prefixOf(one, bits), bits };
});
interface Item {
  readonly range: Cidr;
  readonly wanted: boolean;
}

describe('the index of ranges', () => {
  it('finds what a search through all of them finds: the most specific one that is wanted', () => {
    const items = fc.array(fc.record({ range, wanted: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(items, fc.array(address, { maxLength: 20 }), fc.nat(), (given, asked, gone) => {
        const index = new RangeIndex<Item>();
        for (const item of given) index.add(item);
        const kept = given.filter((_item, i) => given.length === 0 || i !== gone % given.length);
        for (const item of given) if (!kept.includes(item)) expect(index.delete(item)).toBe(true);
        expect(index.size).toBe(kept.length);
        // Ask about the networks themselves too, which are hit most.
        for (const one of [...asked, ...given.map((item) => item.range.network)]) {
          const bits = kept
            .filter((item) => item.wanted && contains(item.range, one))
            .map((item) => item.range.bits);
          const found = index.find(one, (item) => item.wanted);
          expect(found?.range.bits ?? -1).toBe(Math.max(-1, ...bits));
          if (found) expect(contains(found.range, one)).toBe(true);
        }
      }),
    );
  });

  it('forgets each entry once', () => {
    const index = new RangeIndex<Item>();
    const item: Item = { range: parseCidr('10.0.0.0/8') as Cidr, wanted: true };
    index.add(item);
    expect(index.delete(item)).toBe(true);
    expect(index.delete(item)).toBe(false);
    expect(index.find(parseAddress('10.1.1.1') as IpAddress, () => true)).toBeUndefined();
    expect(index.size).toBe(0);
  });

  it('tells which range holds which', () => {
    fc.assert(
      fc.property(range, range, address, (outer, inner, one) => {
        if (covers(outer, inner) && contains(inner, one)) expect(contains(outer, one)).toBe(true);
        expect(covers(outer, outer)).toBe(true);
      }),
    );
    expect(covers(parseCidr('10.0.0.0/8') as Cidr, parseCidr('10.9.0.0/16') as Cidr)).toBe(true);
    expect(covers(parseCidr('10.9.0.0/16') as Cidr, parseCidr('10.0.0.0/8') as Cidr)).toBe(false);
  });
});
