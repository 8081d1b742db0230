/**
 * Sessions, their tokens, signing keys and revocations. Times are milliseconds since the epoch.
 *
 * `identity_revocations.written_by` is the transaction that wrote the row: a reader that remembers the oldest
 * transaction still running at its last look misses none, in whatever order they commit.
 */
export const sessionTables = `
CREATE TABLE rampart.identity_keys (
  id text PRIMARY KEY,
  algorithm text NOT NULL,
  public_jwk jsonb,
  sealed text,
  created_at_ms bigint NOT NULL,
  signs_from_ms bigint NOT NULL,
  signs_until_ms bigint
);

CREATE TABLE rampart.identity_sessions (
  id text COLLATE "C" PRIMARY KEY,
  account text NOT NULL,
  client text NOT NULL CHECK (client IN ('browser', 'api')),
  scope text NOT NULL CHECK (scope IN ('full', 'enrol', 'reset')),
  aal smallint NOT NULL CHECK (aal IN (1, 2)),
  factors text[] NOT NULL,
  proven_at_ms jsonb NOT NULL,
  device text,
  device_name text NOT NULL,
  agent_family text NOT NULL,
  agent_platform text NOT NULL,
  address text NOT NULL,
  place text,
  dpop_thumbprint text,
  epoch integer NOT NULL DEFAULT 1,
  created_at_ms bigint NOT NULL,
  seen_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  mismatch_at_ms bigint,
  ended_at_ms bigint,
  ended_why text
);
CREATE INDEX identity_sessions_account ON rampart.identity_sessions (account, id) WHERE ended_at_ms IS NULL;
CREATE INDEX identity_sessions_expiry ON rampart.identity_sessions (expires_at_ms);

CREATE TABLE rampart.identity_tokens (
  token_hash text PRIMARY KEY,
  session text COLLATE "C" NOT NULL REFERENCES rampart.identity_sessions (id) ON DELETE CASCADE,
  generation integer NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  used_at_ms bigint,
  successor_hash text,
  successor text
);
CREATE INDEX identity_tokens_session ON rampart.identity_tokens (session, generation);

CREATE TABLE rampart.identity_revocations (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  written_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
  session text,
  account text,
  at_ms bigint NOT NULL
);
CREATE INDEX identity_revocations_writer ON rampart.identity_revocations (written_by);
CREATE INDEX identity_revocations_age ON rampart.identity_revocations (at_ms);
`;
