import type { PrincipalValue } from '../../../core/fact.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import { Assignments } from './assignments.ts';
import { ChangeFeed } from './feed.ts';
import { heldIn, type HeldRole, loadHeld, standing } from './held.ts';
import { type KeyFault, KeyHolder, type KeyProof } from './key-holder.ts';
import { ApiKeys } from './keys.ts';
import type { Kit } from './kit.ts';
import { type GrantOptions, type GrantSettings, readGrantOptions } from './options.ts';
import type { GrantPorts } from './ports.ts';
import { Remembered } from './remembered.ts';
import { RoleRequests } from './requests.ts';
import { AccessReviews } from './reviews.ts';
import { effectiveRoles } from './separation.ts';
import { ServiceAccounts } from './services.ts';

/** What a request's API key came to. */
export type KeyIdentity =
  | { readonly ok: true; readonly key: string; readonly principal: PrincipalValue }
  | { readonly ok: false; readonly fault: KeyFault; readonly key: string | null };

/** Who holds which role, and the keys of programs. */
export interface Grants {
  readonly assignments: Assignments;
  readonly requests: RoleRequests;
  readonly services: ServiceAccounts;
  readonly keys: ApiKeys;
  readonly reviews: AccessReviews;
  /** Begins to hear of changes. The tables must be there. */
  start(): Promise<void>;
  /** The principal with the roles that are assigned to it now. Waits only when they are not in memory. */
  principalOf(principal: PrincipalValue): PrincipalValue | Promise<PrincipalValue>;
  /** Looks at an API key. Waits only when it is not in memory. */
  identify(text: string): KeyIdentity | Promise<KeyIdentity>;
  /**
   * The principal with its roles as the database has them in this transaction, and holds them: whoever takes one away
   * waits until it has ended. An act that is checked again with this, in the transaction that does it, can't outlive its
   * permission.
   * @returns undefined when the subject may not act any more
   */
  confirm(tx: SqlRunner, principal: PrincipalValue): Promise<PrincipalValue | undefined>;
  /** Roles that nobody holds together, and those that need two people, as configured. */
  readonly rules: Pick<GrantSettings, 'separate' | 'approval'>;
  close(): Promise<void>;
}

const MAX_SUBJECTS = 20_000;
const KEY = 'key:';

/**
 * Opens the grants on a database that has `accessTables`.
 * @throws OptionsError naming the path
 */
export function createGrants(given: GrantOptions, ports: GrantPorts): Grants {
  const settings = readGrantOptions('access.grants', given);
  const feed = new ChangeFeed(ports, {
    forget(what) {
      held.forget(what.filter((one) => !one.startsWith(KEY)));
      holder.forget(what.flatMap((one) => (one.startsWith(KEY) ? [one.slice(KEY.length)] : [])));
    },
    forgetAll() {
      held.forgetAll();
      holder.forgetAll();
    },
  });
  const held = new Remembered<readonly HeldRole[]>({
    max: MAX_SUBJECTS,
    load: (subject) => loadHeld(ports.sql, subject),
    trusted: () => feed.trusted(),
    version: () => feed.version,
  });
  const kit: Kit = { ports, settings, feed };
  const holder = new KeyHolder(kit);
  const closure = (role: string): readonly string[] => ports.policy.closure(role);
  const extend = (principal: PrincipalValue, more: readonly string[]): PrincipalValue =>
    more.length === 0
      ? principal
      : { ...principal, roles: effectiveRoles(settings.separate, principal.roles, more, closure) };
  const principalOf = (principal: PrincipalValue): PrincipalValue | Promise<PrincipalValue> => {
    const found = held.get(principal.id);
    return found instanceof Promise
      ? found.then((roles) => extend(principal, standing(roles, ports.clock.now())))
      : extend(principal, standing(found, ports.clock.now()));
  };
  return {
    assignments: new Assignments(kit),
    requests: new RoleRequests(kit),
    services: new ServiceAccounts(kit),
    keys: new ApiKeys(kit),
    reviews: new AccessReviews(kit),
    rules: settings,
    start: () => feed.start(),
    principalOf,
    identify(text) {
      const proof = holder.prove(text);
      return proof instanceof Promise
        ? proof.then((one) => identityOf(one, principalOf))
        : identityOf(proof, principalOf);
    },
    async confirm(tx, principal) {
      const kept = await ports.subjects.rolesOf(tx, principal.id, true);
      if (kept === undefined) return undefined;
      const own = kept === 'elsewhere' ? principal.roles : kept;
      const more = await heldIn(tx, principal.id, ports.clock.now(), true);
      return extend({ ...principal, roles: own }, more);
    },
    async close() {
      await feed.close();
      await holder.settled();
    },
  };
}

function identityOf(
  proof: KeyProof,
  principalOf: (principal: PrincipalValue) => PrincipalValue | Promise<PrincipalValue>,
): KeyIdentity | Promise<KeyIdentity> {
  if (!proof.ok) return { ok: false, fault: proof.fault, key: proof.id };
  const bare: PrincipalValue = {
    id: `service:${proof.service}`,
    kind: 'service',
    roles: [],
    scopes: proof.scopes,
  };
  const whole = principalOf(bare);
  return whole instanceof Promise
    ? whole.then((principal) => ({ ok: true, key: proof.id, principal }))
    : { ok: true, key: proof.id, principal: whole };
}
