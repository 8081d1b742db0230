import type { SqlRunner } from '../../../ports/sql.ts';
import type { Drift } from '../contract.ts';
import { MADE } from './policy-hash.ts';
import { type PlannedTable, type RlsPlan, SCHEMA } from './rls-plan.ts';
import { quoteTable } from './sql.ts';

/** What differs between a plan and a database. Reads the catalogue alone. */
export async function driftOf(plan: RlsPlan, sql: SqlRunner): Promise<readonly Drift[]> {
  const found: Drift[] = [];
  for (const table of plan.tables) found.push(...(await tableDrift(table, sql)));
  found.push(...(await functionDrift(plan, sql)));
  return found;
}

interface PolicyRow {
  readonly name: string;
  readonly comment: string | null;
  readonly made: string;
  readonly command: string;
}

async function tableDrift(planned: PlannedTable, sql: SqlRunner): Promise<readonly Drift[]> {
  const table = `${planned.table.schema}.${planned.table.name}`;
  const say = (kind: Drift['kind'], text: string): Drift => ({ table, kind, text });
  const quoted = quoteTable(planned.table);
  const { rows } = await sql.query(
    `SELECT c.oid::int8 AS oid, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1)`,
    [quoted],
  );
  const [state] = rows;
  if (!state) return [say('no-table', `There is no table ${table}.`)];
  const found: Drift[] = [];
  if (state['enabled'] !== true) found.push(say('not-enabled', `Row-level security of ${table} is off.`));
  if (state['forced'] !== true)
    found.push(say('not-forced', `The owner of ${table} is not subject to its policies.`));
  found.push(...policyDrift(planned, await policiesOf(sql, quoted), say));
  return [...found, ...(await bypasses(sql, quoted, say))];
}

async function policiesOf(sql: SqlRunner, quoted: string): Promise<readonly PolicyRow[]> {
  const { rows } = await sql.query(
    `SELECT p.polname AS name, p.polcmd::text AS command, pg_catalog.obj_description(p.oid, 'pg_policy') AS comment, ${MADE} AS made FROM pg_catalog.pg_policy p WHERE p.polrelid = pg_catalog.to_regclass($1) AND p.polpermissive`,
    [quoted],
  );
  return rows as unknown as readonly PolicyRow[];
}

function policyDrift(
  { policies, lookupColumns }: PlannedTable,
  rows: readonly PolicyRow[],
  say: (kind: Drift['kind'], text: string) => Drift,
): readonly Drift[] {
  const found = policies.flatMap(({ name, hash }): Drift[] => {
    const row = rows.find((one) => one.name === name);
    if (!row) return [say('missing-policy', `The policy ${name} is missing.`)];
    if (row.comment === `rampart ${hash} ${row.made}`) return [];
    const ours = row.comment?.startsWith(`rampart ${hash} `) === true;
    const text = ours
      ? `The policy ${name} was changed by hand.`
      : `The policy ${name} is of another declaration.`;
    return [say('changed-policy', text)];
  });
  const lookup = lookupColumns.length > 0 ? ['rampart_lookup'] : [];
  const known = new Set([...policies.map(({ name }) => name), ...lookup]);
  if (lookup.length > 0 && !rows.some(({ name, command }) => name === 'rampart_lookup' && command === 'r'))
    found.push(say('missing-policy', 'The policy rampart_lookup is missing.'));
  const foreign = rows.filter(({ name }) => !known.has(name));
  return [
    ...found,
    ...foreign.map(({ name }) =>
      say('foreign-policy', `The policy ${name} allows rows beyond what is declared.`),
    ),
  ];
}

/** Ways around the policies: partitions without any, and views that ask as an owner whom no policy holds. */
async function bypasses(
  sql: SqlRunner,
  quoted: string,
  say: (kind: Drift['kind'], text: string) => Drift,
): Promise<readonly Drift[]> {
  const { rows: parts } = await sql.query(
    `SELECT c.relname AS name FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass($1)) t JOIN pg_catalog.pg_class c ON c.oid = t.relid WHERE t.level > 0 AND NOT c.relrowsecurity`,
    [quoted],
  );
  const { rows: views } = await sql.query(
    `SELECT DISTINCT v.relname AS name FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid JOIN pg_catalog.pg_class v ON v.oid = r.ev_class JOIN pg_catalog.pg_roles o ON o.oid = v.relowner WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refobjid = pg_catalog.to_regclass($1) AND v.relkind IN ('v', 'm') AND (v.relkind = 'm' OR ((o.rolsuper OR o.rolbypassrls) AND NOT COALESCE(v.reloptions::text[] && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)))`,
    [quoted],
  );
  return [
    ...parts.map(({ name }) =>
      say('bypass', `The partition ${String(name)} has no policies when it is asked directly.`),
    ),
    ...views.map(({ name }) =>
      say('bypass', `The view ${String(name)} shows rows past the policies; make it security_invoker.`),
    ),
  ];
}

async function functionDrift({ functions, lookupRole }: RlsPlan, sql: SqlRunner): Promise<readonly Drift[]> {
  if (functions.length === 0) return [];
  const { rows } = await sql.query(
    `SELECT f.proname AS name, f.prosrc AS body, f.prosecdef AS definer, pg_catalog.pg_get_userbyid(f.proowner) AS owner FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace WHERE n.nspname = $1`,
    [SCHEMA],
  );
  return functions.flatMap(({ name, body }): Drift[] => {
    const row = rows.find((one) => one['name'] === name);
    const say = (kind: Drift['kind'], text: string): Drift => ({ table: SCHEMA, kind, text });
    if (!row) return [say('missing-function', `The look-up ${name} is missing.`)];
    const same = row['body'] === body && row['definer'] === true && row['owner'] === lookupRole;
    return same ? [] : [say('changed-function', `The look-up ${name} was changed by hand.`)];
  });
}
