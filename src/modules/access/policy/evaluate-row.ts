import type { AccessFacts, AccessPrincipal, AccessRow } from '../contract.ts';
import { rawFact, readRaw } from './facts.ts';
import {
  type Fact,
  FALSE,
  type Node,
  type OperandNode,
  type Relation,
  TRUE,
  type Tri,
  UNKNOWN,
} from './model.ts';
import { microseconds } from './values/instant.ts';
import { type Canonical, itemType, typeOf, type ValueType } from './values/types.ts';

/** Time of the decision, whole milliseconds. */
export type Now = (facts: AccessFacts | undefined) => number;

type Row = AccessRow | null | undefined;
type Evaluate = (row: Row, principal: AccessPrincipal, facts: AccessFacts | undefined) => Tri;
type Read = (row: Row, principal: AccessPrincipal, facts: AccessFacts | undefined) => Canonical | undefined;
type Verdict = (order: number) => boolean;

const VERDICTS: Readonly<Record<Relation, Verdict>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
};

/** NULL, a column that was not loaded, and what is none of the column's type are all unknown. */
function columnReader(name: string, type: ValueType): Read {
  return (row) => {
    const value = row === null || row === undefined ? undefined : row[name];
    return value === undefined || value === null ? undefined : type.read(value);
  };
}

/** Reads a fact; what was read last is kept, for most callers ask more than once. */
function factReader(fact: Fact): (principal: AccessPrincipal) => Canonical | undefined {
  let lastRaw: unknown;
  let last: Canonical | undefined;
  return (principal) => {
    const raw = rawFact(principal, fact);
    if (raw !== lastRaw || typeof raw === 'object') {
      lastRaw = raw;
      last = readRaw(raw, fact);
    }
    return last;
  };
}

function operandReader(operand: OperandNode, now: Now): Read {
  switch (operand.from) {
    case 'literal':
      return () => operand.value;
    case 'column':
      return columnReader(operand.column.name, typeOf(operand.column.type));
    case 'principal': {
      const read = factReader(operand.fact);
      return (_row, principal) => read(principal);
    }
    case 'now':
      return (_row, _principal, facts) => microseconds(now(facts) + operand.offsetMs, 0);
  }
}

/** Compiles a comparison. */
export function evaluateCompare(node: Extract<Node, { op: 'compare' }>, now: Now): Evaluate {
  const { column, relation, right } = node;
  const type = typeOf(column.type);
  // Texts that are equal need no order: the path of every owner condition.
  if (column.type === 'text' && (relation === 'eq' || relation === 'ne')) {
    return sameText(column.name, operandReader(right, now), relation === 'eq' ? TRUE : FALSE);
  }
  const left = columnReader(column.name, type);
  const other = operandReader(right, now);
  const verdict = VERDICTS[relation];
  return (row, principal, facts) => {
    const a = left(row, principal, facts);
    if (a === undefined) return UNKNOWN;
    const b = other(row, principal, facts);
    if (b === undefined) return UNKNOWN;
    return verdict(type.compare(a, b)) ? TRUE : FALSE;
  };
}

/**
 * The owner condition, for most checks are one. What PostgreSQL cannot hold is not looked for: a text that equals one of
 * its columns is none of those.
 */
export function quickTest(node: Node): Evaluate | undefined {
  if (node.op !== 'compare' || node.relation !== 'eq' || node.column.type !== 'text') return undefined;
  const { right, column } = node;
  const { name } = column;
  if (right.from === 'literal')
    return (row) => (row !== null && row !== undefined && row[name] === right.value ? TRUE : FALSE);
  if (right.from !== 'principal' || right.fact.attribute || right.fact.name !== 'id') return undefined;
  return (row, { id }) =>
    row !== null && row !== undefined && row[name] === id && typeof id === 'string' && id !== ''
      ? TRUE
      : FALSE;
}

function sameText(name: string, other: Read, whenSame: Tri): Evaluate {
  const whenNot = whenSame === TRUE ? FALSE : TRUE;
  return (row, principal, facts) => {
    const value = row === null || row === undefined ? undefined : row[name];
    if (typeof value !== 'string') return UNKNOWN;
    const wanted = other(row, principal, facts);
    return wanted === undefined ? UNKNOWN : value === wanted ? whenSame : whenNot;
  };
}

/** Compiles a look into a list. Nothing is in an empty list, as in SQL. */
export function evaluateIn(node: Extract<Node, { op: 'in' }>): Evaluate {
  const { column, list } = node;
  const type = typeOf(column.type);
  const values = list.from === 'literal' ? (): readonly Canonical[] => list.values : listReader(list.fact);
  return (row, principal) => {
    const wanted = values(principal);
    const value = row === null || row === undefined ? undefined : row[column.name];
    if (wanted === undefined || value === undefined) return UNKNOWN;
    if (wanted.length === 0) return FALSE;
    const found = value === null ? undefined : type.read(value);
    if (found === undefined) return UNKNOWN;
    return holds(wanted, found, type) ? TRUE : FALSE;
  };
}

function listReader(fact: Fact): (principal: AccessPrincipal) => readonly Canonical[] | undefined {
  const read = factReader(fact);
  return (principal) => read(principal) as readonly Canonical[] | undefined;
}

function holds(list: readonly Canonical[], value: Canonical, type: ValueType): boolean {
  for (let i = 0; i < list.length; i++) if (type.compare(list[i] as Canonical, value) === 0) return true;
  return false;
}

/** Compiles a look into a column that is a list. A NULL within the list equals nothing. */
export function evaluateContains(node: Extract<Node, { op: 'contains' }>, now: Now): Evaluate {
  const { column, right } = node;
  const item = typeOf(itemType(column.type) ?? 'text');
  const list = columnReader(column.name, typeOf(column.type));
  const other = operandReader(right, now);
  return (row, principal, facts) => {
    const items = list(row, principal, facts) as readonly Canonical[] | undefined;
    if (items === undefined) return UNKNOWN;
    const wanted = other(row, principal, facts);
    if (wanted === undefined) return UNKNOWN;
    return holds(items, wanted, item) ? TRUE : FALSE;
  };
}
