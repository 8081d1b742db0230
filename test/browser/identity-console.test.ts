import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newEmail, PASSWORD, signUp } from '../attacks/person.ts';
import type { Authenticator } from './identity-authenticator.ts';
import {
  ADMIN,
  giveCode,
  givePassword,
  House,
  saved,
  shownCodes,
  signInOnPages,
  submit,
} from './identity-house.ts';
import type { Visitor } from './visitor.ts';

const MINUTE_MS = 60_000;

let house: House;
let root: Visitor;
let app: Authenticator;
/** Somebody with an account and a browser. */
let bob: Visitor;
let email = '';

beforeAll(async () => {
  house = await House.open();
  ({ email } = await signUp(house.server));
  bob = await house.visitor();
  await signInOnPages(bob, email);
  root = await house.visitor();
});
afterAll(() => house?.close());

/** Sets up an authenticator app where the account demands one. */
const enrol = async ({ page }: Visitor): Promise<Authenticator> => {
  await page.getByRole('button', { name: /^Authenticator app/ }).click();
  const key = page.getByRole('group', { name: 'Key' });
  const made = house.app((await key.textContent()) ?? '');
  await giveCode(page, await made.code());
  expect(await shownCodes(page)).toHaveLength(10);
  await saved(page);
  return made;
};
const openUser = async (visitor: Visitor): Promise<void> => {
  await visitor.open(`/console/users?q=${encodeURIComponent(email)}`);
  await visitor.page.locator('main tbody tr').getByRole('link').click();
  await visitor.page.waitForURL(/\/console\/users\/acc_/);
  await visitor.page.getByText(email).first().waitFor();
};

describe('an administrator', { timeout: 60_000 }, () => {
  it('comes to the sign-in from the console, and is led to a second factor first', async () => {
    await root.page.goto(`${house.origin}/console`);
    await root.heading('Sign in').waitFor();
    expect(root.address()).toMatch(/^\/account\/sign-in\?next=\/console\/?$/);
    await givePassword(root.page, ADMIN.email, ADMIN.password);
    await root.heading('Protect your account').waitFor();
  });

  it('reaches neither the console nor the account before that (A36)', async () => {
    await root.page.goto(`${house.origin}/console`);
    await root.heading('A second factor is needed').waitFor();
    const asked = (path: string) =>
      root.page.evaluate<number>(`fetch('${path}').then((answer) => answer.status)`);
    expect([await asked('/admin/users'), await asked('/auth/sessions')]).toEqual([403, 403]);
    await root.page.getByRole('link', { name: 'Set up a second factor' }).click();
    await root.heading('Protect your account').waitFor();
  });

  it('enrols one and is led to where it was going', async () => {
    app = await enrol(root);
    await root.heading('Overview').waitFor();
    expect(root.address()).toMatch(/^\/console\/?$/);
  });

  it('finds an account, and sees how it stands', async () => {
    await root.open('/console/users');
    await root.page.locator('main tbody').getByText(ADMIN.email).waitFor();
    await openUser(root);
    await root.page
      .locator('main')
      .getByText('Active', { exact: true })
      .locator('visible=true')
      .first()
      .waitFor();
    await root.page.getByText('Signed in').first().waitFor();
  });

  it('locks it after saying once more who it is; its sessions end and its owner is told', async () => {
    await house.advance(11 * MINUTE_MS);
    await root.page.getByRole('button', { name: 'Lock…', exact: true }).click();
    const dialog = root.page.getByRole('dialog', { name: /^Lock/ });
    await dialog.getByText(`A mail tells ${email}.`).waitFor();
    await dialog.getByLabel('Reason').fill('A laptop was stolen');
    await dialog.getByRole('button', { name: 'Lock', exact: true }).click();
    const proof = root.page.getByRole('dialog', { name: 'Is it you?' });
    await proof.getByLabel('Authenticator app').fill(await app.code());
    await proof.getByRole('button', { name: 'Continue' }).click();
    await root.page.getByText('A laptop was stolen').first().waitFor();
    await bob.open('/account/profile');
    await bob.heading('Sign in').waitFor();
    await givePassword(bob.page, email);
    await bob.page.getByRole('alert').getByText('is not right').waitFor();
    expect(await house.linkOf(email, 'verify-email')).toContain(house.origin);
  });

  it('unlocks it without being asked again, and the owner gets in', async () => {
    await root.page.getByRole('button', { name: 'Unlock…' }).click();
    await root.page.getByRole('dialog').getByRole('button', { name: 'Unlock', exact: true }).click();
    await root.page
      .locator('main')
      .getByText('Active', { exact: true })
      .locator('visible=true')
      .first()
      .waitFor();
    await givePassword(bob.page, email);
    await bob.heading('Profile').waitFor();
  });

  it('reads in the mailbox what was sent, in a frame that runs nothing', async () => {
    await root.open('/console/mailbox');
    const messages = root.page.getByRole('list').filter({ hasText: email });
    await messages.getByRole('button', { name: /lock/i }).first().click();
    const frame = root.page.locator('iframe[title^="Mail:"]');
    await frame.waitFor();
    expect((await frame.getAttribute('sandbox')) ?? 'none').not.toContain('allow-scripts');
    await root.page.getByRole('button', { name: 'Show as text' }).click();
    await root.page.getByText(email).first().waitFor();
  });

  it('does not lock itself out', async () => {
    await root.open(`/console/users?q=${encodeURIComponent(ADMIN.email)}`);
    await root.page.locator('main tbody tr').getByRole('link').click();
    const lock = root.page.getByRole('button', { name: /^Lock…/ });
    await lock.waitFor();
    expect(await lock.isDisabled()).toBe(true);
  });
});

