import { toSqlText } from '../../../base/database/index.ts';
import { AppError, AuthenticationError } from '../../../core/errors.ts';
import { newId } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { AssuranceLevel, FactorKind, NewSession, SessionGrant, SessionScope } from '../contract.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import { agentOf } from './agent.ts';
import type { SessionHouse } from './house.ts';
import { endSessions } from './end.ts';
import { grantOf, issuePair } from './issue.ts';
import { lockAccount, lockSession, sessionById, type SessionRow } from './rows.ts';

/**
 * Opens a session in the caller's transaction. Sign-ins of one account wait for each other, so that the limit of
 * parallel sessions holds and none slips past an `endAll` that runs at the same time.
 * @throws AuthenticationError when the account is not active (any more)
 */
export async function openSession(
  house: SessionHouse,
  tx: IdentityTransaction,
  given: NewSession,
): Promise<SessionGrant> {
  const { ports } = house;
  const status = await lockAccount(tx, given.account);
  if (status !== 'active') throw new AuthenticationError('This account cannot sign in.');
  const now = ports.clock.now();
  const id = newId('ses', now);
  await insertSession(house, tx, id, given, now);
  await endSurplus(house, tx, given.account, now);
  const row = (await sessionById(tx, id)) as SessionRow;
  const { pair } = await issuePair(house, tx, row, 1);
  return grantOf(house, row, pair);
}

async function insertSession(
  { ports, settings }: SessionHouse,
  tx: SqlRunner,
  id: string,
  given: NewSession,
  now: number,
): Promise<void> {
  const { facts } = given;
  const agent = agentOf(facts.userAgent, facts.platform);
  const place = ports.placeOf?.(facts.address);
  await tx.query(
    `INSERT INTO rampart.identity_sessions (id, account, client, scope, aal, factors, proven_at_ms, device,
       device_name, agent_family, agent_platform, address, place, dpop_thumbprint, created_at_ms, seen_at_ms,
       expires_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16)`,
    [
      id,
      given.account,
      facts.client,
      given.scope,
      given.aal,
      given.factors,
      JSON.stringify(Object.fromEntries(given.factors.map((factor) => [factor, now]))),
      given.device,
      agent.name,
      agent.family,
      agent.platform,
      toSqlText(facts.address.slice(0, 64)),
      place === undefined ? null : toSqlText([place.city, place.country].filter(Boolean).join(', ')),
      settings.dpop === 'optional' && facts.client === 'api' ? (facts.dpopThumbprint ?? null) : null,
      now,
      now + settings.lifetime[given.aal].overall,
    ],
  );
}

/** Ends the oldest sessions beyond the limit. Those that have run out by themselves do not count. */
async function endSurplus(
  house: SessionHouse,
  tx: IdentityTransaction,
  account: string,
  now: number,
): Promise<void> {
  const { settings } = house;
  const { rows } = await tx.query(
    `SELECT id FROM rampart.identity_sessions
     WHERE account = $1 AND ended_at_ms IS NULL AND expires_at_ms > $2
       AND seen_at_ms > CASE aal WHEN 2 THEN $3::bigint ELSE $4::bigint END
     ORDER BY id DESC OFFSET $5`,
    [account, now, now - settings.lifetime[2].idle, now - settings.lifetime[1].idle, settings.maxSessions],
  );
  await endSessions(
    house,
    tx,
    account,
    rows.map((row) => String(row['id'])),
    'too-many',
  );
}

/** What a session is from now on. */
export interface SessionChange {
  readonly proven: readonly FactorKind[];
  readonly aal?: AssuranceLevel;
  readonly scope?: SessionScope;
}

/**
 * Notes freshly proven factors: every token of before ends with this transaction, access tokens too (their epoch is
 * over). The overall end never moves away; a raised level may bring it nearer. Who proves a factor from another kind
 * of client is at home there from now on.
 * @throws AppError 401 `SESSION_ENDED`
 */
export async function renewSession(
  house: SessionHouse,
  tx: IdentityTransaction,
  id: string,
  change: SessionChange,
  facts: ClientFacts,
): Promise<SessionGrant> {
  const { ports, settings } = house;
  const known = await sessionById(tx, id);
  if (known === undefined) throw sessionEnded();
  // First the account, then the session: the order of everybody who needs both.
  const status = await lockAccount(tx, known.account);
  const before = await lockSession(tx, id);
  const now = ports.clock.now();
  if (
    before === undefined ||
    before.ended_at_ms !== null ||
    before.expires_at_ms <= now ||
    status !== 'active'
  ) {
    throw sessionEnded();
  }
  if (before.dpop_thumbprint !== null && before.dpop_thumbprint !== facts.dpopThumbprint)
    throw sessionEnded();
  const aal = change.aal ?? before.aal;
  const end =
    aal > before.aal
      ? Math.min(before.expires_at_ms, now + settings.lifetime[aal].overall)
      : before.expires_at_ms;
  const proven = { ...before.proven_at_ms, ...Object.fromEntries(change.proven.map((one) => [one, now])) };
  const agent = agentOf(facts.userAgent, facts.platform);
  await tx.query(
    `UPDATE rampart.identity_sessions SET scope = $2, aal = $3, factors = $4, proven_at_ms = $5::jsonb,
       agent_family = $6, agent_platform = $7, device_name = $8, seen_at_ms = $9, expires_at_ms = $10,
       epoch = epoch + 1, mismatch_at_ms = NULL WHERE id = $1`,
    [
      id,
      change.scope ?? before.scope,
      aal,
      [...new Set([...before.factors, ...change.proven])],
      JSON.stringify(proven),
      agent.family,
      agent.platform,
      agent.name,
      now,
      end,
    ],
  );
  await tx.query('DELETE FROM rampart.identity_tokens WHERE session = $1', [id]);
  const row = (await sessionById(tx, id)) as SessionRow;
  const { pair } = await issuePair(house, tx, row, 1);
  await house.feed.write(tx, { kind: 'session', id });
  return grantOf(house, row, pair);
}

function sessionEnded(): AppError {
  return new AppError('Your session has ended. Sign in again.', 401, 'SESSION_ENDED');
}
