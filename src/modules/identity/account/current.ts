import type { AssuranceLevel, FactorKind, FactorSummary, SessionScope, SessionState } from '../contract.ts';
import { freshAuthRequired, mfaRequired, passwordResetRequired, sessionEnded } from '../errors.ts';
import type { AccountRow } from '../tables/accounts.ts';
import type { Kit } from './kit.ts';
import { hasSecondFactor } from './level.ts';
import { accountById } from './store.ts';

/** A session and its account as the database has them now. */
export interface Current {
  readonly session: SessionState;
  readonly account: AccountRow;
}

const FULL: readonly SessionScope[] = ['full'];

/**
 * Reads the session and its account anew: what a request brought may be seconds old.
 * @param scopes what the session must be for; default `full`
 * @throws AppError 401 SESSION_ENDED, 403 MFA_REQUIRED, 403 PASSWORD_RESET_REQUIRED
 */
export async function current(
  kit: Kit,
  given: SessionState,
  scopes: readonly SessionScope[] = FULL,
): Promise<Current> {
  const session = await kit.parts.sessions.fresh(given.id);
  if (session === undefined || session.account !== given.account) throw sessionEnded();
  if (!scopes.includes(session.scope))
    throw session.scope === 'reset' ? passwordResetRequired() : mfaRequired();
  const account = await accountById(kit.ports.sql, session.account);
  if (account?.status !== 'active') throw sessionEnded();
  return { session, account };
}

/** What must have been proven, and how lately. */
export interface FreshNeed {
  readonly withinMs?: number;
  /** `second`: a second factor, where the account has one. */
  readonly factor?: FactorKind | 'any' | 'second';
  readonly aal?: AssuranceLevel;
}

/**
 * Whether factors were proven lately enough. Pure.
 * @param second whether the account has a second factor
 */
export function isFresh(
  session: Pick<SessionState, 'provenAtMs'>,
  need: { readonly withinMs: number; readonly factor: FactorKind | 'any' | 'second' },
  second: boolean,
  nowMs: number,
): boolean {
  return (Object.entries(session.provenAtMs) as [FactorKind, number][]).some(([kind, atMs]) => {
    // A time that lies ahead comes from a clock that was set back: it proves nothing.
    if (nowMs - atMs >= need.withinMs || atMs > nowMs) return false;
    if (need.factor === 'any') return true;
    if (need.factor === 'second') return !second || (kind !== 'password' && kind !== 'email');
    return kind === need.factor;
  });
}

/** With what a session can be freshened: second factors, and the password where there is one. Never a code by mail. */
export function freshening(account: AccountRow, summary: FactorSummary): readonly FactorKind[] {
  const factors = summary.usable.filter((kind) => kind !== 'email');
  return account.password_hash === null ? factors : [...factors, 'password'];
}

/**
 * Demands a freshly proven factor of a session that `current` has read.
 * @returns the account's second factors
 * @throws AppError 401 FRESH_AUTH_REQUIRED, 403 MFA_REQUIRED
 */
export async function demandFresh(kit: Kit, now: Current, need: FreshNeed = {}): Promise<FactorSummary> {
  const withinMs = need.withinMs ?? kit.settings.freshFor;
  const factor = need.factor ?? 'any';
  const summary = await kit.parts.factors.summary(now.account.id);
  const second = hasSecondFactor(summary);
  if (need.aal !== undefined && now.session.aal < need.aal && !second) throw mfaRequired();
  const level = need.aal === undefined || now.session.aal >= need.aal;
  if (level && isFresh(now.session, { withinMs, factor }, second, kit.ports.clock.now())) return summary;
  throw freshAuthRequired(provable(freshening(now.account, summary), factor, second), withinMs);
}

function provable(
  factors: readonly FactorKind[],
  factor: FactorKind | 'any' | 'second',
  second: boolean,
): readonly FactorKind[] {
  if (factor === 'any' || (factor === 'second' && !second)) return factors;
  return factors.filter((kind) => (factor === 'second' ? kind !== 'password' : kind === factor));
}
