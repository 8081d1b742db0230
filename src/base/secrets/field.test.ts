import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldCipher, fieldPrefix, keyOfField } from './field.ts';
import { fixedRing, KeyRing, MAX_USES } from './ring.ts';
import type { FieldType } from './values.ts';

const old = { id: 'k1', key: randomBytes(32) };
const now = { id: 'k2', key: randomBytes(32) };
const ring = fixedRing('fields', [now, old]);
const phone = fieldCipher({ ring, table: 'app.customers', column: 'phone' });

/** What is thrown, or `opened`. */
function told(open: () => unknown): string {
  try {
    open();
    return 'opened';
  } catch (error) {
    return `${(error as { code?: string }).code} ${String(error)}`;
  }
}

describe('an encrypted field', () => {
  it('is compact, names its key, and is another text each time', () => {
    const sealed = phone.seal('+49 30 123', 7);
    expect(sealed).toMatch(/^rf1\.k2\.[A-Za-z0-9_-]{51}$/);
    expect(sealed).not.toBe(phone.seal('+49 30 123', 7));
    expect(keyOfField(sealed)).toBe('k2');
    expect(sealed.startsWith(fieldPrefix('k2'))).toBe(true);
    expect(phone.open(sealed, '7')).toBe('+49 30 123');
  });

  it('opens what an older key sealed', () => {
    const before = fieldCipher({ ring: fixedRing('fields', [old]), table: 'app.customers', column: 'phone' });
    expect(phone.open(before.seal('a', 1), 1)).toBe('a');
    expect(told(() => before.open(phone.seal('a', 1), 1))).toContain('FIELD_UNREADABLE');
  });

  it.each([
    ['string', fc.string({ unit: 'grapheme' })],
    ['number', fc.double()],
    ['bigint', fc.bigInt()],
    ['boolean', fc.boolean()],
    ['date', fc.date({ noInvalidDate: true })],
    ['json', fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)],
    ['bytes', fc.uint8Array()],
  ] as const satisfies readonly (readonly [FieldType, fc.Arbitrary<unknown>])[])(
    'of type %s comes back as it was',
    (type, values) => {
      const cipher = fieldCipher<FieldType>({ ring, table: 't', column: 'c', type });
      fc.assert(
        fc.property(values, fc.string(), (value, row) => {
          expect(cipher.open(cipher.seal(value, row), row)).toStrictEqual(value);
        }),
        { numRuns: 200 },
      );
    },
  );

  it.each([
    ['string', 1],
    ['number', '1'],
    ['bigint', 1],
    ['boolean', 0],
    ['date', new Date(Number.NaN)],
    ['json', undefined],
    ['bytes', 'a'],
  ] as const)('of type %s takes no other, and does not repeat it', (type, value) => {
    const cipher = fieldCipher<FieldType>({ ring, table: 't', column: 'c', type });
    expect(() => cipher.seal(value, 1)).toThrow(`expected a value of type ${type}`);
  });

  it('opens nowhere else: row, column, table, tenant, purpose, type (A70)', () => {
    const cipher = (options: object): { open(text: string, row: string, tenant?: string): unknown } =>
      fieldCipher({ ring, table: 'app.customers', column: 'phone', ...options });
    const sealed = phone.seal('secret', 'r1', 't1');
    const elsewhere = [
      told(() => phone.open(sealed, 'r2', 't1')),
      told(() => phone.open(sealed, 'r1', 't2')),
      told(() => phone.open(sealed, 'r1')),
      told(() => cipher({ column: 'fax' }).open(sealed, 'r1', 't1')),
      told(() => cipher({ table: 'app.partners' }).open(sealed, 'r1', 't1')),
      told(() => cipher({ type: 'bytes' }).open(sealed, 'r1', 't1')),
      told(() => cipher({ ring: fixedRing('payment', [now, old]) }).open(sealed, 'r1', 't1')),
      told(() => cipher({ table: 'app.customersphone', column: 'p' }).open(sealed, 'r1', 't1')),
    ];
    expect(new Set(elsewhere).size).toBe(1);
    expect(elsewhere[0]).toContain('FIELD_UNREADABLE');
    expect(phone.open(sealed, 'r1', 't1')).toBe('secret');
  });

  it('keeps places apart whose names run into each other', () => {
    const cipher = (table: string, column: string): ReturnType<typeof fieldCipher> =>
      fieldCipher({ ring, table, column });
    const sealed = cipher('ab', 'c').seal('x', '12', '3');
    expect(told(() => cipher('a', 'bc').open(sealed, '12', '3'))).toContain('FIELD_UNREADABLE');
    expect(told(() => cipher('ab', 'c').open(sealed, '1', '23'))).toContain('FIELD_UNREADABLE');
    expect(told(() => cipher('ab', 'c').open(sealed, '123'))).toContain('FIELD_UNREADABLE');
  });

  it('refuses a change of any character, and every length, with the same words (A70)', () => {
    const sealed = phone.seal('secret', 1);
    const changed: string[] = [];
    for (let at = 0; at < sealed.length; at++) {
      for (const other of ['A', 'B', '-', '+', '/', '.', '=', ' ', '\n']) {
        if (sealed[at] === other) continue;
        changed.push(sealed.slice(0, at) + other + sealed.slice(at + 1));
        changed.push(sealed.slice(0, at) + other + sealed.slice(at));
      }
      changed.push(sealed.slice(0, at));
    }
    changed.push(`${sealed}A`, `${sealed}=`, `${sealed}.`, `rf1.__proto__.AAAA`, 'rb1.k2.AAAA');
    expect(changed.length).toBeGreaterThan(700);
    const words = new Set(changed.map((text) => told(() => phone.open(text, 1))));
    expect([...words]).toEqual([expect.stringContaining('FIELD_UNREADABLE')]);
  });

  it('refuses the text of a key that has the right name and other bytes', () => {
    const other = fixedRing('fields', [{ id: 'k2', key: randomBytes(32) }]);
    const sealed = fieldCipher({ ring: other, table: 'app.customers', column: 'phone' }).seal('a', 1);
    expect(told(() => phone.open(sealed, 1))).toContain('FIELD_UNREADABLE');
  });

  it('never uses a nonce twice', () => {
    const nonces = new Set<string>();
    for (let i = 0; i < 5_000; i++)
      nonces.add(phone.seal('a', 1).slice('rf1.k2.'.length, 'rf1.k2.'.length + 16));
    expect(nonces.size).toBe(5_000);
  });

  it('is not sealed any more by a key that has reached its bound', () => {
    const worn = new KeyRing('fields', [{ ...now, uses: MAX_USES - 1 }]);
    const cipher = fieldCipher({ ring: worn, table: 't', column: 'c' });
    const last = cipher.seal('a', 1);
    expect(told(() => cipher.seal('a', 1))).toContain('KEY_EXHAUSTED');
    expect(cipher.open(last, 1)).toBe('a');
  });

  it('refuses names that are empty and types that are none', () => {
    expect(() => fieldCipher({ ring, table: '', column: 'c' })).toThrow('table: must not be empty');
    expect(() => fieldCipher({ ring, table: 't', column: 'c', type: 'text' as 'string' })).toThrow(
      'expected one of',
    );
  });
});
