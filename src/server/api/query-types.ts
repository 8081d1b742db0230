/** GET /admin/queries?limit= (viewer): statements of this node since its start; the costliest slow ones first. */
export interface QueriesAnswer {
  readonly node: string;
  readonly sinceMs: number;
  readonly total: number;
  readonly failures: number;
  /** Statements above `countedMs`, and of these above `slowMs`. */
  readonly counted: number;
  readonly slow: number;
  readonly countedMs: number;
  readonly slowMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Shapes that the list had no room for. */
  readonly forgotten: number;
  readonly statements: readonly QueryEntry[];
}

/** One shape of a slow statement; values stand as `?`. */
export interface QueryEntry {
  readonly id: string;
  readonly shape: string;
  readonly calls: number;
  readonly failures: number;
  readonly totalMs: number;
  readonly maxMs: number;
  readonly lastMs: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** GET /admin/queries/:id/plan (analyst): how the database would run it; 404 for one that is not listed any more. */
export interface QueryPlanAnswer {
  readonly plan: QueryPlanStep;
  readonly suggestions: readonly {
    readonly table: string;
    readonly columns: readonly string[];
    /** For a person to read and to run: nothing here runs it. */
    readonly statement: string;
    readonly reason: string;
  }[];
}

/** A step of a plan, with those that it draws from. */
export interface QueryPlanStep {
  readonly kind: string;
  readonly table: string | null;
  readonly index: string | null;
  /** Estimated. */
  readonly rows: number;
  /** In the planner's unit. */
  readonly cost: number;
  readonly condition: string | null;
  readonly sortedBy: readonly string[];
  readonly steps: readonly QueryPlanStep[];
}
