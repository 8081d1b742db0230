import type { SqlRunner } from '../../ports/sql.ts';
import { APPLICATION_ROLE } from './principal.ts';

/** Something because of which row-level security would not hold for `withPrincipal`. */
export interface RoleFault {
  readonly reason: string;
  readonly remedy: string;
}

const MAX_NAMED = 20;

/**
 * Looks whether the application's role is one that row-level security binds: it exists, bypasses nothing, owns no table,
 * and every table that it may use has row-level security that its owner cannot pass by either. To be called at the start
 * with the application's own connection.
 * @param schemas whose tables hold rows of people; default `public`
 */
export async function roleFaults(
  sql: SqlRunner,
  role: string = APPLICATION_ROLE,
  schemas: readonly string[] = ['public'],
): Promise<readonly RoleFault[]> {
  const { rows } = await sql.query(
    `SELECT r.rolsuper OR r.rolbypassrls AS bypasses, l.rolsuper OR l.rolbypassrls AS login_bypasses
     FROM pg_roles r, pg_roles l WHERE r.rolname = $1 AND l.rolname = session_user`,
    [role],
  );
  const [row] = rows;
  if (!row)
    return [
      {
        reason: `The role ${role} does not exist.`,
        remedy: `CREATE ROLE ${role} NOLOGIN; GRANT ${role} TO the login.`,
      },
    ];
  const faults: RoleFault[] = [];
  if (row['bypasses'] === true)
    faults.push({
      reason: `The role ${role} passes by row-level security.`,
      remedy: `ALTER ROLE ${role} NOSUPERUSER NOBYPASSRLS`,
    });
  if (row['login_bypasses'] === true)
    faults.push({
      reason:
        'The login of this connection passes by row-level security: whoever leaves the role sees everything.',
      remedy: 'Connect as a login without SUPERUSER and BYPASSRLS that is a member of the role.',
    });
  return [...faults, ...(await tableFaults(sql, role, schemas))];
}

async function tableFaults(
  sql: SqlRunner,
  role: string,
  schemas: readonly string[],
): Promise<readonly RoleFault[]> {
  const { rows } = await sql.query(
    `SELECT n.nspname || '.' || c.relname AS name, o.rolname = $1 AS owned, c.relrowsecurity AS bound, c.relforcerowsecurity AS forced
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
     WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY($2)
       AND has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
       AND (o.rolname = $1 OR NOT c.relrowsecurity OR NOT c.relforcerowsecurity)
     ORDER BY 1`,
    [role, schemas],
  );
  const named = (fits: (row: Readonly<Record<string, unknown>>) => boolean): string => {
    const names = rows.filter(fits).map((row) => String(row['name']));
    const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
    return names.slice(0, MAX_NAMED).join(', ') + more;
  };
  const faults: RoleFault[] = [];
  const add = (names: string, reason: string, remedy: string): void => {
    if (names !== '') faults.push({ reason: `${reason}: ${names}.`, remedy });
  };
  add(
    named((row) => row['owned'] === true),
    `The role ${role} owns tables`,
    'ALTER TABLE … OWNER TO another role',
  );
  add(
    named((row) => row['bound'] !== true),
    'Tables without row-level security',
    'ALTER TABLE … ENABLE ROW LEVEL SECURITY',
  );
  add(
    named((row) => row['bound'] === true && row['forced'] !== true),
    'Tables whose owner passes by row-level security',
    'ALTER TABLE … FORCE ROW LEVEL SECURITY',
  );
  return faults;
}
