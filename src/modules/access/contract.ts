import type { PrincipalValue } from '../../core/fact.ts';
import type { SqlRunner, SqlStore, SqlValue } from '../../ports/sql.ts';

/** A plain value that conditions compare with a principal's attribute. */
export type AttributeValue = string | number | boolean | readonly string[] | null;

/** Who asks, with what conditions may ask of them beside their identity. What is missing denies. */
export interface AccessPrincipal extends PrincipalValue {
  /** Facts that the policy declares under `attributes`; one that is not declared is never read. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Kind of factor to the time of its newest proof, milliseconds since the epoch. */
  readonly provenAtMs?: Readonly<Record<string, number>>;
}

/** What is known of the moment. */
export interface AccessFacts {
  /** Time of the decision, milliseconds since the epoch; default the clock of `createAccess`. */
  readonly nowMs?: number;
  /** Kind of factor to the time of its newest proof, milliseconds since the epoch; default the principal's. */
  readonly provenAtMs?: Readonly<Record<string, number>>;
}

/**
 * A row as the database gives it: names of columns to values, and under the name of a relation the related row, a list
 * of them, or `null`. A name that is missing is unknown (never NULL), and what is unknown never allows.
 */
export type AccessRow = Readonly<Record<string, unknown>>;

/** Outcome of a condition in SQL's three-valued logic. */
export type Outcome = 'true' | 'false' | 'unknown';

/** Why a permission was given or refused. */
export type AccessReason =
  | 'allowed'
  | 'nobody'
  | 'unknown-permission'
  | 'no-role'
  | 'no-rule'
  | 'no-rule-holds'
  | 'denied'
  | 'denied-for-unknown';

/** One condition of a rule with what it came to. */
export interface ConditionExplanation {
  /** Operator, such as `eq` or `exists`. */
  readonly kind: string;
  readonly outcome: Outcome;
  /** In words: `customer_id = principal.id`. */
  readonly text: string;
  /** Values that took part, by column or fact; each shortened to 100 characters. */
  readonly values?: Readonly<Record<string, string>>;
  /** Why it is unknown, where it is. */
  readonly note?: string;
  readonly parts?: readonly ConditionExplanation[];
}

/** One rule that was considered. */
export interface RuleExplanation {
  /** Names the rule within the policy: `customer can orders:read`. */
  readonly rule: string;
  readonly effect: 'allow' | 'deny';
  /** Role of the principal through which the rule applies. */
  readonly role: string;
  /** Role that declares it, where it is inherited. */
  readonly inheritedFrom?: string;
  readonly outcome: Outcome;
  /** Whether this rule decided. */
  readonly decided: boolean;
  readonly condition: ConditionExplanation;
}

/** A decision with everything that was considered. */
export interface Explanation {
  readonly permission: string;
  readonly allowed: boolean;
  readonly reason: AccessReason;
  /** The rule that decided, if one did. */
  readonly decidedBy?: string;
  /** At most 100. */
  readonly rules: readonly RuleExplanation[];
  /** Roles of the principal that the policy does not know. */
  readonly unknownRoles: readonly string[];
  /** Whether rules or conditions were left out for their number. */
  readonly shortened: boolean;
  readonly policyVersion: string;
}

