import type { AccessFacts, AccessPrincipal, AccessRow } from '../contract.ts';
import { anyOf, type Evaluate, type Evaluator } from './evaluate.ts';
import { FALSE, type Model, type Rule, TRUE } from './model.ts';

/** Rules of one role for one permission as closures. */
interface Rules {
  readonly allow: Evaluate | undefined;
  readonly deny: Evaluate | undefined;
}

/** Decides a permission; never throws. */
export type Can = (
  principal: AccessPrincipal | undefined,
  permission: string,
  row?: AccessRow | null,
  facts?: AccessFacts,
) => boolean;

/** Compiles a policy into its decision. Nothing is allocated per call. */
export function decider(model: Model, compile: Evaluator): Can {
  const byPermission = new Map<string, ReadonlyMap<string, Rules>>();
  for (const permission of model.permissions)
    byPermission.set(permission, rulesByRole(model, permission, compile));
  // A handler asks for the same permission again and again.
  let last = '';
  let lastRules: ReadonlyMap<string, Rules> | undefined;
  return (principal, permission, row, facts) => {
    if (permission !== last) {
      lastRules = byPermission.get(permission);
      last = permission;
    }
    if (lastRules === undefined || principal === undefined || principal === null) return false;
    const byRole = lastRules;
    const { roles } = principal;
    let allowed = false;
    for (let i = 0; i < roles.length; i++) {
      const rules = byRole.get(roles[i] as string);
      if (rules === undefined) continue;
      // A deny that cannot be told counts as one.
      if (rules.deny !== undefined && rules.deny(row, principal, facts) !== FALSE) return false;
      if (!allowed && rules.allow !== undefined) allowed = rules.allow(row, principal, facts) === TRUE;
    }
    return allowed;
  };
}

function rulesByRole(model: Model, permission: string, compile: Evaluator): ReadonlyMap<string, Rules> {
  const byRole = new Map<string, Rules>();
  for (const { name, rules } of model.roles.values()) {
    const list = rules.get(permission) ?? [];
    const of = (effect: Rule['effect']): readonly Rule[] => list.filter((rule) => rule.effect === effect);
    const [allow, deny] = [of('allow'), of('deny')];
    if (list.length === 0) continue;
    byRole.set(name, {
      allow: allow.length === 0 ? undefined : anyOf(allow.map(({ node }) => compile.quick(node))),
      deny: deny.length === 0 ? undefined : anyOf(deny.map(({ node }) => compile.exact(node))),
    });
  }
  return byRole;
}
