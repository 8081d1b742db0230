import type { Hours } from '../hours.ts';
import type { RuleOptions } from '../options.ts';
import { accessRules } from './access.ts';
import { ATTACK_RULES } from './attacks.ts';
import { IDENTITY_RULES } from './identity.ts';
import { PAYMENT_RULES } from './payments.ts';
import { PLACE_RULES } from './places.ts';
import { TRAFFIC_RULES } from './traffic.ts';

/** What shipped rules must know of the house. */
export interface RuleFacts {
  readonly adminRoles: readonly string[];
  readonly workingHours: Omit<Hours, 'when'>;
}

/** The rules that are shipped, by name. */
export function shippedRules(facts: RuleFacts): Readonly<Record<string, RuleOptions>> {
  return {
    ...IDENTITY_RULES,
    ...PLACE_RULES,
    ...ATTACK_RULES,
    ...accessRules(facts),
    ...TRAFFIC_RULES,
    ...PAYMENT_RULES,
  };
}
