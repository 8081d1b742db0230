import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestContext, type RoutePlan } from '../context.ts';
import { type GivenHeaders, mergeGiven, ownHeaders, unionOf, withoutRemoved } from './headers.ts';

function contextWith(
  plan: readonly string[],
  own: readonly string[] | null,
  removes: readonly string[] = [],
) {
  const route: RoutePlan = {
    route: { name: '*', settings: {} },
    guards: [],
    bodyGuards: [],
    headers: plan,
    removes,
  };
  const view = { method: 'GET', target: '/', peer: undefined, encrypted: false, header: () => undefined };
  const context = new RequestContext(view, 0, 0, '/', route, { address: 'a', group: 'a', forwarded: false });
  context.headers = own === null ? null : [...own];
  return context;
}
const pairsOf = (flat: readonly unknown[]): [string, unknown][] =>
  flat.flatMap((name, i) =>
    i % 2 === 0 ? [[String(name).toLowerCase(), flat[i + 1]] as [string, unknown]] : [],
  );

const name = fc.constantFrom('x-a', 'x-b', 'x-c', 'x-d', 'x-e');
const flat = fc
  .array(fc.tuple(name, fc.string({ maxLength: 3 })), { maxLength: 8 })
  .map((pairs) => pairs.flat());
const plan = fc
  .uniqueArray(fc.tuple(name, fc.string({ maxLength: 3 })), { selector: ([key]) => key })
  .map((pairs) => pairs.flat());

describe('headers of the house', () => {
  it("hand out the plan's very list where a request has none of its own", () => {
    const headers = ['x-a', '1'];
    expect(ownHeaders(contextWith(headers, null))).toBe(headers);
  });

  it('have each name once, with its last value, whatever came before', () => {
    fc.assert(
      fc.property(plan, flat, (ofRoute, ofRequest) => {
        const merged = ownHeaders(contextWith(ofRoute, ofRequest));
        const expected = new Map([...pairsOf(ofRoute), ...pairsOf(ofRequest)]);
        expect(merged.length).toBe(expected.size * 2);
        expect(new Map(pairsOf(merged))).toEqual(expected);
      }),
    );
  });

  it('do not change the plan', () => {
    const headers = ['x-a', '1', 'x-b', '2'];
    const context = contextWith(headers, ['x-a', '3']);
    mergeGiven(context, ownHeaders(context), { 'X-B': '4', 'X-C': '5' });
    expect(headers).toEqual(['x-a', '1', 'x-b', '2']);
  });

  it("give way to the application's, in each form that node:http takes", () => {
    fc.assert(
      fc.property(
        plan,
        flat,
        fc.dictionary(name, fc.string({ maxLength: 3 })),
        (ofRoute, ofRequest, given) => {
          const context = contextWith(ofRoute, ofRequest, ['x-e']);
          const own = ownHeaders(context);
          const upper = Object.entries(given).map(([key, value]) => [key.toUpperCase(), value] as const);
          const expected = new Map(pairsOf(own));
          for (const [key, value] of Object.entries(given)) if (key !== 'x-e') expected.set(key, value);
          const forms: GivenHeaders[] = [Object.fromEntries(upper), upper.flat(), upper];
          for (const form of forms) {
            if (own.length === 0) continue;
            expect(new Map(pairsOf(mergeGiven(context, own, form) as unknown[]))).toEqual(expected);
          }
        },
      ),
    );
  });

  it('keep cookies side by side, but not the very same twice', () => {
    const context = contextWith(['x-a', '1'], ['set-cookie', 'a=1', 'set-cookie', 'b=2']);
    const own = ownHeaders(context);
    expect(own).toEqual(['x-a', '1', 'set-cookie', 'a=1', 'set-cookie', 'b=2']);
    expect(mergeGiven(context, own, ['Set-Cookie', 'b=2', 'Set-Cookie', 'c=3'])).toEqual([
      ...own,
      'Set-Cookie',
      'c=3',
    ]);
  });

  it('are none where a guard has replied, since its reply has them', () => {
    const context = contextWith(['x-a', '1'], ['x-b', '2']);
    context.reply = { status: 429, headers: [], body: null };
    expect(ownHeaders(context)).toEqual([]);
  });
});

it('removes names in any case, and copies nothing when there is nothing to remove', () => {
  const given = { 'X-A': '1' };
  expect(withoutRemoved(given, ['x-b'])).toBe(given);
  expect(withoutRemoved({ 'X-A': '1', 'X-B': ['2', '3'] }, ['x-b'])).toEqual(['X-A', '1']);
  expect(
    withoutRemoved(
      [
        ['X-B', '1'],
        ['X-A', ['2', '3']],
      ],
      ['x-b'],
    ),
  ).toEqual(['X-A', ['2', '3']]);
});

it('joins two values of vary without doubles', () => {
  expect(unionOf('origin', 'Accept, Origin')).toBe('Origin, Accept');
  expect(unionOf('origin', '*')).toBe('*');
  expect(unionOf('', 'accept,,')).toBe('accept');
});
