import type { DeviceVerdict, FactorKind } from '../contract.ts';
import { invalidCredentials } from '../errors.ts';
import type { Granted, SecondStep } from '../facade.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { admitAccount, holdAccount } from './admit.ts';
import { noteSignIn } from './history.ts';
import { emailKey } from '../lockout/index.ts';
import type { Kit } from './kit.ts';
import { hasSecondFactor } from './level.ts';
import { tryPassword } from './password-try.ts';
import { beginSecondStep, refuseFatigue, secondStepDue, tellSecondStep } from './second-due.ts';
import { accountByEmailKey } from './store.ts';
import { eventOf } from './tell.ts';

/** Stands where a statement asks for an account and there is none: no id has this form. */
const NOBODY = '';

/**
 * The first step with a password. Unknown, wrong, locked, pending and disabled take the same statements, one hash and
 * the same answer (A22, A23); what the owner should know is mailed.
 * @throws AppError 401 INVALID_CREDENTIALS, 429 with retry-after
 */
export async function signIn(
  kit: Kit,
  given: { readonly email: string; readonly password: string },
  facts: ClientFacts,
): Promise<Granted | SecondStep> {
  const key = emailKey(given.email);
  const found = await accountByEmailKey(kit.ports.sql, key);
  const verdict = await kit.parts.devices.judge(found?.id ?? NOBODY, facts);
  const tried = await tryPassword(kit, given.email, found, given.password, verdict, facts);
  if (!tried.ok || tried.account === undefined) return refuse(kit, given.email, tried.account, facts);
  return afterFirstFactor(kit, tried.account, ['password'], verdict, facts);
}

async function refuse(
  kit: Kit,
  email: string,
  account: AccountRow | undefined,
  facts: ClientFacts,
): Promise<never> {
  // Keeps accounts apart of which there are none; made for the others too, for the sake of equal time (A23).
  const pseudonym = kit.accountKey(email).slice(0, 16);
  const details = { factor: 'password', ...(account === undefined ? { account: pseudonym } : {}) };
  await noteSignIn(kit, kit.ports.sql, account?.id ?? NOBODY, 'wrong-password', ['password'], facts);
  kit.ports.events.emit(
    'SIGN_IN_FAILED',
    eventOf(facts, account?.id ?? null, { outcome: 'failure', details }),
  );
  throw invalidCredentials();
}

/** One factor is proven: goes on to the second step where one is due, else admits. */
export async function afterFirstFactor(
  kit: Kit,
  account: AccountRow,
  proven: readonly FactorKind[],
  verdict: DeviceVerdict,
  facts: ClientFacts,
): Promise<Granted | SecondStep> {
  const summary = await kit.parts.factors.summary(account.id);
  const deviceKnown = verdict.kind === 'known';
  if (secondStepDue(kit, account, summary, deviceKnown)) {
    const step = await kit.ports.transaction(async (tx) => {
      const held = await holdAccount(kit, tx, account, 'first');
      return beginSecondStep(kit, tx, held, { summary, proven, deviceKnown }, facts);
    });
    if (typeof step === 'string') return refuseFatigue(kit, account, step, facts);
    tellSecondStep(kit, account, proven, facts);
    return step;
  }
  const admission = await kit.ports.transaction(async (tx) => {
    const held = await holdAccount(kit, tx, account, 'first');
    const secondFactor = hasSecondFactor(summary);
    return admitAccount(kit, tx, held, { factors: proven, userVerified: false, secondFactor }, facts);
  });
  admission.announce();
  return admission.granted;
}
