import type {
  AccessFacts,
  AccessMatrix,
  AccessPrincipal,
  AccessRow,
  MatrixCell,
  RoleHolder,
} from '../contract.ts';
import type { Evaluate } from './evaluate.ts';
import { FALSE, type Model, type Node, type RoleModel, type Rule, TRUE, type Tri, UNKNOWN } from './model.ts';
import { words } from './words.ts';

/** Roles against permissions. */
export function matrixOf(model: Model): AccessMatrix {
  return {
    policyVersion: model.version,
    permissions: model.permissions,
    roles: [...model.roles.values()].map((role) => ({
      role: role.name,
      inherits: role.line.slice(1),
      cells: model.permissions.map((permission) => cellOf(role, permission)),
    })),
  };
}

function cellOf(role: RoleModel, permission: string): MatrixCell {
  const rules = role.rules.get(permission) ?? [];
  const when = whenOf(rules);
  return {
    permission,
    when,
    text: when === 'sometimes' ? textOf(rules) : '',
    inProcessOnly: rules.some(({ node }) => hasCustom(node)),
  };
}

function whenOf(rules: readonly Rule[]): MatrixCell['when'] {
  const always = (effect: Rule['effect']): boolean =>
    rules.some((rule) => rule.effect === effect && rule.node.op === 'always');
  const some = (effect: Rule['effect']): boolean => rules.some((rule) => rule.effect === effect);
  if (always('deny') || !some('allow')) return 'never';
  return always('allow') && !some('deny') ? 'always' : 'sometimes';
}

function textOf(rules: readonly Rule[]): string {
  const of = (effect: Rule['effect']): string =>
    rules
      .filter((rule) => rule.effect === effect)
      .map(({ node }) => words(node))
      .join(' or ');
  const deny = of('deny');
  return deny === '' ? of('allow') : `${of('allow')}, unless ${deny}`;
}

/** Whether a condition holds a predicate of the process. */
export function hasCustom(node: Node): boolean {
  return some(node, ({ op }) => op === 'custom');
}

/** Whether a condition looks at the row. */
export function looksAtRow(node: Node): boolean {
  return some(node, ({ op }) => ['compare', 'in', 'contains', 'isNull', 'exists', 'custom'].includes(op));
}

function some(node: Node, test: (node: Node) => boolean): boolean {
  if (test(node)) return true;
  if (node.op === 'and' || node.op === 'or') return node.parts.some((part) => some(part, test));
  if (node.op === 'not') return some(node.part, test);
  return node.op === 'exists' && some(node.where, test);
}

/** Roles that have a permission; with a row, those that may have it for this row, with what the person must be. */
export function whoCanOf(
  model: Model,
  compile: (node: Node) => Evaluate,
  permission: string,
  row: AccessRow | undefined,
): readonly RoleHolder[] {
  return [...model.roles.values()].flatMap((role) => {
    const rules = role.rules.get(permission) ?? [];
    const when = whenOf(rules);
    if (when === 'never') return [];
    const holder: RoleHolder = {
      role: role.name,
      when,
      rules: rules.map(({ id, effect, node }) => ({ rule: id, effect, text: words(node) })),
    };
    if (row === undefined) return [holder];
    const left = forRow(rules, row, compile);
    if (left === FALSE) return [];
    return [left === TRUE ? { ...holder, forRow: 'always' } : { ...holder, forRow: left }];
  });
}

/** What is left of rules once the row is known: decided, or what the person or the moment must be. */
function forRow(
  rules: readonly Rule[],
  row: AccessRow,
  compile: (node: Node) => Evaluate,
): typeof TRUE | typeof FALSE | string {
  const of = (effect: Rule['effect']): Left[] =>
    rules.filter((rule) => rule.effect === effect).map(({ node }) => leftOf(node, row, compile));
  const allow = orLeft(of('allow'));
  const deny = orLeft(of('deny'));
  if (allow === FALSE || allow === UNKNOWN || deny === TRUE || deny === UNKNOWN) return FALSE;
  const text = allow === TRUE ? 'always' : allow;
  if (deny !== FALSE) return `${text}, unless ${deny}`;
  return allow === TRUE ? TRUE : text;
}

type Left = Tri | string;

const NOBODY: AccessPrincipal = { id: '', kind: 'user', roles: [] };
const NO_FACTS: AccessFacts = { nowMs: 0 };

function leftOf(node: Node, row: AccessRow, compile: (node: Node) => Evaluate): Left {
  if (node.op === 'and') return andLeft(node.parts.map((part) => leftOf(part, row, compile)));
  if (node.op === 'or') return orLeft(node.parts.map((part) => leftOf(part, row, compile)));
  if (node.op === 'not') {
    const left = leftOf(node.part, row, compile);
    return typeof left === 'string'
      ? `not ${left}`
      : left === UNKNOWN
        ? UNKNOWN
        : left === TRUE
          ? FALSE
          : TRUE;
  }
  if (needsMore(node)) return withValue(node, row);
  return compile(node)(row, NOBODY, NO_FACTS);
}

/** Whether a single condition depends on the person or the moment. */
function needsMore(node: Node): boolean {
  return some(node, (one) => {
    if (one.op === 'compare' || one.op === 'contains')
      return one.right.from === 'principal' || one.right.from === 'now';
    if (one.op === 'in') return one.list.from === 'principal';
    return ['role', 'principal', 'fresh', 'time', 'custom'].includes(one.op);
  });
}

/** `customer_id = principal.id` with this row: `principal.id = user:42`. */
function withValue(node: Node, row: AccessRow): Left {
  if (node.op === 'exists') {
    const found = row[node.relation.name];
    return found === undefined ? UNKNOWN : found === null ? FALSE : words(node);
  }
  if (node.op !== 'compare' && node.op !== 'in' && node.op !== 'contains') return words(node);
  const value = row[node.column.name];
  if (value === undefined || value === null) return UNKNOWN;
  const shown = value instanceof Date ? value.toISOString() : JSON.stringify(value, bigText);
  return `${words(node)} (${node.column.name} is ${shown.slice(0, 100).toWellFormed()})`;
}

function bigText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function andLeft(parts: readonly Left[]): Left {
  if (parts.includes(FALSE)) return FALSE;
  if (parts.includes(UNKNOWN)) return UNKNOWN;
  return textsOf(parts, ' and ') ?? TRUE;
}

function orLeft(parts: readonly Left[]): Left {
  if (parts.includes(TRUE)) return TRUE;
  return textsOf(parts, ' or ') ?? (parts.includes(UNKNOWN) ? UNKNOWN : FALSE);
}

function textsOf(parts: readonly Left[], word: string): string | undefined {
  const texts = parts.filter((part) => typeof part === 'string');
  return texts.length < 2 ? texts[0] : `(${texts.join(word)})`;
}
