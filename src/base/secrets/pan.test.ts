import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPan, maskPan, maskPans, passesLuhn } from './pan.ts';

const TEST_CARDS = [
  '4242424242424242',
  '5555555555554444',
  '378282246310005',
  '6011111111111117',
  '4222222222222',
];

describe('card numbers', () => {
  it.each(TEST_CARDS)('are recognised and masked to their last four digits: %s', (pan) => {
    expect(isPan(pan)).toBe(true);
    expect(maskPan(pan)).toBe(`**** ${pan.slice(-4)}`);
    expect(maskPans(`card=${pan}; amount 12.50`)).toBe(`card=**** ${pan.slice(-4)}; amount 12.50`);
    const spaced = pan.replaceAll(/(\d{4})(?=\d)/g, '$1 ');
    expect(maskPans(`paid with ${spaced}.`)).toBe(`paid with **** ${pan.slice(-4)}.`);
    expect(maskPans(JSON.stringify({ pan: spaced.replaceAll(' ', '-') }))).toBe(
      `{"pan":"**** ${pan.slice(-4)}"}`,
    );
  });

  it('never show more than four digits, whatever they are written like', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789 -x'.split('')) }), (text) => {
        expect(maskPan(text).replaceAll(/\D/g, '').length).toBeLessThanOrEqual(4);
      }),
    );
    expect(maskPan('1234')).toBe('****');
    expect(maskPan('')).toBe('****');
  });

  it('differ in one digit or two neighbours and do not pass', () => {
    expect(passesLuhn('4242424242424243')).toBe(false);
    expect(passesLuhn('2442424242424242')).toBe(false);
  });

  it.each([
    'at 1763743168123 ms',
    'id 4242424242424241',
    '+49 30 1234567890',
    '0.4242424242424242',
    '42424242424242424242424242',
    'uuid 4f4f4f4f-4242-4242-8242-424242424242',
  ])('are not seen in %s', (text) => {
    expect(maskPans(text)).toBe(text);
  });

  it('are looked for in linear time', () => {
    const text = '4 '.repeat(50_000) + '4-'.repeat(50_000);
    const from = performance.now();
    maskPans(text);
    expect(performance.now() - from).toBeLessThan(500);
  });
});
