import { passwordRefused, signUpClosed } from '../errors.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow, LinkRow } from '../tables/accounts.ts';
import type { IdentityTransaction } from '../ports.ts';
import { cleanEmail, cleanLocale, cleanName } from './clean.ts';
import { emailKey } from '../lockout/index.ts';
import type { Kit } from './kit.ts';
import { isEnforced } from './level.ts';
import { createLink, holdAddress, mayLink, openLinks, payloadOf } from './links.ts';
import { accountByEmailKey } from './store.ts';
import { circumstances, eventOf, linkTo, tellOwner } from './tell.ts';

/** A sign-up that waits for its address to be verified; stands sealed in its link. */
export interface PendingSignUp {
  readonly email: string;
  readonly name: string;
  readonly locale: string;
  readonly passwordHash: string;
}

/** What a page may say at a sign-up; nothing else is looked at (A34). */
export interface SignUpGiven {
  readonly email: string;
  readonly password: string;
  readonly name?: string | undefined;
  readonly locale?: string | undefined;
}

interface Sending {
  readonly token: string;
  readonly known: AccountRow | undefined;
}

/**
 * Asks for an account. The account is made when the mailed link is used, so that a stranger's sign-up with my address
 * leaves nothing behind (A32). Known and unknown addresses take the same work and the same answer (A22, A23).
 * @throws AppError 400 with the password's faults, 403 SIGN_UP_CLOSED
 */
export async function signUp(kit: Kit, given: SignUpGiven, facts: ClientFacts): Promise<void> {
  const { ports, parts, settings } = kit;
  if (settings.signUp === 'closed') throw signUpClosed();
  const email = cleanEmail(given.email);
  const name = cleanName(given.name);
  const locale = cleanLocale(given.locale ?? facts.language, settings.locale);
  await judgePassword(kit, 'password', given.password, [email, name], settings.roles.signUp);
  const passwordHash = await parts.hasher.hash(given.password);
  const pending: PendingSignUp = { email, name, locale, passwordHash };
  ports.events.emit('SIGN_UP_REQUESTED', eventOf(facts, null));
  const sending = await ports.transaction((tx) => linkFor(kit, tx, emailKey(email), pending, facts));
  if (sending !== undefined) mail(kit, sending, pending, facts);
}

/** @throws ValidationError that names the faults */
export async function judgePassword(
  kit: Kit,
  field: string,
  password: string,
  names: readonly string[],
  roles: readonly string[],
): Promise<void> {
  const faults = await kit.parts.passwords.check(password, {
    names: [...names.filter((name) => name !== ''), kit.settings.product],
    secondFactor: isEnforced(roles, kit.settings.roles.mfaEnforced),
  });
  if (faults.length > 0) throw passwordRefused(field, faults);
}

/** Writes a link for known addresses too, which nobody is sent: the same statements, and the same count. */
async function linkFor(
  kit: Kit,
  tx: IdentityTransaction,
  key: string,
  pending: PendingSignUp,
  facts: ClientFacts,
): Promise<Sending | undefined> {
  const { box, clock } = kit.ports;
  await holdAddress(tx, key, facts.group);
  const known = await accountByEmailKey(tx, key);
  if (!(await mayLink(tx, 'sign-up', key, facts.group, clock.now()))) return undefined;
  const link = { kind: 'sign-up', account: known?.id ?? null, emailKey: key, group: facts.group } as const;
  const lifeMs = kit.settings.links.verify;
  const token = await createLink(tx, box, { ...link, payload: pending, lifeMs }, clock.now());
  return { token, known };
}

function mail(kit: Kit, { token, known }: Sending, pending: PendingSignUp, facts: ClientFacts): void {
  if (known === undefined) {
    const link = linkTo(kit, 'sign-up', token);
    tellOwner(kit, pending, 'verify-email', { ...circumstances(kit, facts), link });
  } else if (known.status !== 'disabled') {
    const link = `${kit.settings.publicUrl}/account/sign-in`;
    tellOwner(kit, known, 'already-registered', { ...circumstances(kit, facts), link });
  }
}

/** Mails a new link for a sign-up that waits. Answers alike whether or not there is one. */
export async function resendVerification(kit: Kit, email: string, facts: ClientFacts): Promise<void> {
  const { ports, settings } = kit;
  const key = emailKey(cleanEmail(email));
  const nowMs = ports.clock.now();
  const sending = await ports.transaction(async (tx) => {
    await holdAddress(tx, key, facts.group);
    const open = (await openLinks(tx, 'sign-up', key, nowMs)).find(isUsable);
    const may = await mayLink(tx, 'sign-up', key, facts.group, nowMs);
    if (!may) return undefined;
    const pending = open === undefined ? null : (payloadOf(ports.box, open) as PendingSignUp);
    // Who asked for the sign-up is kept, not who asked for the mail: see `verifySignUp`.
    const group = open?.client_group ?? facts.group;
    const lifeMs = settings.links.verify;
    const link = { kind: 'sign-up', account: null, emailKey: key, group, payload: pending, lifeMs } as const;
    const token = await createLink(tx, ports.box, link, nowMs);
    return pending === null ? undefined : { token, pending };
  });
  if (sending === undefined) return;
  const link = linkTo(kit, 'sign-up', sending.token);
  tellOwner(kit, sending.pending, 'verify-email', { ...circumstances(kit, facts), link });
}

/** Links of known addresses and of resending without a sign-up were sent to nobody. */
export function isUsable(link: LinkRow): boolean {
  return link.account === null && link.payload !== null;
}
