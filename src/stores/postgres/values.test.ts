import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelName, readArray, readerOf, valueText } from './values.ts';

const nested = fc.letrec<{ list: unknown[]; item: unknown }>((tie) => ({
  list: fc.array(tie('item'), { maxLength: 4 }),
  item: fc.oneof({ depthSize: 'small' }, fc.string({ unit: 'binary' }), fc.constant(null), tie('list')),
}));

describe('arrays', () => {
  it('come back as they were written, nested or not, whatever the texts hold', () => {
    fc.assert(
      fc.property(nested.list, (list) => {
        const text = valueText(list) as string;
        expect(readArray(text, (item) => item)).toEqual(list);
      }),
    );
  });

  it('are read in time that grows with their length, whatever is sent', () => {
    const started = performance.now();
    for (const char of ['{', '"', '\\', ',', '{"', '}{']) readArray(char.repeat(200_000), (item) => item);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('are read where their bounds stand in front', () => {
    expect(readerOf(1007)('[0:1]={5,NULL}')).toEqual([5, null]);
  });
});

describe('values', () => {
  it('are written in UTC, hex and JSON', () => {
    expect(valueText(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(valueText(new Uint8Array([1, 255]))).toBe('\\x01ff');
    expect(valueText(new Uint8Array([1, 2, 3]).subarray(1))).toBe('\\x0203');
    expect(valueText({ a: 1 })).toBe('{"a":1}');
    expect(valueText(undefined)).toBeNull();
    expect(() => valueText(new Date(Number.NaN))).toThrow(RangeError);
  });

  it.each([
    ['2026-11-21 01:02:03.123456+00', '2026-11-21T01:02:03.123Z'],
    ['2026-11-21 01:02:03-03:30', '2026-11-21T04:32:03.000Z'],
    ['2026-11-21 01:02:03', '2026-11-21T01:02:03.000Z'],
  ])('reads %s as the instant that it is', (text, iso) => {
    expect(readerOf(1184)(text)).toEqual(new Date(iso));
  });

  it('reads what no Date can hold as what it is', () => {
    expect(readerOf(1184)('infinity')).toBe(Infinity);
    expect(readerOf(1114)('-infinity')).toBe(-Infinity);
    expect(readerOf(1184)('0044-03-15 00:00:00+00 BC')).toEqual(new Date(Number.NaN));
  });

  it('leaves types that it does not know as text', () => {
    expect(readerOf(999_999)('(1,2)')).toBe('(1,2)');
  });

  it('quotes plain channel names only', () => {
    expect(channelName('a.b:c-D_1')).toBe('"a.b:c-D_1"');
    for (const name of ['', 'a"', 'a b', 'x'.repeat(64)]) expect(() => channelName(name)).toThrow('channel');
  });
});
