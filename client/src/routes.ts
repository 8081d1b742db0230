import type { CallOptions, Caller } from './caller.ts';
import type {
  Accepted,
  AuthUser,
  BackupCodes,
  ChangeEmailRequest,
  ChangePasswordRequest,
  CodeRequest,
  DeviceList,
  DisableRequest,
  EmailRequest,
  Ended,
  MfaSendRequest,
  MfaStatus,
  MfaVerifyRequest,
  Passkey,
  PasskeyList,
  PasskeyOptions,
  PasskeyRegistered,
  PasskeyResponse,
  PasswordRules,
  PhoneRequest,
  ProfileRequest,
  Reset,
  ResetRequest,
  SessionInfo,
  SessionList,
  SignedIn,
  SignInAnswer,
  SignInHistory,
  SignInRequest,
  SignUpRequest,
  StepUpOptions,
  StepUpRequest,
  TokenRequest,
  TotpEnrolment,
  Verified,
} from './types.ts';

type Get<T> = (options?: CallOptions) => Promise<T>;
type Send<B, T> = (body: B, options?: CallOptions) => Promise<T>;
type ById<T> = (id: string, options?: CallOptions) => Promise<T>;

/** Every route of /auth, by what it is about. Each throws `RampartClientError`. */
export interface Routes {
  signUp: Send<SignUpRequest, Accepted>;
  signIn: Send<SignInRequest, SignInAnswer>;
  /** The second step of a sign-in. */
  verifyMfa: Send<MfaVerifyRequest, SignedIn>;
  /** Sends a code for the second step. */
  sendMfaCode: Send<MfaSendRequest, Accepted>;
  /** Who is signed in. */
  session: Get<SessionInfo>;
  updateProfile: Send<ProfileRequest, AuthUser>;
  /** A page of the sign-in history, newest first. */
  history: (options?: CallOptions & { readonly cursor?: string }) => Promise<SignInHistory>;
  deleteAccount: Get<void>;
  /** Lifts delays with the link of a mail. */
  unlock: Send<TokenRequest, void>;
  readonly email: {
    readonly verify: Send<TokenRequest, Verified>;
    readonly resend: Send<EmailRequest, Accepted>;
    readonly change: Send<ChangeEmailRequest, Accepted>;
  };
  readonly password: {
    readonly rules: Get<PasswordRules>;
    readonly forgot: Send<EmailRequest, Accepted>;
    readonly reset: Send<ResetRequest, Reset>;
    readonly change: Send<ChangePasswordRequest, SignedIn>;
  };
  readonly sessions: {
    readonly list: Get<SessionList>;
    readonly end: ById<void>;
    /** Ends all but this one. */
    readonly endOthers: Get<Ended>;
  };
  readonly devices: { readonly list: Get<DeviceList>; readonly remove: ById<void> };
  readonly mfa: {
    readonly status: Get<MfaStatus>;
    readonly enrolTotp: Get<TotpEnrolment>;
    readonly confirmTotp: Send<CodeRequest, BackupCodes>;
    readonly enrolSms: Send<PhoneRequest, Accepted>;
    readonly confirmSms: Send<CodeRequest, BackupCodes>;
    /** Makes new backup codes; the old ones end. */
    readonly makeBackupCodes: Get<BackupCodes>;
    readonly disable: Send<DisableRequest, void>;
  };
  readonly stepUp: {
    readonly options: Get<StepUpOptions>;
    /** Sends an SMS code for it. */
    readonly sendCode: Get<Accepted>;
    readonly prove: Send<StepUpRequest, SignedIn>;
  };
  /** What lies under `passkeys(client)`, which also talks to the authenticator. */
  readonly passkeys: {
    readonly list: Get<PasskeyList>;
    readonly rename: (id: string, name: string, options?: CallOptions) => Promise<Passkey>;
    readonly remove: ById<void>;
    readonly registerOptions: Get<PasskeyOptions>;
    readonly registerVerify: Send<PasskeyResponse, PasskeyRegistered>;
    readonly signInOptions: Get<PasskeyOptions>;
    readonly signInVerify: Send<PasskeyResponse, SignInAnswer>;
    readonly stepUpOptions: Get<PasskeyOptions>;
    /** For the second step of a sign-in. */
    readonly mfaOptions: (challenge: string, options?: CallOptions) => Promise<PasskeyOptions>;
  };
}

