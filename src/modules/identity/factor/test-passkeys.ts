import { type Claims, TestAuthenticator } from './test-authenticator.ts';
import type { FactorHouse } from './test-factor.ts';

/** An account. */
export type Owner = Awaited<ReturnType<FactorHouse['account']>>;
/** What a registration gave. */
export type Registered = Awaited<ReturnType<FactorHouse['factors']['passkeys']['register']>>;
/** What an answer gave. */
export type Answered = Awaited<ReturnType<FactorHouse['factors']['passkeys']['authenticate']>>;
/** The session of every question, unless a test takes another. */
export const SESSION = 'ses_one';

/** Hands a registration in. */
export function register(
  house: FactorHouse,
  owner: Owner,
  challenge: string,
  response: unknown,
  name?: string,
): Promise<Registered> {
  return house.act((tx) => house.factors.passkeys.register(tx, owner.id, SESSION, challenge, response, name));
}

/** An account with a passkey. */
export async function registered(
  house: FactorHouse,
  given: { owner?: Owner; lies?: Partial<Claims>; name?: string } = {},
): Promise<{ owner: Owner; device: TestAuthenticator; view: NonNullable<Registered> }> {
  const owner = given.owner ?? (await house.account());
  const device = new TestAuthenticator();
  const { challenge, options } = await house.factors.passkeys.registrationOptions(owner, SESSION);
  const view = await register(house, owner, challenge, device.register(options, given.lies), given.name);
  if (!view) throw new Error('not registered');
  return { owner, device, view };
}

/** Asks for a challenge and answers it. `account` null: sign-in without password. */
export async function answer(
  house: FactorHouse,
  device: TestAuthenticator,
  account: string | null,
  lies: Partial<Claims> = {},
): Promise<Answered> {
  const { challenge, options } = await house.factors.passkeys.authenticationOptions(account, SESSION);
  return authenticate(house, challenge, device.answer(options, lies), account);
}

/** Hands an answer in. */
export function authenticate(
  house: FactorHouse,
  challenge: string,
  response: unknown,
  account: string | null,
  bound = SESSION,
): Promise<Answered> {
  return house.act((tx) => house.factors.passkeys.authenticate(tx, bound, challenge, response, account));
}

/** Origins that are not https://app.example.com. */
export const WRONG_ORIGINS = [
  'https://evil.app.example.com',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://example.com',
  'https://app.example.com.evil.example',
  'null',
];