describe('a viewer', { timeout: 60_000 }, () => {
  const invited = newEmail('vera');
  let vera: Visitor;

  it('is invited on the console, chooses a password by the mail, and enrols a second factor', async () => {
    await root.open('/console/users');
    await root.page.getByRole('button', { name: 'Invite a user' }).first().click();
    const dialog = root.page.getByRole('dialog', { name: 'Invite a user' });
    await dialog.getByLabel('Mail address').fill(invited);
    await dialog.getByLabel('Name').fill('Vera');
    await dialog.getByText('Viewer', { exact: true }).click();
    await dialog.getByRole('button', { name: /Invite/ }).click();
    await root.page.getByText(`${invited} is invited`).waitFor();
    vera = await house.visitor();
    await vera.page.goto(await house.linkOf(invited, 'invitation'));
    await vera.heading('Welcome').waitFor();
    await vera.page.fill('#newPassword', PASSWORD);
    await submit(vera.page);
    await vera.page.getByText('Your account is ready').waitFor();
    await vera.page.goto(`${house.origin}/console/users`);
    await vera.heading('Sign in').waitFor();
    await givePassword(vera.page, invited);
    await enrol(vera);
    await vera.heading('Users').waitFor();
  });

  it('sees accounts and may change nothing, on the page or past it', async () => {
    await openUser(vera);
    const lock = vera.page.getByRole('button', { name: /^Lock…/ });
    expect(await lock.isDisabled()).toBe(true);
    const id = new URL(vera.page.url()).pathname.split('/').at(-1) ?? '';
    const tried = await vera.page.evaluate<number>(`fetch('/admin/session').then((answer) => answer.json())
      .then(({ csrfToken }) => fetch('/admin/users/${id}/lock', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-rampart-csrf': csrfToken },
        body: JSON.stringify({ reason: 'because' }),
      }))
      .then((answer) => answer.status)`);
    expect(tried).toBe(403);
    await root.open(`/console/users/${id}`);
    await root.page
      .locator('main')
      .getByText('Active', { exact: true })
      .locator('visible=true')
      .first()
      .waitFor();
  });

  it('reads nobody’s mail', async () => {
    const status = await vera.page.evaluate<number>(
      `fetch('/admin/mailbox').then((answer) => answer.status)`,
    );
    expect(status).toBe(403);
  });
});

describe('an account without a role', { timeout: 60_000 }, () => {
  it('does not open the console, and is told so', async () => {
    await bob.page.goto(`${house.origin}/console`);
    await bob.heading('This account can’t open the console').waitFor();
  });

  it('breaks no rule of the policy and writes no error in all of that, as nobody did', async () => {
    expect(await house.complaints()).toEqual([]);
  });
});
