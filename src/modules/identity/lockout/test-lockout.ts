import type { SqlStore } from '../../../ports/sql.ts';
import { ManualClock } from '../../../testing/clock.ts';
import type { Attempt, FactorKind, Lockout } from '../contract.ts';
import { testPorts, type TestPorts } from '../test-house.ts';
import { lockoutOver } from './lockout.ts';
import { accountKeys } from './names.ts';
import { type LockoutOptions, readLockoutOptions } from './options.ts';
import type { LockoutStore, Written } from './rows.ts';

/** Buckets in memory, for simulations of hours; one attempt after the other, as locked rows make it. */
export function memoryStore(): LockoutStore & { readonly size: () => number } {
  const buckets = new Map<string, Written>();
  const tickets = new Map<string, { bound: string; atMs: number }>();
  const slots = new Map<number, { failures: number; successes: number }>();
  let floodUntilMs = 0;
  const look = (keys: readonly string[], nowMs: number): Map<string, unknown> => {
    const found = new Map<string, unknown>();
    for (const key of keys) {
      const row = buckets.get(key);
      if (row !== undefined && row.expiresAtMs > nowMs) found.set(key, row.state);
    }
    return found;
  };
  const put = (write: readonly Written[]): void => {
    for (const row of write) buckets.set(row.key, row);
  };
  return {
    size: () => buckets.size,
    peek: async (keys, nowMs) => look(keys, nowMs),
    async begin(places, nowMs, work) {
      const { write, ticket, value } = work(
        look(
          places.map(({ key }) => key),
          nowMs,
        ),
      );
      put(write);
      if (ticket !== undefined) tickets.set(ticket.ticket, ticket);
      return value;
    },
    async settle({ ticket, bound }, placesAt, nowMs, work) {
      const taken = tickets.get(ticket);
      if (taken?.bound !== bound) return undefined;
      tickets.delete(ticket);
      const { write, value } = work(
        look(
          placesAt(taken.atMs).map(({ key }) => key),
          nowMs,
        ),
        taken.atMs,
      );
      put(write);
      return value;
    },
    async press(slot, added, since) {
      const before = slots.get(slot) ?? { failures: 0, successes: 0 };
      slots.set(slot, {
        failures: before.failures + added.failures,
        successes: before.successes + added.successes,
      });
      const sum = { failures: 0, successes: 0 };
      for (const [at, one] of slots) {
        if (at < since) slots.delete(at);
        else {
          sum.failures += one.failures;
          sum.successes += one.successes;
        }
      }
      return sum;
    },
    floodUntil: async () => floodUntilMs,
    async flood(untilMs, nowMs) {
      const isFirst = floodUntilMs <= nowMs;
      if (isFirst) floodUntilMs = untilMs;
      return isFirst;
    },
  };
}

/** What an attempt of a test looks like. */
export interface Try {
  readonly email?: string;
  readonly account?: string | null;
  readonly from?: string;
  readonly device?: string | null;
  readonly factor?: FactorKind;
  readonly authenticator?: string;
  readonly secret?: string;
}

/** A lockout, its clock, and people who try. */
export interface Scene {
  readonly lockout: Lockout;
  readonly ports: TestPorts;
  readonly clock: ManualClock;
  readonly attempt: (given: Try) => Attempt;
  /** Begins and fails. @returns leave's kind: `tried`, `wait`, `disabled` */
  readonly wrong: (given: Try) => Promise<'tried' | 'wait' | 'disabled'>;
  /** Begins and succeeds. */
  readonly right: (given: Try) => Promise<'tried' | 'wait' | 'disabled'>;
  /** How often an event was emitted. */
  readonly said: (type: string) => number;
}

/** A scene over memory, or over a database where one is given. */
export function scene(
  options: LockoutOptions = {},
  store: LockoutStore = memoryStore(),
  sql: SqlStore = {} as SqlStore,
): Scene {
  const clock = new ManualClock();
  const ports = testPorts(sql, clock);
  const lockout = lockoutOver(store, readLockoutOptions('lockout', options), ports);
  return sceneOf(lockout, ports);
}

/** A scene around a lockout. */
export function sceneOf(lockout: Lockout, ports: TestPorts): Scene {
  const keyOf = accountKeys(ports.secret);
  const attempt = (given: Try): Attempt => {
    const email = given.email ?? 'owner@example.com';
    const group = given.from ?? '192.0.2.1';
    return {
      accountKey: keyOf(email),
      account: given.account === undefined ? `acc_${email}` : given.account,
      factor: given.factor ?? 'password',
      knownDevice: given.device ?? null,
      facts: { address: group, group, client: 'browser' },
      ...(given.authenticator === undefined ? {} : { authenticator: given.authenticator }),
      ...(given.secret === undefined ? {} : { secret: given.secret }),
    };
  };
  const run = async (given: Try, isRight: boolean): Promise<'tried' | 'wait' | 'disabled'> => {
    const tried = attempt(given);
    const leave = await lockout.begin(tried);
    if (!leave.allowed) return leave.why;
    if (isRight) await lockout.succeed(tried, leave.ticket);
    else await lockout.fail(tried, leave.ticket);
    return 'tried';
  };
  return {
    lockout,
    ports,
    clock: ports.clock,
    attempt,
    wrong: (given) => run(given, false),
    right: (given) => run(given, true),
    said: (type) => ports.signals.filter((one) => one.type === type).length,
  };
}
