/**
 * GET /admin/queries?limit=&node=&source= (viewer): statements of a node's database since its start, of this one's own where
 * nothing else is asked for; the costliest slow ones first. 404 for a node that wrote nothing.
 */
export interface QueriesAnswer {
  readonly node: string;
  /** Name of the database; `rampart` is the server's own. */
  readonly source: string;
  /** When the node told this. */
  readonly atMs: number;
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
  /** What single requests asked again and again (development only); the last one told first. */
  readonly repeated: readonly RepeatedEntry[];
  /** Whose statements are known: this node's own first, then those that wrote last. */
  readonly sources: readonly QuerySourceEntry[];
}

/** A statement that single requests asked again and again. */
export interface RepeatedEntry {
  /** Of its shape. */
  readonly id: string;
  readonly shape: string;
  /** File and line that asked. */
  readonly place: string;
  /** How often it was told, at most once a minute. */
  readonly times: number;
  readonly lastAtMs: number;
}

/** A database of a node. */
export interface QuerySourceEntry {
  readonly node: string;
  readonly source: string;
  readonly atMs: number;
  /** Slow statements, all told. */
  readonly slow: number;
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
  /** Of its slow calls. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** GET /admin/queries/:id/plan?node=&source= (analyst): how the database would run it; 404 for one that is not listed any more. */
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
