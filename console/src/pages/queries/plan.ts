import type { QueryPlanAnswer, QueryPlanStep } from '../../../../src/server/api/query-types.ts';
import { whole } from '../../format/number.ts';

/** A step of a plan as a reader sees it. */
export interface ShownStep {
  /** Place in the tree, `0.1`. */
  readonly path: string;
  readonly title: string;
  readonly kind: string;
  readonly condition: string | null;
  readonly sortedBy: readonly string[];
  readonly rows: number;
  /** Of the work of all steps, 0 to 1. */
  readonly share: number;
  /** What is wrong with it, in words; null for nothing. */
  readonly warning: string | null;
  readonly steps: readonly ShownStep[];
}

/** Units of the planner, 1 being a page of 8 kB read in order: a table of some ten thousand rows. */
const LARGE_COST = 400;
const LARGE_ROWS = 10_000;

/** A plan in words, with the weight of each step. */
export function shownPlan({ plan, suggestions }: QueryPlanAnswer): ShownStep {
  const advised = new Set(suggestions.map(({ table }) => table));
  const total = Math.max(totalOf(plan), Number.MIN_VALUE);
  const show = (step: QueryPlanStep, path: string): ShownStep => ({
    path,
    title: titleOf(step),
    kind: step.kind,
    condition: step.condition,
    sortedBy: step.sortedBy,
    rows: step.rows,
    share: ownCost(step) / total,
    warning: warningOf(step, advised),
    steps: step.steps.map((one, index) => show(one, `${path}.${index}`)),
  });
  return show(plan, '0');
}

/** A step's cost holds those below it; one that stops early (LIMIT) costs less than they do. */
function ownCost({ cost, steps }: QueryPlanStep): number {
  return Math.max(0, cost - steps.reduce((sum, one) => sum + one.cost, 0));
}
function totalOf(step: QueryPlanStep): number {
  return ownCost(step) + step.steps.reduce((sum, one) => sum + totalOf(one), 0);
}

const TITLES: Readonly<Record<string, string>> = {
  Aggregate: 'Counts or adds up',
  Append: 'Puts parts together',
  'Bitmap Index Scan': 'Looks up places in the index',
  'Bitmap Heap Scan': 'Reads the rows at these places',
  'CTE Scan': 'Reads a part that was made before',
  'Function Scan': 'Reads what a function returns',
  Gather: 'Collects from parallel workers',
  'Gather Merge': 'Collects from parallel workers, in order',
  Hash: 'Puts rows into a hash table',
  'Hash Join': 'Joins through a hash table',
  'Incremental Sort': 'Sorts what is partly in order',
  Limit: 'Stops after enough rows',
  LockRows: 'Locks the rows',
  Materialize: 'Keeps rows to read them again',
  Memoize: 'Remembers look-ups',
  'Merge Join': 'Joins two ordered parts',
  ModifyTable: 'Writes',
  'Nested Loop': 'Joins row by row',
  Result: 'Makes a row',
  Sort: 'Sorts',
  'Subquery Scan': 'Reads what stands in brackets',
  Unique: 'Leaves out repeats',
  'Values Scan': 'Reads a list of values',
  WindowAgg: 'Computes over neighbouring rows',
};

function titleOf({ kind, table, index }: QueryPlanStep): string {
  if (kind.endsWith('Seq Scan')) return `Reads the whole table ${table ?? ''}`.trim();
  if (kind === 'Index Only Scan') return `Answers from the index ${index ?? ''}`.trim();
  if (kind === 'Index Scan') return `Looks up ${table ?? 'rows'} by the index ${index ?? ''}`.trim();
  const words = TITLES[kind] ?? kind;
  const what = index ?? table;
  return what === null ? words : `${words}: ${what}`;
}

function warningOf(step: QueryPlanStep, advised: ReadonlySet<string>): string | null {
  if (!step.kind.endsWith('Seq Scan') || step.table === null) return null;
  if (!advised.has(step.table) && step.cost < LARGE_COST && step.rows < LARGE_ROWS) return null;
  const found = `about ${whole(step.rows)} ${step.rows === 1 ? 'row' : 'rows'}`;
  return `Large table, read from beginning to end ${step.condition === null ? `for ${found}` : `to find ${found}`}.`;
}

/** How many steps read a large table whole. */
export function wholeReads(step: ShownStep): number {
  return (step.warning === null ? 0 : 1) + step.steps.reduce((sum, one) => sum + wholeReads(one), 0);
}
