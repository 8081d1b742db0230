import { beforeEach, describe, expect, it } from 'vitest';
import { limits, mapCounters } from '../../modules/limit/index.ts';
import { ManualClock } from '../../testing/clock.ts';
import { limitsPort, type PolicyFacts } from './limits-port.ts';
import type { LimitsPort } from './ports.ts';

const API: PolicyFacts = {
  name: 'api',
  algorithm: 'sliding',
  max: { anonymous: 60, admin: 600 },
  windowMs: 60_000,
  by: ['ip'],
  mode: 'enforce',
  onStoreFailure: 'local',
  code: 'API_RATE_LIMIT_EXCEEDED',
  routes: ['/a'],
};

describe('the limits as the console manages them', () => {
  let house: ReturnType<typeof limits>;
  let port: LimitsPort;
  beforeEach(() => {
    house = limits(
      {
        policies: { api: { max: 60, window: '1m', by: 'ip', everywhere: true } },
        allow: ['192.0.2.0/24'],
        deny: ['user:9'],
      },
      { store: mapCounters(), clock: new ManualClock() },
    );
    port = limitsPort(house, [API], () => ({ keys: 5, evicted: 0 }));
    return () => house.close();
  });
  const entry = (value: string) => ({ value, note: null, addedBy: 'ada', addedAtMs: 1 });

  it('add the counts of this node to what the configuration says', async () => {
    const state = await port.state();
    expect(state.policies).toEqual([{ ...API, passed: 0, refused: 0 }]);
    expect(state.store).toMatchObject({ kind: 'memory', state: 'shared', keys: 5, evicted: 0 });
  });

  it('know no policy but those of the configuration', async () => {
    expect(await port.keys('none', '')).toBeUndefined();
    expect(await port.histogram('none')).toBeUndefined();
    expect(await port.reset('none', '192.0.2.1')).toBeUndefined();
    expect(await port.keys('api', '')).toEqual({ keys: [] });
    expect(await port.keys('api', '203.0.113.7')).toEqual({ keys: [] });
    expect(await port.reset('api', '192.0.2.1')).toBe(false);
    expect(await port.histogram('api')).toMatchObject({
      policy: 'api',
      max: 600,
      windowMs: 60_000,
      p99: null,
    });
  });

  it('take over the lists of the database and leave those of the configuration', () => {
    port.replaceLists({ allow: [entry('10.0.0.1'), entry('192.0.2.0/24')], deny: [entry('user:1')] });
    expect(house.allow.find('10.0.0.1', undefined)).toBe('10.0.0.1');
    expect(house.deny.find('x', 'user:1')).toBe('user:1');
    port.replaceLists({ allow: [entry('10.0.0.2')], deny: [] });
    expect(house.allow.find('10.0.0.1', undefined)).toBeNull();
    expect(house.allow.find('10.0.0.2', undefined)).toBe('10.0.0.2');
    expect(house.allow.find('192.0.2.5', undefined)).toBe('192.0.2.0/24');
    expect(house.deny.find('x', 'user:1')).toBeNull();
    expect(house.deny.find('x', 'user:9')).toBe('user:9');
  });

  it('take over the others where one entry cannot be taken', () => {
    port.replaceLists({ allow: [entry('10.0.0'), entry('10.0.0.1')], deny: [] });
    expect(house.allow.find('10.0.0.1', undefined)).toBe('10.0.0.1');
  });
});
