import { expect, it } from 'vitest';
import { createLogger } from '../base/observe/index.ts';
import type { RequestContext } from '../core/context.ts';
import { memoryCounters } from '../stores/memory/counter.ts';
import { ManualClock } from '../testing/clock.ts';
import { readConfig } from './config.ts';
import { defaultConfig } from './default-config.ts';
import { buildHouse } from './house.ts';

it('limits everything that one address sends, but never the probes of a platform', () => {
  const clock = new ManualClock();
  const counters = memoryCounters({ clock });
  // A burst of this size is an attack to the traffic patterns, which would block its address before the limit is met.
  const house = buildHouse(readConfig({ ...defaultConfig, shield: { traffic: false } }), {
    clock,
    timers: clock,
    node: 'n1',
    log: createLogger({ level: 'silent', sink: { write: () => undefined } }),
    counters,
    localCounters: counters,
    sink: { write: () => undefined },
  });
  const header = (name: string) => (name === 'accept' || name === 'user-agent' ? '*/*' : undefined);
  const refused = (target: string): number => {
    let count = 0;
    for (let i = 0; i < 1_500; i++) {
      const view = { method: 'GET', target, peer: '198.51.100.7', encrypted: false, header };
      const context = house.enter(view) as RequestContext;
      if (context.reply !== null) count++;
      house.leave(context, context.reply?.status ?? 200, 0, false);
    }
    return count;
  };
  expect(refused('/anything')).toBe(500);
  for (const probe of ['/livez', '/readyz', '/startupz']) expect(refused(probe)).toBe(0);
});
