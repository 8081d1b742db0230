import type { Fact, ListNode, Node, OperandNode } from './model.ts';
import { formatDuration } from '../../../core/duration.ts';
import { typeOf } from './values/types.ts';

const SIGNS = { eq: '=', ne: '≠', lt: '<', lte: '≤', gt: '>', gte: '≥' } as const;
const DAYS = ['', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** A condition in words, for people: `customer_id = principal.id`. */
export function words(node: Node): string {
  switch (node.op) {
    case 'always':
      return 'always';
    case 'compare':
      return `${node.column.name} ${SIGNS[node.relation]} ${operandWords(node.right)}`;
    case 'in':
      return `${node.column.name} in ${listWords(node.list)}`;
    case 'contains':
      return `${node.column.name} contains ${operandWords(node.right)}`;
    case 'isNull':
      return `${node.column.name} is NULL`;
    case 'and':
    case 'or':
      return `(${node.parts.map(words).join(` ${node.op} `)})`;
    case 'not':
      return `not ${words(node.part)}`;
    case 'exists':
      return `exists ${node.relation.name} with ${words(node.where)}`;
    case 'custom':
      return `predicate ${node.name}`;
    case 'role':
      return `role ${node.role}`;
    case 'principal':
      return `${factWords(node.fact)} = ${quoted(typeOf(node.fact.type).write(node.value))}`;
    case 'fresh':
      return `${node.factor ?? 'any factor'} proven within ${formatDuration(node.withinMs)}`;
    case 'time':
      return timeWords(node);
  }
}

/** A fact in words: `principal.id`. */
export function factWords({ name }: Fact): string {
  return `principal.${name}`;
}

/** A right-hand side in words. */
export function operandWords(operand: OperandNode): string {
  switch (operand.from) {
    case 'literal':
      return quoted(typeOf(operand.type).write(operand.value));
    case 'column':
      return operand.column.name;
    case 'principal':
      return factWords(operand.fact);
    case 'now':
      return momentWords(operand.offsetMs);
  }
}

function momentWords(offsetMs: number): string {
  if (offsetMs === 0) return 'now';
  return `now ${offsetMs < 0 ? '−' : '+'} ${formatDuration(Math.abs(offsetMs))}`;
}

function listWords(list: ListNode): string {
  if (list.from === 'principal') return factWords(list.fact);
  const type = typeOf(list.type);
  const shown = list.values.slice(0, 10).map((value) => quoted(type.write(value)));
  return `(${shown.join(', ')}${list.values.length > shown.length ? ', …' : ''})`;
}

function timeWords({ days, fromMinute, toMinute, zone }: Extract<Node, { op: 'time' }>): string {
  const clock = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const week = days.length === 7 ? '' : `${days.map((day) => DAYS[day]).join(', ')} `;
  return `${week}${clock(fromMinute)} to ${clock(toMinute)} ${zone}`;
}

function quoted(text: string | undefined): string {
  return `'${text ?? ''}'`;
}
