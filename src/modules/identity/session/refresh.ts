import type { SessionGrant } from '../contract.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import { storeUnavailable } from './cache.ts';
import { endSessions } from './end.ts';
import { eventFacts } from '../event-facts.ts';
import type { SessionHouse } from './house.ts';
import { grantOf, issuePair, openPair, sealPair } from './issue.ts';
import { differsFrom, noteMismatch, tellMismatch } from './mismatch.ts';
import { hashOfSecret, isAlive, lockSession, REFRESH_FORM, tokenByHash, type SessionRow } from './rows.ts';

/** Used tokens of one session that are remembered to recognise a thief's; older ones are merely unknown. */
const MAX_GENERATIONS = 1_024;

type Outcome =
  | { readonly kind: 'granted'; readonly grant: SessionGrant; readonly mismatch?: SessionRow }
  | { readonly kind: 'ended'; readonly account?: string; readonly mismatch?: SessionRow }
  | { readonly kind: 'key'; readonly account: string }
  | { readonly kind: 'reuse'; readonly row: SessionRow };

/**
 * Exchanges a refresh token or session cookie for the next one (RFC 9700 §4.14.2). Everything about one session happens
 * behind its row's lock, so that of any number of simultaneous exchanges one makes the child; the others, within the
 * grace, are given the same pair. A token that comes back later, or whose child is in use, was stolen: the session ends.
 */
export async function refreshSession(
  house: SessionHouse,
  token: string,
  facts: ClientFacts,
): Promise<SessionGrant | undefined> {
  const { ports, refusals } = house;
  if (!REFRESH_FORM.test(token)) {
    refusals.tell('TOKEN_REFUSED', facts, 'refresh: form');
    return undefined;
  }
  const outcome = await decide(house, hashOfSecret(token), facts).catch((error: unknown) => {
    throw storeUnavailable(error);
  });
  if ('mismatch' in outcome && outcome.mismatch) tellMismatch(house, outcome.mismatch, facts);
  switch (outcome.kind) {
    case 'granted':
      return outcome.grant;
    case 'ended':
      refusals.tell('TOKEN_REFUSED', facts, 'refresh: ended', {
        severity: 'LOW',
        ...(outcome.account === undefined ? {} : { subject: outcome.account }),
      });
      return undefined;
    case 'key':
      refusals.tell('DPOP_REFUSED', facts, 'refresh: another key', { subject: outcome.account });
      return undefined;
    case 'reuse': {
      const { account, id } = outcome.row;
      ports.events.emit('REFRESH_REUSE', {
        ...eventFacts(facts),
        subject: account,
        outcome: 'refused',
        details: { session: id },
      });
      const { onReuse } = ports;
      if (onReuse) house.background('notice of a stolen token', async () => onReuse(account, id, facts));
      return undefined;
    }
  }
}

async function decide(house: SessionHouse, hash: string, facts: ClientFacts): Promise<Outcome> {
  const { ports, settings } = house;
  // Outside of the transaction: a token that nobody knows costs one look.
  const known = await tokenByHash(ports.sql, hash);
  if (known === undefined) return { kind: 'ended' };
  return ports.transaction(async (tx): Promise<Outcome> => {
    const row = await lockSession(tx, known.session);
    const now = ports.clock.now();
    if (row === undefined || !isAlive(row, settings, now)) {
      return { kind: 'ended', ...(row === undefined ? {} : { account: row.account }) };
    }
    if (row.dpop_thumbprint !== null && row.dpop_thumbprint !== facts.dpopThumbprint) {
      return { kind: 'key', account: row.account };
    }
    const first = differsFrom(row, facts) && (await noteMismatch(house, tx, row));
    const seen = first ? { mismatch: row } : {};
    if (settings.onDeviceMismatch === 'end' && differsFrom(row, facts)) {
      return { kind: 'ended', account: row.account, ...seen };
    }
    const cleared = first && settings.onDeviceMismatch === 'step-up';
    const current = cleared ? { ...row, proven_at_ms: {} } : row;
    const { affected } = await tx.query(
      `UPDATE rampart.identity_tokens SET used_at_ms = $2
       WHERE token_hash = $1 AND used_at_ms IS NULL AND expires_at_ms > $2`,
      [hash, now],
    );
    const outcome =
      affected === 1
        ? await rotate(house, tx, current, hash, known.generation + 1)
        : await repeated(house, tx, current, hash, now);
    return { ...outcome, ...seen };
  });
}

/** Makes the child and leaves it, sealed, with its parent. */
async function rotate(
  house: SessionHouse,
  tx: IdentityTransaction,
  row: SessionRow,
  hash: string,
  generation: number,
): Promise<Outcome> {
  const now = house.ports.clock.now();
  const { pair, hash: childHash } = await issuePair(house, tx, row, generation);
  await tx.query(
    'UPDATE rampart.identity_tokens SET successor_hash = $2, successor = $3 WHERE token_hash = $1',
    [hash, childHash, sealPair(house, hash, pair)],
  );
  await tx.query('UPDATE rampart.identity_sessions SET seen_at_ms = GREATEST(seen_at_ms, $2) WHERE id = $1', [
    row.id,
    now,
  ]);
  if (generation > MAX_GENERATIONS) {
    await tx.query('DELETE FROM rampart.identity_tokens WHERE session = $1 AND generation <= $2', [
      row.id,
      generation - MAX_GENERATIONS,
    ]);
  }
  // Nodes that know the old cookie must see that its time is short now.
  if (row.client === 'browser') await house.feed.write(tx, { kind: 'session', id: row.id });
  return {
    kind: 'granted',
    grant: grantOf(house, { ...row, seen_at_ms: Math.max(row.seen_at_ms, now) }, pair),
  };
}

/** A token that was used before, or has run out. */
async function repeated(
  house: SessionHouse,
  tx: IdentityTransaction,
  row: SessionRow,
  hash: string,
  now: number,
): Promise<Outcome> {
  const token = await tokenByHash(tx, hash);
  if (token === undefined || token.used_at_ms === null) return { kind: 'ended', account: row.account };
  if (now - token.used_at_ms <= house.settings.grace && token.successor_hash && token.successor) {
    const child = await tokenByHash(tx, token.successor_hash);
    if (child !== undefined && child.used_at_ms === null) {
      return { kind: 'granted', grant: grantOf(house, row, openPair(house, hash, token.successor)) };
    }
  }
  await endSessions(house, tx, row.account, [row.id], 'refresh-reuse');
  return { kind: 'reuse', row };
}
