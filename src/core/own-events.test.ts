import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineEvents, filledAbout, ownDetails, type OwnTypes, readOwnEvents } from './own-events.ts';

const orders = defineEvents({
  ORDER_REFUNDED: {
    class: 'audit',
    severity: 'HIGH',
    about: 'An order was refunded: {amountMinor} {currency}.',
    details: z.object({ amountMinor: z.number().int(), currency: z.string().length(3) }),
  },
  KITCHEN_CLOSED: {
    class: 'signal',
    severity: 'LOW',
    about: 'A kitchen takes no orders.',
    details: z.object({ kitchen: z.string(), minutes: z.number().optional() }),
  },
});

describe('defineEvents', () => {
  it.each([
    ['lower case', { order_refunded: {} }, /capital letters/],
    ['two underscores', { ORDER__REFUNDED: {} }, /capital letters/],
    ['too short', { OK: {} }, /capital letters/],
    ['a type of the catalogue', { REQUEST_REFUSED: {} }, /is a type of the catalogue/],
    ['another name of one', { LOGIN_FAILURE: {} }, /another name/],
    ['a reserved beginning', { AUDIT_SKIPPED: {} }, /AUDIT_ are the catalogue's own/],
    ['a class that is none', { ORDER_MADE: { class: 'other' } }, /class/],
    ['a severity that is none', { ORDER_MADE: { severity: 'FATAL' } }, /severity/],
    ['no sentence', { ORDER_MADE: { about: '' } }, /sentence/],
    ['no schema', { ORDER_MADE: { details: { amount: 'number' } } }, /Standard Schema/],
    ['an unknown member', { ORDER_MADE: { colour: 'red' } }, /does not know 'colour'/],
  ])('refuses %s, and says which', (_what, given, reason) => {
    const [type = '', kind] = Object.entries(given)[0] ?? [];
    const whole = { class: 'signal' as const, severity: 'LOW' as const, about: 'Something.', ...kind };
    expect(() => defineEvents({ [type]: whole as never })).toThrow(reason);
    expect(() => defineEvents({ [type]: whole as never })).toThrow(type);
  });

  it('refuses a type that two definitions name, and what is no definition', () => {
    const same = defineEvents({ KITCHEN_CLOSED: { class: 'signal', severity: 'LOW', about: 'Closed.' } });
    expect(() => readOwnEvents([orders, same], 'events')).toThrow(/events.KITCHEN_CLOSED.*defined twice/);
    expect(() => readOwnEvents({} as never, 'events')).toThrow(/defineEvents/);
    expect(Object.keys(readOwnEvents([orders], 'events'))).toEqual(['ORDER_REFUNDED', 'KITCHEN_CLOSED']);
    expect(readOwnEvents(undefined, 'events')).toEqual({});
  });

  it('knows by type which events are audited', () => {
    expectTypeOf<OwnTypes<typeof orders.kinds, 'audit'>>().toEqualTypeOf<'ORDER_REFUNDED'>();
    expectTypeOf<OwnTypes<typeof orders.kinds, 'signal'>>().toEqualTypeOf<'KITCHEN_CLOSED'>();
  });
});

describe('details', () => {
  const { ORDER_REFUNDED: refunded, KITCHEN_CLOSED: closed } = orders.kinds;

  it('are what the schema names, and nothing else', () => {
    const given = { amountMinor: 500, currency: 'EUR', card: '4111111111111111' };
    expect(ownDetails('ORDER_REFUNDED', refunded, given)).toEqual({ amountMinor: 500, currency: 'EUR' });
    const loose = { ...closed, details: z.looseObject({}) };
    expect(ownDetails('X', loose, { n: 1, deep: { a: 1 }, list: [1], not: NaN })).toEqual({ n: 1 });
    expect(ownDetails('X', { class: 'audit', severity: 'LOW', about: 'Some.' }, { n: 1 })).toEqual({});
  });

  it('that do not fit refuse an audit event, and name no value', () => {
    const wrong = { amountMinor: 'hunter2', currency: 'EUR' };
    expect(() => ownDetails('ORDER_REFUNDED', refunded, wrong)).toThrow(
      expect.objectContaining({
        code: 'EVENT_DETAILS_INVALID',
        message: 'The details of ORDER_REFUNDED do not fit its schema: amountMinor.',
      }),
    );
  });

  it('that do not fit are left out of a signal and counted', () => {
    const given = { kitchen: 'k1', minutes: 'soon' };
    expect(ownDetails('KITCHEN_CLOSED', closed, given)).toEqual({ kitchen: 'k1', detailsLeftOut: 1 });
    expect(ownDetails('KITCHEN_CLOSED', closed, { kitchen: 7 })).toEqual({ detailsLeftOut: 1 });
    const waits = { ...closed, details: z.object({}).refine(() => Promise.resolve(true)) };
    expect(ownDetails('KITCHEN_CLOSED', waits, { n: 1 })).toEqual({ detailsLeftOut: 1 });
  });
});

it('a sentence is filled in where it is shown, and by nothing that a terminal or an object would act on', () => {
  const { about } = orders.kinds.ORDER_REFUNDED;
  expect(filledAbout(about, { amountMinor: 500, currency: 'E\u001B[31mUR' })).toBe(
    'An order was refunded: 500 E [31mUR.',
  );
  expect(filledAbout(about, {})).toBe('An order was refunded: … ….');
  expect(filledAbout('{constructor} {toString}', { x: '{constructor}' })).toBe('… …');
  expect(filledAbout('{long}', { long: 'x'.repeat(5_000) })).toHaveLength(201);
});
