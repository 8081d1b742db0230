import type { Logger } from '../base/observe/index.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { RequestContext } from '../core/context.ts';
import { OptionsError } from '../core/errors.ts';
import type { EventSink, RampartEvent } from '../core/events.ts';
import { oneOf, readOptions } from '../core/options.ts';
import type { Mode } from '../core/guard.ts';
import {
  covers,
  createGrants,
  type GrantOptions,
  type Grants,
  grantsGuard,
  type PolicyWords,
  principalNow,
  readGrantOptions,
  scoped,
} from '../modules/access/grants/index.ts';
import { accessGuard, rulesWithoutAccess } from '../modules/access/guard.ts';
import {
  type Access,
  type AccessPolicy,
  type AccessPredicate,
  type AccessPrincipal,
  createAccess,
} from '../modules/access/index.ts';
import { SignedIn } from '../modules/identity/signed-in.ts';
import { transactions } from '../modules/identity/transaction.ts';
import type { Bus } from '../ports/bus.ts';
import type { SqlStore } from '../ports/sql.ts';
import { deriveKey } from './data-dir.ts';
import type { EventStore } from './data/index.ts';
import type { HouseAccess, HouseAccessParts } from './house.ts';
import { subjectRoles } from './subjects.ts';

/** Who may do what: a policy, and how it is kept. */
export interface AccessOptions<P extends string = string> extends AccessPolicy<P> {
  /** Requests whose route has no `require`: `allow` (default) or `deny`. */
  readonly unlisted?: 'deny' | 'allow';
  /** `shadow` records what routes would refuse and lets it go on; `guard.require` always enforces. Default `enforce`. */
  readonly mode?: Mode;
  /** Separation of duties, roles that need two people, lives of API keys. */
  readonly grants?: GrantOptions;
  /** Conditions as code, for `{ custom: 'name' }`: in the process only. */
  readonly predicates?: Readonly<Record<string, AccessPredicate>>;
}

/** A policy that was read, before any store is opened. */
export interface PreparedAccess {
  /** With the scopes of API keys kept. */
  readonly policy: Access;
  readonly options: AccessOptions;
  /** Rules of the configuration's `routes` that say nothing of access. */
  readonly rulesWithout: readonly string[];
}

/** Access, opened. */
export interface OpenedAccess extends PreparedAccess {
  readonly grants: Grants;
}

/**
 * Reads the policy.
 * @throws OptionsError naming the path and the reason
 */
export function prepareAccess(
  given: AccessOptions,
  rules: Parameters<typeof rulesWithoutAccess>[0],
): PreparedAccess {
  const { unlisted, mode, grants = {}, predicates = {}, ...policy } = given;
  const read = readOptions<{ unlisted: 'deny' | 'allow'; mode: Mode }>(
    'access',
    { ...(unlisted === undefined ? {} : { unlisted }), ...(mode === undefined ? {} : { mode }) },
    { unlisted: oneOf(['deny', 'allow'], 'allow'), mode: oneOf(['enforce', 'shadow'], 'enforce') },
  );
  const compiled = scoped(inWordsOfTheFile(() => createAccess(policy, { predicates })));
  checkGrants(grants, compiled);
  return {
    policy: compiled,
    options: { ...given, ...read, grants },
    rulesWithout: rulesWithoutAccess(rules),
  };
}

/** Roles that the policy does not have would separate nothing. */
function checkGrants(grants: GrantOptions, { roles }: Access): void {
  const { separate, approval } = readGrantOptions('access.grants', grants);
  const check = (role: string, path: string): void => {
    if (!roles.includes(role)) throw new OptionsError(path, `the policy has no role '${role}'`);
  };
  separate.forEach((pair, i) => pair.roles.forEach((role) => check(role, `access.grants.separate[${i}]`)));
  approval.forEach((role, i) => check(role, `access.grants.approval[${i}]`));
}

/** Lets a refusal name the place in the configuration file. */
function inWordsOfTheFile<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof OptionsError) || error.path.startsWith('access')) throw error;
    throw new OptionsError(`access.${error.path}`, error.reason);
  }
}

/**
 * What the house asks. Grants may be opened later: no request comes before.
 * @param isOwn paths of the house's own API and pages, which have rules of their own
 */
export function houseAccess(
  prepared: PreparedAccess,
  opened: () => Grants,
  isOwn: (context: RequestContext) => boolean,
): (parts: HouseAccessParts) => HouseAccess {
  return ({ events, onRefused }) => {
    const lazy: Pick<Grants, 'identify' | 'principalOf'> = {
      identify: (text) => opened().identify(text),
      principalOf: (principal) => opened().principalOf(principal),
    };
    const { guard, demand, finisher } = accessGuard(
      prepared.policy,
      {
        unlisted: prepared.options.unlisted ?? 'allow',
        mode: prepared.options.mode ?? 'enforce',
      },
      { events, isOwn, onRefused, principal: (context) => askerOf(lazy, context) },
    );
    return { guards: [grantsGuard(lazy, events), guard], demand, finishers: [finisher] };
  };
}

/** Who asks at this moment, with the factors that they have proven. */
export function askerOf(
  grants: Pick<Grants, 'principalOf'>,
  context: RequestContext,
): AccessPrincipal | undefined | Promise<AccessPrincipal | undefined> {
  const proven = context.get(SignedIn)?.session.provenAtMs;
  const found = principalNow(grants, context);
  if (proven === undefined) return found;
  const add = (principal: AccessPrincipal | undefined): AccessPrincipal | undefined =>
    principal && { ...principal, provenAtMs: proven };
  return found instanceof Promise ? found.then(add) : add(found);
}

/** What access is opened on. */
export interface AccessParts {
  readonly node: string;
  readonly sql: SqlStore;
  readonly eventStore: Pick<EventStore, 'write'>;
  readonly events: EventSink;
  /** Told of audit events after their commit. */
  readonly announce: (event: RampartEvent) => void;
  readonly bus: Bus;
  readonly secret: Uint8Array;
  readonly production: boolean;
  /** Whether accounts are kept here; otherwise the application knows its people itself. */
  readonly accounts: boolean;
  /** Roles that the policy may name and nobody may be assigned. */
  readonly reserved: readonly string[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * Opens the grants on the database, which must have been migrated.
 * @throws OptionsError naming the path; the driver's error
 */
export async function openAccess(prepared: PreparedAccess, parts: AccessParts): Promise<OpenedAccess> {
  const { sql, clock, timers, bus, events, log } = parts;
  const grants = createGrants(prepared.options.grants ?? {}, {
    sql,
    clock,
    timers,
    bus,
    events,
    log,
    secret: deriveKey(parts.secret, 'api keys'),
    environment: parts.production ? 'live' : 'test',
    policy: wordsOf(prepared.policy, parts.reserved),
    subjects: { rolesOf: subjectRoles(parts.accounts) },
    transaction: transactions(sql, clock, {
      node: parts.node,
      write: (runner, event) => parts.eventStore.write(runner, event),
      announce: parts.announce,
    }),
  });
  await grants.start();
  return { ...prepared, grants };
}

function wordsOf(policy: Access, reserved: readonly string[]): PolicyWords {
  const inherits = new Map(policy.matrix().roles.map((one) => [one.role, [one.role, ...one.inherits]]));
  return {
    roles: policy.roles.filter((role) => !reserved.includes(role)),
    closure: (role) => inherits.get(role) ?? [role],
    isScope: (scope) => policy.permissions.some((permission) => covers(scope, permission)),
  };
}
