import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from '../../../../test/api/house.ts';
import { migrate, openEmbedded } from '../../../stores/postgres/index.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { databaseTemplate } from '../../../testing/database.ts';
import { createStores, migrations, type Stores } from '../../data/index.ts';
import { type OpenedKeys, openKeys } from '../../keys/open.ts';
import { RotationRunner } from '../../keys/runner.ts';
import { wrappersOf } from '../../keys/wrapper.ts';

const secret = new Uint8Array(32).fill(7);
const log = { warn: () => undefined, error: () => undefined };

describe('keys over HTTP', () => {
  let stores: Stores;
  let keys: OpenedKeys;
  let rotations: RotationRunner;
  let house: House;
  const clock = new ManualClock();

  beforeAll(async () => {
    const sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    await migrate(sql, migrations);
    stores = createStores(sql);
    keys = await openKeys({
      sql,
      clock,
      timers: clock,
      secret,
      wrappers: wrappersOf(
        { wrappingKey: undefined, kmsUrl: undefined, kmsToken: undefined, aws: undefined },
        secret,
      ),
      encrypted: {},
      node: 'test',
      log,
      write: (tx, event) => stores.events.write(tx, event),
    });
    rotations = new RotationRunner(keys, log);
    house = new House(stores, { ports: { keys: { ...keys, rotations } } });
  });
  afterAll(async () => {
    await keys.store.close();
    await stores.sql.close();
  });

  it('are shown to administrators, and never their material', async () => {
    expect((await house.fetch('/admin/keys')).status).toBe(401);
    const admin = await house.signIn();
    const response = await admin.get('/admin/keys');
    expect(response.status).toBe(200);
    const text = await response.text();
    const { keys: found } = JSON.parse(text) as {
      keys: readonly { readonly purpose: string; readonly id: string }[];
    };
    expect(found.map(({ purpose, id }) => `${purpose}/${id}`)).toContain('fields/k1');
    const { rows } = await stores.sql.query(
      'SELECT wrapped, key_check FROM rampart.keys WHERE wrapped IS NOT NULL',
    );
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) {
      expect(text).not.toContain(row['wrapped']);
      expect(text).not.toContain(row['key_check']);
    }
  });

  it('are rotated in the background and audited; the old one only opens, for no declared table proves it unused', async () => {
    const admin = await house.signIn();
    const begun = await admin.send('POST', '/admin/keys/rotate', { purpose: 'fields' });
    expect(begun.status).toBe(202);
    expect(await begun.json()).toMatchObject({ purpose: 'fields', keyId: 'k2', endedAtMs: null });
    for (let i = 0; i < 2_000 && rotations.running.size > 0; i++) {
      clock.advance(1_000);
      await new Promise((resolve) => void setImmediate(resolve));
      await stores.sql.query('SELECT 1');
    }
    const { keys: found, rotations: newest } = (await (await admin.get('/admin/keys')).json()) as {
      keys: readonly { readonly purpose: string; readonly id: string; readonly state: string }[];
      rotations: readonly { readonly endedAtMs: number | null }[];
    };
    expect(found.filter(({ purpose }) => purpose === 'fields').map(({ id, state }) => [id, state])).toEqual([
      ['k2', 'active'],
      ['k1', 'decrypt-only'],
    ]);
    expect(newest[0]?.endedAtMs).toBeGreaterThan(0);
    const events = await stores.sql.query(
      "SELECT type, actor FROM rampart.events WHERE type LIKE 'KEY_%' ORDER BY id",
    );
    expect(events.rows.map((row) => row['type'])).toEqual(['KEY_ADDED', 'KEY_ROTATED']);
    expect(new Set(events.rows.map((row) => row['actor'])).size).toBe(1);
  });

  it('are refused for a purpose that is none', async () => {
    const admin = await house.signIn();
    expect((await admin.send('POST', '/admin/keys/rotate', { purpose: 'all' })).status).toBe(400);
    expect((await admin.get('/admin/keys/all/fields')).status).toBe(400);
    expect(await (await admin.get('/admin/keys/fields/fields')).json()).toEqual({
      purpose: 'fields',
      fields: {},
    });
  });
});
