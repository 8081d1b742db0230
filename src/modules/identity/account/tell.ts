import type { EventFields } from '../../../core/events.ts';
import type { Notice } from '../contract.ts';
import { eventFacts } from '../event-facts.ts';
import type { Actor } from '../facade.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { placeName } from './history.ts';
import type { Kit } from './kit.ts';

/** Pages that mailed links lead to. The token stands after `#`: it reaches neither servers nor the Referer header. */
const PAGES = {
  'sign-up': 'verify',
  'email-change': 'verify',
  reset: 'reset',
  unlock: 'unlock',
  invitation: 'invitation',
} as const;

/** A link for a mail, made from the configured address and never from a request's Host header (A30). */
export function linkTo(kit: Kit, kind: keyof typeof PAGES, token: string): string {
  return `${kit.settings.publicUrl}/account/${PAGES[kind]}#token=${token}`;
}

/** When, on what and where: what a notice says of a request. */
export function circumstances(kit: Kit, facts: ClientFacts): Readonly<Record<string, string>> {
  const place = placeName(kit, facts);
  return {
    time: String(Math.floor(kit.ports.clock.now())),
    device: kit.parts.devices.nameOf(facts),
    address: facts.address,
    ...(place === null ? {} : { place }),
  };
}

/** Mails an account's owner, in the background. */
export function tellOwner(
  kit: Kit,
  account: Pick<AccountRow, 'email' | 'locale' | 'name'>,
  kind: Notice['kind'],
  values: Readonly<Record<string, string>> = {},
): void {
  kit.parts.notices.send({
    kind,
    to: account.email,
    locale: account.locale,
    values: { name: account.name, ...values },
  });
}

/** What every event of a request says beside its subject. */
export function eventOf(
  facts: ClientFacts,
  account: string | null,
  more: Pick<EventFields, 'outcome' | 'details' | 'severity'> & { readonly actor?: string } = {},
): EventFields {
  return {
    ...(account === null ? {} : { subject: account }),
    ...eventFacts(facts),
    ...more,
  };
}

/** The same for what an account's owner did. */
export function ownAct(facts: ClientFacts, account: string, details?: EventFields['details']): EventFields {
  return eventOf(facts, account, {
    actor: `user:${account}`,
    ...(details === undefined ? {} : { details }),
  });
}

/** The same for what somebody of the house did with an account. */
export function adminAct(actor: Actor, account: string, details?: EventFields['details']): EventFields {
  return {
    actor: actor.id,
    subject: account,
    address: actor.address,
    ...(details === undefined ? {} : { details }),
  };
}

/** The same transaction; what others audit in it says too who did it and from where. */
export function actedBy(
  tx: IdentityTransaction,
  who: Pick<EventFields, 'actor' | 'address' | 'route' | 'decision'>,
): IdentityTransaction {
  return {
    query: (text, values) => tx.query(text, values),
    audit: (type, fields) => tx.audit(type, { ...who, ...fields }),
  };
}

/** Who does what an account's owner does. */
export function ownerOf(facts: ClientFacts, account: string): Parameters<typeof actedBy>[1] {
  const { subject: _, details: __, ...who } = ownAct(facts, account);
  return who;
}
