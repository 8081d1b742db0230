import { z } from 'zod';
import type {
  Accepted,
  AuthUser,
  BackupCodes,
  DeviceList,
  Ended,
  MfaRequired,
  MfaStatus,
  Passkey,
  PasskeyList,
  PasskeyOptions,
  PasskeyRegistered,
  PasswordRules,
  Reset,
  SessionInfo,
  SessionList,
  SignedIn,
  SignInHistory,
  StepUpOptions,
  TotpEnrolment,
  Verified,
} from './auth-types.ts';

/**
 * What /auth is told and answers, as schemas. Requests are strict: a field that is not named is refused, so that nobody
 * gives an account a role, a level or a verified address (A34). Answers are for the OpenAPI document and held to
 * auth-types.ts by the compiler.
 */
const FACTORS = ['password', 'totp', 'backup', 'sms', 'email', 'passkey'] as const;
const factor = z.enum(FACTORS);
const atMs = z.int().meta({ description: 'Milliseconds since the epoch.' });
const count = z.int().min(0);

/** As it is typed; what makes two of them the same is the module's business. RFC 5321 4.5.3.1.3: 254 octets of path. */
export const email = z
  .string()
  .trim()
  .min(3)
  .max(254)
  .regex(/^[^\s\p{C}@<>(),;:"[\]\\]+@[^\s\p{C}@<>(),;:"[\]\\]+$/u, 'Must be one mail address.')
  .meta({ example: 'ada@example.org' });
/** Where somebody only says who they are: anything, so that a typing mistake answers like an unknown address. */
const anyEmail = z.string().min(1).max(254).meta({ example: 'ada@example.org' });
/** Its length is judged by the module before anything is hashed; the body's 64 KiB bound it here. */
const password = z.string().min(1).meta({ format: 'password' });
/** Six digits, full-width digits and spaces too, or a backup code with its dashes. */
const code = z.string().min(1).max(64).meta({ example: '123456' });
const secret = z.string().min(1).max(200);
/** Name of a person, as they write it. */
export const personName = z
  .string()
  .trim()
  .max(80)
  .regex(/^[^\p{Cc}]*$/u, 'Control characters cannot stand in a name.');
const locale = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'Must be a language tag such as en or ar.');

/** Strict object of a request. */
export const request = {
  signUp: z.strictObject({ email, password, name: personName.optional(), locale: locale.optional() }),
  email: z.strictObject({ email: anyEmail }),
  newEmail: z.strictObject({ email }),
  token: z.strictObject({ token: secret }),
  signIn: z.strictObject({
    email: anyEmail,
    password,
    timezone: z
      .string()
      .max(64)
      .regex(/^[A-Za-z][A-Za-z0-9_+\-/]*$/, 'Must be an IANA time zone such as Europe/Berlin.')
      .optional(),
  }),
  refresh: z.strictObject({ refreshToken: secret.optional() }),
  challenge: z.strictObject({ challenge: secret }),
  sendCode: z.strictObject({ challenge: secret, factor: z.enum(['sms', 'email']) }),
  nothing: z.strictObject({}),
  code: z.strictObject({ code }),
  phone: z.strictObject({ phone: z.string().trim().min(4).max(32).meta({ example: '+4915112345678' }) }),
  disable: z.strictObject({ factor: z.enum(['totp', 'sms', 'passkey']) }),
  reset: z.strictObject({ token: secret, password }),
  changePassword: z.strictObject({
    currentPassword: password.optional(),
    newPassword: password,
    endOtherSessions: z.boolean().optional(),
  }),
  profile: z
    .strictObject({ name: personName.min(1).optional(), locale: locale.optional() })
    .refine((given) => given.name !== undefined || given.locale !== undefined, {
      message: 'Name what is to change.',
      params: { code: 'EMPTY' },
    }),
  passkeyName: z.strictObject({ name: personName.min(1).max(60) }),
};

/** The authenticator's answer; what is in it is checked by the module, field by field. */
const passkeyAnswer = z.strictObject({
  challenge: secret,
  response: z.record(z.string(), z.unknown()).meta({ description: 'JSON of WebAuthn Level 3, section 5.1.' }),
});
/** Answer of an authenticator to a sign-in, and to a registration, which may name the new passkey. */
export const passkeyRequest = {
  answer: passkeyAnswer,
  registration: passkeyAnswer.extend({ name: personName.max(60).optional() }),
};

interface ProofBody {
  readonly factor: string;
  readonly password?: string | undefined;
  readonly code?: string | undefined;
  readonly passkey?: unknown;
}
/** Exactly what the factor needs, and nothing of another one. */
function fitsFactor(given: ProofBody): boolean {
  const wanted = given.factor === 'password' || given.factor === 'passkey' ? given.factor : 'code';
  const fields = ['password', 'code', 'passkey'] as const;
  return fields.every((field) => (given[field] !== undefined) === (field === wanted));
}
const MISFIT = {
  path: ['factor'],
  message: 'Send `code`, or `passkey` or `password` for the factor of that name, and nothing else.',
  params: { code: 'PROOF' },
};
/** Proofs of the second step and of a step-up. */
export const proofRequest = {
  secondStep: z
    .strictObject({
      challenge: secret,
      factor: factor.exclude(['password']),
      code: code.optional(),
      passkey: passkeyAnswer.optional(),
    })
    .refine(fitsFactor, MISFIT),
  stepUp: z
    .strictObject({
      factor,
      password: password.optional(),
      code: code.optional(),
      passkey: passkeyAnswer.optional(),
    })
    .refine(fitsFactor, MISFIT),
};

