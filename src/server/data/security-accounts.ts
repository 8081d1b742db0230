import type { SqlRunner } from '../../ports/sql.ts';
import type { IdentityAnswer } from '../api/security-types.ts';
import { CONSOLE_ROLES } from '../api/user-types.ts';

const FACTORS = `
SELECT count(*)::int AS accounts,
  count(*) FILTER (WHERE totp OR passkey OR phone)::int AS "withFactor",
  count(*) FILTER (WHERE totp)::int AS totp,
  count(*) FILTER (WHERE passkey)::int AS passkey,
  count(*) FILTER (WHERE phone)::int AS phone,
  count(*) FILTER (WHERE staff)::int AS staff,
  count(*) FILTER (WHERE staff AND (totp OR passkey OR phone))::int AS "staffWithFactor"
FROM (
  SELECT a.roles && $1::text[] AS staff, t.account IS NOT NULL AS totp, k.account IS NOT NULL AS passkey,
    p.account IS NOT NULL AS phone
  FROM rampart.identity_accounts AS a
  LEFT JOIN (SELECT DISTINCT account FROM rampart.identity_totp WHERE confirmed_at_ms IS NOT NULL) AS t ON t.account = a.id
  LEFT JOIN (SELECT DISTINCT account FROM rampart.identity_passkeys) AS k ON k.account = a.id
  LEFT JOIN (SELECT DISTINCT account FROM rampart.identity_phones) AS p ON p.account = a.id
  WHERE a.status IN ('active', 'locked')
) AS counted`;

/** How many accounts that may sign in have a second factor, and which. */
export async function enrolment(runner: SqlRunner): Promise<NonNullable<IdentityAnswer['enrolment']>> {
  const { rows } = await runner.query(FACTORS, [[...CONSOLE_ROLES]]);
  const row = rows[0] ?? {};
  const number = (name: string): number => Number(row[name] ?? 0);
  return {
    accounts: number('accounts'),
    withFactor: number('withFactor'),
    totp: number('totp'),
    passkey: number('passkey'),
    phone: number('phone'),
    staff: number('staff'),
    staffWithFactor: number('staffWithFactor'),
  };
}
