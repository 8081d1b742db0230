import type { AccessFacts, AccessPrincipal, AccessRow } from '../contract.ts';
import type { Evaluate } from './evaluate.ts';
import { FALSE, type Model, type Node, type Rule, TRUE } from './model.ts';

/** Rules of one role for one permission as closures. */
interface Rules {
  readonly allow: readonly Evaluate[];
  readonly deny: readonly Evaluate[];
}

/** Decides a permission; never throws. */
export type Can = (
  principal: AccessPrincipal | undefined,
  permission: string,
  row?: AccessRow | null,
  facts?: AccessFacts,
) => boolean;

/** Compiles a policy into its decision. Nothing is allocated per call. */
export function decider(model: Model, compile: (node: Node) => Evaluate): Can {
  const byPermission = new Map<string, Map<string, Rules>>();
  for (const permission of model.permissions) {
    const byRole = new Map<string, Rules>();
    for (const { name, rules } of model.roles.values()) {
      const list = rules.get(permission);
      if (list) byRole.set(name, split(list, compile));
    }
    byPermission.set(permission, byRole);
  }
  return (principal, permission, row, facts) => {
    const byRole = byPermission.get(permission);
    if (byRole === undefined || principal === undefined || principal === null) return false;
    const { roles } = principal;
    let allowed = false;
    for (let i = 0; i < roles.length; i++) {
      const rules = byRole.get(roles[i] as string);
      if (rules === undefined) continue;
      if (rules.deny.length > 0 && !noneApplies(rules.deny, principal, row, facts)) return false;
      if (!allowed) allowed = oneHolds(rules.allow, principal, row, facts);
    }
    return allowed;
  };
}

function split(rules: readonly Rule[], compile: (node: Node) => Evaluate): Rules {
  const of = (effect: Rule['effect']): readonly Evaluate[] =>
    rules.filter((rule) => rule.effect === effect).map((rule) => compile(rule.node));
  return { allow: of('allow'), deny: of('deny') };
}

/** A deny that cannot be told counts as one. */
function noneApplies(
  rules: readonly Evaluate[],
  principal: AccessPrincipal,
  row: AccessRow | null | undefined,
  facts: AccessFacts | undefined,
): boolean {
  for (let i = 0; i < rules.length; i++)
    if ((rules[i] as Evaluate)(row, principal, facts) !== FALSE) return false;
  return true;
}

function oneHolds(
  rules: readonly Evaluate[],
  principal: AccessPrincipal,
  row: AccessRow | null | undefined,
  facts: AccessFacts | undefined,
): boolean {
  for (let i = 0; i < rules.length; i++)
    if ((rules[i] as Evaluate)(row, principal, facts) === TRUE) return true;
  return false;
}
