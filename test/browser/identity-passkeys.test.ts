import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionInfo } from '../../src/server/api/auth-types.ts';
import { mailTo, signUp } from '../attacks/person.ts';
import { type BuiltIn, builtInAuthenticator } from './identity-authenticator.ts';
import { givePassword, House, saved, shownCodes, signInOnPages } from './identity-house.ts';
import type { Visitor } from './visitor.ts';

const MINUTE_MS = 60_000;

let house: House;
let grace: Visitor;
let device: BuiltIn;
let email = '';

beforeAll(async () => {
  house = await House.open();
  ({ email } = await signUp(house.server));
  grace = await house.visitor();
  device = await builtInAuthenticator(grace.page);
});
afterAll(() => house?.close());

const button = (name: string) => grace.page.getByRole('button', { name, exact: true });
const signOut = async (): Promise<void> => {
  // Suggestions beneath the address wait for a touch that does not come.
  await device.touched(false);
  const suggestions = grace.page.waitForResponse('**/auth/passkeys/sign-in/options');
  await button('Sign out').first().click();
  await grace.heading('Sign in').waitFor();
  await (await suggestions).finished();
  await grace.page.evaluate('new Promise((resolve) => setTimeout(resolve))');
};
const session = (): Promise<SessionInfo['session']> =>
  grace.page.evaluate<SessionInfo['session']>(
    `fetch('/auth/session').then((answer) => answer.json()).then(({ session }) => session)`,
  );
const toSecurity = async (): Promise<void> => {
  await grace.page.getByRole('link', { name: 'Security' }).click();
  await grace.heading('Security').waitFor();
};

describe('a passkey, with an authenticator in the device', { timeout: 60_000 }, () => {
  it('is made on the account page, and brings backup codes', async () => {
    await device.touched(false);
    await signInOnPages(grace, email);
    await toSecurity();
    await device.touched(true);
    await button('Add a passkey').click();
    await grace.page.getByLabel('Name of the passkey').fill('Laptop');
    await button('Continue').click();
    expect(await shownCodes(grace.page)).toHaveLength(10);
    await saved(grace.page);
    await grace.page.getByRole('list', { name: 'Passkeys' }).getByText('Laptop').waitFor();
    expect(await device.held()).toBe(1);
    await mailTo(house.server, email, 'factor-added');
  });

  it('is not made a second time on the same device', async () => {
    await button('Add a passkey').click();
    await grace.page.getByLabel('Name of the passkey').fill('Laptop again');
    await button('Continue').click();
    await grace.page.getByRole('alert').getByText('already has a passkey').waitFor();
    await grace.page.keyboard.press('Escape');
    expect(await device.held()).toBe(1);
  });

  it('signs in without address and password, as two factors', async () => {
    await signOut();
    await device.touched(true);
    await button('Sign in with a passkey').click();
    await grace.heading('Security').waitFor();
    expect(await session()).toMatchObject({ aal: 2, factors: ['passkey'], scope: 'full' });
    await grace.page.getByText(/^Last used/).waitFor();
  });

  it('does not sign in whom the device does not recognise, and leaves the password as a way', async () => {
    await signOut();
    await device.touched(true);
    await device.recognised(false);
    await button('Sign in with a passkey').click();
    await grace.page.getByRole('alert').getByText('The passkey was not used').waitFor();
    await device.recognised(true);
    await grace.page.getByLabel('Email address').waitFor();
  });

  it('is the second step after a password', async () => {
    await givePassword(grace.page, email);
    await grace.heading('One more step').waitFor();
    await button('Use a passkey').click();
    await grace.heading('Security').waitFor();
    expect((await session()).factors.toSorted()).toEqual(['passkey', 'password']);
  });

  it('says who is there once more when a proof has grown old', async () => {
    await house.advance(11 * MINUTE_MS);
    await button('Make new codes').click();
    await grace.page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
    const asked = grace.page.getByRole('dialog', { name: 'Is it still you?' });
    await asked.getByRole('button', { name: 'Use a passkey' }).click();
    expect(await shownCodes(grace.page)).toHaveLength(10);
    await saved(grace.page);
  });

  it('is offered beneath the address, and signs in when it is chosen there', async () => {
    await signOut();
    await device.touched(true);
    await grace.page.reload();
    await grace.heading('Security').waitFor();
    expect((await session()).factors).toEqual(['passkey']);
  });

  it('is renamed and removed, and opens nothing afterwards', async () => {
    await button('Rename: Laptop').click();
    await grace.page.getByLabel('Name of the passkey').fill('حاسوب');
    await button('Save').click();
    await button('Remove: حاسوب').click();
    await grace.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await grace.page.getByText('No passkeys yet').waitFor();
    await mailTo(house.server, email, 'factor-removed');
    await signOut();
    await device.touched(true);
    await button('Sign in with a passkey').click();
    await grace.page.getByRole('alert').waitFor();
    expect(await grace.page.evaluate<number>(`fetch('/auth/session').then((answer) => answer.status)`)).toBe(
      401,
    );
  });

  it('breaks no rule of the policy and writes no error in all of that', async () => {
    expect(await house.complaints()).toEqual([]);
  });
});
