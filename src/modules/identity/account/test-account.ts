import { TOTP } from 'otpauth';
import { newId } from '../../../core/id.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { ManualClock } from '../../../testing/clock.ts';
import type { SessionState } from '../contract.ts';
import type { Granted, Identity, SecondStep } from '../facade.ts';
import { createIdentity } from '../identity.ts';
import type { IdentityOptions } from '../options.ts';
import type { Mail } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import { testPorts, type TestPorts } from '../test-house.ts';

export const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
export const PUBLIC_URL = 'https://app.example.com';
/** Long, and on no list. */
export const PASSWORD = 'correct horse battery staple 7';
export const OPERATOR = { id: 'operator', address: '192.0.2.250' };

export const browser: ClientFacts = {
  address: '192.0.2.1',
  group: '192.0.2.1',
  client: 'browser',
  userAgent: FIREFOX,
};
export const stranger: ClientFacts = { ...browser, address: '203.0.113.9', group: '203.0.113.9' };

/** Somebody with an account, in a browser that remembers. */
export interface Person {
  readonly email: string;
  readonly facts: ClientFacts;
  readonly session: SessionState;
  readonly granted: Granted;
}

/** An identity over a database, with what a test asks of it. */
export interface House {
  readonly identity: Identity;
  readonly ports: TestPorts;
  readonly clock: ManualClock;
  /** An address that nobody has. */
  email(): string;
  /** Mails to an address, once all have been sent. */
  mailsTo(email: string): Promise<readonly Mail[]>;
  /** Token of the newest link of a kind of mail to an address. */
  token(email: string, kind: string): Promise<string>;
  /** Signs up by the mailed link. */
  signUp(email: string, password?: string): Promise<void>;
  /** Somebody who has signed up and in. */
  person(): Promise<Person>;
  /** Enrols an authenticator app. @returns its secret and the session from then on */
  enrol(person: Person): Promise<{ secret: string; backupCodes: readonly string[]; person: Person }>;
  /** The code of an authenticator app; every call is a step later than the one before. */
  code(secret: string): string;
  /** Types of the audit events that name an account. */
  audited(account: string): readonly string[];
}

export function cookieOf(granted: Granted): string {
  return granted.grant.cookie?.value ?? '';
}

export function asGranted(answer: Granted | SecondStep): Granted {
  if (answer.kind !== 'granted') throw new Error('a second step is due');
  return answer;
}

export function asSecondStep(answer: Granted | SecondStep): SecondStep {
  if (answer.kind !== 'second-step') throw new Error('no second step is due');
  return answer;
}

/** What the caller is told of a refusal. */
export async function refusalOf(work: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await work.then(
    () => new Error('was not refused'),
    (reason: unknown) => reason,
  );
  const { status, code, message, details } = error as Record<string, unknown>;
  return { status, code, message, details };
}

/** Makes an identity. Its hashes are real: OWASP's cheapest, to keep tests short. */
export async function houseOver(sql: SqlStore, options: Partial<IdentityOptions> = {}): Promise<House> {
  const clock = new ManualClock();
  const ports = testPorts(sql, clock);
  // Signing keys are sealed by the box of the test that made them.
  await sql.query('DELETE FROM rampart.identity_keys');
  const identity = createIdentity({ publicUrl: PUBLIC_URL, ...options }, ports);
  await identity.start();
  const mailsTo = async (email: string): Promise<readonly Mail[]> => {
    await identity.notices.settled();
    return ports.mails.filter((mail) => mail.to === email);
  };
  const token = async (email: string, kind: string): Promise<string> => {
    const mail = (await mailsTo(email)).findLast((one) => one.kind === kind);
    const found = /#token=([A-Za-z0-9_-]{43})/.exec(mail?.text ?? '')?.[1];
    if (found === undefined) throw new Error(`no link of kind ${kind} was mailed`);
    return found;
  };
  const signUp = async (email: string, password = PASSWORD): Promise<void> => {
    await identity.signUp({ email, password, name: 'Ada' }, browser);
    await identity.verifyEmail(await token(email, 'verify-email'), browser);
  };
  let networks = 0;
  const newEmail = (): string => `${newId('p', clock.now()).slice(-16)}@example.org`;
  const code = (secret: string): string => {
    clock.advance(30_000);
    return new TOTP({ secret }).generate({ timestamp: clock.now() });
  };
  return {
    identity,
    ports,
    clock,
    email: newEmail,
    mailsTo,
    token,
    signUp,
    async person() {
      const email = newEmail();
      // A network of its own: what others cause is not counted against it.
      networks += 1;
      const group = `198.51.100.${networks % 250}/${email.slice(0, 8)}`;
      const facts = { ...browser, group };
      await identity.signUp({ email, password: PASSWORD, name: 'Ada' }, facts);
      await identity.verifyEmail(await token(email, 'verify-email'), facts);
      const granted = asGranted(await identity.signIn({ email, password: PASSWORD }, facts));
      const device = granted.deviceCookie ?? '';
      return { email, facts: { ...facts, device }, session: granted.grant.session, granted };
    },
    async enrol(person) {
      const { secret } = await identity.enrolTotp(person.session, person.facts);
      const { backupCodes, granted } = await identity.confirmTotp(person.session, code(secret), person.facts);
      return { secret, backupCodes, person: { ...person, session: granted.grant.session, granted } };
    },
    code,
    audited: (account) =>
      ports.audited.filter((event) => event.subject === account).map((event) => event.type),
  };
}

/** A store that notes what kind of statement is run. */
export function countingStore(store: SqlStore) {
  const seen: string[] = [];
  const note = (text: string): void => void seen.push(text.replaceAll(/\s+/g, ' ').trim().slice(0, 80));
  const wrapped: typeof store = {
    kind: store.kind,
    query: (text, values) => (note(text), store.query(text, values)),
    transaction: (work) =>
      store.transaction((tx) => work({ query: (text, values) => (note(text), tx.query(text, values)) })),
    script: (text) => store.script(text),
    withLock: (name, work) => store.withLock(name, work),
    listen: (channel, handler) => store.listen(channel, handler),
    close: () => store.close(),
  };
  return { store: wrapped, seen };
}
