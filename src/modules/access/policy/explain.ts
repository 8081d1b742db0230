import type {
  AccessFacts,
  AccessPrincipal,
  AccessReason,
  AccessRow,
  ConditionExplanation,
  Explanation,
  Outcome,
  RuleExplanation,
} from '../contract.ts';
import type { Evaluate } from './evaluate.ts';
import { proofsOf, rawFact } from './facts.ts';
import {
  type Column,
  type Fact,
  type Model,
  type Node,
  type OperandNode,
  type Rule,
  type Tri,
} from './model.ts';
import { factWords, words } from './words.ts';

const MAX_RULES = 100;
const MAX_CONDITIONS = 500;
const MAX_TEXT = 100;
const OUTCOMES: Readonly<Record<Tri, Outcome>> = { 0: 'false', 1: 'true', 2: 'unknown' };

/** What is asked. */
interface Asked {
  readonly principal: AccessPrincipal;
  readonly row: AccessRow | null | undefined;
  readonly facts: AccessFacts | undefined;
}

/** How much may still be told. */
interface Room {
  conditions: number;
  shortened: boolean;
}

/** Explains a decision by asking the very closures that decide. */
export function explainer(
  model: Model,
  compile: (node: Node) => Evaluate,
): (
  principal: AccessPrincipal | undefined,
  permission: string,
  row: AccessRow | null | undefined,
  facts: AccessFacts | undefined,
) => Explanation {
  return (principal, permission, row, facts) => {
    const known = model.permissions.includes(permission);
    const roles = [...new Set(principal?.roles)];
    const room: Room = { conditions: MAX_CONDITIONS, shortened: false };
    const asked = principal && known ? { principal, row, facts } : undefined;
    const all = asked ? applying(model, roles, permission) : [];
    // Denials first: no number of allowances may push the rule that decided out of sight.
    const sorted = all.toSorted(
      (a, b) => Number(a.rule.effect === 'allow') - Number(b.rule.effect === 'allow'),
    );
    const outcomes = asked
      ? sorted.map(({ rule }) => compile(rule.node)(asked.row, asked.principal, asked.facts))
      : [];
    const decided = decidingRule(
      sorted.map(({ rule }) => rule),
      outcomes,
    );
    const shown = withDecided(sorted.length, decided);
    room.shortened = shown.length < sorted.length;
    const rules = asked
      ? shown.map((i) =>
          explainRule(sorted[i] as Applying, outcomes[i] as Tri, i === decided, asked, compile, room),
        )
      : [];
    const reason = reasonOf({ principal, known, model, roles, rules: sorted, outcomes, decided });
    const unknownRoles = roles
      .filter((role) => !model.roles.has(role))
      .slice(0, MAX_RULES)
      .map((role) => short(role));
    const explanation = { permission, allowed: reason === 'allowed', reason, rules, unknownRoles };
    const tail = { shortened: room.shortened, policyVersion: model.version };
    const by = decided < 0 ? undefined : sorted[decided]?.rule.id;
    return by === undefined ? { ...explanation, ...tail } : { ...explanation, decidedBy: by, ...tail };
  };
}

interface Applying {
  readonly rule: Rule;
  /** Role of the principal through which it applies. */
  readonly role: string;
}

function applying(model: Model, roles: readonly string[], permission: string): readonly Applying[] {
  return roles.flatMap((role) =>
    (model.roles.get(role)?.rules.get(permission) ?? []).map((rule) => ({ rule, role })),
  );
}

/** Place of the rule that decides: the first deny that is not false, else the first allow that is true; -1 for none. */
function decidingRule(rules: readonly Rule[], outcomes: readonly Tri[]): number {
  const deny = rules.findIndex(
    ({ effect }, i) => effect === 'deny' && OUTCOMES[outcomes[i] as Tri] !== 'false',
  );
  if (deny >= 0) return deny;
  return rules.findIndex(({ effect }, i) => effect === 'allow' && OUTCOMES[outcomes[i] as Tri] === 'true');
}

function withDecided(count: number, decided: number): readonly number[] {
  const first = Array.from({ length: Math.min(count, MAX_RULES) }, (_, i) => i);
  if (decided >= MAX_RULES) first[MAX_RULES - 1] = decided;
  return first;
}

function reasonOf(found: {
  readonly principal: AccessPrincipal | undefined;
  readonly known: boolean;
  readonly model: Model;
  readonly roles: readonly string[];
  readonly rules: readonly Applying[];
  readonly outcomes: readonly Tri[];
  readonly decided: number;
}): AccessReason {
  if (!found.principal) return 'nobody';
  if (!found.known) return 'unknown-permission';
  if (!found.roles.some((role) => found.model.roles.has(role))) return 'no-role';
  const decided = found.rules[found.decided];
  if (decided?.rule.effect === 'allow') return 'allowed';
  if (decided)
    return OUTCOMES[found.outcomes[found.decided] as Tri] === 'true' ? 'denied' : 'denied-for-unknown';
  return found.rules.some(({ rule }) => rule.effect === 'allow') ? 'no-rule-holds' : 'no-rule';
}

