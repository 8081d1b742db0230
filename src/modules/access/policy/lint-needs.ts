import type { Node } from './model.ts';

/** An index that would serve a condition. */
export interface IndexOption {
  readonly column: string;
  /** `gin` for a look into a list, else `btree`. */
  readonly method: 'btree' | 'gin';
  /** Order of texts is that of code points: the index must have it too. */
  readonly byCodePoint: boolean;
}

/** One alternative of a condition: any of the options serves it; without any, no index can. */
export interface Need {
  readonly options: readonly IndexOption[];
  /** The node that no index serves, where there are no options. */
  readonly node: Node;
}

/**
 * What a condition asks of indexes: every alternative of an `or` needs one of its own, for an `and` one of any part
 * does. Empty where every row counts, or none is asked.
 */
export function needsOf(node: Node, wanted = true): readonly Need[] {
  switch (node.op) {
    case 'not':
      return needsOf(node.part, !wanted);
    case 'and':
    case 'or':
      return (node.op === 'and') === wanted
        ? anyPart(node, wanted)
        : node.parts.flatMap((part) => needsOf(part, wanted));
    case 'always':
    case 'role':
    case 'principal':
    case 'fresh':
    case 'time':
      return [];
    case 'custom':
      return [{ options: [], node }];
    case 'compare':
    case 'in':
    case 'contains':
    case 'isNull':
    case 'exists':
      return [{ options: optionsOf(node, wanted), node }];
  }
}

function anyPart(node: Extract<Node, { op: 'and' | 'or' }>, wanted: boolean): readonly Need[] {
  const parts = node.parts.map((part) => needsOf(part, wanted)).filter((needs) => needs.length > 0);
  if (parts.length === 0) return [];
  const single = parts.filter((needs) => needs.length === 1).flat();
  if (single.length === 0) return parts[0] ?? [];
  return [{ options: single.flatMap(({ options }) => options), node }];
}

type Leaf = Extract<Node, { op: 'compare' | 'in' | 'contains' | 'isNull' | 'exists' }>;

function optionsOf(node: Leaf, wanted: boolean): readonly IndexOption[] {
  const btree = (column: string, byCodePoint = false): readonly IndexOption[] => [
    { column, method: 'btree', byCodePoint },
  ];
  switch (node.op) {
    case 'compare': {
      const unequal = node.relation === (wanted ? 'ne' : 'eq');
      if (unequal || node.right.from === 'column') return [];
      const ordered = node.relation !== 'eq' && node.relation !== 'ne';
      return btree(node.column.name, ordered && node.column.type === 'text');
    }
    case 'in':
    case 'isNull':
      return wanted ? btree(node.column.name) : [];
    case 'contains':
      return wanted ? [{ column: node.column.name, method: 'gin', byCodePoint: false }] : [];
    case 'exists':
      return wanted ? node.relation.on.flatMap(({ own }) => btree(own.name)) : [];
  }
}

/** Text columns whose equality a condition relies on. */
export function comparedTexts(node: Node): readonly string[] {
  if (node.op === 'and' || node.op === 'or') return node.parts.flatMap(comparedTexts);
  if (node.op === 'not') return comparedTexts(node.part);
  return (node.op === 'compare' || node.op === 'in') && node.column.type === 'text' ? [node.column.name] : [];
}
