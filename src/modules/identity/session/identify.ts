import type { Credential, SessionState } from '../contract.ts';
import type { ClientFacts } from '../request.ts';
import { verifyAccessToken, type TokenFault, type TokenRules } from '../token/index.ts';
import { storeUnavailable, type Held } from './cache.ts';
import type { SessionHouse } from './house.ts';
import { answerMismatch, fitsClient } from './mismatch.ts';
import { Recent } from './recent.ts';
import { COOKIE_FORM, endOf, hashOfSecret, sessionByCookie } from './rows.ts';

/** A session's last use is written at most once in this time. */
const TOUCH_MS = 60_000;

/** A credential that was verified before. */
interface Seen {
  readonly session: string;
  readonly account: string;
  /** It ends then, whatever its session does. */
  readonly endsAtMs: number;
  /** Access tokens: the session's epoch in which it was made; null for cookies. */
  readonly epoch: number | null;
  /** Thumbprint of the key that it is bound to. */
  readonly jkt: string | null;
  held: Held;
}

type Answer = SessionState | undefined | Promise<SessionState | undefined>;

/**
 * Says who stands behind a credential. One that was seen before is looked up by its text and answered at once: nothing is
 * allocated, verified or awaited. Everything else goes the slow way.
 */
export class Identifier {
  readonly #house: SessionHouse;
  readonly #rules: TokenRules;
  readonly #seen: Recent<Seen>;

  constructor(house: SessionHouse) {
    const { settings, ring } = house;
    this.#house = house;
    this.#seen = new Recent(settings.cacheSize);
    this.#rules = {
      issuer: settings.issuer,
      audience: settings.audience,
      algorithm: settings.algorithm,
      maxLifeSeconds: settings.accessTtl / 1_000,
      keyOf: (segment) => ring.byHeader(segment),
    };
  }

  identify(credential: Credential, facts: ClientFacts): Answer {
    const { ports, feed } = this.#house;
    const now = ports.clock.now();
    const seen = this.#seen.get(credential.token);
    if (seen !== undefined && isOfKind(seen, credential)) {
      const { held } = seen;
      const hit = held.live && now < seen.endsAtMs && now < held.deadlineMs && feed.trusted();
      if (hit) return this.#pass(seen, credential, facts, now);
    }
    return credential.kind === 'cookie'
      ? this.#byCookie(credential, facts, now)
      : this.#byAccessToken(credential, seen, facts, now);
  }

  #byAccessToken(credential: Credential, known: Seen | undefined, facts: ClientFacts, now: number): Answer {
    const { cache, feed } = this.#house;
    // The signature of a token that was seen has been verified; what it says of time and session is looked at again.
    let base: Omit<Seen, 'held'> | undefined =
      known === undefined || known.epoch === null || known.endsAtMs <= now ? undefined : known;
    if (base === undefined) {
      const verified = verifyAccessToken(credential.token, this.#rules, now);
      if (!verified.ok) return this.#refuse(verified.why, facts);
      const { sid, sub, exp, epoch, cnf } = verified.claims;
      base = { session: sid, account: sub, endsAtMs: exp * 1_000, epoch, jkt: cnf?.jkt ?? null };
    }
    const checked = base;
    const held = cache.peek(checked.session, feed);
    if (held !== undefined) return this.#settle(checked, held, credential, facts, now);
    return cache
      .load(checked.session, feed)
      .then((loaded) => this.#settle(checked, loaded, credential, facts, now));
  }

  /** Holds a verified token against its session. */
  #settle(
    base: Omit<Seen, 'held'>,
    held: Held | undefined,
    credential: Credential,
    facts: ClientFacts,
    now: number,
  ): Answer {
    if (held === undefined || held.state.account !== base.account || held.row.epoch !== base.epoch) {
      this.#seen.delete(credential.token);
      return this.#refuse('ended', facts, base.account);
    }
    const { session, account, endsAtMs, epoch, jkt } = base;
    const seen = { session, account, endsAtMs, epoch, jkt, held };
    this.#seen.set(credential.token, seen);
    return this.#pass(seen, credential, facts, now);
  }

  async #byCookie(
    credential: Credential,
    facts: ClientFacts,
    now: number,
  ): Promise<SessionState | undefined> {
    const { ports, settings, cache, feed } = this.#house;
    const { token } = credential;
    if (!COOKIE_FORM.test(token)) return this.#refuse('form', facts);
    const { mark } = cache;
    const row = await sessionByCookie(ports.sql, hashOfSecret(token)).catch((error: unknown) => {
      throw storeUnavailable(error);
    });
    const endsAtMs =
      row === undefined
        ? 0
        : Math.min(
            row.token_expires,
            row.token_used === null ? row.token_expires : row.token_used + settings.grace,
          );
    if (row === undefined || row.ended_at_ms !== null || now >= endsAtMs || now >= endOf(row, settings)) {
      this.#seen.delete(token);
      return this.#refuse('ended', facts, row?.account);
    }
    const held = cache.keep(row, mark, feed);
    const seen = { session: row.id, account: row.account, endsAtMs, epoch: null, jkt: null, held };
    this.#seen.set(token, seen);
    return this.#pass(seen, credential, facts, now);
  }

  /** The last questions, the same on both ways. */
  #pass(seen: Seen, credential: Credential, facts: ClientFacts, now: number): Answer {
    const { held, jkt } = seen;
    if (jkt === null ? credential.kind === 'dpop' : !isBound(jkt, credential, facts)) {
      this.#house.refusals.tell('DPOP_REFUSED', facts, jkt === null ? 'not bound' : 'another key', {
        subject: seen.account,
      });
      return undefined;
    }
    if (held.state.status !== 'active') return this.#refuse('account', facts, seen.account);
    if (now >= held.deadlineMs) return this.#refuse('ended', facts, seen.account);
    if (now - held.seenAtMs >= TOUCH_MS) this.#touch(held, now);
    return fitsClient(held, facts) ? held.state : answerMismatch(this.#house, held, facts);
  }

  /** Notes that a session is in use, and moves its idle end. */
  #touch(held: Held, now: number): void {
    const { ports } = this.#house;
    held.seenAtMs = now;
    held.deadlineMs = Math.min(held.row.expires_at_ms, now + held.idleMs);
    held.state = { ...held.state, expiresAtMs: held.deadlineMs };
    this.#house.background('noting the last use', () =>
      ports.sql.query(
        `UPDATE rampart.identity_sessions SET seen_at_ms = GREATEST(seen_at_ms, $2)
         WHERE id = $1 AND ended_at_ms IS NULL`,
        [held.state.id, now],
      ),
    );
  }

  #refuse(why: TokenFault | 'ended' | 'account', facts: ClientFacts, account?: string): undefined {
    const about = {
      ...(account === undefined ? {} : { subject: account }),
      // Every token ends like that; it is worth a line and not a worry.
      ...(why === 'expired' || why === 'ended' ? { severity: 'LOW' as const } : {}),
    };
    this.#house.refusals.tell(
      why === 'algorithm' ? 'TOKEN_ALG_FORBIDDEN' : 'TOKEN_REFUSED',
      facts,
      why,
      about,
    );
    return undefined;
  }
}

/** A cookie's value is no bearer token, and the other way round. */
function isOfKind(seen: Seen, credential: Credential): boolean {
  return (seen.epoch === null) === (credential.kind === 'cookie');
}

function isBound(jkt: string, credential: Credential, facts: ClientFacts): boolean {
  return credential.kind === 'dpop' && facts.dpopThumbprint === jkt;
}
