import type { ClientFacts } from './request.ts';
import type { IdentityTransaction } from './ports.ts';
import type { SqlRunner } from '../../ports/sql.ts';

export type {
  FactorSummary,
  PasskeyView,
  FactorFault,
  Factors,
  OneTimeCodes,
  Passkeys,
} from './contract-factors.ts';

/** How sure we are of somebody (NIST SP 800-63B-4): 1 one factor, 2 two factors or a passkey with user verification. */
export type AssuranceLevel = 1 | 2;

/** How somebody proved who they are (names follow RFC 8176 where it has one). */
export type FactorKind = 'password' | 'totp' | 'backup' | 'sms' | 'email' | 'passkey';

/** `pending` has not verified its mail; only `active` passes. */
export type AccountStatus = 'pending' | 'active' | 'locked' | 'disabled' | 'deleted';

/** What a session may reach: everything, or only what ends the state it is in. */
export type SessionScope = 'full' | 'enrol' | 'reset';

/** A session as every request sees it, kept in memory between changes. */
export interface SessionState {
  /** `ses_…` */
  readonly id: string;
  /** `acc_…` */
  readonly account: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly status: AccountStatus;
  readonly client: 'browser' | 'api';
  readonly scope: SessionScope;
  readonly aal: AssuranceLevel;
  /** Factors proven in this session. */
  readonly factors: readonly FactorKind[];
  /** When each factor was proven last, milliseconds since the epoch. */
  readonly provenAtMs: Readonly<Partial<Record<FactorKind, number>>>;
  readonly device: string | null;
  readonly createdAtMs: number;
  /** The earlier of the idle and the overall end. */
  readonly expiresAtMs: number;
  /** DPoP key that its tokens are bound to (RFC 9449), if any. */
  readonly dpopThumbprint: string | null;
  /** Grows with every change of the account's roles or status. */
  readonly version: number;
}

/** What a session is opened with. */
export interface NewSession {
  readonly account: string;
  readonly scope: SessionScope;
  readonly factors: readonly FactorKind[];
  readonly aal: AssuranceLevel;
  readonly device: string | null;
  readonly facts: ClientFacts;
}

/** What the client is given. */
export interface SessionGrant {
  readonly session: SessionState;
  /** API clients: access token (JWT), refresh token, and seconds until the access token ends. */
  readonly tokens?: {
    readonly accessToken: string;
    readonly refreshToken: string;
    readonly expiresInSeconds: number;
  };
  /** Browsers: the opaque value of the session cookie, and seconds that the cookie may live. */
  readonly cookie?: { readonly value: string; readonly maxAgeSeconds: number };
}

/** A session as its owner and administrators see it. */
export interface SessionView {
  readonly id: string;
  readonly client: 'browser' | 'api';
  readonly deviceName: string;
  readonly address: string;
  readonly place: string | null;
  readonly aal: AssuranceLevel;
  readonly factors: readonly FactorKind[];
  readonly createdAtMs: number;
  readonly seenAtMs: number;
  readonly expiresAtMs: number;
  readonly current: boolean;
}

/** Why sessions end: stands in the audit trail and in the table. */
export type SessionEnd =
  | 'sign-out'
  | 'user'
  | 'admin'
  | 'password-changed'
  | 'password-reset'
  | 'role-changed'
  | 'locked'
  | 'refresh-reuse'
  | 'device-mismatch'
  | 'factors-changed'
  | 'too-many'
  | 'deleted';

