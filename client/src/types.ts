/** What /auth says and is told, as JSON. The browser package holds the same file. */

/** How somebody proves who they are. */
export type AuthFactor = 'password' | 'totp' | 'backup' | 'sms' | 'email' | 'passkey';

/** Who is signed in. */
export interface AuthUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly locale: string;
  readonly roles: readonly string[];
  readonly emailVerified: boolean;
  readonly createdAtMs: number;
}

/** POST /auth/sign-up → 202 `Accepted`, whether or not the address is known; 400 names what is wrong with the password. */
export interface SignUpRequest {
  readonly email: string;
  readonly password: string;
  readonly name?: string;
  readonly locale?: string;
}
/** Something was set going that the caller must not learn more about: a mail tells the owner. */
export interface Accepted {
  readonly accepted: true;
}
/** POST /auth/email/resend, /auth/password/forgot → 202 `Accepted`. */
export interface EmailRequest {
  readonly email: string;
}
/** POST /auth/email/verify → 200 `Verified`; POST /auth/unlock → 204; 400 LINK_INVALID when wrong, used or too old. */
export interface TokenRequest {
  readonly token: string;
}
export interface Verified {
  readonly verified: true;
  readonly email: string;
}

/** POST /auth/sign-in → 200 `SignInAnswer`; 401 INVALID_CREDENTIALS; 429 with retry-after. */
export interface SignInRequest {
  readonly email: string;
  readonly password: string;
  /** IANA name, for recognising the device. */
  readonly timezone?: string;
}
/** Signed in. Browsers get cookies and no tokens; API clients (`X-Rampart-Client: api`) get tokens and no cookies. */
export interface SignedIn {
  readonly mfaRequired: false;
  readonly user: AuthUser;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  /** Seconds until the access token ends. */
  readonly expiresIn?: number;
  /** API clients: to be sent back as X-Rampart-Device with the next sign-in. */
  readonly deviceToken?: string;
  /** `enrol`: a second factor must be enrolled first; `reset`: a new password must be set first. */
  readonly scope: 'full' | 'enrol' | 'reset';
}
/** The second step is due. */
export interface MfaRequired {
  readonly mfaRequired: true;
  /** Good for this sign-in alone, for 10 minutes. */
  readonly challenge: string;
  /** Strongest first. */
  readonly factors: readonly AuthFactor[];
  /** `•••• 78`, where SMS is among the factors. */
  readonly phoneHint?: string;
  readonly expiresAtMs: number;
}
export type SignInAnswer = SignedIn | MfaRequired;

/**
 * New tokens of an API client's session: those before them end at once, so they must be taken over. Browsers get a
 * cookie instead and none of these.
 */
export interface NewTokens {
  readonly accessToken?: string;
  readonly refreshToken?: string;
  /** Seconds until the access token ends. */
  readonly expiresIn?: number;
}

/** POST /auth/mfa/verify → 200 `SignedIn`; 401 INVALID_CODE, CHALLENGE_INVALID; 403 FACTOR_DISABLED; 429. */
export interface MfaVerifyRequest {
  readonly challenge: string;
  readonly factor: 'totp' | 'backup' | 'sms' | 'email' | 'passkey';
  /** For all but passkeys. */
  readonly code?: string;
  /** For passkeys: the challenge of the options, and the authenticator's response. */
  readonly passkey?: PasskeyResponse;
}
/** POST /auth/mfa/send → 202: sends a code by SMS or mail for a sign-in's second step. */
export interface MfaSendRequest {
  readonly challenge: string;
  readonly factor: 'sms' | 'email';
}

/** POST /auth/refresh → 200 `SignedIn`; 401. Browsers send no body: the cookie is exchanged. */
export interface RefreshRequest {
  readonly refreshToken?: string;
}

/** GET /auth/session → 200; 401 when nobody is signed in. */
export interface SessionInfo {
  readonly user: AuthUser;
  readonly session: {
    readonly id: string;
    readonly scope: 'full' | 'enrol' | 'reset';
    /** 1 one factor, 2 two factors. */
    readonly aal: 1 | 2;
    readonly factors: readonly AuthFactor[];
    /** When a factor was proven last, milliseconds since the epoch. */
    readonly freshAtMs: number;
    readonly createdAtMs: number;
    readonly expiresAtMs: number;
    readonly client: 'browser' | 'api';
  };
  /** A second factor is demanded of this account's roles. */
  readonly mfaEnforced: boolean;
  /** Whether this user may open the console. */
  readonly console: boolean;
}
/** PATCH /auth/profile → 200 `AuthUser`. */
export interface ProfileRequest {
  readonly name?: string;
  readonly locale?: string;
}

/** GET /auth/sessions → 200. DELETE /auth/sessions/:id → 204. DELETE /auth/sessions → 200 `Ended` (this one stays). */
export interface SessionList {
  readonly sessions: readonly {
    readonly id: string;
    readonly client: 'browser' | 'api';
    readonly deviceName: string;
    readonly address: string;
    readonly place: string | null;
    readonly aal: 1 | 2;
    readonly factors: readonly AuthFactor[];
    readonly createdAtMs: number;
    readonly seenAtMs: number;
    readonly expiresAtMs: number;
    readonly current: boolean;
  }[];
}
export interface Ended {
  readonly ended: number;
}
/** GET /auth/devices → 200. DELETE /auth/devices/:id → 204. */
export interface DeviceList {
  readonly devices: readonly {
    readonly id: string;
    readonly name: string;
    readonly place: string | null;
    readonly firstSeenAtMs: number;
    readonly lastSeenAtMs: number;
    readonly current: boolean;
  }[];
}
/** GET /auth/history?cursor= → 200, newest first. */
export interface SignInHistory {
  readonly entries: readonly {
    readonly id: string;
    readonly atMs: number;
    readonly outcome: 'signed-in' | 'wrong-password' | 'wrong-code' | 'refused';
    readonly factors: readonly AuthFactor[];
    readonly address: string;
    readonly deviceName: string;
    readonly place: string | null;
  }[];
  readonly nextCursor: string | null;
}

