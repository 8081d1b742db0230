/**
 * Tables of the lockout part. No table holds an address of a mail or of a client: keys are keyed digests. `key` is `C`
 * collated, so that the order in which rows are locked is the same on every node.
 */
export const lockoutTables = `
CREATE TABLE rampart.identity_lockout (
  key text COLLATE "C" PRIMARY KEY,
  account_key text COLLATE "C",
  factor text,
  state jsonb,
  expires_at_ms bigint NOT NULL
);
CREATE INDEX identity_lockout_account ON rampart.identity_lockout (account_key) WHERE account_key IS NOT NULL;
CREATE INDEX identity_lockout_expiry ON rampart.identity_lockout (expires_at_ms);

CREATE TABLE rampart.identity_lockout_tickets (
  ticket text COLLATE "C" PRIMARY KEY,
  bound text NOT NULL,
  at_ms bigint NOT NULL
);
CREATE INDEX identity_lockout_tickets_age ON rampart.identity_lockout_tickets (at_ms);

CREATE TABLE rampart.identity_lockout_pressure (
  slot bigint PRIMARY KEY,
  failures bigint NOT NULL,
  successes bigint NOT NULL
);
`;

/** Counters of one thing that attempts are counted by. */
export interface LockoutRow {
  /** Kind, colon, keyed digest. */
  key: string;
  /** Null for what belongs to no account. */
  account_key: string | null;
  factor: string | null;
  /** `Counter` or `Crowd`; null where the row was only just made. */
  state: unknown;
  /** When the row says nothing any more. */
  expires_at_ms: number;
}

/** An attempt that was given leave and has not come back. */
export interface LockoutTicketRow {
  ticket: string;
  /** Digest of what was attempted: a ticket settles nothing else. */
  bound: string;
  at_ms: number;
}

/** What became of attempts in one slot of ten seconds, over all nodes. */
export interface LockoutPressureRow {
  /** Milliseconds since the epoch / 10,000. */
  slot: number;
  failures: number;
  successes: number;
}

/** Names of the tables, for the query builder. */
export interface LockoutTables {
  'rampart.identity_lockout': LockoutRow;
  'rampart.identity_lockout_tickets': LockoutTicketRow;
  'rampart.identity_lockout_pressure': LockoutPressureRow;
}
