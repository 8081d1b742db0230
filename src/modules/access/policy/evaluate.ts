import type { AccessFacts, AccessPredicate, AccessPrincipal, AccessRow } from '../contract.ts';
import { evaluateCompare, evaluateContains, evaluateIn, type Now, quickTest } from './evaluate-row.ts';
import { evaluateFact } from './evaluate-fact.ts';
import { FALSE, type Node, type RelationNode, TRUE, type Tri, UNKNOWN } from './model.ts';
import { typeOf } from './values/types.ts';

/** A condition as closures: no allocation, no exception. */
export type Evaluate = (
  row: AccessRow | null | undefined,
  principal: AccessPrincipal,
  facts: AccessFacts | undefined,
) => Tri;

/** What closures stand on. */
export interface EvaluationPorts {
  readonly now: Now;
  readonly predicates: Readonly<Record<string, AccessPredicate>>;
}

/** Compiles conditions; the same node gives the same closure. */
export interface Evaluator {
  /** Tells false from unknown. */
  readonly exact: (node: Node) => Evaluate;
  /** True exactly where `exact` is, and elsewhere either of the others: enough where nothing but truth allows. */
  readonly quick: (node: Node) => Evaluate;
}

/** Makes a compiler of conditions. */
export function evaluator(ports: EvaluationPorts): Evaluator {
  const exact = compiler((node) => build(node, exact, exact, ports));
  const quick = compiler((node) => quickTest(node) ?? build(node, quick, exact, ports));
  return { exact, quick };
}

function compiler(make: (node: Node) => Evaluate): (node: Node) => Evaluate {
  const made = new WeakMap<Node, Evaluate>();
  return (node) => {
    const known = made.get(node);
    if (known) return known;
    const evaluate = make(node);
    made.set(node, evaluate);
    return evaluate;
  };
}

/** @param negated compiles what stands under `not`, where false and unknown must be told apart */
function build(
  node: Node,
  compile: (node: Node) => Evaluate,
  negated: (node: Node) => Evaluate,
  ports: EvaluationPorts,
): Evaluate {
  switch (node.op) {
    case 'always':
      return () => TRUE;
    case 'and':
      return allOf(node.parts.map(compile));
    case 'or':
      return anyOf(node.parts.map(compile));
    case 'not':
      return opposite(negated(node.part));
    case 'compare':
      return evaluateCompare(node, ports.now);
    case 'in':
      return evaluateIn(node);
    case 'contains':
      return evaluateContains(node, ports.now);
    case 'isNull':
      return isNull(node.column.name);
    case 'exists':
      return exists(node.relation, compile(node.where));
    case 'custom':
      return custom(ports.predicates[node.name], ports.now);
    case 'role':
    case 'principal':
    case 'fresh':
    case 'time':
      return evaluateFact(node, ports.now);
  }
}

function allOf(parts: readonly Evaluate[]): Evaluate {
  return (row, principal, facts) => {
    let found: Tri = TRUE;
    for (let i = 0; i < parts.length; i++) {
      const one = (parts[i] as Evaluate)(row, principal, facts);
      if (one === FALSE) return FALSE;
      if (one === UNKNOWN) found = UNKNOWN;
    }
    return found;
  };
}

/** True where any part is; a single part is itself. */
export function anyOf(parts: readonly Evaluate[]): Evaluate {
  const [only, ...more] = parts;
  if (only && more.length === 0) return only;
  return (row, principal, facts) => {
    let found: Tri = FALSE;
    for (let i = 0; i < parts.length; i++) {
      const one = (parts[i] as Evaluate)(row, principal, facts);
      if (one === TRUE) return TRUE;
      if (one === UNKNOWN) found = UNKNOWN;
    }
    return found;
  };
}

function opposite(part: Evaluate): Evaluate {
  return (row, principal, facts) => {
    const found = part(row, principal, facts);
    return found === UNKNOWN ? UNKNOWN : found === TRUE ? FALSE : TRUE;
  };
}

function isNull(name: string): Evaluate {
  return (row) => {
    const value = row === null || row === undefined ? undefined : row[name];
    return value === undefined ? UNKNOWN : value === null ? TRUE : FALSE;
  };
}

/** True where a related row makes it true; unknown where none does but one might; false elsewhere. */
function exists(relation: RelationNode, where: Evaluate): Evaluate {
  const { name } = relation;
  const belongs = belonging(relation);
  return (row, principal, facts) => {
    const related = row === null || row === undefined ? undefined : row[name];
    if (related === undefined) return UNKNOWN;
    if (related === null) return FALSE;
    const rows = Array.isArray(related) ? (related as readonly unknown[]) : undefined;
    let found: Tri = FALSE;
    for (let i = 0; i < (rows ? rows.length : 1); i++) {
      const one = (rows ? rows[i] : related) as AccessRow | null;
      if (typeof one !== 'object' || one === null || !belongs(row as AccessRow, one)) return UNKNOWN;
      const outcome = where(one, principal, facts);
      if (outcome === TRUE) return TRUE;
      if (outcome === UNKNOWN) found = UNKNOWN;
    }
    return found;
  };
}

/** Whether a related row that was handed in is one of this row's, as far as its key was loaded. */
function belonging({ on }: RelationNode): (row: AccessRow, related: AccessRow) => boolean {
  const keys = on.map(({ own, related }) => ({
    own: own.name,
    related: related.name,
    type: typeOf(own.type),
  }));
  return (row, other) => {
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as (typeof keys)[number];
      const [mine, theirs] = [row[key.own], other[key.related]];
      if (mine === undefined || theirs === undefined || mine === theirs) continue;
      if (mine === null || theirs === null) return false;
      const [left, right] = [key.type.read(mine), key.type.read(theirs)];
      if (left === undefined || right === undefined || key.type.compare(left, right) !== 0) return false;
    }
    return true;
  };
}

function custom(predicate: AccessPredicate | undefined, now: Now): Evaluate {
  return (row, principal, facts) => {
    try {
      return predicate?.(row, principal, { nowMs: now(facts) }) === true ? TRUE : FALSE;
    } catch {
      return UNKNOWN;
    }
  };
}
