import type { AccessFacts, AccessPrincipal, AccessRow } from '../contract.ts';
import type { Now } from './evaluate-row.ts';
import { AHEAD_MS, proofsOf, readFact } from './facts.ts';
import { FALSE, type FactNode, TRUE, type Tri, UNKNOWN } from './model.ts';
import { typeOf } from './values/types.ts';
import { localTime } from './zone.ts';

type Evaluate = (
  row: AccessRow | null | undefined,
  principal: AccessPrincipal,
  facts: AccessFacts | undefined,
) => Tri;

/** Compiles a condition about the person or the moment. */
export function evaluateFact(node: FactNode, now: Now): Evaluate {
  switch (node.op) {
    case 'role':
      return (_row, principal) =>
        principal.roles.some((role) => node.holders.includes(role)) ? TRUE : FALSE;
    case 'principal':
      return sameFact(node);
    case 'fresh':
      return freshness(node, now);
    case 'time':
      return within(node, now);
  }
}

function sameFact(node: Extract<FactNode, { op: 'principal' }>): Evaluate {
  const type = typeOf(node.fact.type);
  return (_row, principal) => {
    const found = readFact(principal, node.fact);
    if (found === undefined) return UNKNOWN;
    return type.compare(found, node.value) === 0 ? TRUE : FALSE;
  };
}

/** Without any proof it is unknown, with none that is recent it is false. */
function freshness({ factor, withinMs }: Extract<FactNode, { op: 'fresh' }>, now: Now): Evaluate {
  return (_row, principal, facts) => {
    const proofs = proofsOf(principal, facts);
    if (!proofs) return UNKNOWN;
    const nowMs = now(facts);
    let found: Tri = UNKNOWN;
    for (const name in proofs) {
      const at = factor === undefined || name === factor ? proofs[name] : undefined;
      if (typeof at !== 'number' || !Number.isFinite(at)) continue;
      if (at >= nowMs - withinMs && at <= nowMs + AHEAD_MS) return TRUE;
      found = FALSE;
    }
    return found;
  };
}

function within(node: Extract<FactNode, { op: 'time' }>, now: Now): Evaluate {
  const { days, fromMinute, toMinute, zone } = node;
  const local = localTime(zone);
  return (_row, _principal, facts) => {
    const { day, minute } = local(now(facts));
    if (!days.includes(day)) return FALSE;
    const inside =
      fromMinute < toMinute
        ? minute >= fromMinute && minute < toMinute
        : minute >= fromMinute || minute < toMinute;
    return inside ? TRUE : FALSE;
  };
}