/** GET /auth/mfa → 200. */
export interface MfaStatus {
  readonly enforced: boolean;
  readonly totp: {
    readonly confirmedAtMs: number;
    readonly lastUsedAtMs: number | null;
    readonly disabled: boolean;
  } | null;
  readonly sms: { readonly phoneHint: string; readonly disabled: boolean } | null;
  readonly backupCodes: { readonly left: number; readonly createdAtMs: number } | null;
  readonly passkeys: readonly Passkey[];
}
/** POST /auth/mfa/totp/enrol (fresh factor needed; none while the account has no second factor and signed in 10 minutes ago at most). */
export interface TotpEnrolment {
  /** Base 32, for typing. */
  readonly secret: string;
  /** `otpauth://totp/…` */
  readonly uri: string;
  /** The QR code as SVG markup. */
  readonly qr: string;
  /** The same as a `data:image/png` address. */
  readonly qrPng: string;
}
/** POST /auth/mfa/totp/confirm, /auth/mfa/sms/confirm. */
export interface CodeRequest {
  readonly code: string;
}
/**
 * Answer of confirm and of POST /auth/mfa/backup-codes: shown once. Confirm gives none where there are codes already, and
 * new tokens.
 */
export interface BackupCodes extends NewTokens {
  readonly backupCodes: readonly string[];
}
/** POST /auth/mfa/sms/enrol → 202: sends a code to the number (international form). */
export interface PhoneRequest {
  readonly phone: string;
}
/** POST /auth/mfa/disable → 204 (fresh factor needed). */
export interface DisableRequest {
  readonly factor: 'totp' | 'sms' | 'passkey';
}

/** POST /auth/step-up → 200 `SignedIn`: proves a factor again; the session's tokens are new from then on. */
export interface StepUpRequest {
  readonly factor: AuthFactor;
  readonly password?: string;
  readonly code?: string;
  readonly passkey?: PasskeyResponse;
}
/** GET /auth/step-up → 200: with what it can be done. POST /auth/step-up/send → 202: sends an SMS code for it. */
export interface StepUpOptions {
  readonly factors: readonly AuthFactor[];
  /** No step-up is needed until then. */
  readonly freshUntilMs: number;
}

/** A passkey of the account. */
export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly backedUp: boolean;
}
/** GET /auth/passkeys → 200. PATCH /auth/passkeys/:id { name } → 200 `Passkey`. DELETE /auth/passkeys/:id → 204. */
export interface PasskeyList {
  readonly passkeys: readonly Passkey[];
}
/**
 * POST /auth/passkeys/register/options, /auth/passkeys/sign-in/options, /auth/passkeys/step-up/options, and
 * /auth/mfa/passkey/options { challenge } → 200.
 */
export interface PasskeyOptions {
  /** To be handed back with the response. */
  readonly challenge: string;
  /** PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON (WebAuthn Level 3). */
  readonly options: Readonly<Record<string, unknown>>;
}
/** POST /auth/passkeys/sign-in/verify → 200 `SignInAnswer`; POST /auth/passkeys/register/verify → 201 `PasskeyRegistered`. */
export interface PasskeyResponse {
  readonly challenge: string;
  /** RegistrationResponseJSON or AuthenticationResponseJSON. */
  readonly response: unknown;
  /** Registration: what to call it. */
  readonly name?: string;
}
export interface PasskeyRegistered extends NewTokens {
  readonly passkey: Passkey;
  /** Made with the account's first second factor: shown once. */
  readonly backupCodes: readonly string[];
}

/** POST /auth/password/reset → 200 `Verified`-like `Reset`; every session ends. A second factor is not skipped. */
export interface ResetRequest {
  readonly token: string;
  readonly password: string;
}
export interface Reset {
  readonly reset: true;
}
/** POST /auth/password/change → 200 `SignedIn` with new tokens. */
export interface ChangePasswordRequest {
  /** May be left out within 10 minutes of a step-up, and in the scope `reset`. */
  readonly currentPassword?: string;
  readonly newPassword: string;
  /** Default true. */
  readonly endOtherSessions?: boolean;
}
/** POST /auth/email/change → 202 (fresh factor needed); the new address gets a link for POST /auth/email/verify. */
export interface ChangeEmailRequest {
  readonly email: string;
}
/** GET /auth/password/rules → 200. */
export interface PasswordRules {
  readonly minLength: number;
  readonly minLengthWithSecondFactor: number;
  readonly maxLength: number;
}
/** DELETE /auth/account → 204 (fresh factor needed). POST /auth/sign-out → 204. */

/**
 * How errors look. `details` of VALIDATION_ERROR is a list of fields. A route that needs a fresh factor answers 401
 * FRESH_AUTH_REQUIRED with details `{ factors, withinSeconds }`; one that needs a second factor 403 MFA_REQUIRED.
 */
export interface ErrorAnswer {
  readonly success: false;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details?: unknown;
    readonly decision?: string;
  };
}
