import { rows, sqlBuilder, toJsonText, toSqlText } from '../../../base/database/index.ts';
import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';
import type { LockoutTables } from '../tables/lockout.ts';
import type { Place } from './keys.ts';

/** A bucket that is to be written. */
export interface Written {
  readonly key: string;
  readonly state: object;
  readonly expiresAtMs: number;
}

/** A ticket that is to be written. */
export interface Ticket {
  readonly ticket: string;
  readonly bound: string;
  readonly atMs: number;
}

/** What of all nodes' attempts became in a time. */
export interface Pressure {
  readonly failures: number;
  readonly successes: number;
}

/** States of buckets by key; those that have counted nothing, or whose time is over, are absent. */
export type States = ReadonlyMap<string, unknown>;

/** Where buckets stand. Everything that `work` is handed is locked until it has been written. */
export interface LockoutStore {
  /** A look without locks. */
  peek(keys: readonly string[], nowMs: number): Promise<States>;
  /** Locks buckets in the order of their keys, lets `work` decide, and writes what it says, in one transaction. */
  begin<T>(
    places: readonly Place[],
    nowMs: number,
    work: (states: States) => {
      readonly write: readonly Written[];
      readonly ticket?: Ticket;
      readonly value: T;
    },
  ): Promise<T>;
  /**
   * Takes a ticket, which works once, and then the same.
   * @returns `undefined` where there is no such ticket (any more)
   */
  settle<T>(
    given: { readonly ticket: string; readonly bound: string },
    placesAt: (atMs: number) => readonly Place[],
    nowMs: number,
    work: (states: States, atMs: number) => { readonly write: readonly Written[]; readonly value: T },
  ): Promise<T | undefined>;
  /** Adds to a slot. @returns sums of the slots from `since` on, with what was added */
  press(slot: number, added: Pressure, since: number): Promise<Pressure>;
  /** Until when a flood is assumed, milliseconds since the epoch; 0 where it is not. */
  floodUntil(): Promise<number>;
  /** Sets that. @returns whether it was not assumed at `nowMs`: exactly one node is told so */
  flood(untilMs: number, nowMs: number): Promise<boolean>;
}

const db = sqlBuilder<LockoutTables>();

const FLOOD_KEY = 'flood';

/**
 * Inserts or locks, row by row in the order of the keys, and reads what is there then: one statement, and no two
 * transactions that wait for each other.
 */
const LOCK = `
INSERT INTO rampart.identity_lockout AS held (key, account_key, factor, state, expires_at_ms)
SELECT given.key, given.account_key, given.factor, NULL, $4::bigint
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS given (key, account_key, factor, place)
ORDER BY given.place
ON CONFLICT (key) DO UPDATE SET key = held.key
RETURNING key, CASE WHEN expires_at_ms > $4::bigint THEN state END AS state`;

/** Writes the buckets, and the ticket beside them. */
const WRITE = `
UPDATE rampart.identity_lockout AS held
SET state = given.state::jsonb, expires_at_ms = given.expires_at_ms::bigint
FROM unnest($1::text[], $2::text[], $3::text[]) AS given (key, state, expires_at_ms)
WHERE held.key = given.key`;

const WRITE_WITH_TICKET = `
WITH ticket AS (
  INSERT INTO rampart.identity_lockout_tickets (ticket, bound, at_ms) VALUES ($4, $5, $6::bigint)
)${WRITE}`;

/** Buckets in PostgreSQL. */
export function sqlLockoutStore(sql: SqlStore): LockoutStore {
  return {
    async peek(keys, nowMs) {
      const found = await rows(
        sql,
        db
          .selectFrom('rampart.identity_lockout')
          .select(['key', 'state'])
          .where('key', 'in', keys)
          .where('expires_at_ms', '>', nowMs),
      );
      return statesOf(found);
    },
    begin: (places, nowMs, work) =>
      sql.transaction(async (tx) => {
        const { write, ticket, value } = work(await lock(tx, places, nowMs));
        if (write.length > 0) await put(tx, write, ticket);
        return value;
      }),
    settle: (given, placesAt, nowMs, work) =>
      sql.transaction(async (tx) => {
        const [taken] = await rows(
          tx,
          db
            .deleteFrom('rampart.identity_lockout_tickets')
            .where('ticket', '=', given.ticket)
            .where('bound', '=', given.bound)
            .returning('at_ms'),
        );
        if (taken === undefined) return undefined;
        const { write, value } = work(await lock(tx, placesAt(taken.at_ms), nowMs), taken.at_ms);
        await put(tx, write, undefined);
        return value;
      }),
    press: (slot, added, since) => press(sql, slot, added, since),
    floodUntil: async () => {
      const [row] = await rows(
        sql,
        db.selectFrom('rampart.identity_lockout').select('expires_at_ms').where('key', '=', FLOOD_KEY),
      );
      return row?.expires_at_ms ?? 0;
    },
    async flood(untilMs, nowMs) {
      const { affected } = await sql.query(
        `INSERT INTO rampart.identity_lockout AS held (key, expires_at_ms) VALUES ($1, $2::bigint)
         ON CONFLICT (key) DO UPDATE SET expires_at_ms = EXCLUDED.expires_at_ms WHERE held.expires_at_ms <= $3::bigint`,
        [FLOOD_KEY, untilMs, nowMs],
      );
      return affected > 0;
    },
  };
}

function statesOf(found: readonly { readonly key: string; readonly state: unknown }[]): States {
  const states = new Map<string, unknown>();
  for (const { key, state } of found) if (state !== null) states.set(key, state);
  return states;
}

async function lock(tx: SqlRunner, places: readonly Place[], nowMs: number): Promise<States> {
  const { rows: found } = await tx.query(LOCK, [
    places.map(({ key }) => key),
    places.map(({ accountKey }) => (accountKey === null ? null : toSqlText(accountKey))),
    places.map(({ factor }) => factor),
    nowMs,
  ]);
  return statesOf(found as { key: string; state: unknown }[]);
}

async function put(tx: SqlRunner, write: readonly Written[], ticket: Ticket | undefined): Promise<void> {
  const values = [
    write.map(({ key }) => key),
    write.map(({ state }) => toJsonText(state)),
    write.map(({ expiresAtMs }) => String(Math.round(expiresAtMs))),
  ];
  await (ticket === undefined
    ? tx.query(WRITE, values)
    : tx.query(WRITE_WITH_TICKET, [...values, ticket.ticket, ticket.bound, ticket.atMs]));
}

async function press(sql: SqlRunner, slot: number, added: Pressure, since: number): Promise<Pressure> {
  if (added.failures + added.successes > 0)
    await sql.query(
      `INSERT INTO rampart.identity_lockout_pressure AS held (slot, failures, successes)
       VALUES ($1::bigint, $2::bigint, $3::bigint) ON CONFLICT (slot) DO UPDATE
       SET failures = held.failures + EXCLUDED.failures, successes = held.successes + EXCLUDED.successes`,
      [slot, added.failures, added.successes],
    );
  const found = await rows(
    sql,
    db
      .selectFrom('rampart.identity_lockout_pressure')
      .select(['failures', 'successes'])
      .where('slot', '>=', since),
  );
  let failures = 0;
  let successes = 0;
  for (const row of found) {
    failures += row.failures;
    successes += row.successes;
  }
  return { failures, successes };
}
