import { randomBytes } from 'node:crypto';
import { TOTP } from 'totp-generator';
import type {
  BackupCodes,
  MfaRequired,
  SignedIn,
  SignInAnswer,
  TotpEnrolment,
} from '../../src/server/api/auth-types.ts';
import type { MailboxAnswer, MailboxMessage } from '../../src/server/api/user-types.ts';
import { eventually, type Running } from '../scenarios/server.ts';
import { type Got, Visitor, type VisitorOptions } from './visitor.ts';

/** What the tests' people use. */
export const PASSWORD = 'seven quiet herons walking';

/** An address that nobody has. */
export function newEmail(name = 'ada'): string {
  return `${name}.${randomBytes(6).toString('hex')}@example.org`;
}

/** An address of the range for tests of devices (RFC 2544). */
export function someAddress(): string {
  const [a = 0, b = 0] = randomBytes(2);
  return `198.18.${a}.${b}`;
}

/** The newest mail or message to somebody. */
export async function mailTo(server: Running, to: string, kind?: string): Promise<MailboxMessage> {
  const find = async (): Promise<MailboxMessage | undefined> => {
    const { body } = await server.ask<MailboxAnswer>('GET', '/admin/mailbox');
    return body.messages.find((one) => one.to === to && (kind === undefined || one.kind === kind));
  };
  return (await eventually(find, (found) => found !== undefined)) as MailboxMessage;
}

/** All mails and messages to somebody, newest first. */
export async function mailsTo(server: Running, to: string): Promise<readonly MailboxMessage[]> {
  const { body } = await server.ask<MailboxAnswer>('GET', '/admin/mailbox');
  return body.messages.filter((one) => one.to === to);
}

/** The token of the link in a mail. */
export function tokenIn(message: MailboxMessage): string {
  const token = /#token=([A-Za-z0-9_-]+)/.exec(message.text)?.[1];
  if (token === undefined) throw new Error(`no link in: ${message.text}`);
  return token;
}

/** A code of an authenticator program that is not ours. @param steps later (or earlier) than now */
export async function totpCode(secret: string, steps = 0): Promise<string> {
  const leftMs = 30_000 - (Date.now() % 30_000);
  // A code of the last moments of its step may be a step older when it arrives.
  if (leftMs < 2_000) await new Promise((resolve) => setTimeout(resolve, leftMs + 10));
  const { otp } = await TOTP.generate(secret, { timestamp: Date.now() + steps * 30_000 });
  return otp;
}

/** Signs up and verifies; the person is not signed in yet. */
export async function signUp(
  server: Running,
  email = newEmail(),
  password = PASSWORD,
  options: VisitorOptions = {},
): Promise<{ readonly email: string; readonly password: string }> {
  // One address is mailed to a few times an hour only.
  const visitor = new Visitor(server.port, { address: someAddress(), ...options });
  const asked = await visitor.post('/auth/sign-up', { email, password, name: 'Ada' });
  if (asked.status !== 202) throw new Error(`sign-up answered ${asked.status}: ${asked.text}`);
  const verified = await visitor.post('/auth/email/verify', {
    token: tokenIn(await mailTo(server, email, 'verify-email')),
  });
  if (verified.status !== 200) throw new Error(`verify answered ${verified.status}: ${verified.text}`);
  return { email, password };
}

/** Signs in with the password. */
export async function signIn(
  visitor: Visitor,
  email: string,
  password = PASSWORD,
): Promise<Got<SignInAnswer>> {
  const answer = await visitor.post<SignInAnswer>('/auth/sign-in', { email, password });
  if (answer.status === 200 && !answer.body.mfaRequired) visitor.take(answer.body);
  return answer;
}

/** Somebody new who is signed in. */
export async function newPerson(
  server: Running,
  options: VisitorOptions = {},
): Promise<{ readonly visitor: Visitor; readonly email: string; readonly id: string }> {
  const { email } = await signUp(server, newEmail(), PASSWORD, options);
  const visitor = new Visitor(server.port, options);
  const answer = await signIn(visitor, email);
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}: ${answer.text}`);
  return { visitor, email, id: (answer.body as SignedIn).user.id };
}

/** Enrols an authenticator app. Uses up the code of the step before this one. */
export async function enrolTotp(
  visitor: Visitor,
): Promise<{ readonly secret: string; readonly backupCodes: readonly string[] }> {
  const { status, body, text } = await visitor.post<TotpEnrolment>('/auth/mfa/totp/enrol');
  if (status !== 200) throw new Error(`enrol answered ${status}: ${text}`);
  const confirmed = await visitor.post<BackupCodes & Partial<SignedIn>>('/auth/mfa/totp/confirm', {
    code: await totpCode(body.secret, -1),
  });
  if (confirmed.status !== 200) throw new Error(`confirm answered ${confirmed.status}: ${confirmed.text}`);
  visitor.take(confirmed.body);
  return { secret: body.secret, backupCodes: confirmed.body.backupCodes };
}

/** Signs in up to the second step. */
export async function toSecondStep(
  visitor: Visitor,
  email: string,
  password = PASSWORD,
): Promise<MfaRequired> {
  const { status, body, text } = await signIn(visitor, email, password);
  if (status !== 200 || !body.mfaRequired) throw new Error(`expected a second step: ${status} ${text}`);
  return body;
}

/** Finishes the second step with an authenticator's code. */
export async function secondStep(
  visitor: Visitor,
  challenge: string,
  code: string,
  factor = 'totp',
): Promise<Got<SignedIn>> {
  const answer = await visitor.post<SignedIn>('/auth/mfa/verify', { challenge, factor, code });
  if (answer.status === 200) visitor.take(answer.body);
  return answer;
}
