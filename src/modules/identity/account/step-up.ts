import { invalidField, sessionEnded } from '../errors.ts';
import type { AssuranceLevel, FactorKind, SessionScope, SessionState } from '../contract.ts';
import type { Granted, PasskeyQuestion, Proof } from '../facade.ts';
import type { ClientFacts } from '../request.ts';
import { granted } from './admit.ts';
import { current, demandFresh, freshening, type FreshNeed } from './current.ts';
import type { Kit } from './kit.ts';
import { levelOf } from './level.ts';
import { prove } from './prove.ts';
import { maySecondStep, noteSend, refuseFatigue } from './second-due.ts';
import { accountById } from './store.ts';
import { eventOf, ownAct } from './tell.ts';

/** A session that must enrol first may freshen itself for that. */
const STEP_UP_SCOPES: readonly SessionScope[] = ['full', 'enrol'];

function flowOf(session: SessionState): string {
  return `step-up:${session.id}`;
}

/** Demands that factors were proven lately. @throws AppError 401 FRESH_AUTH_REQUIRED, SESSION_ENDED; 403 MFA_REQUIRED */
export async function requireFresh(kit: Kit, session: SessionState, need: FreshNeed = {}): Promise<void> {
  await demandFresh(kit, await current(kit, session), need);
}

/** With what a session can be freshened, and how long it is fresh. */
export async function stepUpOptions(
  kit: Kit,
  session: SessionState,
): Promise<{ readonly factors: readonly FactorKind[]; readonly freshUntilMs: number }> {
  const now = await current(kit, session, STEP_UP_SCOPES);
  const proven = Object.values(now.session.provenAtMs);
  const factors = freshening(now.account, await kit.parts.factors.summary(now.account.id));
  return { factors, freshUntilMs: Math.max(0, ...proven) + kit.settings.freshFor };
}

/** Sends an SMS code for a step-up. @throws AppError 400 where the account has no phone, 429 */
export async function sendStepUpCode(kit: Kit, session: SessionState, facts: ClientFacts): Promise<void> {
  const now = await current(kit, session, STEP_UP_SCOPES);
  const { account } = now;
  const summary = await kit.parts.factors.summary(account.id);
  const to = summary.sms?.phone;
  if (to === undefined || !summary.usable.includes('sms')) {
    throw invalidField('factor', 'not_enrolled', 'This way of receiving codes is not set up.');
  }
  const leave = await kit.ports.transaction(async (tx) => {
    const held = await accountById(tx, account.id, 'lock');
    if (held === undefined) throw sessionEnded();
    const asked = await maySecondStep(kit, tx, held, false, facts);
    if (asked === 'yes') await noteSend(kit, tx, held, facts);
    return asked;
  });
  if (leave !== 'yes') refuseFatigue(kit, account, leave, facts);
  const flow = flowOf(now.session);
  const { id, locale } = account;
  await kit.parts.factors.codes.send({ flow, account: id, channel: 'sms', to, locale, facts });
}

/** Options for a passkey as step-up. */
export async function stepUpPasskey(kit: Kit, session: SessionState): Promise<PasskeyQuestion> {
  const now = await current(kit, session, STEP_UP_SCOPES);
  return kit.parts.factors.passkeys.authenticationOptions(now.account.id, flowOf(now.session));
}

/**
 * Proves a factor again. The session's tokens are new from then on and the old ones dead (ASVS 7.2.4).
 * @throws AppError 401 INVALID_CODE, INVALID_CREDENTIALS, SESSION_ENDED; 403 FACTOR_DISABLED; 429
 */
export async function stepUp(
  kit: Kit,
  session: SessionState,
  proof: Proof,
  facts: ClientFacts,
): Promise<Granted> {
  const now = await current(kit, session, STEP_UP_SCOPES);
  const { account } = now;
  const summary = await kit.parts.factors.summary(account.id);
  const verdict = await kit.parts.devices.judge(account.id, facts);
  const allowed = freshening(account, summary);
  const flow = flowOf(now.session);
  const asked = { account, summary, allowed, proof, flow, verdict, facts, gone: sessionEnded };
  try {
    const answer = await prove(kit, asked, async (tx, held, { factor, userVerified }) => {
      const aal = higher(now.session.aal, levelOf([...now.session.factors, factor], userVerified));
      const scope: SessionScope = now.session.scope === 'enrol' && aal === 2 ? 'full' : now.session.scope;
      const change = { proven: [factor], aal, scope };
      return granted(held, await kit.parts.sessions.renew(tx, now.session.id, change, facts));
    });
    kit.ports.events.emit('STEP_UP_SUCCEEDED', ownAct(facts, account.id, { factor: proof.factor }));
    return answer;
  } catch (error) {
    kit.ports.events.emit(
      'STEP_UP_FAILED',
      eventOf(facts, account.id, { outcome: 'failure', details: { factor: proof.factor } }),
    );
    throw error;
  }
}

function higher(a: AssuranceLevel, b: AssuranceLevel): AssuranceLevel {
  return a === 2 || b === 2 ? 2 : 1;
}
