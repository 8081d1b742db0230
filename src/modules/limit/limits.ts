import { systemClock, systemTimers, type Clock, type Timers } from '../../core/clock.ts';
import type { RouteRule } from '../../core/corridor.ts';
import type { EventSink } from '../../core/events.ts';
import type { Guard } from '../../core/guard.ts';
import type { CounterStore } from '../../ports/counter.ts';
import { LimitEngine } from './engine.ts';
import { StoreGate } from './gate.ts';
import { limitGuard } from './guards.ts';
import { CallerList } from './lists.ts';
import { type LimitManager, limitManager } from './manage.ts';
import { localCounters } from './map-counters.ts';
import type { LimitsOptions } from './options.ts';
import { compilePolicy, type Policy } from './policy.ts';
import { parseLimits } from './settings.ts';
import { Watch } from './watch.ts';

/** What the limits stand on. All may be left out in a script. */
export interface LimitsPorts {
  /** Where is counted; default in this process. */
  readonly store?: CounterStore;
  /** Counts while `store` does not answer; must answer at once. Default up to 100,000 keys in this process. */
  readonly local?: CounterStore;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly events?: EventSink;
  /** This node's name; default `node`. Each node that shares the store needs its own. */
  readonly node?: string;
}

/** The limits of a house. */
export interface Limits extends LimitManager {
  /** One guard for the admit phase and one for the meter phase: at most one call of the store each. */
  readonly guards: readonly Guard[];
  /** Callers that no limit holds back; changes act at once on this node. */
  readonly allow: CallerList;
  /** Callers that are refused; changes act at once on this node. */
  readonly deny: CallerList;
  /** Gives back timers. The stores are their owner's to close. */
  close(): void;
}

/**
 * Makes the limits of a house.
 * @throws OptionsError naming the path and the reason
 */
export function limits(options: LimitsOptions, ports: LimitsPorts = {}): Limits {
  const settings = parseLimits(options);
  const clock = ports.clock ?? systemClock;
  const store = ports.store ?? localCounters(ports.local);
  const gate = new StoreGate(
    {
      budgetMs: settings.storeBudget,
      failuresToOpen: settings.failuresToOpen,
      probeEveryMs: settings.probeEvery,
      node: ports.node ?? 'node',
    },
    { store, clock, timers: ports.timers ?? systemTimers, events: ports.events ?? { emit() {} } },
  );
  const policies = settings.policies.map(compilePolicy);
  const watches = new Map(
    policies.map((policy): [Policy, Watch] => [policy, new Watch(policy.settings.windowMs)]),
  );
  const local = localCounters(ports.local);
  const engine = new LimitEngine(gate, local);
  const allow = new CallerList(settings.allow, 'limits.allow');
  const deny = new CallerList(settings.deny, 'limits.deny');
  const parts = { policies, watches, engine, allow, deny, now: () => clock.now() };
  return {
    ...limitManager(watches, gate, local, clock),
    guards: [limitGuard('admit', parts), limitGuard('meter', parts)],
    allow,
    deny,
    close: () => gate.close(),
  };
}

/**
 * The option `routes` as rules of the corridor.
 * @throws OptionsError
 */
export function limitRules(options: LimitsOptions): readonly RouteRule[] {
  return Object.entries(parseLimits(options).routes).map(([match, limit]) => ({
    match,
    settings: { limit },
  }));
}
