import type { AccountStatus } from '../contract.ts';

/** Accounts and their links. Times are milliseconds since the epoch. */
export const accountTables = `
CREATE TABLE rampart.identity_accounts (
  id text COLLATE "C" PRIMARY KEY,
  email text NOT NULL,
  email_key text NOT NULL,
  name text NOT NULL,
  locale text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'active', 'locked', 'disabled', 'deleted')),
  roles text[] NOT NULL,
  password_hash text,
  password_changed_at_ms bigint,
  must_reset boolean NOT NULL DEFAULT false,
  email_verified_at_ms bigint,
  created_at_ms bigint NOT NULL,
  last_sign_in_at_ms bigint,
  locked_until_ms bigint,
  locked_reason text,
  passkey_user text NOT NULL,
  version integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX identity_accounts_email ON rampart.identity_accounts (email_key);
CREATE UNIQUE INDEX identity_accounts_passkey_user ON rampart.identity_accounts (passkey_user);

CREATE TABLE rampart.identity_links (
  token_hash text PRIMARY KEY,
  kind text NOT NULL,
  account text,
  email_key text NOT NULL,
  client_group text NOT NULL,
  payload text,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  used_at_ms bigint
);
CREATE INDEX identity_links_account ON rampart.identity_links (account);
CREATE INDEX identity_links_group ON rampart.identity_links (client_group, created_at_ms);
CREATE INDEX identity_links_email ON rampart.identity_links (email_key, kind);
CREATE INDEX identity_links_expiry ON rampart.identity_links (expires_at_ms);

CREATE TABLE rampart.identity_sign_ins (
  id text COLLATE "C" PRIMARY KEY,
  account text NOT NULL,
  at_ms bigint NOT NULL,
  outcome text NOT NULL,
  factors text[] NOT NULL,
  address text NOT NULL,
  device_name text NOT NULL,
  place text
);
CREATE INDEX identity_sign_ins_account ON rampart.identity_sign_ins (account, id);
CREATE INDEX identity_sign_ins_time ON rampart.identity_sign_ins (at_ms);

CREATE TABLE rampart.identity_challenges (
  token_hash text PRIMARY KEY,
  purpose text NOT NULL,
  account text NOT NULL,
  session text,
  data jsonb NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  used_at_ms bigint
);
CREATE INDEX identity_challenges_account ON rampart.identity_challenges (account, created_at_ms);
CREATE INDEX identity_challenges_expiry ON rampart.identity_challenges (expires_at_ms);
`;

/** An account. */
export interface AccountRow {
  /** `acc_…` */
  id: string;
  /** As its owner writes it. */
  email: string;
  /** What makes it unique: `emailKey`. */
  email_key: string;
  name: string;
  /** `en` or `ar`. */
  locale: string;
  status: AccountStatus;
  roles: readonly string[];
  password_hash: string | null;
  password_changed_at_ms: number | null;
  /** The next sign-in must set a new password. */
  must_reset: boolean;
  email_verified_at_ms: number | null;
  created_at_ms: number;
  last_sign_in_at_ms: number | null;
  /** Null with status `locked`: until somebody unlocks it. */
  locked_until_ms: number | null;
  locked_reason: string | null;
  /** WebAuthn user handle, base64url of 32 random bytes: says nothing about the person. */
  passkey_user: string;
  /** Grows with every change of roles, name or status. */
  version: number;
}

/** A single-use link that was mailed. */
export interface LinkRow {
  token_hash: string;
  kind: 'sign-up' | 'reset' | 'email-change' | 'unlock' | 'invitation';
  account: string | null;
  email_key: string;
  /** Whose request it was: `ClientFacts.group`; empty for administrators. */
  client_group: string;
  /** Sealed: what the link carries, such as the sign-up itself. */
  payload: string | null;
  created_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number | null;
}

/** A line of the sign-in history. */
export interface SignInRow {
  id: string;
  /** Empty for attempts on no account, which are written so that they take the same time. */
  account: string;
  at_ms: number;
  outcome: 'signed-in' | 'wrong-password' | 'wrong-code' | 'refused';
  factors: readonly string[];
  address: string;
  device_name: string;
  place: string | null;
}

/** A state between two steps: a sign-in that lacks its second factor; or `send`, a code that was sent for one. */
export interface ChallengeRow {
  token_hash: string;
  purpose: 'sign-in' | 'send';
  account: string;
  session: string | null;
  data: unknown;
  created_at_ms: number;
  expires_at_ms: number;
  used_at_ms: number | null;
}

/** What the statements of accounts are built over. */
export interface AccountTables {
  'rampart.identity_accounts': AccountRow;
  'rampart.identity_links': LinkRow;
  'rampart.identity_sign_ins': SignInRow;
  'rampart.identity_challenges': ChallengeRow;
}
