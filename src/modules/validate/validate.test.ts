import { type } from 'arktype';
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ValidationError } from '../../core/errors.ts';
import type { StandardSchema } from '../../core/standard-schema.ts';
import { checkValue, parseJson, readValidateOptions, shapeOf, validation } from './index.ts';
import { faultsOf } from './issues.ts';

const BOUNDS = readValidateOptions();
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'taken';
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return (error.details as { code: string }[])[0]?.code ?? '';
  }
};
const parse = (text: string): unknown => parseJson(text, 'body', BOUNDS);
const timeOf = (act: () => unknown): number => {
  const start = performance.now();
  act();
  return performance.now() - start;
};

describe('strict JSON', () => {
  it('honest values come out as JSON.parse gives them', () => {
    const honest = fc.jsonValue({ maxDepth: 6 });
    fc.assert(
      fc.property(honest, (value) => {
        const text = JSON.stringify(value);
        fc.pre(codeOf(() => checkValue(JSON.parse(text), 'body', BOUNDS)) === 'taken');
        expect(parse(text)).toEqual(JSON.parse(text));
        expect(parse(JSON.stringify(value, null, 2))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('no text makes it throw anything but a ValidationError', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '"a"',
      '1',
      '-',
      'e',
      'null',
      ' ',
      '\\u',
      'é',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (some) => {
        const text = some.join('');
        const code = codeOf(() => parse(text));
        // What it takes, the parser takes; it refuses more than that.
        if (code === 'taken') expect(() => JSON.parse(text) as unknown).not.toThrow();
      }),
    );
  });

  it('a key that stands twice is found wherever it stands, however it is written', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), (key, value) => {
        const name = JSON.stringify(key);
        const escaped = `"${name.slice(1, -1).replaceAll(/[a-z]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`)}"`;
        const inner = JSON.stringify(value);
        fc.pre(!name.includes('\\') && codeOf(() => parse(`{${name}:${inner}}`)) === 'taken');
        expect(codeOf(() => parse(`[{"q":{${name}:${inner},${escaped}:1}}]`))).toBe('DUPLICATE_KEY');
      }),
    );
  });

  it('A61: a hundred thousand levels and a million keys are refused before anything is built', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const wide = `{${Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":1`).join()}}`;
    expect(codeOf(() => parse(deep))).toBe('TOO_DEEP');
    expect(codeOf(() => parse(wide))).toBe('TOO_MANY');
    const built = timeOf(() => JSON.parse(wide) as unknown);
    expect(timeOf(() => codeOf(() => parse(wide)))).toBeLessThan(built / 5);
  });

  it('A61: keys that look like whole numbers, as those that are chosen to collide, cost no more than others', () => {
    const keys = (step: number): string =>
      `{${Array.from({ length: 1_000 }, (_, i) => `"${100_000 + i * step}":1`).join()}}`;
    const spread = keys(7);
    const colliding = keys(4_096);
    const cost = (text: string): number =>
      Math.min(...Array.from({ length: 9 }, () => timeOf(() => parse(text))));
    cost(spread);
    expect(cost(colliding)).toBeLessThan(20 * cost(spread) + 5);
  });
});

const SECRET = 'Hunter2"secret';
const LIBRARIES: readonly (readonly [string, StandardSchema])[] = [
  [
    'zod',
    z.object({
      a: z.email(),
      b: z.number(),
      c: z.enum(['x']),
      d: z.string().refine(() => false, { error: ({ input }) => `no ${String(input)}` }),
    }),
  ],
  [
    'valibot',
    v.object({
      a: v.pipe(v.string(), v.email()),
      b: v.number(),
      c: v.picklist(['x']),
      d: v.pipe(
        v.string(),
        v.check(
          () => false,
          ({ input }) => `no ${input}`,
        ),
      ),
    }),
  ],
  ['arktype', type({ a: 'string.email', b: 'number', c: "'x'", d: "'y'" })],
];

describe.each(LIBRARIES)('schemas of %s', (_name, schema) => {
  it('tell their shape', () => {
    const shape = shapeOf(schema);
    expect([...(shape?.keys?.keys() ?? [])].toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(shape?.others).toBe('unsaid');
  });

  it('have their messages cleaned of the value, whatever it is', async () => {
    const values = [SECRET, 'hunter2', 'line\nbreak', '\u00e9clair', "quote'd", 'x'.repeat(300), '0'];
    for (const text of values) {
      const value = { a: text, b: text, c: text, d: text };
      const { issues = [] } = await schema['~standard'].validate(value);
      expect(issues.length).toBeGreaterThan(2);
      const faults = faultsOf(issues, { value, shape: shapeOf(schema), part: 'body' });
      for (const { message, field, code } of faults) {
        expect(message).not.toContain(text.slice(0, 6));
        expect(['a', 'b', 'c', 'd']).toContain(field);
        expect(code).toMatch(/^\w+$/);
      }
    }
  });

  it('have what is missing named so', async () => {
    const { issues = [] } = await schema['~standard'].validate({});
    const faults = faultsOf(issues, { value: {}, shape: shapeOf(schema), part: 'body' });
    expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['REQUIRED']));
  });
});

describe('keys that a schema does not name', () => {
  const check = (schema: StandardSchema, body: unknown, unknown: 'strip' | 'refuse' | 'schema') =>
    validation({ body: schema }, { unknown }).check({ request: { target: '/' } } as never, {
      parsed: { value: body },
    });
  const body = { n: 1, extra: 2, list: [{ k: 'a', more: 3 }] };
  const kept = { n: 1, list: [{ k: 'a' }] };
  const open: readonly (readonly [string, StandardSchema])[] = [
    ['zod', z.object({ n: z.number(), list: z.array(z.object({ k: z.string() })) })],
    ['valibot', v.object({ n: v.number(), list: v.array(v.object({ k: v.string() })) })],
    ['arktype', type({ n: 'number', list: type({ k: 'string' }).array() })],
  ];

  it.each(open)('are stripped or refused for %s', async (_name, schema) => {
    expect(await check(schema, body, 'strip')).toEqual({ body: kept });
    const error: unknown = await check(schema, body, 'refuse').catch((one: unknown) => one);
    expect((error as ValidationError).details).toMatchObject([
      { field: 'body', code: 'UNKNOWN_KEY' },
      { field: 'list.0', code: 'UNKNOWN_KEY' },
    ]);
    expect(await check(schema, kept, 'refuse')).toEqual({ body: kept });
  });

  it('a schema that is strict or loose stays so', async () => {
    await expect(check(z.strictObject({ n: z.number() }), { n: 1, x: 1 }, 'strip')).rejects.toThrow(
      ValidationError,
    );
    expect(await check(z.looseObject({ n: z.number() }), { n: 1, x: 1 }, 'refuse')).toEqual({
      body: { n: 1, x: 1 },
    });
    expect(await check(z.record(z.string(), z.number()), { any: 1 }, 'refuse')).toEqual({ body: { any: 1 } });
  });

  it('a schema that refers to itself, and one of several, keep their keys', async () => {
    const Node = z.object({
      name: z.string(),
      get below() {
        return z.array(Node).optional();
      },
    });
    const tree = { name: 'a', below: [{ name: 'b', below: [{ name: 'c' }] }] };
    expect(await check(Node, tree, 'refuse')).toEqual({ body: tree });
    const either = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]);
    expect(await check(either, { b: 'x' }, 'refuse')).toEqual({ body: { b: 'x' } });
  });

  it('the keys that a caller chose are not shown', async () => {
    const error: unknown = await check(
      z.object({ m: z.record(z.string(), z.number()) }),
      { m: { zebra: 'x' } },
      'strip',
    ).catch((one: unknown) => one);
    expect((error as ValidationError).details).toMatchObject([{ field: 'm.*' }]);
    expect(JSON.stringify((error as ValidationError).details)).not.toContain('zebra');
  });
});
