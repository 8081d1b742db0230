import type { RowLevelSecurity, RowLevelSecurityOptions } from '../contract.ts';
import { driftOf } from './drift.ts';
import type { Model } from './model.ts';
import { MADE } from './policy-hash.ts';
import { quoteText } from './rls-emitter.ts';
import {
  COMMANDS,
  type PlannedFunction,
  type PlannedTable,
  planRls,
  type RlsPlan,
  SCHEMA,
} from './rls-plan.ts';
import { quoteName, quoteTable } from './sql.ts';

/** Row-level security of a policy. @throws RampartError `ACCESS_IN_PROCESS_ONLY` */
export function rowLevelSecurityOf(model: Model, options: RowLevelSecurityOptions = {}): RowLevelSecurity {
  const plan = planRls(model, options);
  return {
    install: block(plan, [
      ...lookupRole(plan),
      ...plan.functions.flatMap((one) => functionOf(one, plan)),
      ...plan.tables.flatMap((table) => tableOf(table, plan)),
      ...staleFunctions(plan),
    ]),
    drop: block(plan, [
      ...plan.tables.flatMap(openTable),
      `DROP SCHEMA IF EXISTS ${quoteName(SCHEMA)} CASCADE;`,
      ...dropRole(plan),
    ]),
    drift: (sql) => driftOf(plan, sql),
  };
}

/**
 * One statement, so that it is all or nothing and may stand within a transaction. Only pg_catalog is on the path: what
 * somebody laid into another schema is not called.
 */
function block(plan: RlsPlan, statements: readonly string[]): string {
  const body = [
    'DECLARE',
    `  path text := pg_catalog.current_setting('search_path');`,
    'BEGIN',
    `  PERFORM pg_catalog.set_config('search_path', 'pg_catalog', true);`,
    // Two nodes that start together install one after the other.
    `  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('rampart.access'));`,
    ...statements.map((statement) => `  ${statement}`),
    `  PERFORM pg_catalog.set_config('search_path', path, true);`,
    'END',
  ].join('\n');
  let tag = `$rampart_${plan.version}$`;
  while (body.includes(tag)) tag = `${tag.slice(0, -1)}_$`;
  return `DO ${tag}\n${body}\n${tag};\n`;
}

function lookupRole(plan: RlsPlan): readonly string[] {
  if (plan.functions.length === 0) return [];
  const role = quoteName(plan.lookupRole);
  return [
    orHint(
      `IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ${quoteText(plan.lookupRole)}) THEN CREATE ROLE ${role} NOLOGIN; END IF;`,
      'CREATE ROLE %1$I NOLOGIN; GRANT %1$I TO %2$I;',
      quoteText(plan.lookupRole),
    ),
    // Who hands a function to a role must be able to become it; making it does not do, from PostgreSQL 16 on.
    orHint(
      `IF NOT pg_has_role(current_user, ${quoteText(plan.lookupRole)}, CASE WHEN pg_catalog.current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN EXECUTE pg_catalog.format('GRANT %I TO %I', ${quoteText(plan.lookupRole)}, current_user); END IF;`,
      'GRANT %1$I TO %2$I;',
      quoteText(plan.lookupRole),
    ),
    // Where it stands already, no right to make one is needed.
    orHint(
      `IF pg_catalog.to_regnamespace(${quoteText(SCHEMA)}) IS NULL THEN CREATE SCHEMA ${quoteName(SCHEMA)}; END IF;`,
      'GRANT CREATE ON DATABASE %1$I TO %2$I;',
      'pg_catalog.current_database()',
    ),
    `REVOKE ALL ON SCHEMA ${quoteName(SCHEMA)} FROM PUBLIC;`,
    `GRANT USAGE, CREATE ON SCHEMA ${quoteName(SCHEMA)} TO ${role};`,
    ...plan.tables
      .filter(({ lookupColumns }) => lookupColumns.length > 0)
      .flatMap(({ table, lookupColumns }) => [
        `GRANT USAGE ON SCHEMA ${quoteName(table.schema)} TO ${role};`,
        `GRANT SELECT (${lookupColumns.map(quoteName).join(', ')}) ON ${quoteTable(table)} TO ${role};`,
      ]),
  ];
}