/** Path parameter of one thing of the account; an id without the right form is simply not there (404). */
export const byId = z.object({ id: z.string().max(100) });
/** Cursor of a page: an id that the page before named. */
export const cursor = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_.=-]+$/);

const user = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  locale: z.string(),
  roles: z.array(z.string()),
  emailVerified: z.boolean(),
  createdAtMs: atMs,
}) satisfies z.ZodType<AuthUser>;
const scope = z.enum(['full', 'enrol', 'reset']);
const aal = z.union([z.literal(1), z.literal(2)]).meta({ description: '1 one factor, 2 two factors.' });
const client = z.enum(['browser', 'api']);
const tokens = {
  accessToken: z.string().exactOptional(),
  refreshToken: z.string().exactOptional(),
  expiresIn: count.exactOptional().meta({ description: 'Seconds until the access token ends.' }),
};
const signedIn = z.object({
  mfaRequired: z.literal(false),
  user,
  ...tokens,
  deviceToken: z.string().exactOptional(),
  scope,
}) satisfies z.ZodType<SignedIn>;
const mfaRequired = z.object({
  mfaRequired: z.literal(true),
  challenge: z.string(),
  factors: z.array(factor),
  phoneHint: z.string().exactOptional(),
  expiresAtMs: atMs,
}) satisfies z.ZodType<MfaRequired>;
/** Lines of lists, which the pages of administrators show too. */
export const line = {
  session: z.object({
    id: z.string(),
    client,
    deviceName: z.string(),
    address: z.string(),
    place: z.string().nullable(),
    aal,
    factors: z.array(factor),
    createdAtMs: atMs,
    seenAtMs: atMs,
    expiresAtMs: atMs,
    current: z.boolean(),
  }),
  device: z.object({
    id: z.string(),
    name: z.string(),
    place: z.string().nullable(),
    firstSeenAtMs: atMs,
    lastSeenAtMs: atMs,
    current: z.boolean(),
  }),
  signIn: z.object({
    id: z.string(),
    atMs,
    outcome: z.enum(['signed-in', 'wrong-password', 'wrong-code', 'refused']),
    factors: z.array(factor),
    address: z.string(),
    deviceName: z.string(),
    place: z.string().nullable(),
  }),
  factor,
};
const passkey = z.object({
  id: z.string(),
  name: z.string(),
  createdAtMs: atMs,
  lastUsedAtMs: atMs.nullable(),
  backedUp: z.boolean(),
}) satisfies z.ZodType<Passkey>;
/** Second factors as they are enrolled. */
export const factorStates = {
  totp: z.object({ confirmedAtMs: atMs, lastUsedAtMs: atMs.nullable(), disabled: z.boolean() }).nullable(),
  sms: z.object({ phoneHint: z.string(), disabled: z.boolean() }).nullable(),
  backupCodes: z.object({ left: count, createdAtMs: atMs }).nullable(),
  passkeys: z.array(passkey),
};
const backupCodes = z.array(z.string());

/** Schemas of the answers of auth-types.ts. */
export const answer = {
  accepted: z.object({ accepted: z.literal(true) }) satisfies z.ZodType<Accepted>,
  verified: z.object({ verified: z.literal(true), email: z.string() }) satisfies z.ZodType<Verified>,
  signedIn,
  signIn: z.union([signedIn, mfaRequired]),
  user,
  session: z.object({
    user,
    session: z.object({
      id: z.string(),
      scope,
      aal,
      factors: z.array(factor),
      freshAtMs: atMs,
      createdAtMs: atMs,
      expiresAtMs: atMs,
      client,
    }),
    mfaEnforced: z.boolean(),
    console: z.boolean(),
  }) satisfies z.ZodType<SessionInfo>,
  sessions: z.object({ sessions: z.array(line.session) }) satisfies z.ZodType<SessionList>,
  ended: z.object({ ended: count }) satisfies z.ZodType<Ended>,
  devices: z.object({ devices: z.array(line.device) }) satisfies z.ZodType<DeviceList>,
  history: z.object({
    entries: z.array(line.signIn),
    nextCursor: z.string().nullable(),
  }) satisfies z.ZodType<SignInHistory>,
  mfa: z.object({ enforced: z.boolean(), ...factorStates }) satisfies z.ZodType<MfaStatus>,
  totp: z.object({
    secret: z.string(),
    uri: z.string(),
    qr: z.string().meta({ description: 'SVG markup.' }),
    qrPng: z.string().meta({ description: 'A data:image/png address.' }),
  }) satisfies z.ZodType<TotpEnrolment>,
  backupCodes: z.object({ backupCodes, ...tokens }) satisfies z.ZodType<BackupCodes>,
  passkey,
  passkeys: z.object({ passkeys: z.array(passkey) }) satisfies z.ZodType<PasskeyList>,
  passkeyOptions: z.object({
    challenge: z.string(),
    options: z.record(z.string(), z.unknown()),
  }) satisfies z.ZodType<PasskeyOptions>,
  passkeyRegistered: z.object({
    passkey,
    backupCodes,
    ...tokens,
  }) satisfies z.ZodType<PasskeyRegistered>,
  stepUp: z.object({ factors: z.array(factor), freshUntilMs: atMs }) satisfies z.ZodType<StepUpOptions>,
  reset: z.object({ reset: z.literal(true) }) satisfies z.ZodType<Reset>,
  rules: z.object({
    minLength: count,
    minLengthWithSecondFactor: count,
    maxLength: count,
  }) satisfies z.ZodType<PasswordRules>,
};
