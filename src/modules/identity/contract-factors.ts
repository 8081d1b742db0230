import type { FactorKind } from './contract.ts';
import type { IdentityTransaction } from './ports.ts';
import type { ClientFacts } from './request.ts';

/** Second factors of an account. */
export interface FactorSummary {
  readonly totp: {
    readonly id: string;
    readonly confirmedAtMs: number;
    readonly lastUsedAtMs: number | null;
    readonly disabled: boolean;
  } | null;
  readonly sms: { readonly id: string; readonly phone: string; readonly disabled: boolean } | null;
  readonly backupCodes: { readonly left: number; readonly createdAtMs: number } | null;
  readonly passkeys: readonly PasskeyView[];
  /** Those that may finish a sign-in, strongest first. */
  readonly usable: readonly FactorKind[];
}

/** A passkey as its owner sees it. */
export interface PasskeyView {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly backedUp: boolean;
  readonly deviceType: 'singleDevice' | 'multiDevice';
}

/** Words that outside code may be told about a failed factor. */
export type FactorFault = 'wrong' | 'expired' | 'used' | 'disabled' | 'wait' | 'none';

/** Verifies second factors. Every secret is accepted once, under any race. */
export interface Factors {
  summary(account: string): Promise<FactorSummary>;
  /** Starts or replaces an unconfirmed enrolment. */
  enrolTotp(
    tx: IdentityTransaction,
    account: string,
    label: string,
  ): Promise<{
    readonly id: string;
    readonly secret: string;
    readonly uri: string;
    readonly qrSvg: string;
    readonly qrPng: string;
  }>;
  /** The first code proves that the authenticator holds the secret; the step is consumed. @returns whether it fitted */
  confirmTotp(tx: IdentityTransaction, account: string, code: string, nowMs: number): Promise<boolean>;
  verifyTotp(tx: IdentityTransaction, account: string, code: string, nowMs: number): Promise<boolean>;
  /** Makes ten new backup codes; older ones end. Shown once. */
  makeBackupCodes(tx: IdentityTransaction, account: string): Promise<readonly string[]>;
  /** @returns codes that are left, or `undefined` when it did not fit */
  useBackupCode(tx: IdentityTransaction, account: string, code: string): Promise<number | undefined>;
  /** Removes what proves that kind (all passkeys, the TOTP secret, the phone). */
  remove(tx: IdentityTransaction, account: string, kind: FactorKind): Promise<boolean>;
  removeAll(tx: IdentityTransaction, account: string): Promise<void>;
  readonly codes: OneTimeCodes;
  readonly passkeys: Passkeys;
}

/** Six-digit codes by SMS or mail, each bound to the flow that asked for it. */
export interface OneTimeCodes {
  /**
   * Sends a code; an earlier one of the same flow ends.
   * @param flow what it is good for: a challenge's hash, or `phone:acc_…`
   * @throws RateLimitError when number, user, address or country had enough
   */
  send(given: {
    readonly flow: string;
    readonly account: string;
    readonly channel: 'sms' | 'email';
    readonly to: string;
    readonly locale: string;
    readonly facts: ClientFacts;
  }): Promise<{ readonly expiresAtMs: number }>;
  verify(tx: IdentityTransaction, flow: string, code: string, nowMs: number): Promise<FactorFault | 'ok'>;
}

/** WebAuthn. Options and responses are JSON of the WebAuthn Level 3 specification. */
export interface Passkeys {
  registrationOptions(
    account: { readonly id: string; readonly email: string; readonly name: string },
    session: string,
  ): Promise<{ readonly challenge: string; readonly options: object }>;
  register(
    tx: IdentityTransaction,
    account: string,
    session: string,
    challenge: string,
    response: unknown,
    name: string | undefined,
  ): Promise<PasskeyView | undefined>;
  /** @param account null: whoever has a discoverable passkey. @param bound session or challenge that it is for */
  authenticationOptions(
    account: string | null,
    bound: string,
  ): Promise<{ readonly challenge: string; readonly options: object }>;
  /** @returns whose passkey it was, and whether the user was verified (PIN, fingerprint) */
  authenticate(
    tx: IdentityTransaction,
    bound: string,
    challenge: string,
    response: unknown,
    account: string | null,
  ): Promise<
    { readonly account: string; readonly passkey: string; readonly userVerified: boolean } | undefined
  >;
  rename(tx: IdentityTransaction, account: string, id: string, name: string): Promise<boolean>;
  remove(tx: IdentityTransaction, account: string, id: string): Promise<boolean>;
}
