import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventFields, EventType } from '../../core/events.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { openEmbedded } from '../../stores/postgres/index.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { readSensitive, type SensitivePorts } from './sensitive.ts';

describe('reading sensitive rows', () => {
  let store: SqlStore;
  let ports: SensitivePorts;
  beforeAll(async () => {
    store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    await store.script(`
      CREATE TABLE accounts (id int, iban text); CREATE TABLE audit (type text, fields jsonb);
      INSERT INTO accounts SELECT n, 'DE00' || n FROM generate_series(1, 30) AS n`);
    const audit = async (sql: SqlRunner, type: EventType, fields: EventFields): Promise<void> =>
      void (await sql.query('INSERT INTO audit VALUES ($1, $2)', [type, fields]));
    ports = { sql: store, audit };
  });
  afterAll(() => store.close());

  const act = { actor: 'user:7', rows: 'accounts', purpose: ' ticket 4711 ' };
  const read = async (sql: SqlRunner) => (await sql.query('SELECT * FROM accounts ORDER BY id')).rows;
  const idOf = (row: Record<string, unknown>): number => row['id'] as number;
  const written = async (): Promise<readonly unknown[]> => (await store.query('SELECT * FROM audit')).rows;

  it('is written with who, what, when and what for, and with no value', async () => {
    expect(await readSensitive(act, read, idOf, ports)).toHaveLength(30);
    const ids = Array.from({ length: 20 }, (_, i) => i + 1).join(',');
    const details = { purpose: 'ticket 4711', count: 30, ids };
    expect(await written()).toEqual([
      {
        type: 'SENSITIVE_ROWS_READ',
        fields: { actor: 'user:7', subject: 'accounts', outcome: 'success', details },
      },
    ]);
    expect(JSON.stringify(await written())).not.toContain('DE00');
  });

  it('hands out nothing that could not be written', async () => {
    const before = await written();
    const audit = (): Promise<void> => Promise.reject(new Error('no room'));
    await expect(readSensitive(act, read, idOf, { ...ports, audit })).rejects.toThrow('no room');
    expect(await written()).toEqual(before);
  });

  it('asks for a purpose before it reads', async () => {
    let reads = 0;
    const counted = async (): Promise<readonly never[]> => {
      reads += 1;
      return [];
    };
    for (const purpose of ['', '  x ', 'x'.repeat(201)])
      await expect(readSensitive({ ...act, purpose }, counted, idOf, ports)).rejects.toMatchObject({
        status: 400,
      });
    expect(reads).toBe(0);
  });
});
