import type {
  AssuranceLevel,
  Devices,
  FactorKind,
  Factors,
  FactorSummary,
  Lockout,
  Notices,
  PasskeyView,
  PasswordHasher,
  PasswordPolicy,
  SessionGrant,
  Sessions,
  SessionState,
} from './contract.ts';
import type { ClientFacts } from './request.ts';
import type { AccountRow, SignInRow } from './tables/accounts.ts';

/** An account as its owner sees it. */
export interface UserView {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly locale: string;
  readonly roles: readonly string[];
  readonly emailVerified: boolean;
  readonly createdAtMs: number;
}

/** Somebody is signed in, or was given new tokens. */
export interface Granted {
  readonly kind: 'granted';
  readonly user: UserView;
  readonly grant: SessionGrant;
  /** Value of the device cookie to set; null: leave the one that is there. */
  readonly deviceCookie: string | null;
}

/** The second step is due. */
export interface SecondStep {
  readonly kind: 'second-step';
  readonly challenge: string;
  readonly factors: readonly FactorKind[];
  readonly phoneHint: string | null;
  readonly expiresAtMs: number;
}

/** A passkey's answer with the challenge it answers. */
export interface PasskeyAnswer {
  readonly challenge: string;
  readonly response: unknown;
  readonly name?: string | undefined;
}

/** What proves one factor. */
export interface Proof {
  readonly factor: FactorKind;
  readonly password?: string | undefined;
  readonly code?: string | undefined;
  readonly passkey?: PasskeyAnswer | undefined;
}

/** Options of WebAuthn, and the challenge to be handed back. */
export interface PasskeyQuestion {
  readonly challenge: string;
  readonly options: object;
}

/**
 * Everything that people do with their account. Refusals are thrown as AppError:
 * 401 INVALID_CREDENTIALS, INVALID_CODE, CHALLENGE_INVALID, SESSION_ENDED, FRESH_AUTH_REQUIRED;
 * 403 FACTOR_DISABLED, MFA_REQUIRED; 400 VALIDATION_ERROR (details name the field and the fault), LINK_INVALID;
 * 429 with retry-after. What must not be told (whether an address is known) is told to nobody but its owner, by mail.
 */
export interface Identity {
  readonly sessions: Sessions;
  readonly factors: Factors;
  readonly devices: Devices;
  readonly lockout: Lockout;
  readonly hasher: PasswordHasher;
  readonly passwords: PasswordPolicy;
  readonly notices: Notices;
  readonly accounts: Accounts;

  signUp(
    given: {
      readonly email: string;
      readonly password: string;
      readonly name?: string | undefined;
      readonly locale?: string | undefined;
    },
    facts: ClientFacts,
  ): Promise<void>;
  resendVerification(email: string, facts: ClientFacts): Promise<void>;
  /** Links of sign-up and of a changed address. */
  verifyEmail(token: string, facts: ClientFacts): Promise<{ readonly email: string }>;
  signIn(
    given: { readonly email: string; readonly password: string },
    facts: ClientFacts,
  ): Promise<Granted | SecondStep>;
  sendSecondStepCode(challenge: string, channel: 'sms' | 'email', facts: ClientFacts): Promise<void>;
  secondStepPasskey(challenge: string, facts: ClientFacts): Promise<PasskeyQuestion>;
  finishSecondStep(challenge: string, proof: Proof, facts: ClientFacts): Promise<Granted>;
  passkeySignInQuestion(facts: ClientFacts): Promise<PasskeyQuestion>;
  passkeySignIn(answer: PasskeyAnswer, facts: ClientFacts): Promise<Granted | SecondStep>;
  /** @throws AppError 401 SESSION_ENDED */
  refresh(token: string, facts: ClientFacts): Promise<Granted>;
  signOut(session: SessionState, facts: ClientFacts): Promise<void>;

  forgotPassword(email: string, facts: ClientFacts): Promise<void>;
  resetPassword(
    given: { readonly token: string; readonly password: string },
    facts: ClientFacts,
  ): Promise<void>;
  /** Lifts the delays on a password by a mailed link; POST alone uses it up. */
  unlock(token: string, facts: ClientFacts): Promise<void>;
  /** New tokens of this session; all others end unless told otherwise. */
  changePassword(
    session: SessionState,
    given: {
      readonly currentPassword?: string | undefined;
      readonly newPassword: string;
      readonly endOtherSessions?: boolean | undefined;
    },
    facts: ClientFacts,
  ): Promise<Granted>;
  changeEmail(session: SessionState, email: string, facts: ClientFacts): Promise<void>;
  changeProfile(
    session: SessionState,
    given: { readonly name?: string | undefined; readonly locale?: string | undefined },
  ): Promise<UserView>;
  deleteAccount(session: SessionState, facts: ClientFacts): Promise<void>;

  /** @throws AppError 401 FRESH_AUTH_REQUIRED, 403 MFA_REQUIRED; reads the session as it is in the database now */
  requireFresh(
    session: SessionState,
    need?: {
      readonly withinMs?: number;
      readonly factor?: FactorKind | 'any' | 'second';
      readonly aal?: AssuranceLevel;
    },
  ): Promise<void>;
  stepUpOptions(
    session: SessionState,
  ): Promise<{ readonly factors: readonly FactorKind[]; readonly freshUntilMs: number }>;
  sendStepUpCode(session: SessionState, facts: ClientFacts): Promise<void>;
  stepUpPasskey(session: SessionState): Promise<PasskeyQuestion>;
  stepUp(session: SessionState, proof: Proof, facts: ClientFacts): Promise<Granted>;

