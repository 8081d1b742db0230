import fc from 'fast-check';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import type { RequestContext } from '../context.ts';
import { HeaderList } from './header-list.ts';
import type { GivenHeaders } from './headers.ts';
import { canKeep, keepHeaders, listFor } from './node-headers.ts';
import { type Carried, EXCHANGE } from './node-watch.ts';

type Own = readonly string[];

const contextWith = (house: Own, own: Own | null = null, removes: Own = []): RequestContext =>
  ({ plan: { headers: house, removes }, headers: own }) as unknown as RequestContext;

const plainResponse = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));

function keptResponse(context: RequestContext): ServerResponse {
  const response = plainResponse();
  expect(canKeep(response)).toBe(true);
  const list = listFor(response, context, false);
  (response as Carried)[EXCHANGE] = { list } as unknown as NonNullable<Carried[typeof EXCHANGE]>;
  keepHeaders(response);
  return response;
}

/** All that goes into the head, in order of names: what is given to node:http, and what is written under it. */
function sent(list: HeaderList, context: RequestContext, given?: GivenHeaders): [string, unknown][] {
  const flat = list.finish(context, given);
  const pairs = flat.flatMap((one, i): [string, unknown][] =>
    i % 2 === 0 ? [[one as string, flat[i + 1]]] : [],
  );
  for (const line of list.lines.split('\r\n').slice(0, -1)) pairs.push(line.split(': ') as [string, string]);
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const HOUSE = ['x-a', '1', 'x-b', '2', 'vary', 'origin'];
const name = fc.constantFrom('x-a', 'X-A', 'x-B', 'x-c', 'X-C', 'Set-Cookie', 'date', '__proto__', 'a b', '');
const value = fc.constantFrom('v', 'w', 7, ['p', 'q'], ['r'], 'a\nb', undefined);
const step = fc.tuple(fc.constantFrom('setHeader', 'appendHeader', 'removeHeader'), name, value);

const rawNames = (response: ServerResponse): string[] =>
  (response as unknown as { getRawHeaderNames(): string[] }).getRawHeaderNames().toSorted();

const outcome = (act: () => unknown): unknown => {
  try {
    act();
    return null;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

it('behaves like the headers of node:http, whatever is done to them', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const [kept, plain] = [keptResponse(contextWith(HOUSE)), plainResponse()];
      for (let i = 0; i < HOUSE.length; i += 2) plain.setHeader(HOUSE[i] as string, HOUSE[i + 1] as string);
      for (const [method, key, given] of steps) {
        // A list of its own for each: node:http appends to the one that it was given.
        const own = (): string => (Array.isArray(given) ? [...given] : given) as string;
        const [ours, theirs] = [kept, plain].map((one) => outcome(() => one[method](key, own())));
        expect(ours).toBe(theirs);
        expect(kept.hasHeader(key)).toBe(plain.hasHeader(key));
        expect(kept.getHeader(key)).toEqual(plain.getHeader(key));
      }
      expect(kept.getHeaders()).toEqual(plain.getHeaders());
      expect(kept.getHeaderNames().toSorted()).toEqual(plain.getHeaderNames().toSorted());
      expect(rawNames(kept)).toEqual(rawNames(plain));
    }),
  );
});

