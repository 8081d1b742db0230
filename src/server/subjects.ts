import type { SqlRunner } from '../ports/sql.ts';
import type { SubjectPort } from '../modules/access/grants/index.ts';

/**
 * Roles that subjects have of themselves: accounts as an administrator set them, demo customers their one, programs none.
 * @param accounts whether accounts are kept here
 */
export function subjectRoles(accounts: boolean): SubjectPort['rolesOf'] {
  return async function rolesOf(sql, subject, hold) {
    const colon = subject.indexOf(':');
    const [kind, id] = [subject.slice(0, Math.max(0, colon)), subject.slice(colon + 1)];
    if (kind === 'service') return ofService(sql, id, hold);
    if (kind === 'sample') return ['customer'];
    if (!accounts) return 'elsewhere';
    return kind === 'user' ? ofAccount(sql, id, hold) : undefined;
  };
}

async function ofService(sql: SqlRunner, id: string, hold: boolean): Promise<readonly string[] | undefined> {
  const { rows } = await sql.query(
    `SELECT 1 FROM rampart.access_services WHERE id = $1 AND disabled_at_ms IS NULL${hold ? ' FOR SHARE' : ''}`,
    [id],
  );
  return rows.length === 0 ? undefined : [];
}

async function ofAccount(sql: SqlRunner, id: string, hold: boolean): Promise<readonly string[] | undefined> {
  const { rows } = await sql.query(
    `SELECT roles FROM rampart.identity_accounts WHERE id = $1 AND status = 'active'${hold ? ' FOR SHARE' : ''}`,
    [id],
  );
  return rows[0]?.['roles'] as readonly string[] | undefined;
}