  mfaStatus(session: SessionState): Promise<FactorSummary & { readonly enforced: boolean }>;
  enrolTotp(
    session: SessionState,
    facts: ClientFacts,
  ): Promise<{
    readonly secret: string;
    readonly uri: string;
    readonly qrSvg: string;
    readonly qrPng: string;
  }>;
  /** Backup codes with the first second factor; the session is at level 2 and has new tokens. */
  confirmTotp(
    session: SessionState,
    code: string,
    facts: ClientFacts,
  ): Promise<{ readonly backupCodes: readonly string[]; readonly granted: Granted }>;
  enrolSms(session: SessionState, phone: string, facts: ClientFacts): Promise<void>;
  confirmSms(
    session: SessionState,
    code: string,
    facts: ClientFacts,
  ): Promise<{ readonly backupCodes: readonly string[]; readonly granted: Granted }>;
  makeBackupCodes(session: SessionState, facts: ClientFacts): Promise<readonly string[]>;
  disableFactor(session: SessionState, kind: 'totp' | 'sms' | 'passkey', facts: ClientFacts): Promise<void>;
  passkeyRegistrationQuestion(session: SessionState, facts: ClientFacts): Promise<PasskeyQuestion>;
  registerPasskey(
    session: SessionState,
    answer: PasskeyAnswer,
    facts: ClientFacts,
  ): Promise<{
    readonly passkey: PasskeyView;
    readonly backupCodes: readonly string[];
    readonly granted: Granted;
  }>;
  renamePasskey(session: SessionState, id: string, name: string): Promise<PasskeyView>;
  removePasskey(session: SessionState, id: string, facts: ClientFacts): Promise<void>;
  endSession(session: SessionState, id: string, facts: ClientFacts): Promise<boolean>;
  endOtherSessions(session: SessionState, facts: ClientFacts): Promise<number>;
  /** Ends the device's sessions too, but for the one that asks. */
  removeDevice(session: SessionState, id: string, facts: ClientFacts): Promise<boolean>;

  start(): Promise<void>;
  /** Forgets what has run out, in bounded batches; call it every few minutes. @returns how many rows went */
  prune(nowMs: number): Promise<number>;
  close(): Promise<void>;
}

/** Who does an administrative act: for the audit trail. */
export interface Actor {
  /** A principal's id or `operator`. */
  readonly id: string;
  readonly address: string;
}

/** Accounts as the house manages them. */
export interface Accounts {
  get(id: string): Promise<AccountRow | undefined>;
  byEmail(email: string): Promise<AccountRow | undefined>;
  /** Newest first. `q` is looked for in mail address and name. */
  list(query: {
    readonly q?: string;
    readonly status?: string;
    readonly role?: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<{
    readonly users: readonly (AccountRow & { readonly factors: readonly FactorKind[] })[];
    readonly total: number;
    readonly nextCursor: string | null;
  }>;
  /** Whether these roles demand a second factor. */
  mfaEnforced(roles: readonly string[]): boolean;
  history(
    account: string,
    limit: number,
    cursor?: string,
  ): Promise<{ readonly entries: readonly SignInRow[]; readonly nextCursor: string | null }>;
  /** Delays in force and consecutive failures, by factor: for administrators. Empty where there is no such account. */
  attempts(id: string): ReturnType<Lockout['state']>;
  /** Makes an active account with a password; for the first administrator and for tests of an application. */
  create(
    given: {
      readonly email: string;
      readonly name: string;
      readonly password: string;
      readonly roles: readonly string[];
      readonly mustReset?: boolean;
    },
    actor: Actor,
  ): Promise<AccountRow>;
  /**
   * Takes an active account over from an older system, whose owner has proven the mail address. `passwordHash` is a PHC
   * string or of another kind that is verified here (bcrypt, scrypt, PBKDF2); null: "forgot password" opens it.
   * @throws AppError 400, 409 where the address has an account
   */
  import(
    given: {
      readonly email: string;
      readonly name: string;
      readonly passwordHash: string | null;
      readonly roles: readonly string[];
      readonly locale?: string;
      readonly createdAtMs?: number;
    },
    actor: Actor,
  ): Promise<AccountRow>;
  /** Makes a pending account and mails its owner a link by which to set a password. */
  invite(
    given: { readonly email: string; readonly name?: string | undefined; readonly roles: readonly string[] },
    actor: Actor,
  ): Promise<AccountRow>;
  lock(
    id: string,
    given: { readonly reason: string; readonly hours?: number | undefined },
    actor: Actor,
  ): Promise<boolean>;
  unlock(id: string, actor: Actor): Promise<boolean>;
  /** Ends all sessions; the next sign-in needs a link from the mail. */
  requireReset(id: string, actor: Actor): Promise<boolean>;
  resetFactors(id: string, actor: Actor): Promise<boolean>;
  endSessions(id: string, actor: Actor, session?: string): Promise<number>;
  /** Takes effect on all nodes within a second; more power ends all sessions. */
  setRoles(id: string, roles: readonly string[], actor: Actor): Promise<boolean>;
}
