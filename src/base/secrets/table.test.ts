import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeyRing } from './ring.ts';
import { EncryptedTable } from './table.ts';

const keys = { fields: randomBytes(32), payment: randomBytes(32), index: randomBytes(32) };
const rings = {
  fields: new KeyRing('fields', [{ id: 'k1', key: keys.fields }]),
  payment: new KeyRing('payment', [{ id: 'k1', key: keys.payment }]),
  index: new KeyRing('index', [{ id: 'k1', key: keys.index }]),
};
const options = {
  table: 'app.customers',
  key: 'id',
  tenant: 'tenant_id',
  columns: {
    email: { index: { column: 'email_index', normalise: (text: string) => text.trim().toLowerCase() } },
    card: { purpose: 'payment' },
    born: { type: 'date' },
  },
} as const;
const customers = new EncryptedTable(options, { ring: (purpose) => rings[purpose] });
const row = {
  id: 1,
  tenant_id: 'a',
  email: 'Ada@Example.org',
  card: '4242424242424242',
  born: new Date(0),
  name: 'Ada',
};

describe('a table with encrypted columns', () => {
  it('encrypts what was declared, and gives it back', () => {
    const stored = customers.encrypt(row);
    expect(stored).toMatchObject({ id: 1, tenant_id: 'a', name: 'Ada' });
    expect(JSON.stringify(stored)).not.toMatch(/Ada@|4242/);
    expect(customers.decrypt(stored)).toEqual(row);
    expect(customers.columns).toEqual(['email', 'email_index', 'card', 'born']);
  });

  it('leaves null and absent fields as they are', () => {
    const stored = customers.encrypt({ id: 1, tenant_id: 'a', email: null });
    expect(stored).toEqual({ id: 1, tenant_id: 'a', email: null, email_index: null });
    expect(customers.decrypt(stored)).toEqual({ id: 1, tenant_id: 'a', email: null });
  });

  it('finds equal values by their index, in one tenant', () => {
    const stored = customers.encrypt(row);
    expect(customers.lookup('email', ' ada@example.ORG', 'a')).toEqual([stored['email_index']]);
    expect(customers.lookup('email', 'ada@example.org', 'b')).not.toContain(stored['email_index']);
    expect(customers.lookup('email', 'eve@example.org', 'a')).not.toContain(stored['email_index']);
    expect(() => customers.lookup('card', '4242', 'a')).toThrow('has no index');
  });

  it('looks for entries of older keys too while they are rotated', () => {
    const before = customers.encrypt(row)['email_index'];
    const index = new KeyRing('index', [
      { id: 'k2', key: randomBytes(32), writesFromMs: 1 },
      { id: 'k1', key: keys.index },
    ]);
    const rotated = new EncryptedTable(options, {
      ring: (purpose) => (purpose === 'index' ? index : rings[purpose]),
    });
    expect(rotated.lookup('email', row.email, 'a')).toContain(before);
    expect(rotated.encrypt(row)['email_index']).toMatch(/^k2\./);
  });

  it('opens no field that was moved: other row, tenant or column (A70)', () => {
    const stored = customers.encrypt(row);
    for (const moved of [
      { ...stored, id: 2 },
      { ...stored, tenant_id: 'b' },
      { ...stored, email: stored['card'] },
      { ...stored, email: 'plain@example.org' },
      { ...stored, email: 7 },
    ])
      expect(() => customers.decrypt(moved)).toThrow('cannot be opened');
  });

  it('reads the keys again when a row names one that is not known yet', async () => {
    const old = new KeyRing('fields', [{ id: 'k1', key: keys.fields }]);
    const fresh = { id: 'k2', key: randomBytes(32), writesFromMs: 1 };
    const writer = new EncryptedTable(options, {
      ring: (purpose) => (purpose === 'fields' ? new KeyRing('fields', [fresh]) : rings[purpose]),
    });
    let reads = 0;
    const reader = new EncryptedTable(options, {
      ring: (purpose) => (purpose === 'fields' ? old : rings[purpose]),
      refresh() {
        reads += 1;
        old.replace([fresh, { id: 'k1', key: keys.fields }]);
        return Promise.resolve();
      },
    });
    expect(await reader.read([customers.encrypt(row)])).toEqual([row]);
    expect(reads).toBe(0);
    expect(await reader.read([writer.encrypt(row), customers.encrypt(row)])).toEqual([row, row]);
    expect(reads).toBe(1);
  });

  it('refuses rows without their key, and tables without a column', () => {
    expect(() => customers.encrypt({ tenant_id: 'a', email: 'x' })).toThrow('has no id');
    expect(() => customers.decrypt({ id: 1, email: 'x' })).toThrow('has no tenant_id');
    const make = (columns: object): EncryptedTable =>
      new EncryptedTable({ ...options, columns: { ...columns } }, { ring: (purpose) => rings[purpose] });
    expect(() => make({})).toThrow('at least one');
    expect(() => make({ born: { type: 'date', index: { column: 'born_index' } } })).toThrow('only texts');
    expect(() => make({ email: { index: { column: 'i', bits: 12 } } })).toThrow('16 to 256');
  });
});
