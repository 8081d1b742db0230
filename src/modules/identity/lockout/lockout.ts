import { affected, rows, sqlBuilder } from '../../../base/database/index.ts';
import type { EventFields } from '../../../core/events.ts';
import { newSecret } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { Attempt, AttemptLeave, FactorKind, Lockout } from '../contract.ts';
import type { IdentityPorts } from '../ports.ts';
import type { LockoutTables } from '../tables/lockout.ts';
import type { Counter } from './counter.ts';
import { type Crowd, NEW_CROWD } from './crowd.ts';
import {
  type Consequences,
  counterExpiry,
  crowdExpiry,
  decide,
  type Decision,
  type Held,
  settleFailure,
  settleSuccess,
  type Who,
} from './decide.ts';
import { type AttemptKeys, attemptKeys, type Place } from './keys.ts';
import { type LockoutOptions, type LockoutSettings, readLockoutOptions } from './options.ts';
import { type Plan, planOf, type Rules, rulesOf } from './policy.ts';
import { FloodGauge } from './pressure.ts';
import { type LockoutStore, sqlLockoutStore, type States, type Written } from './rows.ts';
import { stateOf } from './state.ts';

/** What a lockout stands on. */
export type LockoutPorts = Pick<IdentityPorts, 'sql' | 'clock' | 'events' | 'secret'>;

const db = sqlBuilder<LockoutTables>();
const REFUSED_TICKET = { disabled: false, notifyOwner: false } as const;

/**
 * Counts attempts in PostgreSQL, so that limits hold on every node and while Redis is down. An attempt is counted as a
 * failure before it is verified: however many come at once, no more get leave than the limit says. Whether there is such
 * an account changes neither the work nor the answer.
 * @throws OptionsError
 */
export function createLockout(options: LockoutOptions, ports: LockoutPorts): Lockout {
  return lockoutOver(sqlLockoutStore(ports.sql), readLockoutOptions('lockout', options), ports);
}

/** The same over any store of buckets. */
export function lockoutOver(store: LockoutStore, settings: LockoutSettings, ports: LockoutPorts): Lockout {
  return new Counting(store, settings, ports);
}

class Counting implements Lockout {
  readonly #store: LockoutStore;
  readonly #settings: LockoutSettings;
  readonly #ports: LockoutPorts;
  readonly #keysOf: ReturnType<typeof attemptKeys>;
  readonly #gauge: FloodGauge;

