import { NotFoundError } from '../../../../core/errors.ts';
import type { FactorKind, FactorSummary } from '../../../../modules/identity/contract.ts';
import type { AccountRow } from '../../../../modules/identity/tables/accounts.ts';
import type { EventEntry } from '../../types.ts';
import type { UserAnswer, UserSummary } from '../../user-types.ts';
import { type AuthPorts, factorStatesOf, historyEntry } from './answers.ts';

/** Sign-ins and events that a user's page shows. */
const SHOWN = 50;

/** A line of the user list. */
export function userSummary(row: AccountRow, factors: readonly FactorKind[]): UserSummary {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    status: row.status,
    roles: row.roles,
    factors,
    createdAtMs: row.created_at_ms,
    lastSignInAtMs: row.last_sign_in_at_ms,
  };
}

/**
 * Everything that administrators may see of an account: never a secret, a code, or the whole phone number.
 * @throws NotFoundError
 */
export async function userAnswer(ports: AuthPorts, id: string): Promise<UserAnswer> {
  const { accounts, sessions, devices, factors } = ports.identity;
  const row = await accounts.get(id);
  if (!row) throw new NotFoundError('There is no such account.');
  const [open, known, summary, attempts, history, events] = await Promise.all([
    sessions.list(id, null),
    devices.list(id),
    factors.summary(id),
    accounts.attempts(id),
    accounts.history(id, SHOWN),
    eventsAbout(ports, id),
  ]);
  return {
    user: {
      ...userSummary(row, enrolled(summary)),
      locale: row.locale,
      emailVerifiedAtMs: row.email_verified_at_ms,
      passwordChangedAtMs: row.password_changed_at_ms,
      mustReset: row.must_reset,
      lockedUntilMs: row.locked_until_ms,
      lockedReason: row.locked_reason,
      mfaEnforced: accounts.mfaEnforced(row.roles),
    },
    sessions: open,
    devices: known.map((one) => ({ ...one, current: false })),
    factors: factorStatesOf(summary),
    attempts,
    history: history.entries.map(historyEntry),
    events,
  };
}

function enrolled({ passkeys, totp, sms, backupCodes }: FactorSummary): readonly FactorKind[] {
  return [
    ...(passkeys.length > 0 ? (['passkey'] as const) : []),
    ...(totp ? (['totp'] as const) : []),
    ...(sms ? (['sms'] as const) : []),
    ...(backupCodes ? (['backup'] as const) : []),
  ];
}

/** Done to the account, or done by it; two halves, so that each can be read along an index of its own. */
const EVENTS = `
SELECT id, type, severity, at_ms, node, about, actor, subject, address, route, decision, details FROM (
  (SELECT * FROM rampart.events WHERE subject = $1 ORDER BY id DESC LIMIT $3)
  UNION
  (SELECT * FROM rampart.events WHERE actor IN ($1, $2) ORDER BY id DESC LIMIT $3)
) AS found ORDER BY id DESC LIMIT $3`;

async function eventsAbout(ports: AuthPorts, id: string): Promise<readonly EventEntry[]> {
  const { rows } = await ports.stores.sql.query(EVENTS, [id, `user:${id}`, SHOWN]);
  return rows.map((row) => {
    const { at_ms: atMs, ...rest } = row as unknown as Omit<EventEntry, 'atMs'> & { readonly at_ms: number };
    return { ...rest, atMs };
  });
}
