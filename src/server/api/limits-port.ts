import type { Limits } from '../../modules/limit/index.ts';
import type { LimitsPort } from './ports.ts';
import type { LimitPolicy, ListEntry } from './types.ts';

/** What the configuration says of a policy; the counts come from the limiter. */
export type PolicyFacts = Omit<LimitPolicy, 'passed' | 'refused'>;

/** Figures of the counting store that the limiter does not know. */
export interface CounterFacts {
  /** Keys held by this process; null where another one holds them. */
  readonly keys: number | null;
  /** Keys that were forgotten for want of room since the start. */
  readonly evicted: number;
}

type ListName = 'allow' | 'deny';

/** An entry that no longer fits (the list is full with the configuration's own) must not keep the others out. */
function adds(list: Limits['allow'], value: string): boolean {
  try {
    list.add(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * The limits as the console manages them. Entries that the configuration put on a list stay whatever the database
 * says; those of the database are taken over as they come and go.
 */
export function limitsPort(
  limits: Limits,
  policies: readonly PolicyFacts[],
  counters: () => CounterFacts,
): LimitsPort {
  const names = new Set(policies.map((policy) => policy.name));
  const configured = { allow: new Set(limits.allow.entries), deny: new Set(limits.deny.entries) };
  const taken: Record<ListName, ReadonlySet<string>> = { allow: new Set(), deny: new Set() };
  const replace = (list: ListName, entries: readonly ListEntry[]): void => {
    const wanted = new Set(entries.map((entry) => entry.value));
    for (const value of taken[list]) {
      if (!wanted.has(value) && !configured[list].has(value)) limits[list].remove(value);
    }
    const now = new Set<string>();
    for (const value of wanted) {
      if (taken[list].has(value) || adds(limits[list], value)) now.add(value);
    }
    taken[list] = now;
  };
  return {
    async state() {
      return {
        policies: policies.map((policy) => ({ ...policy, ...limits.stats(policy.name) })),
        store: { ...limits.storeState(), ...counters() },
      };
    },
    async keys(policy, search) {
      if (!names.has(policy)) return undefined;
      const found = await limits.topKeys(policy, 100);
      if (search === '' || found.some((one) => one.key.includes(search))) {
        return { keys: found.filter((one) => one.key.includes(search)) };
      }
      // Not among the busiest: perhaps the whole key was written, and it can be looked up by itself.
      const one = await limits.inspect(policy, search);
      return { keys: one.used > 0 || one.penaltyLevel > 0 ? [one] : [] };
    },
    async histogram(policy) {
      const facts = policies.find((one) => one.name === policy);
      if (!facts) return undefined;
      const max = typeof facts.max === 'number' ? facts.max : Math.max(...Object.values(facts.max));
      return { max, windowMs: facts.windowMs, ...limits.histogram(policy), policy };
    },
    async reset(policy, key) {
      return names.has(policy) ? limits.reset(policy, key) : undefined;
    },
    replaceLists(lists) {
      replace('allow', lists.allow);
      replace('deny', lists.deny);
    },
  };
}
