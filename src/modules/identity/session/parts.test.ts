import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventFields, EventType } from '../../../core/events.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { agentOf, sameAgent } from './agent.ts';
import { readSessionOptions } from './options.ts';
import { Recent } from './recent.ts';
import { Refusals } from './refusals.ts';
import { api, FIREFOX, SAFARI } from './test-sessions.ts';

const given = { issuer: 'i', audience: 'a' };

test('the lifetimes are those of the standard where nothing is said (32, 47)', () => {
  expect(readSessionOptions('session', given)).toMatchObject({
    accessTtl: 900_000,
    algorithm: 'EdDSA',
    grace: 10_000,
    lifetime: {
      1: { overall: 2_592_000_000, idle: 604_800_000 },
      2: { overall: 86_400_000, idle: 3_600_000 },
    },
    maxSessions: 50,
  });
});

test.each([
  [{ accessTtl: '16m' }, 'session.accessTtl'],
  [{ accessTtl: '1m' }, 'session.accessTtl'],
  [{ algorithm: 'RS256' }, 'session.algorithm'],
  [{ algorithm: 'none' }, 'session.algorithm'],
  [{ grace: '31s' }, 'session.grace'],
  [{ lifetime: { 2: { overall: '25h' } } }, 'session.lifetime.2.overall'],
  [{ lifetime: { 2: { idle: '2h' } } }, 'session.lifetime.2.idle'],
  [{ lifetime: { 1: { overall: '31d' } } }, 'session.lifetime.1.overall'],
  [{ lifetime: { 1: { overall: '1h' } } }, 'session.lifetime.1.idle'],
  [{ lifetime: { relaxed: true, 1: { overall: '91d' } } }, 'session.lifetime.1.overall'],
  [{ maxSessions: 0 }, 'session.maxSessions'],
  [{ issuer: '' }, 'session.issuer'],
  [{ isuer: 'x' }, 'session.isuer'],
])('%j is refused at construction', (options, path) => {
  expect(() => readSessionOptions('session', { ...given, ...options })).toThrow(
    expect.objectContaining({ path }),
  );
});

test('longer lifetimes need an explicit word', () => {
  const lifetime = { relaxed: true, 2: { overall: '7d', idle: '1d' } };
  expect(readSessionOptions('session', { ...given, lifetime }).lifetime[2].overall).toBe(604_800_000);
});

test('a client is known by browser and platform, not by version', () => {
  expect(agentOf(FIREFOX, undefined)).toEqual({
    family: 'Firefox',
    platform: 'Windows',
    name: 'Firefox on Windows',
  });
  expect(agentOf(SAFARI, undefined).name).toBe('Safari on iOS');
  expect(sameAgent(agentOf(FIREFOX, undefined), agentOf(FIREFOX.replaceAll('140', '141'), '"Windows"'))).toBe(
    true,
  );
  expect(sameAgent(agentOf(FIREFOX, undefined), agentOf(SAFARI, undefined))).toBe(false);
  expect(agentOf(undefined, undefined).name).toBe('Unknown device');
  expect(agentOf('orders/1.0', '"macOS"').platform).toBe('macOS');
});

test('whatever a client calls itself, the name is short and plain', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 3_000, unit: 'binary' }),
      fc.option(fc.string(), { nil: undefined }),
      (agent, platform) => {
        const { name, family } = agentOf(agent, platform);
        expect(name).toMatch(/^[A-Za-z0-9 .+_-]{1,90}$/);
        expect(family.length).toBeLessThanOrEqual(40);
      },
    ),
  );
});

test('a map of recent things never grows past its ceiling, and keeps what is used', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 50 }),
      fc.array(fc.nat(200), { maxLength: 500 }),
      (ceiling, keys) => {
        const map = new Recent<number>(ceiling);
        for (const key of keys) {
          map.set('used', -1);
          map.set(String(key), key);
          expect(map.get(String(key))).toBe(key);
          expect(map.size).toBeLessThanOrEqual(Math.max(2, ceiling));
          if (ceiling >= 4) expect(map.get('used')).toBe(-1);
        }
      },
    ),
  );
});

test('what is deleted is gone from both generations', () => {
  const map = new Recent<number>(4);
  map.set('a', 1);
  map.set('b', 2);
  map.set('c', 3);
  expect(map.get('a')).toBe(1);
  map.delete('a');
  expect(map.get('a')).toBeUndefined();
  map.clear();
  expect([...map.values()]).toEqual([]);
});

test('a flood of refused tokens does not flood the journal, of one client or of many', () => {
  const clock = new ManualClock();
  const told: { type: EventType; fields: EventFields | undefined }[] = [];
  const refusals = new Refusals({ emit: (type, fields) => void told.push({ type, fields }) }, clock);
  for (let i = 0; i < 1_000; i++) refusals.tell('TOKEN_REFUSED', api, 'key');
  expect(told).toHaveLength(10);
  clock.advance(60_000);
  refusals.tell('TOKEN_REFUSED', api, 'key');
  expect(told.at(-1)?.fields?.details).toEqual({ reason: 'key', heldBack: 990 });
  for (let i = 0; i < 50_000; i++) refusals.tell('TOKEN_REFUSED', { ...api, group: `10.0.0.${i}` }, 'key');
  expect(told).toHaveLength(610);
});
