import type { SqlRunner, SqlStore } from '../../ports/sql.ts';

/** A table that is partitioned by month, over a column of time or of milliseconds since the epoch. */
export interface MonthlyPartitions {
  /** `events` or `app.events`: small letters, digits, `_`; at most 40 characters each. */
  readonly table: string;
  readonly by: 'month';
  /** Months that are there before they begin, 1 to 24. Default 3. */
  readonly ahead?: number;
  /** Whole months that are kept beside the present one, 1 to 1,200; null for ever. Default null. */
  readonly keep?: number | null;
}

/** A table that is partitioned by the values of one text column, such as users by role. */
export interface ListPartitions {
  readonly table: string;
  readonly by: 'list';
  /** Name of a partition, after the table's own, to the values that it holds. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

/** How the partitions of one table should be. */
export type PartitionPlan = MonthlyPartitions | ListPartitions;

/** What one run did. */
export interface PartitionReport {
  readonly created: readonly string[];
  readonly dropped: readonly string[];
  /** Rows that waited in the default partition and were moved where they belong. */
  readonly moved: number;
  /** Partitions for which a lock was not free in time; the next run tries again. */
  readonly busy: readonly string[];
}

/** Readers and writers wait at most this long behind a change. */
const LOCK_LIMIT_MS = 2_000;
const NAME = /^[a-z_][a-z0-9_]{0,39}$/;
const VALUE = /^[\p{L}\p{N} _.:@-]{1,100}$/u;

/**
 * Brings the partitions of a table to what its plan says: makes those to come, a default one for what belongs nowhere,
 * and drops those that are too old. A job calls it once a day; calling it again changes nothing. Attaching takes a lock
 * that readers and writers of other partitions do not notice (the default one is locked for that moment); whatever must
 * wait longer than the limit is left for the next run.
 * @throws TypeError on a plan that makes no sense; the database's error on a table that is not partitioned so
 */
export async function managePartitions(
  store: SqlStore,
  plan: PartitionPlan,
  nowMs: number,
  lockLimitMs = LOCK_LIMIT_MS,
): Promise<PartitionReport> {
  checkPlan(plan);
  return store.withLock(`partitions ${plan.table}`, async () => {
    const table = await tableOf(store, plan);
    const report = { created: [] as string[], dropped: [] as string[], moved: 0, busy: [] as string[] };
    const attempt = async (name: string, work: (sql: SqlRunner) => Promise<number>): Promise<boolean> => {
      try {
        report.moved += await store.transaction(async (sql) => {
          await sql.query(`SET LOCAL lock_timeout = ${Math.round(lockLimitMs)}`);
          return work(sql);
        });
        return true;
      } catch (error) {
        if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error;
        report.busy.push(name);
        return false;
      }
    };
    const fallback = `${table.name}_default`;
    const wanted = plan.by === 'month' ? months(plan, table, nowMs) : lists(plan, table);
    const missing: readonly Wanted[] = [
      { name: fallback, bound: 'DEFAULT', where: 'false' },
      ...wanted.filter(({ name }) => name !== fallback),
    ].filter(({ name }) => !table.partitions.has(name));
    for (const one of missing)
      if (await attempt(one.name, (sql) => attach(sql, table, one))) report.created.push(one.name);
    if (plan.by === 'month')
      for (const name of tooOld(plan, table, nowMs))
        if (await attempt(name, (sql) => drop(sql, table, name))) report.dropped.push(name);
    return report;
  });
}

const LOCK_NOT_AVAILABLE = '55P03';

interface Table {
  readonly schema: string;
  readonly name: string;
  readonly column: string;
  /** The column holds milliseconds and no time. */
  readonly isMs: boolean;
  readonly partitions: ReadonlySet<string>;
}

interface Wanted {
  readonly name: string;
  /** What follows `FOR VALUES`, or DEFAULT. */
  readonly bound: string;
  /** Rows of the default partition that belong here. */
  readonly where: string;
}

/** @throws TypeError on a plan that makes no sense */
export function checkPlan(plan: PartitionPlan): void {
  const names = plan.table.split('.');
  if (names.length > 2 || names.some((name) => !NAME.test(name)))
    throw new TypeError(
      'table: small letters, digits and _, at most 40 characters, with a schema or without',
    );
  if (plan.by === 'month') {
    const { ahead = 3, keep = null } = plan;
    if (!Number.isInteger(ahead) || ahead < 1 || ahead > 24) throw new TypeError('ahead: 1 to 24');
    if (keep !== null && (!Number.isInteger(keep) || keep < 1 || keep > 1_200))
      throw new TypeError('keep: 1 to 1200, or null');
    return;
  }
  const entries = Object.entries(plan.lists);
  if (entries.some(([name, values]) => !NAME.test(name) || name === 'default' || values.length === 0))
    throw new TypeError('lists: a name of small letters for each, not default, with one value or more');
  if (entries.some(([, values]) => values.some((value) => !VALUE.test(value))))
    throw new TypeError('lists: values of letters, digits, blanks and _ . : @ -');
}

async function tableOf(sql: SqlRunner, plan: PartitionPlan): Promise<Table> {
  const [name, schema] = plan.table.split('.').toReversed() as [string, string | undefined];
  const { rows } = await sql.query(
    `SELECT n.nspname AS schema, p.partstrat AS strategy, a.attname AS column, format_type(a.atttypid, NULL) AS type,
       ARRAY(SELECT k.relname::text FROM pg_inherits i JOIN pg_class k ON k.oid = i.inhrelid WHERE i.inhparent = c.oid) AS partitions
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_partitioned_table p ON p.partrelid = c.oid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
     WHERE c.oid = to_regclass($1) AND p.partnatts = 1`,
    [schema === undefined ? name : `${schema}.${name}`],
  );
  const [row] = rows;
  if (row?.['strategy'] !== (plan.by === 'month' ? 'r' : 'l'))
    throw new TypeError(
      `${plan.table} is not partitioned by ${plan.by === 'month' ? 'range' : 'list'} of one column`,
    );
  return {
    schema: row['schema'] as string,
    name,
    column: quoted(row['column'] as string),
    isMs: row['type'] === 'bigint',
    partitions: new Set(row['partitions'] as readonly string[]),
  };
}

/** First instant of the month that lies `months` after that of `atMs`, UTC. */
function monthStart(atMs: number, later: number): Date {
  const at = new Date(atMs);
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later, 1));
}

