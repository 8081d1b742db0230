import { limitsPort } from './api/index.ts';
import type { LimitsPort } from './api/ports.ts';
import type { Foundation } from './foundation.ts';
import type { House } from './house.ts';

/** The policies of the limits, with the routes at which they act. */
function policyFacts(house: House) {
  return house.limits.policies.map(({ phase: _phase, everywhere: _everywhere, ...policy }) => ({
    ...policy,
    routes: house.routesOf(policy.name),
  }));
}

/** The limits of a house as the console manages them. */
export function houseLimits(
  house: House,
  foundation: Pick<Foundation, 'counters' | 'localCounters'>,
): LimitsPort {
  return limitsPort(house.limits, policyFacts(house), () => {
    const { rows, evicted } = foundation.localCounters.stats();
    return { keys: foundation.counters.kind === 'memory' ? rows : null, evicted };
  });
}
