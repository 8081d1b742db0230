import type { SqlValue } from '../../../ports/sql.ts';
import type { AccessFacts, AccessPrincipal, FilterOptions, SqlFilter } from '../contract.ts';
import { inProcessOnly } from '../errors.ts';
import type { Evaluate } from './evaluate.ts';
import { readFact } from './facts.ts';
import { type Canonical, arrayText, type ColumnType, typeOf } from './values/types.ts';
import { type Model, type Node, type Rule, TRUE, UNKNOWN } from './model.ts';
import { both, either, emit, type Emitter, quoteName, quoteTable, type Sql, type Tokens } from './sql.ts';
import { microseconds } from './values/instant.ts';

const NONE = filterOf(false);

/** Makes filters: the same decision as a condition on rows. */
export function filters(
  model: Model,
  compile: (node: Node) => Evaluate,
  now: (facts: AccessFacts | undefined) => number,
): (
  principal: AccessPrincipal | undefined,
  permission: string,
  facts: AccessFacts | undefined,
  options: FilterOptions | undefined,
) => SqlFilter {
  return (principal, permission, facts, options) => {
    const resource = model.resources.get(permission.slice(0, permission.lastIndexOf(':')));
    if (!principal || !resource || !model.permissions.includes(permission)) return NONE;
    const rules = [...new Set(principal.roles)].flatMap(
      (role) => model.roles.get(role)?.rules.get(permission) ?? [],
    );
    const moment = { ...facts, nowMs: now(facts) };
    const emitter = filterEmitter(principal, moment, compile);
    const table = options?.as === undefined ? quoteTable(resource.table) : quoteName(options.as);
    return filterOf(decision([...new Set(rules)], table, emitter));
  };
}

function decision(rules: readonly Rule[], table: string, emitter: Emitter): Sql {
  const of = (effect: Rule['effect']): readonly Node[] =>
    rules.filter((rule) => rule.effect === effect).map((rule) => rule.node);
  const allowed = either(of('allow').map((node) => emit(node, true, table, emitter)));
  return both([allowed, ...of('deny').map((node) => emit(node, false, table, emitter))]);
}

function filterEmitter(
  principal: AccessPrincipal,
  moment: AccessFacts & { readonly nowMs: number },
  compile: (node: Node) => Evaluate,
): Emitter {
  return {
    operand(operand, type) {
      if (operand.from === 'now') {
        const value = microseconds(moment.nowMs + operand.offsetMs, 0);
        return value === undefined ? undefined : parameter(value, 'timestamptz');
      }
      const value = operand.from === 'literal' ? operand.value : readFact(principal, operand.fact);
      return value === undefined ? undefined : parameter(value, type);
    },
    list(list, type) {
      const values =
        list.from === 'literal' ? list.values : (readFact(principal, list.fact) as Canonical[] | undefined);
      if (!values || values.length === 0) return values && [];
      const texts = values.map((value) => typeOf(type).write(value) ?? '');
      return [{ value: arrayText(texts) }, type === 'text' ? '' : `::${type}[]`];
    },
    fact(node, wanted) {
      if (node.op === 'custom') throw inProcessOnly(node.name);
      const outcome = compile(node)(undefined, principal, moment);
      return outcome !== UNKNOWN && (outcome === TRUE) === wanted;
    },
  };
}

/** Texts go without a cast, so that columns of enumerations and domains can be compared too. */
function parameter(value: Canonical, type: ColumnType): Tokens | undefined {
  const text = typeOf(type).write(value);
  if (text === undefined) return undefined;
  return type === 'text' ? [{ value: text }] : [{ value: text }, `::${type}`];
}

function filterOf(sql: Sql): SqlFilter {
  const kind = typeof sql === 'boolean' ? (sql ? 'all' : 'none') : 'some';
  const parts: string[] = [''];
  const values: SqlValue[] = [];
  for (const token of typeof sql === 'boolean' ? [sql ? 'TRUE' : 'FALSE'] : sql) {
    if (typeof token === 'string') parts[parts.length - 1] += token;
    else {
      values.push(token.value);
      parts.push('');
    }
  }
  const textAfter = (count: number): string =>
    parts.map((part, i) => (i === 0 ? part : `$${count + i}${part}`)).join('');
  return {
    kind,
    text: textAfter(0),
    values,
    parts,
    after: (count) => ({ text: textAfter(count), values }),
  };
}
