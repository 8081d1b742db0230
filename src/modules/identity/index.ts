export { createIdentity, type IdentityModulePorts } from './identity.ts';
export {
  type IdentityOptions,
  type IdentitySettings,
  type LinkOptions,
  readIdentityOptions,
  type RoleOptions,
} from './options.ts';
export type {
  AccountStatus,
  AssuranceLevel,
  Attempt,
  AttemptLeave,
  Credential,
  Devices,
  DeviceVerdict,
  FactorFault,
  FactorKind,
  Factors,
  FactorSummary,
  Lockout,
  NewSession,
  Notice,
  Notices,
  OneTimeCodes,
  Passkeys,
  PasskeyView,
  PasswordFault,
  PasswordHasher,
  PasswordPolicy,
  SessionEnd,
  SessionGrant,
  Sessions,
  SessionScope,
  SessionState,
  SessionView,
} from './contract.ts';
export type {
  Accounts,
  Actor,
  Granted,
  Identity,
  PasskeyAnswer,
  PasskeyQuestion,
  Proof,
  SecondStep,
  UserView,
} from './facade.ts';
export type {
  AuditPort,
  IdentityLog,
  IdentityPorts,
  IdentityTransaction,
  Mail,
  Mailer,
  Place,
  SmsSender,
} from './ports.ts';
export type { ClientFacts } from './request.ts';
export { SEALED_COLUMNS, type SealedColumnOf } from './sealed.ts';
export { transactions } from './transaction.ts';
export { identityTables } from './tables/index.ts';
export type { AccountRow, SignInRow } from './tables/accounts.ts';
export {
  type FreshAuthOptions,
  freshAuthDecider,
  freshAuthGuard,
  freshAuthPorts,
  readFreshAuth,
} from './fresh-auth.ts';
export { SignedIn, type SignedInValue } from './signed-in.ts';
export { phoneHint } from './factor/index.ts';
export type { FactorOptions } from './factor/index.ts';
export type { DeviceOptions } from './device/index.ts';
export { accountKeys, emailKey, type LockoutOptions } from './lockout/index.ts';
export {
  httpSms,
  type HttpSmsOptions,
  isMailAddress,
  type Mailbox,
  mailbox,
  type MailboxEntry,
  mailboxMailer,
  mailboxSms,
  renderNotice,
  smtpMailer,
  type SmtpOptions,
} from './notify/index.ts';
export { calibrate, type PasswordOptions, policyWarnings } from './password/index.ts';
export type { SessionOptions } from './session/index.ts';
export { DpopReplays, type DpopVerdict, verifyDpopProof } from './token/index.ts';
export {
  challengeInvalid,
  freshAuthRequired,
  invalidCredentials,
  linkInvalid,
  mfaRequired,
  passwordResetRequired,
  sessionEnded,
} from './errors.ts';
