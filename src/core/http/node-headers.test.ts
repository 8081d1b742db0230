import fc from 'fast-check';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import type { RequestContext } from '../context.ts';
import { HeaderList } from './header-list.ts';
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
        const [ours, theirs] = [kept, plain].map((one) => outcome(() => one[method](key, given as string)));
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
    response.setHeader('X-A', '0').setHeader('x-z', '5');
    const list = listFor(response, context, before);
    expect([list.get('x-a'), list.get('x-z'), response.getHeaderNames()]).toEqual([kept, '5', []]);
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
  const sent = list.finish(context, ['X-D', '1', 'x-d', '2']);
  expect(sent.slice(0, 6)).toEqual(['x-a', 'own', 'Vary', 'accept, Cookie', 'x-n', 'n']);
  expect(sent.slice(6)).toEqual(['Set-Cookie', ['app=1', 'h=1'], 'X-D', ['1', '2']]);
});

it('takes what a guard says later, unless the application has spoken', () => {
  const own = ['x-a', 'own'];
  const context = contextWith(HOUSE, own);
  const list = new HeaderList(context);
  list.set('x-b', 'x-b', 'app');
  own.push('x-a', 'later', 'x-b', 'later', 'x-c', 'later');
  const sent = list.finish(context, undefined);
  expect(sent).toEqual(['x-a', 'later', 'x-b', 'app', 'vary', 'origin', 'x-c', 'later']);
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
  expect(list.finish(context, undefined)).toEqual(HOUSE);
});