/** Binds the routes to what calls them. */
export function routesOf(call: Caller): Routes {
  type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
  const bare =
    <T>(method: Method, path: string, isOpen = false): Get<T> =>
    (options) =>
      call<T>(path, { ...options, method, isOpen });
  const send =
    <B, T>(method: Method, path: string, isOpen = false): Send<B, T> =>
    (body, options) =>
      call<T>(path, { ...options, method, body, isOpen });
  const end =
    (path: string): ById<void> =>
    (id, options) =>
      call<void>(`${path}/${encodeURIComponent(id)}`, { ...options, method: 'DELETE' });
  return {
    signUp: send('POST', '/auth/sign-up', true),
    signIn: send('POST', '/auth/sign-in', true),
    verifyMfa: send('POST', '/auth/mfa/verify', true),
    sendMfaCode: send('POST', '/auth/mfa/send', true),
    session: bare('GET', '/auth/session'),
    updateProfile: send('PATCH', '/auth/profile'),
    history: ({ cursor, ...options } = {}) =>
      call(`/auth/history${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}`, options),
    deleteAccount: bare('DELETE', '/auth/account'),
    unlock: send('POST', '/auth/unlock', true),
    email: {
      verify: send('POST', '/auth/email/verify', true),
      resend: send('POST', '/auth/email/resend', true),
      change: send('POST', '/auth/email/change'),
    },
    password: {
      rules: bare('GET', '/auth/password/rules', true),
      forgot: send('POST', '/auth/password/forgot', true),
      reset: send('POST', '/auth/password/reset', true),
      change: send('POST', '/auth/password/change'),
    },
    sessions: {
      list: bare('GET', '/auth/sessions'),
      end: end('/auth/sessions'),
      endOthers: bare('DELETE', '/auth/sessions'),
    },
    devices: { list: bare('GET', '/auth/devices'), remove: end('/auth/devices') },
    mfa: {
      status: bare('GET', '/auth/mfa'),
      enrolTotp: bare('POST', '/auth/mfa/totp/enrol'),
      confirmTotp: send('POST', '/auth/mfa/totp/confirm'),
      enrolSms: send('POST', '/auth/mfa/sms/enrol'),
      confirmSms: send('POST', '/auth/mfa/sms/confirm'),
      makeBackupCodes: bare('POST', '/auth/mfa/backup-codes'),
      disable: send('POST', '/auth/mfa/disable'),
    },
    stepUp: {
      options: bare('GET', '/auth/step-up'),
      sendCode: bare('POST', '/auth/step-up/send'),
      prove: send('POST', '/auth/step-up'),
    },
    passkeys: {
      list: bare('GET', '/auth/passkeys'),
      rename: (id, name, options) =>
        call(`/auth/passkeys/${encodeURIComponent(id)}`, { ...options, method: 'PATCH', body: { name } }),
      remove: end('/auth/passkeys'),
      registerOptions: bare('POST', '/auth/passkeys/register/options'),
      registerVerify: send('POST', '/auth/passkeys/register/verify'),
      signInOptions: bare('POST', '/auth/passkeys/sign-in/options', true),
      signInVerify: send('POST', '/auth/passkeys/sign-in/verify', true),
      stepUpOptions: bare('POST', '/auth/passkeys/step-up/options'),
      mfaOptions: (challenge, options) =>
        call('/auth/mfa/passkey/options', { ...options, method: 'POST', body: { challenge }, isOpen: true }),
    },
  };
}