function monthName(table: string, start: Date): string {
  return `${table}_${start.toISOString().slice(0, 7).replace('-', '_')}`;
}

function months({ ahead = 3 }: MonthlyPartitions, table: Table, nowMs: number): readonly Wanted[] {
  const literal = (at: Date): string =>
    table.isMs ? String(at.getTime()) : `'${at.toISOString().slice(0, 10)} 00:00:00+00'`;
  return Array.from({ length: ahead + 1 }, (_, later) => {
    const [from, to] = [literal(monthStart(nowMs, later)), literal(monthStart(nowMs, later + 1))];
    return {
      name: monthName(table.name, monthStart(nowMs, later)),
      bound: `FOR VALUES FROM (${from}) TO (${to})`,
      where: `${table.column} >= ${from} AND ${table.column} < ${to}`,
    };
  });
}

function lists({ lists: given }: ListPartitions, table: Table): readonly Wanted[] {
  return Object.entries(given).map(([name, values]) => {
    const all = values.map((value) => `'${value}'`).join(', ');
    return {
      name: `${table.name}_${name}`,
      bound: `FOR VALUES IN (${all})`,
      where: `${table.column} IN (${all})`,
    };
  });
}

/** Our own months alone; a partition with another name is nobody's business here. */
function tooOld({ keep = null }: MonthlyPartitions, table: Table, nowMs: number): readonly string[] {
  if (keep === null) return [];
  const oldest = monthName(table.name, monthStart(nowMs, -keep));
  return [...table.partitions].filter(
    (name) => name.startsWith(`${table.name}_`) && /_\d{4}_\d{2}$/.test(name) && name < oldest,
  );
}

/**
 * Makes the partition beside the table and attaches it, with the rows that waited for it: ATTACH locks out only other
 * changes of the table's shape, where CREATE … PARTITION OF would lock out everybody.
 */
async function attach(sql: SqlRunner, table: Table, { name, bound, where }: Wanted): Promise<number> {
  const [parent, child] = [path(table, table.name), path(table, name)];
  await sql.query(
    `CREATE TABLE ${child} (LIKE ${parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE)`,
  );
  let moved = 0;
  const fallback = `${table.name}_default`;
  if (bound !== 'DEFAULT' && table.partitions.has(fallback)) {
    const { affected } = await sql.query(
      `WITH gone AS (DELETE FROM ${path(table, fallback)} WHERE ${where} RETURNING *) INSERT INTO ${child} SELECT * FROM gone`,
    );
    moved = affected;
  }
  await sql.query(`ALTER TABLE ${parent} ATTACH PARTITION ${child} ${bound}`);
  return moved;
}

/** Beside a default partition PostgreSQL detaches only under a full lock: it is held for the change of the catalogue. */
async function drop(sql: SqlRunner, table: Table, name: string): Promise<number> {
  await sql.query(`ALTER TABLE ${path(table, table.name)} DETACH PARTITION ${path(table, name)}`);
  await sql.query(`DROP TABLE ${path(table, name)}`);
  return 0;
}

function path(table: Table, name: string): string {
  return `${quoted(table.schema)}.${quoted(name)}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
