import type { AttackClass, Signal } from '../types.ts';

/** How bad it would be if the attack worked. */
export type RuleSeverity = 'low' | 'medium' | 'high' | 'critical';

/** A mechanism that is looked for, and what it counts. The rule itself is the signal that is taken down. */
export interface Rule extends Signal {
  readonly severity: RuleSeverity;
  /** One sentence: what was seen and why it is suspicious. */
  readonly about: string;
}

/** Makes the rules of one class from `id: [weight, severity, about]`; the id is prefixed with the class. */
export function rulesOf<Id extends string>(
  attackClass: AttackClass,
  rows: Record<Id, readonly [weight: number, severity: RuleSeverity, about: string]>,
): Readonly<Record<Id, Rule>> {
  const made = Object.entries<readonly [number, RuleSeverity, string]>(rows).map(([id, row]) => [
    id,
    Object.freeze({
      rule: `${attackClass}.${id}`,
      class: attackClass,
      weight: row[0],
      severity: row[1],
      about: row[2],
    }),
  ]);
  return Object.freeze(Object.fromEntries(made)) as Readonly<Record<Id, Rule>>;
}