/** A step that the role at hand may have no right to; the error then says what an administrator runs. */
function orHint(statement: string, remedy: string, object: string): string {
  const words = quoteText(`%3$s. An administrator runs once: ${remedy}`);
  const message = `pg_catalog.format(${words}, ${object}, current_user, SQLERRM)`;
  return `BEGIN ${statement} EXCEPTION WHEN insufficient_privilege THEN RAISE insufficient_privilege USING MESSAGE = ${message}; END;`;
}

function functionOf(one: PlannedFunction, plan: RlsPlan): readonly string[] {
  const name = `${quoteName(SCHEMA)}.${quoteName(one.name)}(${one.signature})`;
  return [
    `CREATE OR REPLACE FUNCTION ${name} RETURNS ${one.returns} LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog AS ${quoteText(one.body)};`,
    `ALTER FUNCTION ${name} OWNER TO ${quoteName(plan.lookupRole)};`,
  ];
}

function tableOf({ table, policies, lookupColumns }: PlannedTable, plan: RlsPlan): readonly string[] {
  const on = quoteTable(table);
  return [
    `ALTER TABLE ${on} ENABLE ROW LEVEL SECURITY;`,
    `ALTER TABLE ${on} FORCE ROW LEVEL SECURITY;`,
    ...removePolicies(on),
    ...policies.map(
      ({ name, command, clauses }) => `CREATE POLICY ${name} ON ${on} FOR ${command} TO PUBLIC${clauses};`,
    ),
    ...(lookupColumns.length === 0
      ? []
      : [`CREATE POLICY rampart_lookup ON ${on} FOR SELECT TO ${quoteName(plan.lookupRole)} USING (true);`]),
    ...policies.map(({ name, hash }) => markPolicy(on, name, hash)),
  ];
}

function removePolicies(on: string): readonly string[] {
  const names = [...COMMANDS.map(({ command }) => `rampart_${command.toLowerCase()}`), 'rampart_lookup'];
  return names.map((name) => `DROP POLICY IF EXISTS ${name} ON ${on};`);
}

/** Hash of what was asked for, and of what the database made of it: a later ALTER POLICY changes the second. */
function markPolicy(on: string, name: string, hash: string): string {
  return `EXECUTE pg_catalog.format('COMMENT ON POLICY ${name} ON ${on.replaceAll('%', '%%').replaceAll("'", "''")} IS %L', 'rampart ${hash} ' || (${madeOf(on, name)}));`;
}

/** SQL of the hash of a policy as it stands. */
function madeOf(on: string, name: string): string {
  return `SELECT ${MADE} FROM pg_policy p WHERE p.polrelid = ${quoteText(on)}::regclass AND p.polname = '${name}'`;
}

/** Functions of an earlier policy, which nothing uses any more. */
function staleFunctions(plan: RlsPlan): readonly string[] {
  const keep = plan.functions.map(({ name }) => quoteText(name)).join(', ') || `''`;
  return [
    'DECLARE stale regprocedure; BEGIN',
    `  FOR stale IN SELECT f.oid::regprocedure FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE n.nspname = '${SCHEMA}' AND f.proname NOT IN (${keep}) AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.refobjid = f.oid AND d.classid = 'pg_policy'::regclass) LOOP`,
    `    EXECUTE pg_catalog.format('DROP FUNCTION %s', stale);`,
    '  END LOOP;',
    'END;',
  ];
}

function openTable({ table }: PlannedTable): readonly string[] {
  const on = quoteTable(table);
  return [
    `IF pg_catalog.to_regclass(${quoteText(on)}) IS NOT NULL THEN`,
    ...removePolicies(on),
    `ALTER TABLE ${on} NO FORCE ROW LEVEL SECURITY;`,
    `ALTER TABLE ${on} DISABLE ROW LEVEL SECURITY;`,
    'END IF;',
  ];
}

/** The role may serve other databases of the server: only what it has in this one goes. */
function dropRole({ lookupRole }: RlsPlan): readonly string[] {
  return [
    `IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ${quoteText(lookupRole)}) THEN DROP OWNED BY ${quoteName(lookupRole)}; END IF;`,
  ];
}