/** A text of SQL with parameters. */
export interface SqlFragment {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** Which rows a principal may touch, as a condition for `WHERE`. */
export interface SqlFilter {
  /** `all` and `none`: the condition is `TRUE` or `FALSE`, no row needs to be asked. */
  readonly kind: 'all' | 'none' | 'some';
  /** Text with `$1`, `$2`, …, in brackets where it needs them. */
  readonly text: string;
  readonly values: readonly SqlValue[];
  /** Text around the values, one piece more than there are values: what template tags such as kysely's `sql` take. */
  readonly parts: readonly string[];
  /** The same after `count` parameters that the statement has already: `$(count + 1)`, … */
  after(count: number): SqlFragment;
}

/** How `accessible` writes. */
export interface FilterOptions {
  /** Name or alias of the table in the statement; default the table's own name. */
  readonly as?: string;
}

/** Outcome of a write check. */
export interface WriteVerdict {
  readonly allowed: boolean;
  /** Fields that may not be written, or that the resource does not have. */
  readonly refusedFields: readonly string[];
  /** Where the row itself is refused: as it stands, or as it would be afterwards. */
  readonly refusedRow?: 'before' | 'after';
}

/** A role that has a permission. */
export interface RoleHolder {
  readonly role: string;
  /** `always`: whatever the row; `sometimes`: it depends on the row, the moment or the person. */
  readonly when: 'always' | 'sometimes';
  /** The conditions in words, by rule. */
  readonly rules: readonly {
    readonly rule: string;
    readonly effect: 'allow' | 'deny';
    readonly text: string;
  }[];
  /** Present when a row was given: values of facts for which this row would be allowed, in words. */
  readonly forRow?: string;
}

/** One cell of the matrix. */
export interface MatrixCell {
  readonly permission: string;
  /** `never` where nothing allows it. */
  readonly when: 'always' | 'sometimes' | 'never';
  /** Conditions in words; empty for `always` and `never`. */
  readonly text: string;
  /** Whether a condition exists only in the process: neither a filter nor row-level security can carry it. */
  readonly inProcessOnly: boolean;
}

/** Roles against permissions, for people. */
export interface AccessMatrix {
  readonly roles: readonly {
    readonly role: string;
    /** Roles it inherits from, near ones first. */
    readonly inherits: readonly string[];
    readonly cells: readonly MatrixCell[];
  }[];
  readonly permissions: readonly string[];
  readonly policyVersion: string;
}

/** How row-level security is installed. */
export interface RowLevelSecurityOptions {
  /** Resources whose tables are protected; default all that have a table with columns. */
  readonly resources?: readonly string[];
  /** Schema of the tables where a table's name has none; default `public`. */
  readonly schema?: string;
  /**
   * Role that owns the look-ups of related rows, created without login where it is missing; default
   * `rampart_lookup`. It may read the related tables and nothing else.
   */
  readonly lookupRole?: string;
  /** What becomes of rules with a predicate of the process: `refuse` (default) throws, `deny` treats them as unknown. */
  readonly inProcessOnly?: 'refuse' | 'deny';
}

/** A difference between what is declared and what the database has. */
export interface Drift {
  readonly table: string;
  readonly kind:
    | 'no-table'
    | 'not-enabled'
    | 'not-forced'
    | 'missing-policy'
    | 'changed-policy'
    | 'foreign-policy'
    | 'missing-function'
    | 'changed-function'
    | 'bypass';
  /** In one sentence, with the name of the policy, function or role. */
  readonly text: string;
}

/** Row-level security of a policy. */
export interface RowLevelSecurity {
  /** One script, which may run any number of times and in any state; all or nothing. */
  readonly install: string;
  /** Removes what `install` made and leaves the tables open. */
  readonly drop: string;
  /** What differs in this database; empty when nothing does. */
  drift(sql: SqlRunner): Promise<readonly Drift[]>;
}

/** A finding about indexes or collations. */
export interface AccessLint {
  readonly resource: string;
  readonly role: string;
  readonly permission: string;
  readonly kind: 'no-index' | 'cannot-use-index' | 'collation' | 'no-table';
  readonly columns: readonly string[];
  /** In one sentence. */
  readonly text: string;
  /** A statement that would mend it, if one would. */
  readonly proposal?: string;
}

/** Answers of a policy. `P` are its permissions, `R` its resources. */
export interface Access<P extends string = string, R extends string = string> {
  /** Hash of the declaration: changes with every rule. */
  readonly version: string;
  /** Every permission that can be asked. */
  readonly permissions: readonly P[];
  readonly roles: readonly string[];
  /** Whether the policy knows the permission: one that it does not know is always refused. */
  knows(permission: string): permission is P;
  /** Whether the condition of any rule of a permission looks at the row: without one, `can` needs no row. */
  needsRow(permission: P): boolean;
  /** Never throws: what is missing or does not fit denies. */
  can(
    principal: AccessPrincipal | undefined,
    permission: P,
    row?: AccessRow | null,
    facts?: AccessFacts,
  ): boolean;
  /** The same decision with everything that was considered. */
  explain(
    principal: AccessPrincipal | undefined,
    permission: P,
    row?: AccessRow | null,
    facts?: AccessFacts,
  ): Explanation;
  /** @throws RampartError `ACCESS_IN_PROCESS_ONLY` where a rule that applies has a predicate of the process */
  accessible(
    principal: AccessPrincipal | undefined,
    permission: P,
    facts?: AccessFacts,
    options?: FilterOptions,
  ): SqlFilter;
  /** Fields that may be read (never more than the declared columns). */
  readable(principal: AccessPrincipal | undefined, resource: R): readonly string[];
  /** Fields that may be written. */
  writable(principal: AccessPrincipal | undefined, resource: R): readonly string[];
  /** Whether lists may be sorted or filtered by a field: only by one that may be read (an oracle otherwise). */
  mayFilter(principal: AccessPrincipal | undefined, resource: R, field: string): boolean;
  /** A copy of the row with nothing but the fields that may be read. Does not ask whether the row may be read. */
  maskRead(principal: AccessPrincipal | undefined, resource: R, row: AccessRow): Record<string, unknown>;
  /**
   * Whether the changes may be written: with a row, by `update` on the row as it stands and as it would be; without
   * one, by `create`.
   */
  checkWrite(
    principal: AccessPrincipal | undefined,
    resource: R,
    changes: AccessRow,
    row?: AccessRow,
    facts?: AccessFacts,
  ): WriteVerdict;
  /** Roles that have a permission, for this row if one is given. */
  whoCan(permission: P, row?: AccessRow): readonly RoleHolder[];
  matrix(): AccessMatrix;
  /** @throws RampartError `ACCESS_IN_PROCESS_ONLY` */
  rowLevelSecurity(options?: RowLevelSecurityOptions): RowLevelSecurity;
  /** Holds the filters against the indexes of a database. Runs nothing but catalogue reads and EXPLAIN. */
  lint(sql: Pick<SqlStore, 'query' | 'transaction'>): Promise<readonly AccessLint[]>;
}

/** What `createAccess` stands on. */
export interface AccessPorts {
  /** Default the machine's clock. */
  readonly clock?: { now(): number };
  /** Predicates that conditions `{ custom: 'name' }` name. In the process only. */
  readonly predicates?: Readonly<Record<string, AccessPredicate>>;
}

/** A condition as code. Anything but `true` is no; what it throws is unknown. Must be quick and without side effects. */
export type AccessPredicate = (
  row: AccessRow | null | undefined,
  principal: AccessPrincipal,
  facts: { readonly nowMs: number },
) => boolean;
