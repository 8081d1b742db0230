/** Tables of the factor part: what proves who somebody is beside the password. Times are milliseconds since the epoch. */
export const factorTables = `
CREATE TABLE rampart.identity_totp (
  id text COLLATE "C" PRIMARY KEY,
  account text NOT NULL,
  secret text NOT NULL,
  last_step bigint NOT NULL,
  created_at_ms bigint NOT NULL,
  confirmed_at_ms bigint,
  last_used_at_ms bigint
);
CREATE UNIQUE INDEX identity_totp_confirmed ON rampart.identity_totp (account) WHERE confirmed_at_ms IS NOT NULL;
CREATE UNIQUE INDEX identity_totp_pending ON rampart.identity_totp (account) WHERE confirmed_at_ms IS NULL;

CREATE TABLE rampart.identity_backup_codes (
  code_hash text PRIMARY KEY,
  account text NOT NULL,
  created_at_ms bigint NOT NULL,
  used_at_ms bigint
);
CREATE INDEX identity_backup_codes_account ON rampart.identity_backup_codes (account);

CREATE TABLE rampart.identity_phones (
  id text COLLATE "C" PRIMARY KEY,
  account text NOT NULL,
  phone text NOT NULL,
  confirmed_at_ms bigint NOT NULL
);
CREATE UNIQUE INDEX identity_phones_account ON rampart.identity_phones (account);

CREATE TABLE rampart.identity_codes (
  flow text PRIMARY KEY,
  account text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('sms', 'email')),
  code_hash text NOT NULL,
  phone text,
  send_id text NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  expires_at_ms bigint NOT NULL,
  used_at_ms bigint
);
CREATE INDEX identity_codes_expiry ON rampart.identity_codes (expires_at_ms);
CREATE INDEX identity_codes_account ON rampart.identity_codes (account);

CREATE TABLE rampart.identity_code_sends (
  id text COLLATE "C" PRIMARY KEY,
  channel text NOT NULL,
  account text NOT NULL,
  to_hash text NOT NULL,
  range_hash text,
  group_hash text NOT NULL,
  country text,
  at_ms bigint NOT NULL,
  used_at_ms bigint
);
CREATE INDEX identity_code_sends_to ON rampart.identity_code_sends (to_hash, at_ms);
CREATE INDEX identity_code_sends_account ON rampart.identity_code_sends (account, at_ms);
CREATE INDEX identity_code_sends_group ON rampart.identity_code_sends (group_hash, at_ms);
CREATE INDEX identity_code_sends_country ON rampart.identity_code_sends (country, at_ms) WHERE country IS NOT NULL;
CREATE INDEX identity_code_sends_range ON rampart.identity_code_sends (range_hash, at_ms) WHERE range_hash IS NOT NULL;
CREATE INDEX identity_code_sends_age ON rampart.identity_code_sends (at_ms);

CREATE TABLE rampart.identity_passkeys (
  id text COLLATE "C" PRIMARY KEY,
  account text NOT NULL,
  credential_id text NOT NULL,
  public_key text NOT NULL,
  counter bigint NOT NULL,
  transports text[] NOT NULL,
  device_type text NOT NULL CHECK (device_type IN ('singleDevice', 'multiDevice')),
  backed_up boolean NOT NULL,
  aaguid text NOT NULL,
  name text NOT NULL,
  created_at_ms bigint NOT NULL,
  last_used_at_ms bigint
);
CREATE UNIQUE INDEX identity_passkeys_credential ON rampart.identity_passkeys (credential_id);
CREATE INDEX identity_passkeys_account ON rampart.identity_passkeys (account, id);

CREATE TABLE rampart.identity_passkey_challenges (
  challenge_hash text PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('register', 'authenticate')),
  account text,
  bound_hash text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL
);
CREATE INDEX identity_passkey_challenges_age ON rampart.identity_passkey_challenges (created_at_ms);
`;

/** A secret of an authenticator app. An account has at most one that counts and one that waits for its first code. */
export interface TotpRow {
  /** `fac_…`; another for every secret. */
  id: string;
  account: string;
  /** Sealed base 32; context `identity_totp.secret fac_…`. */
  secret: string;
  /** The newest time step that was accepted: it and all before are used up. */
  last_step: number;
  created_at_ms: number;
  confirmed_at_ms: number | null;
  last_used_at_ms: number | null;
}

/** A backup code. */
export interface BackupCodeRow {
  /** Keyed hash of account and code, base64url. */
  code_hash: string;
  account: string;
  created_at_ms: number;
  used_at_ms: number | null;
}

/** A telephone that has proven to receive codes. */
export interface PhoneRow {
  /** `fac_…` */
  id: string;
  account: string;
  /** E.164. */
  phone: string;
  confirmed_at_ms: number;
}

/** The code that a flow waits for; the next one replaces it. */
export interface CodeRow {
  flow: string;
  account: string;
  channel: 'sms' | 'email';
  /** Keyed hash of flow, channel and code, base64url. */
  code_hash: string;
  /** E.164, where the code is to confirm the number. */
  phone: string | null;
  send_id: string;
  /** Counted before the code is compared. */
  tries: number;
  expires_at_ms: number;
  used_at_ms: number | null;
}

/** A code that was sent: what send limits count. Numbers and addresses stand here as keyed hashes. */
export interface CodeSendRow {
  /** `snd_…` */
  id: string;
  channel: 'sms' | 'email';
  account: string;
  to_hash: string;
  /** Of the number without its last three digits. */
  range_hash: string | null;
  group_hash: string;
  /** ISO 3166-1 alpha-2. */
  country: string | null;
  at_ms: number;
  used_at_ms: number | null;
}

/** A passkey. */
export interface PasskeyRow {
  /** `fac_…` */
  id: string;
  account: string;
  /** base64url. */
  credential_id: string;
  /** COSE key, base64url. */
  public_key: string;
  /** Signature counter; 0 where the authenticator keeps none. */
  counter: number;
  transports: readonly string[];
  device_type: 'singleDevice' | 'multiDevice';
  backed_up: boolean;
  aaguid: string;
  name: string;
  created_at_ms: number;
  last_used_at_ms: number | null;
}

/** A WebAuthn challenge that nobody has answered yet; answering deletes it. */
export interface PasskeyChallengeRow {
  /** SHA-256, hex. */
  challenge_hash: string;
  purpose: 'register' | 'authenticate';
  account: string | null;
  /** SHA-256 of the session or flow that it is for, hex. */
  bound_hash: string;
  created_at_ms: number;
  expires_at_ms: number;
}