  constructor(store: LockoutStore, settings: LockoutSettings, ports: LockoutPorts) {
    this.#store = store;
    this.#settings = settings;
    this.#ports = ports;
    this.#keysOf = attemptKeys(ports.secret);
    this.#gauge = new FloodGauge(store, settings, () =>
      ports.events.emit('CREDENTIAL_STUFFING', { outcome: 'refused', details: { scope: 'everywhere' } }),
    );
  }

  async begin(attempt: Attempt): Promise<AttemptLeave> {
    const { plan, rules, nowMs } = await this.#view(attempt);
    const keys = this.#keysOf(attempt, plan, nowMs);
    const who = whoOf(attempt, keys);
    const takePart = keys.places.filter(({ role }) => plan.crowds || role !== 'group');
    const seen = await this.#store.peek(
      takePart.map(({ key }) => key),
      nowMs,
    );
    const early = decide(heldOf(takePart, seen), who, plan, rules, nowMs);
    // What has to wait is told so without a lock or a write: a flood of it costs one look each.
    if (early.kind !== 'leave') return refusal(early);
    // No row for a password that has not failed yet.
    const places = takePart.filter(({ role, key }) => role !== 'spray' || seen.has(key));
    const ticket = newSecret(16);
    return this.#store.begin(places, nowMs, (states) => {
      const decision = decide(heldOf(places, states), who, plan, rules, nowMs);
      if (decision.kind !== 'leave') return { write: [], value: refusal(decision) };
      const write = writtenOf(places, decision.next, rules, nowMs);
      return { write, ticket: { ticket, bound: keys.bound, atMs: nowMs }, value: { allowed: true, ticket } };
    });
  }

  async succeed(attempt: Attempt, ticket: string): Promise<void> {
    const { plan, rules, nowMs } = await this.#view(attempt);
    const keysAt = (atMs: number): AttemptKeys => this.#keysOf(attempt, plan, atMs);
    const { bound } = keysAt(nowMs);
    // A right password leaves no digest behind.
    const placesAt = (atMs: number): readonly Place[] =>
      keysAt(atMs).places.filter(({ role }) => role !== 'spray');
    const newcomer = await this.#store.settle({ ticket, bound }, placesAt, nowMs, (states, atMs) => {
      const places = placesAt(atMs);
      const who = whoOf(attempt, keysAt(atMs));
      const settled = settleSuccess(heldOf(places, states), who, plan, rules, atMs, nowMs);
      return { write: writtenOf(places, settled.next, rules, nowMs), value: settled.newcomer };
    });
    if (newcomer === true) this.#gauge.succeeded();
  }

  async fail(
    attempt: Attempt,
    ticket: string,
  ): Promise<{ readonly disabled: boolean; readonly notifyOwner: boolean }> {
    const { plan, rules, nowMs } = await this.#view(attempt);
    const keysAt = (atMs: number): AttemptKeys => this.#keysOf(attempt, plan, atMs);
    const { bound } = keysAt(nowMs);
    const placesAt = (atMs: number): readonly Place[] =>
      keysAt(atMs).places.filter(({ role }) => plan.crowds || role !== 'group');
    const settled = await this.#store.settle({ ticket, bound }, placesAt, nowMs, (states, atMs) => {
      const places = placesAt(atMs);
      const who = whoOf(attempt, keysAt(atMs));
      const fresh: Held = places.some(({ role }) => role === 'spray') ? { spray: NEW_CROWD } : {};
      const value = settleFailure({ ...fresh, ...heldOf(places, states) }, who, plan, rules, nowMs);
      return { write: writtenOf(places, value.next, rules, nowMs), value };
    });
    if (settled === undefined) return REFUSED_TICKET;
    this.#gauge.failed();
    this.#say(attempt, settled);
    return { disabled: settled.disabled, notifyOwner: settled.notifyOwner };
  }

  async clear(tx: SqlRunner, accountKey: string, factor?: FactorKind): Promise<void> {
    let held = db.selectFrom('rampart.identity_lockout').select('key').where('account_key', '=', accountKey);
    if (factor !== undefined) held = held.where('factor', '=', factor);
    // Locked in the order of the keys, as attempts lock them.
    const locked = held.orderBy('key').forUpdate();
    await affected(
      tx,
      db
        .with('locked', () => locked)
        .deleteFrom('rampart.identity_lockout')
        .where('key', 'in', (eb) => eb.selectFrom('locked').select('key')),
    );
  }

  async state(accountKey: string): ReturnType<Lockout['state']> {
    const nowMs = this.#ports.clock.now();
    const found = await rows(
      this.#ports.sql,
      db
        .selectFrom('rampart.identity_lockout')
        .select(['key', 'factor', 'state'])
        .where('account_key', '=', accountKey)
        .where('expires_at_ms', '>', nowMs)
        .orderBy('expires_at_ms', 'desc')
        .limit(1_000),
    );
    return stateOf(found, this.#settings, nowMs);
  }

  async #view(attempt: Attempt): Promise<{ plan: Plan; rules: Rules; nowMs: number }> {
    const nowMs = Math.floor(this.#ports.clock.now());
    const plan = planOf(this.#settings, attempt.factor, attempt.knownDevice !== null);
    return { plan, rules: rulesOf(this.#settings, await this.#gauge.isOn(nowMs)), nowMs };
  }

  #say(attempt: Attempt, { say, disabled }: Consequences): void {
    const { factor, account, facts } = attempt;
    const fields: EventFields = {
      address: facts.address,
      outcome: 'refused',
      ...(account === null ? {} : { subject: account }),
      ...(facts.route === undefined ? {} : { route: facts.route }),
      ...(facts.decision === undefined ? {} : { decision: facts.decision }),
    };
    const { events } = this.#ports;
    if (disabled)
      events.emit(factor === 'password' ? 'PASSWORD_DISABLED' : 'MFA_FACTOR_DISABLED', {
        ...fields,
        details: {
          factor,
          ...(attempt.authenticator === undefined ? {} : { authenticator: attempt.authenticator }),
        },
      });
    if (say.includes('delayed')) events.emit('ACCOUNT_DELAYED', { ...fields, details: { factor } });
    if (say.includes('stuffing'))
      events.emit('CREDENTIAL_STUFFING', { ...fields, details: { scope: 'group' } });
    if (say.includes('spray')) events.emit('PASSWORD_SPRAY', fields);
  }
}

function whoOf(attempt: Attempt, keys: AttemptKeys): Who {
  return { account: attempt.account ?? '-', member: keys.member };
}

/** Refusals round up, so that whoever comes back after that time is not refused again. */
function refusal(decision: Exclude<Decision, { kind: 'leave' }>): AttemptLeave {
  if (decision.kind === 'disabled') return { allowed: false, why: 'disabled' };
  return { allowed: false, why: 'wait', retryAfterSeconds: Math.max(1, Math.ceil(decision.waitMs / 1_000)) };
}

function heldOf(places: readonly Place[], states: States): Held {
  const held: Partial<Record<Place['role'], unknown>> = {};
  for (const { role, key } of places) {
    const state = states.get(key);
    if (state !== undefined) held[role] = state;
  }
  return held as Held;
}

function writtenOf(places: readonly Place[], next: Held, rules: Rules, nowMs: number): readonly Written[] {
  const written: Written[] = [];
  for (const { role, key } of places) {
    const state = next[role];
    if (state === undefined) continue;
    written.push({ key, state, expiresAtMs: expiry(role, state, nowMs, rules[role].windowMs) });
  }
  return written;
}

function expiry(role: Place['role'], state: Counter | Crowd, nowMs: number, windowMs: number): number {
  // The next hour asks for another digest.
  if (role === 'spray') return nowMs + windowMs;
  if (role === 'group') return crowdExpiry(state as Crowd, nowMs, windowMs);
  return counterExpiry(state as Counter, nowMs, windowMs);
}
