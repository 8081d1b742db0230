import { NotFoundError } from '../../../core/errors.ts';
import type { PasskeyView, SessionState } from '../contract.ts';
import { invalidCode, invalidField } from '../errors.ts';
import type { PasskeyAnswer, PasskeyQuestion } from '../facade.ts';
import type { ClientFacts } from '../request.ts';
import { cleanName } from './clean.ts';
import { current } from './current.ts';
import { complete, type Enrolled, holdActive, mayEnrol, tellOfFactor } from './enrol.ts';
import type { Kit } from './kit.ts';
import { eventOf } from './tell.ts';

/** Options for a new passkey. */
export async function passkeyRegistrationQuestion(kit: Kit, session: SessionState): Promise<PasskeyQuestion> {
  const { account, session: now } = await mayEnrol(kit, session);
  const { id, email, name } = account;
  return kit.parts.factors.passkeys.registrationOptions({ id, email, name }, now.id);
}

/** Registers a passkey. @throws AppError 401 INVALID_CODE when its answer is refused, FRESH_AUTH_REQUIRED */
export async function registerPasskey(
  kit: Kit,
  session: SessionState,
  answer: PasskeyAnswer,
  facts: ClientFacts,
): Promise<Enrolled & { readonly passkey: PasskeyView }> {
  const now = await mayEnrol(kit, session);
  const { passkeys } = kit.parts.factors;
  const { challenge, response, name } = answer;
  const registered = await kit.ports.transaction(async (tx) => {
    const held = await holdActive(tx, now.account.id);
    const passkey = await passkeys.register(tx, held.id, now.session.id, challenge, response, name);
    // The transaction commits in either case: the challenge is used up.
    if (passkey === undefined) return undefined;
    return { passkey, ...(await complete(kit, tx, { ...now, account: held }, 'passkey', facts)) };
  });
  if (registered === undefined) {
    kit.ports.events.emit('PASSKEY_FAILED', eventOf(facts, now.account.id, { outcome: 'failure' }));
    throw invalidCode('passkey');
  }
  tellOfFactor(kit, now.account, 'factor-added', 'passkey', facts);
  return registered;
}

/** Renames a passkey of the account. @throws NotFoundError */
export async function renamePasskey(
  kit: Kit,
  session: SessionState,
  id: string,
  name: string,
): Promise<PasskeyView> {
  const { account } = await current(kit, session);
  const clean = cleanName(name);
  if (clean === '') throw invalidField('name', 'too_small', 'Give it a name.');
  const { factors } = kit.parts;
  if (!(await kit.ports.transaction((tx) => factors.passkeys.rename(tx, account.id, id, clean)))) {
    throw new NotFoundError();
  }
  const found = (await factors.summary(account.id)).passkeys.find((passkey) => passkey.id === id);
  if (found === undefined) throw new NotFoundError();
  return found;
}
