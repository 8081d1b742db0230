import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RampartEvent } from '../core/events.ts';
import type { SqlStore } from '../ports/sql.ts';
import { openEmbedded } from '../stores/postgres/embedded.ts';
import { migrate } from '../stores/postgres/index.ts';
import { ManualClock } from '../testing/clock.ts';
import { databaseTemplate } from '../testing/database.ts';
import { readConfig } from './config.ts';
import { createStores, migrations } from './data/index.ts';
import { keepPolicy } from './keep-policy.ts';

describe('a configuration', () => {
  let sql: SqlStore;
  beforeAll(async () => {
    sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    await migrate(sql, migrations);
  });
  afterAll(() => sql.close());

  it('that differs from that of the last start is told once, also where several nodes start with it', async () => {
    const stores = createStores(sql);
    const noticed: RampartEvent[] = [];
    const start = (max: number, node = 'n1'): Promise<void> =>
      keepPolicy(readConfig({ limits: { api: { max, window: '1m', by: 'ip' } } }), {
        stores,
        clock: new ManualClock(),
        node,
        notice: (event) => void noticed.push(event),
      });
    const told = async () => stores.events.page({ limit: 10, types: ['CONFIGURATION_CHANGE'] });
    await start(5);
    await start(5);
    expect(await told()).toEqual([]);
    await Promise.all([start(6, 'n2'), start(6, 'n3')]);
    const [event, ...more] = await told();
    expect(more).toEqual([]);
    expect(event).toMatchObject({ subject: 'policy', class: 'audit', details: { how: 'file' } });
    expect(event?.details['before']).not.toBe(event?.details['after']);
    expect(noticed.map(({ id }) => id)).toEqual([event?.id]);
    expect(await stores.policies.find(String(event?.details['after']))).toBeDefined();
  });
});
