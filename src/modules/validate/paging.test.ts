import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createCursors } from '../../base/database/index.ts';
import type { StandardSchema } from '../../core/standard-schema.ts';
import { cursor, cursorPaging, form, inZod, limit, maybe, numberPaging, uuid } from '../../doors/fields.ts';
import { checker } from './index.ts';

const cursors = createCursors(new Uint8Array(32).fill(1));
const read = async (schema: StandardSchema, value: unknown): Promise<unknown> => {
  const result = await schema['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  return result.issues.map((one) => (one as { params?: { code?: string } }).params?.code);
};

describe('the query of a list', () => {
  const Query = form({ ...cursorPaging(), restaurant: maybe(uuid()) });

  it('has a limit of its own, and continues where it is told to', async () => {
    expect(await read(Query, {})).toEqual({ limit: 20 });
    const written = cursors.write(['orders'], ['2026-01-01', "O'Reilly; 🦊"]);
    expect(await read(Query, { limit: '100', cursor: written })).toEqual({ limit: 100, cursor: written });
    expect(await read(form(numberPaging({ max: 50 })), { page: '7' })).toEqual({ limit: 20, page: 7 });
    expect(await read(limit({ max: 10 }), undefined)).toBe(10);
  });

  it.each([
    '0',
    '101',
    '-1',
    '1.5',
    '1e1',
    '0x10',
    '010',
    ' 5',
    '5 ',
    '',
    'NaN',
    '٥',
    0,
    101,
    1.5,
    null,
    true,
    ['5'],
    {},
  ])('has no limit of %j', async (given) => {
    expect(await read(Query, { limit: given })).toEqual(['RANGE']);
  });

  it('has no cursor that nobody wrote', async () => {
    const written = cursors.write([], ['a']);
    const [payload = '', tag = ''] = written.split('.');
    const bad = [
      '',
      '.',
      payload,
      `${payload}.`,
      `.${tag}`,
      `${written}.x`,
      `${written}=`,
      ` ${written}`,
      "1' OR 1=1--",
    ];
    for (const one of [...bad, `${'a'.repeat(4_000)}.${tag}`])
      expect([one, await read(Query, { cursor: one })]).toEqual([one, ['CURSOR_INVALID']]);
    expect(await read(Query, { cursor: 5 })).toEqual(['WRONG_TYPE']);
    expect(await read(Query, { cursor: [written, written] })).toEqual(['WRONG_TYPE']);
  });

  it('property: takes every cursor that is written, and nothing that cannot be read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string(), { maxLength: 20 }), fc.string(), async (values, text) => {
        const written = cursors.write('list', values);
        if (written.length <= 4_000) expect(await read(cursor(), written)).toBe(written);
        if (Array.isArray(await read(cursor(), text))) return;
        // Of the right form, it is still for the signature to say.
        expect(() => cursors.read('list', text)).toThrow('not valid');
      }),
    );
  });

  it('is a part of schemas of zod, and names its fields', async () => {
    const check = checker(z.object({ limit: inZod(limit()), cursor: inZod(cursor()).optional() }));
    expect(await check({})).toEqual({ limit: 20 });
    await expect(check({ limit: '0', cursor: 'x' })).rejects.toMatchObject({
      details: [
        { field: 'limit', code: 'RANGE' },
        { field: 'cursor', code: 'CURSOR_INVALID' },
      ],
    });
  });

  it('is refused with bounds that make no sense', () => {
    for (const options of [{ max: 0 }, { max: 501 }, { default: 0 }, { max: 10, default: 11 }, { max: 1.5 }])
      expect(() => limit(options)).toThrow('expected 1 to');
  });
});