it('takes what a map or Headers have, cookies one by one', () => {
  const kept = keptResponse(contextWith(HOUSE));
  kept.setHeaders(
    new Headers([
      ['x-a', '9'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]),
  );
  expect(kept.getHeaders()).toMatchObject({ 'x-a': '9', 'x-b': '2', 'set-cookie': ['a=1', 'b=2'] });
});

it('has what was set before it, behind the house or before it', () => {
  const context = contextWith(HOUSE);
  for (const [before, kept] of [
    [false, '1'],
    [true, '0'],
  ] as const) {
    const response = plainResponse();
    response.setHeader('X-A', '0').setHeader('X-Z', '5');
    const list = listFor(response, context, before);
    expect([list.get('x-a'), list.get('x-z'), response.getHeaderNames()]).toEqual([kept, '5', []]);
    expect(list.entries()).toContain('X-Z');
  }
});

it('is of no use where somebody sits beneath it', () => {
  const response = plainResponse();
  response.writeHead = function writeHead() {
    return this;
  };
  expect(canKeep(response)).toBe(false);
});

it("sends a request's own header in place of the plan's, and cookies beside each other", () => {
  const own = ['x-a', 'own', 'set-cookie', 'h=1', 'x-n', 'n', 'vary', 'accept'];
  const context = contextWith(HOUSE, own, ['x-b']);
  const list = new HeaderList(context);
  list.set('set-cookie', 'Set-Cookie', 'app=1');
  list.set('vary', 'Vary', 'Cookie');
  expect(sent(list, context, ['X-D', '1', 'x-d', '2'])).toEqual([
    ['Set-Cookie', ['app=1', 'h=1']],
    ['Vary', 'accept, Cookie'],
    ['X-D', ['1', '2']],
    ['x-a', 'own'],
    ['x-n', 'n'],
  ]);
});

it('takes what a guard says later, unless the application has spoken', () => {
  const own = ['x-a', 'own'];
  const context = contextWith(HOUSE, own);
  const list = new HeaderList(context);
  list.set('x-b', 'x-b', 'app');
  own.push('x-a', 'later', 'x-b', 'later', 'x-c', 'later');
  expect(sent(list, context)).toEqual([
    ['vary', 'origin'],
    ['x-a', 'later'],
    ['x-b', 'app'],
    ['x-c', 'later'],
  ]);
});

it('never changes the list of the plan', () => {
  const house = Object.freeze([...HOUSE]);
  const list = new HeaderList(contextWith(house, ['x-a', 'own']));
  list.remove('x-b');
  list.set('x-a', 'X-A', 'app');
  expect(new HeaderList(contextWith(house)).entries()).toEqual(HOUSE);
});

it('refuses a value that cannot be sent before it takes it', () => {
  const context = contextWith(HOUSE);
  const list = new HeaderList(context);
  expect(() => list.finish(context, { 'x-a': 'a\r\nb: c' })).toThrow('Invalid character');
  expect(sent(list, context)).toEqual([
    ['vary', 'origin'],
    ['x-a', '1'],
    ['x-b', '2'],
  ]);
});

it('sends each header once, whichever of the plan were changed', () => {
  const names = Array.from({ length: 40 }, (_none, i) => `x-${i}`);
  const house = names.flatMap((one) => [one, 'house']);
  const some = fc.array(fc.constantFrom(...names), { maxLength: 5 });
  fc.assert(
    fc.property(some, some, some, (set, appended, removed) => {
      const context = contextWith(house, null, removed);
      const list = new HeaderList(context);
      const expected = new Map<string, unknown>(names.map((one) => [one, 'house']));
      for (const one of set) {
        list.set(one, one, 'app');
        expected.set(one, 'app');
      }
      for (const one of appended) {
        list.append(one, one, 'more');
        expected.set(one, [expected.get(one), 'more'].flat());
      }
      for (const one of removed) expected.delete(one);
      expect(new Map(sent(list, context))).toEqual(expected);
      expect(sent(list, context)).toHaveLength(expected.size);
    }),
  );
});

it('gives no line to what node:http must be told of', () => {
  const context = contextWith(['connection', 'close', 'x-a', '1']);
  const list = new HeaderList(context);
  expect([list.finish(context, undefined), list.lines]).toEqual([['connection', 'close'], 'x-a: 1\r\n']);
  list.set('expect', 'Expect', 'x');
  expect(list.finish(context, undefined)).toEqual(['connection', 'close', 'x-a', '1', 'Expect', 'x']);
  expect(list.lines).toBe('');
});

it("refuses a plan's header that cannot be sent", () => {
  const context = contextWith(['x-a', 'a\r\nb: c']);
  expect(() => new HeaderList(context).finish(context, undefined)).toThrow('Invalid character');
});

it('keeps only so many texts of a plan, and sends the rest one by one', () => {
  const house = Array.from({ length: 16 }, (_none, i) => [`x-${i}`, 'house']).flat();
  const context = contextWith(house);
  let single = 0;
  for (let first = 0; first < 16; first++) {
    for (let second = 0; second < first; second++) {
      const list = new HeaderList(context);
      list.remove(`x-${first}`);
      list.remove(`x-${second}`);
      expect(sent(list, context)).toHaveLength(14);
      if (list.lines === '') single++;
    }
  }
  expect(single).toBe(120 - 64);
});