/** Sessions, access tokens, refresh tokens and session cookies. */
export interface Sessions {
  /** Opens a session in the caller's transaction; the oldest beyond the limit of parallel sessions ends. */
  open(tx: IdentityTransaction, given: NewSession): Promise<SessionGrant>;
  /**
   * Who stands behind an access token or a session cookie. Microseconds once seen; never past expiry, revocation or a
   * change of the account.
   * @returns `undefined` when it proves nobody; the reason goes to the events
   */
  identify(
    credential: Credential,
    facts: ClientFacts,
  ): SessionState | undefined | Promise<SessionState | undefined>;
  /** The session as the database has it now: for sensitive routes. */
  fresh(id: string): Promise<SessionState | undefined>;
  /**
   * Exchanges a refresh token or session cookie for the next one.
   * @returns `undefined` when it is wrong or ended; reuse ends the family and is the event REFRESH_REUSE
   */
  refresh(token: string, facts: ClientFacts): Promise<SessionGrant | undefined>;
  /**
   * Notes freshly proven factors (sign-in complete, step-up, enrolment): new tokens, the old ones end at once.
   * @param change scope and level as they are from now on
   */
  renew(
    tx: IdentityTransaction,
    id: string,
    change: {
      readonly proven: readonly FactorKind[];
      readonly aal?: AssuranceLevel;
      readonly scope?: SessionScope;
    },
    facts: ClientFacts,
  ): Promise<SessionGrant>;
  /** Newest first, at most 200. */
  list(account: string, current: string | null): Promise<readonly SessionView[]>;
  /** @returns whether it was there and is that account's */
  end(tx: IdentityTransaction, account: string, id: string, why: SessionEnd): Promise<boolean>;
  /** @param except a session that stays. @returns how many ended */
  endAll(tx: IdentityTransaction, account: string, why: SessionEnd, except?: string): Promise<number>;
  /** Those that were opened on this device. @param except a session that stays. @returns how many ended */
  endOfDevice(tx: IdentityTransaction, account: string, device: string, except: string): Promise<number>;
  /** Roles, name or status changed: every node looks again within a second. */
  changed(tx: SqlRunner, account: string): Promise<void>;
  /** Public keys of access tokens (RFC 7517). */
  jwks(): { readonly keys: readonly object[] };
  /** Reads revocations until `close`; call once the database is migrated. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** What a request carries. */
export type Credential =
  | { readonly kind: 'bearer' | 'dpop'; readonly token: string }
  | { readonly kind: 'cookie'; readonly token: string };

/** Hashes and verifies passwords in a bounded queue. */
export interface PasswordHasher {
  /**
   * Runs a flow that will hash and asks nothing but the database. Few run at once and 64 wait, before they ask the database for anything: what hundreds of
   * sign-ins put into its queue, every other request would stand behind. Must not be nested.
   * @throws RateLimitError `HASH_QUEUE_FULL`
   */
  admit<T>(flow: () => Promise<T>): Promise<T>;
  /** @returns a PHC string. @throws RateLimitError `HASH_QUEUE_FULL` when too many wait */
  hash(password: string): Promise<string>;
  /**
   * @param stored PHC or older format; null hashes a dummy, so that an unknown account takes the same time
   * @returns whether it fits, and whether it should be hashed anew
   */
  verify(
    password: string,
    stored: string | null,
  ): Promise<{ readonly ok: boolean; readonly rehash: boolean }>;
  stats(): { readonly running: number; readonly waiting: number };
}

/** Why a password is not accepted. */
export interface PasswordFault {
  readonly code:
    | 'PASSWORD_TOO_SHORT'
    | 'PASSWORD_TOO_LONG'
    | 'PASSWORD_COMMON'
    | 'PASSWORD_BREACHED'
    | 'PASSWORD_CONTEXT'
    | 'PASSWORD_COMPOSITION'
    | 'PASSWORD_INVALID'
    | 'PASSWORD_REUSED';
  /** One sentence that says what to do. */
  readonly message: string;
}

/** Judges new passwords. */
export interface PasswordPolicy {
  /** @param context names that must not be the password; whether a second factor is enforced for its owner */
  check(
    password: string,
    context: { readonly names: readonly string[]; readonly secondFactor: boolean },
  ): Promise<readonly PasswordFault[]>;
  /** For the pages. */
  readonly rules: {
    readonly minLength: number;
    readonly minLengthWithSecondFactor: number;
    readonly maxLength: number;
  };
}

/** What is tried, for counting: each factor of an account has counters of its own. */
export interface Attempt {
  /** Stable name of the account even where there is none: `accountKey(email)`. */
  readonly accountKey: string;
  /** Null where no such account exists; counted alike. */
  readonly account: string | null;
  readonly factor: FactorKind;
  /** `fac_…` of the authenticator that is asked, for those an account may have several of. */
  readonly authenticator?: string;
  /** Device that has signed in to this account before and still fits its signals, if any. */
  readonly knownDevice: string | null;
  readonly facts: ClientFacts;
  /** The password that was tried; only a short-lived keyed digest is kept, to see one password tried on many accounts. */
  readonly secret?: string;
}

/** May it be tried? */
export type AttemptLeave =
  | { readonly allowed: true; readonly ticket: string }
  | { readonly allowed: false; readonly why: 'wait'; readonly retryAfterSeconds: number }
  | { readonly allowed: false; readonly why: 'disabled' };

/** Counts attempts so that guessing is slow and nobody can lock out the owner. */
export interface Lockout {
  /** Counts the attempt as a failure, before anything is verified, and says whether it may be verified. */
  begin(attempt: Attempt): Promise<AttemptLeave>;
  /** The attempt was right: takes the failure back and resets the counters of this factor alone. */
  succeed(attempt: Attempt, ticket: string): Promise<void>;
  /** The attempt was wrong: says what follows. `disabled` once, when the bound of consecutive failures was reached. */
  fail(
    attempt: Attempt,
    ticket: string,
  ): Promise<{ readonly disabled: boolean; readonly notifyOwner: boolean }>;
  /** Owner or administrator lifts delays, and what was disabled is enabled again: after a reset or re-enrolment. */
  clear(tx: SqlRunner, accountKey: string, factor?: FactorKind): Promise<void>;
  /** For the user page: delays in force and consecutive failures. */
  state(
    accountKey: string,
  ): Promise<
    readonly { factor: FactorKind; failures: number; blockedUntilMs: number | null; disabled: boolean }[]
  >;
}

/** What a device cookie and the signals say. */
export interface DeviceVerdict {
  /** `known`: has signed in to this account and fits; `changed`: its cookie is ours, the signals are not; `unknown`. */
  readonly kind: 'known' | 'changed' | 'unknown';
  readonly device: string | null;
  /** What does not fit: `browser`, `platform`, `language`, `timezone`. */
  readonly differs: readonly string[];
  readonly newPlace: boolean;
}

/** Devices on which people have signed in. */
export interface Devices {
  judge(account: string, facts: ClientFacts): Promise<DeviceVerdict>;
  /** Notes a completed sign-in. @returns the device's id, and the cookie value to set when it is new or old */
  remember(
    tx: SqlRunner,
    account: string,
    facts: ClientFacts,
  ): Promise<{
    readonly device: string;
    readonly cookie: string | null;
    readonly isNew: boolean;
    readonly newPlace: boolean;
  }>;
  list(
    account: string,
  ): Promise<
    readonly { id: string; name: string; firstSeenAtMs: number; lastSeenAtMs: number; place: string | null }[]
  >;
  /** Forgets all (but one): after a password change or reset. */
  forget(tx: SqlRunner, account: string, except?: string): Promise<void>;
  remove(tx: SqlRunner, account: string, id: string): Promise<boolean>;
  /** Device that a cookie names, ours and not too old; says nothing of whether an account knows it. */
  idOf(cookie: string | undefined): string | undefined;
  /** Accounts that have signed in on a device and not removed it; at most 100. */
  accountsOf(id: string): Promise<readonly string[]>;
  /** Coarse and safe for pages and mails: `Firefox on Windows`. */
  nameOf(facts: ClientFacts): string;
}

/** A notice or link to an account's owner. */
export interface Notice {
  readonly kind:
    | 'verify-email'
    | 'already-registered'
    | 'reset-password'
    | 'no-account'
    | 'password-changed'
    | 'email-change'
    | 'email-changed'
    | 'new-device'
    | 'new-place'
    | 'factor-added'
    | 'factor-removed'
    | 'backup-code-used'
    | 'suspicious-attempts'
    | 'account-locked'
    | 'unlock'
    | 'refresh-reuse'
    | 'code'
    | 'invitation'
    | 'reset-required';
  readonly to: string;
  readonly locale: string;
  /** Values that stand in the text: `link`, `code`, `device`, `place`, `time`, `factor`, `left`, `name`. */
  readonly values: Readonly<Record<string, string>>;
}

/** Writes and sends notices. */
export interface Notices {
  /** Sends in the background, with retries; never throws. A failure for good is the event MAIL_FAILED. */
  send(notice: Notice): void;
  /** Resolves once everything that was sent so far has been taken over or given up. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
