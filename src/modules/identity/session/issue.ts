import { newId, newSecret } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { SessionGrant } from '../contract.ts';
import { signAccessToken } from '../token/index.ts';
import { sealedContext } from '../sealed.ts';
import type { SessionHouse } from './house.ts';
import { hashOfSecret, stateOf, type SessionRow } from './rows.ts';

/** What a client holds after a grant. */
export interface Pair {
  /** Session cookie or refresh token. */
  readonly secret: string;
  /** API clients only. */
  readonly accessToken?: string;
  /** End of the access token. */
  readonly accessEndsAtMs?: number;
}

/** Makes a new pair for a session and writes its token row. @returns the pair and the hash of its secret */
export async function issuePair(
  house: SessionHouse,
  tx: SqlRunner,
  row: SessionRow,
  generation: number,
): Promise<{ readonly pair: Pair; readonly hash: string }> {
  const now = house.ports.clock.now();
  const browser = row.client === 'browser';
  const secret = `${browser ? 'rs' : 'rr'}_${newSecret()}`;
  const hash = hashOfSecret(secret);
  const endsAtMs = browser ? row.expires_at_ms : Math.min(row.expires_at_ms, now + house.settings.refreshTtl);
  await tx.query(
    `INSERT INTO rampart.identity_tokens (token_hash, session, generation, created_at_ms, expires_at_ms)
     VALUES ($1, $2, $3, $4, $5)`,
    [hash, row.id, generation, now, endsAtMs],
  );
  return { hash, pair: browser ? { secret } : { secret, ...(await accessToken(house, row, now)) } };
}

async function accessToken(
  house: SessionHouse,
  row: SessionRow,
  nowMs: number,
): Promise<{ readonly accessToken: string; readonly accessEndsAtMs: number }> {
  const { settings, ring } = house;
  const iat = Math.floor(nowMs / 1_000);
  const exp = Math.min(iat + settings.accessTtl / 1_000, Math.floor(row.expires_at_ms / 1_000));
  const claims = {
    iss: settings.issuer,
    aud: settings.audience,
    sub: row.account,
    sid: row.id,
    jti: newId('jti', nowMs),
    iat,
    exp,
    epoch: row.epoch,
    ...(row.dpop_thumbprint === null ? {} : { cnf: { jkt: row.dpop_thumbprint } }),
  };
  return { accessToken: await signAccessToken(claims, ring.signing()), accessEndsAtMs: exp * 1_000 };
}

/** What the client is given: the same for everybody who holds the same pair. */
export function grantOf(house: SessionHouse, row: SessionRow, pair: Pair): SessionGrant {
  const session = stateOf(row, house.settings);
  const now = house.ports.clock.now();
  if (pair.accessToken === undefined) {
    const maxAgeSeconds = Math.max(0, Math.floor((row.expires_at_ms - now) / 1_000));
    return { session, cookie: { value: pair.secret, maxAgeSeconds } };
  }
  const leftMs = (pair.accessEndsAtMs ?? now) - now;
  return {
    session,
    tokens: {
      accessToken: pair.accessToken,
      refreshToken: pair.secret,
      expiresInSeconds: Math.max(0, Math.floor(leftMs / 1_000)),
    },
  };
}

/** Seals a pair for the row of the token that it follows. */
export function sealPair(house: SessionHouse, parentHash: string, pair: Pair): string {
  return house.ports.box.seal(JSON.stringify(pair), sealedContext.token(parentHash));
}

/** Opens what `sealPair` sealed. @throws RampartError `SECRET_UNREADABLE` */
export function openPair(house: SessionHouse, parentHash: string, sealed: string): Pair {
  return JSON.parse(
    Buffer.from(house.ports.box.open(sealed, sealedContext.token(parentHash))).toString('utf8'),
  ) as Pair;
}
