import type { SessionState } from '../contract.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import { agentOf, sameAgent, type Agent } from './agent.ts';
import { storeUnavailable, type Held } from './cache.ts';
import { endSessions } from './end.ts';
import { eventFacts } from '../event-facts.ts';
import type { SessionHouse } from './house.ts';
import type { SessionRow } from './rows.ts';

/** Longer texts are compared anew each time instead of being kept. */
const MAX_KEPT_LENGTH = 512;

/** Whether a request comes from the kind of client that the session was opened on; what fits is remembered. */
export function fitsClient(held: Held, facts: ClientFacts): boolean {
  const { fits } = held;
  if (fits !== undefined && fits.userAgent === facts.userAgent && fits.platform === facts.platform)
    return true;
  if (!sameAgent(agentOf(facts.userAgent, facts.platform), agentOfRow(held.row))) return false;
  if ((facts.userAgent?.length ?? 0) + (facts.platform?.length ?? 0) <= MAX_KEPT_LENGTH) {
    held.fits = { userAgent: facts.userAgent, platform: facts.platform };
  }
  return true;
}

function agentOfRow(row: SessionRow): Pick<Agent, 'family' | 'platform'> {
  return { family: row.agent_family, platform: row.agent_platform };
}

/** Whether a refresh comes from another kind of client. */
export function differsFrom(row: SessionRow, facts: ClientFacts): boolean {
  return !sameAgent(agentOf(facts.userAgent, facts.platform), agentOfRow(row));
}

/**
 * What a request gets that comes from another kind of client: the session with nothing freshly proven, nothing, or the
 * session as it is. The first time it is written and told, and takes effect for the rightful client as well.
 */
export function answerMismatch(
  house: SessionHouse,
  held: Held,
  facts: ClientFacts,
): SessionState | undefined | Promise<SessionState | undefined> {
  const policy = house.settings.onDeviceMismatch;
  if (policy !== 'end' && held.row.mismatch_at_ms !== null) return lowered(house, held);
  if (held.lowered !== undefined) return lowered(house, held);
  return house.ports
    .transaction((tx) => noteMismatch(house, tx, held.row))
    .catch((error: unknown) => {
      throw storeUnavailable(error);
    })
    .then((first) => {
      if (first) tellMismatch(house, held.row, facts);
      return policy === 'end' ? undefined : lowered(house, held);
    });
}

function lowered(house: SessionHouse, held: Held): SessionState {
  if (house.settings.onDeviceMismatch === 'note') return held.state;
  if (held.lowered?.expiresAtMs !== held.state.expiresAtMs) held.lowered = { ...held.state, provenAtMs: {} };
  return held.lowered;
}

/** Writes a mismatch. @returns whether it is the session's first, which is to be told */
export async function noteMismatch(
  house: SessionHouse,
  tx: IdentityTransaction,
  row: Pick<SessionRow, 'id' | 'account'>,
): Promise<boolean> {
  const policy = house.settings.onDeviceMismatch;
  const { affected } = await tx.query(
    `UPDATE rampart.identity_sessions
     SET mismatch_at_ms = $2, proven_at_ms = CASE WHEN $3::boolean THEN '{}'::jsonb ELSE proven_at_ms END
     WHERE id = $1 AND mismatch_at_ms IS NULL AND ended_at_ms IS NULL`,
    [row.id, house.ports.clock.now(), policy === 'step-up'],
  );
  if (policy === 'end') await endSessions(house, tx, row.account, [row.id], 'device-mismatch');
  else if (affected === 1) await house.feed.write(tx, { kind: 'session', id: row.id });
  return affected === 1;
}

/** The event, once the transaction has committed. */
export function tellMismatch(house: SessionHouse, row: SessionRow, facts: ClientFacts): void {
  const seen = agentOf(facts.userAgent, facts.platform);
  house.ports.events.emit('DEVICE_MISMATCH', {
    ...eventFacts(facts),
    subject: row.account,
    outcome: house.settings.onDeviceMismatch === 'end' ? 'refused' : 'success',
    details: {
      session: row.id,
      opened: `${row.agent_family} on ${row.agent_platform}`,
      seen: `${seen.family} on ${seen.platform}`,
      action: house.settings.onDeviceMismatch,
    },
  });
}