function explainRule(
  { rule, role }: Applying,
  outcome: Tri,
  decided: boolean,
  asked: Asked,
  compile: (node: Node) => Evaluate,
  room: Room,
): RuleExplanation {
  return {
    rule: rule.id,
    effect: rule.effect,
    role,
    ...(rule.role === role ? {} : { inheritedFrom: rule.role }),
    outcome: OUTCOMES[outcome],
    decided,
    condition: explainCondition(rule.node, asked, compile, room),
  };
}

function explainCondition(
  node: Node,
  asked: Asked,
  compile: (node: Node) => Evaluate,
  room: Room,
): ConditionExplanation {
  room.conditions--;
  const outcome = OUTCOMES[compile(node)(asked.row, asked.principal, asked.facts)];
  const values = valuesOf(node, asked);
  const note = outcome === 'unknown' ? noteOf(node, asked) : undefined;
  const parts = partsOf(node).flatMap((part) => {
    if (room.conditions > 0) return [explainCondition(part, asked, compile, room)];
    room.shortened = true;
    return [];
  });
  return {
    kind: node.op === 'compare' ? node.relation : node.op,
    outcome,
    text: short(words(node), 4 * MAX_TEXT),
    ...(Object.keys(values).length === 0 ? {} : { values }),
    ...(note === undefined ? {} : { note }),
    ...(parts.length === 0 ? {} : { parts }),
  };
}

function partsOf(node: Node): readonly Node[] {
  return node.op === 'and' || node.op === 'or' ? node.parts : node.op === 'not' ? [node.part] : [];
}

/** Columns and facts that a condition looks at, itself alone. */
function namesOf(node: Node): { readonly columns: readonly Column[]; readonly facts: readonly Fact[] } {
  const right = (operand: OperandNode): { columns: Column[]; facts: Fact[] } => ({
    columns: operand.from === 'column' ? [operand.column] : [],
    facts: operand.from === 'principal' ? [operand.fact] : [],
  });
  if (node.op === 'compare' || node.op === 'contains') {
    const { columns, facts } = right(node.right);
    return { columns: [node.column, ...columns], facts };
  }
  if (node.op === 'in')
    return { columns: [node.column], facts: node.list.from === 'principal' ? [node.list.fact] : [] };
  if (node.op === 'isNull') return { columns: [node.column], facts: [] };
  return { columns: [], facts: node.op === 'principal' ? [node.fact] : [] };
}

function valuesOf(node: Node, { principal, row, facts }: Asked): Readonly<Record<string, string>> {
  const { columns, facts: wanted } = namesOf(node);
  const found: Record<string, string> = {};
  for (const { name } of columns) found[name] = shown(row?.[name]);
  for (const fact of wanted) found[factWords(fact)] = shown(rawFact(principal, fact));
  if (node.op === 'role') found['principal.roles'] = shown(principal.roles);
  if (node.op === 'fresh') found['proofs'] = shown(proofsOf(principal, facts));
  if (node.op === 'exists') found[node.relation.name] = relatedCount(row?.[node.relation.name]);
  return found;
}

function relatedCount(related: unknown): string {
  if (related === undefined) return 'not loaded';
  if (related === null) return 'no row';
  return Array.isArray(related) ? `${related.length} rows` : '1 row';
}

function noteOf(node: Node, { principal, row }: Asked): string | undefined {
  const { columns, facts } = namesOf(node);
  const name =
    node.op === 'exists' ? node.relation.name : columns.find((one) => row?.[one.name] === undefined)?.name;
  if (name !== undefined && row?.[name] === undefined) return `${name} was not loaded`;
  const empty = columns.find((one) => row?.[one.name] === null);
  if (empty) return `${empty.name} is NULL`;
  const missing = facts.find((fact) => rawFact(principal, fact) === undefined);
  if (missing) return `the principal has no ${missing.name}`;
  return columns.length + facts.length > 0 ? 'a value does not fit its type' : undefined;
}

function shown(value: unknown): string {
  if (value === undefined) return '(missing)';
  if (value === null) return 'NULL';
  if (typeof value === 'string') return short(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (Array.isArray(value)) return short(`[${value.slice(0, 20).map(shown).join(', ')}]`);
  if (typeof value === 'object')
    return short(
      Object.entries(value)
        .slice(0, 20)
        .map(([key, one]) => `${key}: ${shown(one)}`)
        .join(', '),
    );
  return short(
    typeof value === 'symbol' || typeof value === 'function' ? typeof value : `${value as number}`,
  );
}

function short(text: string, length = MAX_TEXT): string {
  return text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text;
}
