import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailsTo, mailTo, newEmail, PASSWORD, signUp } from '../attacks/person.ts';
import type { Authenticator } from './identity-authenticator.ts';
import { giveCode, givePassword, House, saved, shownCodes, signInOnPages, submit } from './identity-house.ts';
import type { Visitor } from './visitor.ts';

const MINUTE_MS = 60_000;
const RENEWED = 'nine brown otters swimming';

let house: House;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house?.close());

/** Scans no picture: reads the key that stands beneath it. */
const keyOf = async (page: Page): Promise<string> =>
  (await page.getByRole('group', { name: 'Key' }).textContent()) ?? '';
const signOut = async ({ page }: Visitor): Promise<void> => {
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
};
const kindsTo = async (email: string): Promise<readonly string[]> =>
  (await mailsTo(house.server, email)).map(({ kind }) => kind);

describe('an account, from its beginning, on the pages', { timeout: 60_000 }, () => {
  const email = newEmail('ada');
  let ada: Visitor;
  let app: Authenticator;
  let codes: readonly string[] = [];

  it('is opened with a mail', async () => {
    ada = await house.visitor();
    await ada.open('/account/sign-up');
    await ada.page.fill('#email', email);
    await ada.page.fill('#password', PASSWORD);
    await ada.page.getByText('Long enough').waitFor();
    await ada.page.fill('#name', 'Ada');
    await submit(ada.page);
    await ada.heading('Look into your mail').waitFor();
    await givesNothingAway();
    await ada.page.goto(await house.linkOf(email, 'verify-email'));
    await ada.heading('Confirm your email address').waitFor();
    await ada.page.waitForFunction(`location.hash === ''`);
    await submit(ada.page);
    await ada.page.getByText(email).waitFor();
    await ada.page.getByRole('link', { name: 'Go to sign in' }).click();
    await ada.heading('Sign in').waitFor();
  });
  /** Before the address is confirmed, the right password is as wrong as any other. */
  const givesNothingAway = async (): Promise<void> => {
    const early = await house.visitor();
    await early.open('/account/sign-in');
    await givePassword(early.page, email);
    await early.page.getByRole('alert').getByText('is not right').waitFor();
    await early.leave();
  };

  it('is signed in to with the password', async () => {
    await givePassword(ada.page, email);
    await ada.page.getByRole('heading', { level: 1, name: /Ada/ }).waitFor();
    await ada.page.getByText('Add a second step').waitFor();
    await ada.page.getByRole('list', { name: 'Activity' }).getByText('Signed in').first().waitFor();
  });

  it('gets an authenticator app: picture, key, a wrong code, a right one', async () => {
    await ada.page.getByRole('link', { name: 'Set it up' }).click();
    await ada.page.getByRole('button', { name: 'Set up: Authenticator app' }).click();
    const dialog = ada.page.getByRole('dialog', { name: 'Set up an authenticator app' });
    const picture = dialog.getByRole('img', { name: 'QR code for your authenticator app' });
    await picture.waitFor();
    expect(await picture.getAttribute('src')).toMatch(/^data:image\/png;base64,/);
    const drawn = await picture.evaluate(
      (image) => (image as unknown as { naturalWidth: number }).naturalWidth,
    );
    expect(drawn).toBeGreaterThan(100);
    app = house.app(await keyOf(ada.page));
    const code = await app.code();
    await dialog.getByLabel('Code').fill(code === '000000' ? '000001' : '000000');
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    await dialog.getByRole('alert').getByText('That code is not right').waitFor();
    await dialog.getByLabel('Code').fill(code);
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    codes = await shownCodes(ada.page);
    expect(new Set(codes).size).toBe(10);
  });

  it('shows its backup codes once, to copy, to download and to be said to be saved', async () => {
    const { page } = ada;
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(codes.join('\n'));
    const loading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const file = await loading;
    expect(file.suggestedFilename()).toBe('backup-codes.txt');
    expect(readFileSync(await file.path(), 'utf8')).toBe(`${codes.join('\n')}\n`);
    expect(await page.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
    await saved(page);
    await page.getByText('10 codes left').waitFor();
    expect(await page.content()).not.toContain(codes[0]);
  });

  it('asks for the app from then on, and takes no code twice (A37)', async () => {
    await signOut(ada);
    await givePassword(ada.page, email);
    await ada.heading('One more step').waitFor();
    await giveCode(ada.page, await app.again());
    await ada.page.getByRole('alert').getByText('That code is not right').waitFor();
    await giveCode(ada.page, await app.code());
    // Back where they signed out.
    await ada.heading('Security').waitFor();
    await ada.page.getByRole('link', { name: 'Overview' }).click();
    await ada.page.getByText('Your account is well protected').waitFor();
    await signOut(ada);
  });

  it('is got back into with a backup code when the device is lost, and the app is replaced', async () => {
    const elsewhere = await house.visitor();
    await elsewhere.open('/account/sign-in');
    await givePassword(elsewhere.page, email);
    await elsewhere.page.getByRole('button', { name: 'Backup code' }).click();
    await giveCode(elsewhere.page, codes[3] ?? '');
    await elsewhere.page.getByRole('heading', { level: 1, name: /Ada/ }).waitFor();
    await elsewhere.page.getByRole('link', { name: 'Security' }).click();
    await elsewhere.page.getByText('9 codes left').waitFor();
    const lost = app;
    app = await replaceApp(elsewhere);
    await signOut(elsewhere);
    await givePassword(elsewhere.page, email);
    await giveCode(elsewhere.page, await lost.code());
    await elsewhere.page.getByRole('alert').getByText('That code is not right').waitFor();
    await giveCode(elsewhere.page, await app.code());
    await elsewhere.heading('Security').waitFor();
    await elsewhere.leave();
  });
  const replaceApp = async ({ page }: Visitor): Promise<Authenticator> => {
    await page.getByRole('button', { name: 'Replace: Authenticator app' }).click();
    await page.getByRole('dialog').getByRole('img').waitFor();
    const next = house.app(await keyOf(page));
    await page
      .getByRole('dialog')
      .getByLabel('Code')
      .fill(await next.code());
    await page.getByRole('dialog').getByRole('button', { name: 'Turn on' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    return next;
  };

  it('had its owner told of all that', async () => {
    await mailTo(house.server, email, 'factor-added');
    await mailTo(house.server, email, 'backup-code-used');
    await mailTo(house.server, email, 'new-device');
    const kinds = await kindsTo(email);
    expect(kinds.at(-1)).toBe('verify-email');
    expect(kinds.filter((kind) => kind === 'backup-code-used')).toHaveLength(1);
  });

  it('takes a backup code once (A41)', async () => {
    const late = await house.visitor();
    await late.open('/account/sign-in');
    await givePassword(late.page, email);
    await late.page.getByRole('button', { name: 'Backup code' }).click();
    await giveCode(late.page, codes[3] ?? '');
    await late.page.getByRole('alert').getByText('not right').waitFor();
    await late.leave();
  });

  it('gets a new password by mail, ends every session with it, and skips no second step (A31)', async () => {
    await signInOnPages(ada, email, app);
    const forgetful = await house.visitor();
    await forgetful.open('/account/sign-in');
    await forgetful.page.getByRole('link', { name: 'Forgot your password?' }).click();
    await forgetful.page.fill('#email', email);
    await submit(forgetful.page);
    await forgetful.heading('Look into your mail').waitFor();
    const link = await house.linkOf(email, 'reset-password');
    await forgetful.page.goto(link);
    await forgetful.page.fill('#newPassword', RENEWED);
    await submit(forgetful.page);
    await forgetful.page.getByText('Your new password is set').waitFor();
    await ada.open('/account/security');
    await ada.heading('Sign in').waitFor();
    await forgetful.open('/account/forgot');
    await forgetful.page.goto(link);
    await forgetful.page.fill('#newPassword', 'a third password for good measure');
    await submit(forgetful.page);
    await forgetful.page.getByRole('alert').getByText('used before').waitFor();
    await forgetful.open('/account/sign-in');
    await givePassword(forgetful.page, email, RENEWED);
    await giveCode(forgetful.page, await app.code());
    await forgetful.page.getByRole('heading', { level: 1, name: /Ada/ }).waitFor();
    await forgetful.leave();
  });

  it('asks who is there once more before what matters, when the proof has grown old', async () => {
    await ada.open('/account/sign-in');
    await givePassword(ada.page, email, RENEWED);
    await giveCode(ada.page, await app.code());
    await ada.page.getByRole('link', { name: 'Security' }).click();
    await house.advance(11 * MINUTE_MS);
    await ada.page.getByRole('button', { name: 'Make new codes' }).click();
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
    const asked = ada.page.getByRole('dialog', { name: 'Is it still you?' });
    await asked.getByLabel('Code').fill(await app.code());
    await asked.getByRole('button', { name: 'Verify' }).click();
    const renewed = await shownCodes(ada.page);
    expect(renewed).toHaveLength(10);
    expect(renewed).not.toContain(codes[0]);
    await saved(ada.page);
  });
});

describe('the forms', { timeout: 60_000 }, () => {
  it('are gone through by keyboard alone, both steps of them', async () => {
    const { email } = await signUp(house.server);
    const grace = await house.visitor();
    const { page } = grace;
    await signInOnPages(grace, email);
    await page.getByRole('link', { name: 'Security' }).click();
    await page.getByRole('button', { name: 'Set up: Authenticator app' }).click();
    await page.getByRole('dialog').getByRole('img').waitFor();
    const app = house.app(await keyOf(page));
    const enrolling = page.getByRole('dialog').getByLabel('Code');
    await enrolling.fill(await app.code());
    await enrolling.press('Enter');
    await shownCodes(page);
    await saved(page);
    await signOut(grace);
    await grace.open('/account/sign-in');
    await expect.poll(() => page.evaluate<string>('document.activeElement.id')).toBe('email');
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('password');
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(PASSWORD)})`);
    await page.keyboard.press('Control+V');
    await page.keyboard.press('Enter');
    const code = page.locator('main input[name=code]');
    await code.waitFor();
    expect(await page.evaluate<string>('document.activeElement.name')).toBe('code');
    expect(await code.getAttribute('autocomplete')).toBe('one-time-code');
    expect(await code.getAttribute('inputmode')).toBe('numeric');
    const typed = await app.code();
    await page.evaluate(`navigator.clipboard.writeText('${typed.slice(0, 3)} ${typed.slice(3)}')`);
    await page.keyboard.press('Control+V');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /Ada/ }).waitFor();
    await grace.leave();
  });

  it.each([
    ['/account/sign-in', '#password', 'current-password'],
    ['/account/sign-up', '#password', 'new-password'],
    ['/account/reset#token=abc', '#newPassword', 'new-password'],
  ])('tell password managers what is wanted: %s', async (path, field, token) => {
    const visitor = await house.visitor();
    await visitor.open(path);
    expect(await visitor.page.locator(field).getAttribute('autocomplete')).toBe(token);
    await visitor.leave();
  });
});

describe('where a sign-in leads (A33)', { timeout: 60_000 }, () => {
  it.each([
    '//evil.example',
    String.raw`/\evil.example`,
    'https:evil.example',
    'https://evil.example',
    '/%0d%0aSet-Cookie:a=b',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/account/sign-in?next=//evil.example',
    '%2F%2Fevil.example',
    '/..//evil.example',
  ])('is never another origin: %j', async (next) => {
    account ??= await signUp(house.server);
    const url = `${house.origin}/account/sign-in?next=${encodeURIComponent(next)}`;
    const { status } = await fetch(url, { headers: { 'user-agent': 'Mozilla/5.0', accept: 'text/html' } });
    // The shield knows some of them: no page leads anywhere then.
    if (status === 403) return;
    const visitor = await house.visitor();
    await visitor.page.goto(url);
    await givePassword(visitor.page, account.email);
    await visitor.page.waitForURL((url) => !url.pathname.endsWith('/sign-in'));
    expect(new URL(visitor.page.url()).origin).toBe(house.origin);
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });
  let account: { readonly email: string } | undefined;
});

describe('all of that', () => {
  it('breaks no rule of the policy and writes no error', async () => {
    expect(await house.complaints()).toEqual([]);
  });
});
