import type { PlanStep } from './plan.ts';

/** What the catalogue says of a table. */
export interface TableFacts {
  /** Estimated; below 0 where nobody has counted yet. */
  readonly rows: number;
  readonly columns: readonly string[];
  /** Columns of each whole index, in order. */
  readonly indexes: readonly (readonly string[])[];
}

/** An index that would spare reading a whole table. */
export interface IndexSuggestion {
  /** `schema.table`. */
  readonly table: string;
  readonly columns: readonly string[];
  /** Statement that makes it without blocking writers. */
  readonly statement: string;
  readonly reason: string;
}

/** Smaller tables are read whole as fast as through an index. */
const LARGE_ROWS = 10_000;
/** An index that finds more than this share of the rows is not used. */
const MAX_SHARE = 0.2;
const MAX_COLUMNS = 3;

/**
 * Which indexes would help: for each large table that is read whole to find few of its rows. Columns that are compared
 * for equality come first, then one that is compared by order; expressions and `OR` are left to a person.
 */
export function suggestIndexes(
  plan: PlanStep,
  tables: ReadonlyMap<string, TableFacts>,
): readonly IndexSuggestion[] {
  const found = new Map<string, IndexSuggestion>();
  const walk = (step: PlanStep, order: readonly string[]): void => {
    const suggestion = ofStep(step, order, tables);
    if (suggestion) found.set(suggestion.statement, suggestion);
    for (const one of step.steps) walk(one, step.sortedBy);
  };
  walk(plan, []);
  return [...found.values()];
}

function ofStep(
  step: PlanStep,
  order: readonly string[],
  tables: ReadonlyMap<string, TableFacts>,
): IndexSuggestion | undefined {
  const facts = step.table === null ? undefined : tables.get(step.table);
  if (!facts || step.table === null || !step.kind.endsWith('Seq Scan') || facts.rows < LARGE_ROWS)
    return undefined;
  if (step.condition === null || step.rows > facts.rows * MAX_SHARE) return undefined;
  const columns = columnsOf(step.condition, order, facts.columns);
  if (columns.length === 0 || facts.indexes.some((index) => begins(index, columns))) return undefined;
  const dot = step.table.indexOf('.');
  const [schema, table] = [step.table.slice(0, dot), step.table.slice(dot + 1)];
  const names = columns.map(quoted).join(', ');
  return {
    table: step.table,
    columns,
    statement: `CREATE INDEX CONCURRENTLY ON ${quoted(schema)}.${quoted(table)} (${names});`,
    reason: `${step.table} is read whole (about ${Math.round(facts.rows)} rows) to find about ${step.rows}.`,
  };
}

/** `(a = ?)`, `(t.b > ?)`, `((c)::text = ?)`: a column on the left of an operator that an index knows. */
const COMPARED = /\(*(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))\)?(?:::[\p{L} ]+)?\s*(=|<=|>=|<|>)\s/gu;

function columnsOf(condition: string, order: readonly string[], known: readonly string[]): readonly string[] {
  if (/\bOR\b|\bNOT\b/.test(condition)) return [];
  const compared = [...condition.matchAll(COMPARED)].map(([, quotedName, name = '', operator = '']) => ({
    column: quotedName?.replaceAll('""', '"') ?? name,
    operator,
  }));
  const ours = compared.filter(({ column }) => known.includes(column));
  const equal = ours.filter(({ operator }) => operator === '=').map(({ column }) => column);
  const ranged = ours.filter(({ operator }) => operator !== '=').map(({ column }) => column);
  const sorted = order.map((one) => one.replace(/^.*\./, '').replace(/ (?:DESC|ASC).*$/, ''));
  const last = ranged[0] ?? sorted.find((column) => known.includes(column));
  return [...new Set([...equal, ...(last === undefined ? [] : [last])])].slice(0, MAX_COLUMNS);
}

function begins(index: readonly string[], columns: readonly string[]): boolean {
  const head = new Set(index.slice(0, columns.length));
  return columns.every((column) => head.has(column));
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
