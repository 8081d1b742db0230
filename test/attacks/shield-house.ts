import { createLogger } from '../../src/base/observe/index.ts';
import type { DecisionRecord } from '../../src/core/decision.ts';
import type { RampartEvent } from '../../src/core/events.ts';
import { type RampartConfig, readConfig } from '../../src/server/config.ts';
import { buildHouse, type House, type HousePorts } from '../../src/server/house.ts';
import { memoryCounters } from '../../src/stores/memory/counter.ts';
import { ManualClock } from '../../src/testing/clock.ts';
import type { StartApp } from '../../src/testing/suites/adapter-app.ts';
import { startExpressApp } from '../adapters/express-app.ts';
import { startFastifyApp } from '../adapters/fastify-app.ts';
import { startGenericHonoApp, startHonoApp } from '../adapters/hono-app.ts';
import { startNodeApp } from '../adapters/node-app.ts';
import { startWebApp } from '../adapters/web-app.ts';

/** Applications behind every adapter. */
export const APPS: readonly (readonly [string, StartApp])[] = [
  ['node', startNodeApp],
  ['express', startExpressApp],
  ['fastify', startFastifyApp],
  ['hono', startHonoApp],
  ['web', startWebApp],
  ['hono (Request and Response alone)', startGenericHonoApp],
];

/** A house with what it told. */
export interface ShieldHouse {
  readonly house: House;
  readonly clock: ManualClock;
  readonly records: DecisionRecord[];
  readonly events: RampartEvent[];
}

/** Composes a house as an application does, with a clock that stands still. */
export function shieldHouse(config: RampartConfig, ports: Partial<HousePorts> = {}): ShieldHouse {
  const clock = new ManualClock();
  const counters = memoryCounters({ clock });
  const records: DecisionRecord[] = [];
  const events: RampartEvent[] = [];
  const house = buildHouse(readConfig(config), {
    clock,
    timers: clock,
    node: 'n1',
    log: createLogger({ level: 'silent', sink: { write: () => undefined } }),
    counters,
    localCounters: counters,
    sink: { write: (record) => records.push(JSON.parse(JSON.stringify(record)) as DecisionRecord) },
    watchers: [{ name: 'kept', stage: 'journal', on: '*', handle: (batch) => void events.push(...batch) }],
    ...ports,
  });
  return { house, clock, records, events };
}
