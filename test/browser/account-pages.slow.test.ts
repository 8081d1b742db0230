import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CODE, PASSWORD, startAccountMock } from '../../console/dev/account-mock.ts';
import { type Looks, openBrowser, Visitor } from './visitor.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let dist = '';
let made: string | undefined;
let server: Server;
let browser: Browser;
let origin = '';

beforeAll(async () => {
  dist = join(ROOT, 'console/dist');
  if (!existsSync(join(dist, 'account.html'))) {
    made = mkdtempSync(join(tmpdir(), 'rampart-account-'));
    dist = made;
    const args = [
      'node_modules/vite/bin/vite.js',
      'build',
      'console',
      '--outDir',
      dist,
      '--logLevel',
      'warn',
    ];
    const built = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`the pages could not be built:\n${built.stdout}${built.stderr}`);
  }
  server = await startAccountMock(0, `${dist}/`);
  origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  browser = await openBrowser();
}, 180_000);
afterAll(async () => {
  await browser.close();
  server.close();
  server.closeAllConnections();
  if (made !== undefined) rmSync(made, { recursive: true, force: true });
});

type Mode = '' | 'full' | 'empty' | 'stale' | 'enrol' | 'reset' | 'down';
interface Visit extends Looks {
  readonly mode?: Mode;
  readonly language?: 'en' | 'ar';
}
/** Somebody in a browser of their own, in a state and a language. */
async function visit(path: string, { mode = '', language = 'en', ...looks }: Visit = {}): Promise<Visitor> {
  const visitor = await Visitor.arrive(browser, origin, looks);
  const context = visitor.page.context();
  if (mode !== '') await context.addCookies([{ name: 'mode', value: mode, url: origin }]);
  const remember = `localStorage.getItem('rampart.language') ?? localStorage.setItem('rampart.language', '${language}')`;
  await context.addInitScript(remember);
  await visitor.open(path);
  return visitor;
}
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
/** What has the focus, as `tag#id`. */
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(`document.activeElement.tagName.toLowerCase() + '#' + document.activeElement.id`);
const submit = (page: Page): Promise<void> => page.locator('main button[type=submit]').click();

type Step = (page: Page) => Promise<unknown>;
const PAGES: readonly (readonly [name: string, path: string, mode: Mode, step?: Step])[] = [
  ['sign-in', '/account/sign-in', ''],
  ['sign-in with faults', '/account/sign-in', '', submit],
  [
    'second step',
    '/account/sign-in',
    '',
    async (page) => {
      await page.fill('#email', 'ada@example.com');
      await page.fill('#password', PASSWORD);
      await submit(page);
      await page.locator('input[name=code]').waitFor();
    },
  ],
  ['sign-up', '/account/sign-up', ''],
  ['forgotten password', '/account/forgot', ''],
  ['verification', '/account/verify#token=abc', ''],
  ['reset', '/account/reset#token=abc', ''],
  ['reset without a link', '/account/reset', ''],
  ['unlock', '/account/unlock#token=abc', ''],
  ['invitation', '/account/invitation#token=abc', ''],
  ['overview', '/account', 'full'],
  ['overview of a new account', '/account', 'empty'],
  ['profile', '/account/profile', 'full'],
  ['security', '/account/security', 'full'],
  ['security of a new account', '/account/security', 'empty'],
  ['security while the server fails', '/account/security', 'down'],
  [
    'setting up an authenticator app',
    '/account/security',
    'empty',
    async (page) => {
      await page.locator('main section').first().getByRole('button').first().click();
      await page.locator('dialog img').waitFor();
    },
  ],
  ['devices', '/account/sessions', 'full'],
  ['activity', '/account/history', 'full'],
  ['activity of a new account', '/account/history', 'empty'],
  ['enrolment', '/account/enrol', 'enrol'],
  ['new password', '/account/new-password', 'reset'],
  ['no such page', '/account/nowhere', 'full'],
];

describe('every account page', { timeout: 300_000 }, () => {
  it.each([
    ['en', 1440, 'light'],
    ['ar', 375, 'dark'],
  ] as const)('is open to everybody and fits: %s, %d px, %s', async (language, width, theme) => {
    const found: string[] = [];
    for (const [name, path, mode, step] of PAGES) {
      const visitor = await visit(path, { mode, language, width, theme });
      await step?.(visitor.page);
      const overflow = await visitor.overflow();
      if (overflow > 0) found.push(`${name}: ${overflow} px wider than the window`);
      for (const cut of await visitor.cutOff()) found.push(`${name}: cut off: ${cut}`);
      for (const barrier of await visitor.barriers()) found.push(`${name}: ${barrier}`);
      for (const complaint of visitor.complaints) found.push(`${name}: ${complaint}`);
      const dir = await visitor.page.evaluate<string>('document.documentElement.dir');
      if (dir !== (language === 'ar' ? 'rtl' : 'ltr')) found.push(`${name}: is written ${dir}`);
      await visitor.leave();
    }
    expect(found).toEqual([]);
  });
});

describe('signing in', { timeout: 60_000 }, () => {
  it('works by keyboard alone, through both steps', async () => {
    const { page, ...visitor } = await keyboard();
    await page.keyboard.type('ada@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'One more step' }).waitFor();
    expect(await page.evaluate<string>('document.activeElement.name')).toBe('code');
    await page.keyboard.type('123 456');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /Ada/ }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/account');
    await visitor.leave();
  });
  const keyboard = async () => {
    const visitor = await visit('/account/sign-in');
    expect(await focused(visitor.page)).toBe('input#email');
    return { page: visitor.page, leave: () => visitor.leave() };
  };

  it('suits password managers: tokens, paste, and a password that can be looked at', async () => {
    const visitor = await visit('/account/sign-in');
    const { page } = visitor;
    const password = page.getByLabel('Password', { exact: true });
    expect(await page.getByLabel('Email address').getAttribute('autocomplete')).toBe('username webauthn');
    expect(await password.getAttribute('autocomplete')).toBe('current-password');
    await page.evaluate(`navigator.clipboard.writeText('pasted words')`);
    await password.focus();
    await page.keyboard.press('Control+V');
    expect(await password.inputValue()).toBe('pasted words');
    await button(page, 'Show password').click();
    expect(await password.getAttribute('type')).toBe('text');
    await visitor.leave();
  });

  it('asks for a code in one field that phones can fill, and offers the other ways', async () => {
    const visitor = await secondStep();
    const { page } = visitor;
    const code = page.locator('input[name=code]');
    expect(await code.count()).toBe(1);
    expect(await code.getAttribute('autocomplete')).toBe('one-time-code');
    expect(await code.getAttribute('inputmode')).toBe('numeric');
    const others = page.getByRole('group', { name: 'Use another way' });
    expect(await others.getByRole('button').allTextContents()).toEqual([
      'Passkey',
      'Text message',
      'Backup code',
    ]);
    await button(page, 'Text message').click();
    await button(page, 'Send the code').click();
    await code.waitFor();
    await page.getByText('we sent to').waitFor();
    await button(page, 'Backup code').click();
    expect(await code.getAttribute('inputmode')).toBe('text');
    await code.fill('k7m0-q2vx');
    await submit(page);
    await page.getByRole('heading', { level: 1, name: /Ada/ }).waitFor();
    await visitor.leave();
  });
  const secondStep = async (): Promise<Visitor> => {
    const visitor = await visit('/account/sign-in');
    await visitor.page.fill('#email', 'ada@example.com');
    await visitor.page.fill('#password', PASSWORD);
    await submit(visitor.page);
    await visitor.page.locator('input[name=code]').waitFor();
    return visitor;
  };

  it('says a wrong code where it was typed, and lets another be tried', async () => {
    const visitor = await secondStep();
    const { page } = visitor;
    await page.fill('input[name=code]', '000000');
    await submit(page);
    await page.getByRole('alert').getByText('That code is not right').waitFor();
    expect(await page.evaluate<string>(`document.activeElement.getAttribute('role')`)).toBe('alert');
    await page.fill('input[name=code]', CODE);
    await submit(page);
    await page.getByRole('heading', { level: 1, name: /Ada/ }).waitFor();
    await visitor.leave();
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
  ])('leads to the account and never to %j (A33)', async (next) => {
    const visitor = await visit(`/account/sign-in?next=${encodeURIComponent(next)}`);
    await visitor.page.fill('#email', 'plain@example.com');
    await visitor.page.fill('#password', PASSWORD);
    await submit(visitor.page);
    await visitor.page.getByRole('heading', { level: 1, name: 'Your account' }).waitFor();
    expect(visitor.page.url()).toBe(`${origin}/account`);
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('leads back to the page that somebody wanted', async () => {
    const visitor = await visit('/account/sessions');
    expect(visitor.address()).toBe('/account/sign-in?next=/account/sessions');
    await visitor.page.fill('#email', 'plain@example.com');
    await visitor.page.fill('#password', PASSWORD);
    await submit(visitor.page);
    await visitor.heading('Devices').waitFor();
    await visitor.leave();
  });

  it('counts down a wait, and says so in Arabic too', async () => {
    const visitor = await visit('/account/sign-in', { language: 'ar' });
    await visitor.page.fill('#email', 'slow@example.com');
    await visitor.page.fill('#password', PASSWORD);
    await submit(visitor.page);
    const alert = visitor.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/محاولات كثيرة/);
    await visitor.leave();
  });

  it('says when the server cannot be reached, and keeps what was typed', async () => {
    const visitor = await visit('/account/sign-in');
    const { page } = visitor;
    await page.fill('#email', 'ada@example.com');
    await page.fill('#password', PASSWORD);
    await page.context().setOffline(true);
    await submit(page);
    await page.getByRole('alert').getByText('We cannot reach the server').waitFor();
    expect(await page.inputValue('#password')).toBe(PASSWORD);
    await visitor.leave();
  });
});

describe('faults', { timeout: 60_000 }, () => {
  it('are summed up, focused, tied to their fields, and lead there', async () => {
    const visitor = await visit('/account/sign-up');
    const { page } = visitor;
    await page.fill('#email', 'new@example.com');
    await page.fill('#password', 'too short');
    await submit(page);
    const alert = page.getByRole('alert');
    await alert.getByText('Use at least 15 characters').waitFor();
    expect(await page.evaluate<string>(`document.activeElement.getAttribute('role')`)).toBe('alert');
    const field = page.locator('#password');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    const ids = ((await field.getAttribute('aria-describedby')) ?? '').split(' ');
    const told = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()));
    expect(told[0]).toContain('too short');
    expect(told[1]).toContain('At least 15 characters');
    await alert.getByRole('link').click();
    expect(await focused(page)).toBe('input#password');
    expect(await field.getAttribute('autocomplete')).toBe('new-password');
    await visitor.leave();
  });
});

describe('a password', { timeout: 60_000 }, () => {
  it('is changed by the present one, and a wrong one is told at its field', async () => {
    const visitor = await visit('/account/security', { mode: 'full' });
    const { page } = visitor;
    const password = page.getByRole('region', { name: 'Password' });
    await password.getByLabel('Current password').fill('not this one');
    await password.getByLabel('New password').fill('another fine password');
    await button(page, 'Change password').click();
    await password.getByRole('alert').getByText('That password is not right').waitFor();
    const current = password.getByLabel('Current password');
    expect(await current.getAttribute('aria-invalid')).toBe('true');
    await current.fill(PASSWORD);
    await button(page, 'Change password').click();
    await password.getByText('Your password is changed').waitFor();
    expect(await current.inputValue()).toBe('');
    await visitor.leave();
  });
});

describe('devices', { timeout: 60_000 }, () => {
  it('are signed out one by one or all together, and this one stays', async () => {
    const visitor = await visit('/account/sessions', { mode: 'full', language: 'ar', width: 375 });
    const { page } = visitor;
    const open = page.getByRole('list', { name: 'أماكن تسجيل دخولك' });
    expect(await open.getByRole('listitem').count()).toBe(3);
    expect(await open.getByRole('listitem').first().getByRole('button').count()).toBe(0);
    await button(page, 'تسجيل الخروج من Safari on iPhone').click();
    const told = page.getByRole('status').getByText('تم تسجيل الخروج.');
    await told.waitFor();
    await button(page, 'إغلاق').click();
    await told.waitFor({ state: 'detached' });
    await button(page, 'تسجيل الخروج من البقية').click();
    await page.getByText('تم تسجيل الخروج من جهازين').waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });
});

describe('links of mails', { timeout: 60_000 }, () => {
  it('are used by a button and not by opening them, and leave no token in the address', async () => {
    const sent: string[] = [];
    const visitor = await visit('/account/verify#token=abc');
    visitor.page.on('request', (request) => sent.push(`${request.method()} ${request.url()}`));
    await visitor.page.waitForFunction(`location.hash === ''`);
    expect(sent.filter((line) => line.includes('/auth/'))).toEqual([]);
    await button(visitor.page, 'Confirm address').click();
    await visitor.page.getByText('ada@example.com').waitFor();
    expect(sent).toContain(`POST ${origin}/auth/email/verify`);
    await visitor.leave();
  });

  it('that were used before say so', async () => {
    const visitor = await visit('/account/unlock#token=used');
    await submit(visitor.page);
    await visitor.page.getByRole('alert').getByText('used before').waitFor();
    await visitor.leave();
  });
});

describe('second factors', { timeout: 60_000 }, () => {
  it('that are demanded are set up first, and their codes saved before going on', async () => {
    const visitor = await visit('/account/profile', { mode: 'enrol' });
    const { page } = visitor;
    expect(visitor.address()).toBe('/account/enrol?next=/account/profile');
    await page.getByRole('button', { name: /Authenticator app/ }).click();
    await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor();
    const key = page.getByRole('group', { name: 'Key' });
    expect(await key.textContent()).toBe('JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP');
    await page.fill('input[name=code]', CODE);
    await submit(page);
    const codes = page.getByRole('list', { name: 'Your backup codes' });
    await codes.waitFor();
    expect(await codes.getByRole('listitem').count()).toBe(10);
    const done = button(page, 'Done');
    expect(await done.isDisabled()).toBe(true);
    await page.getByLabel('I have saved these codes').check();
    await done.click();
    await visitor.heading('Profile').waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('are changed after a step-up, and the act is then done by itself', async () => {
    const visitor = await visit('/account/security', { mode: 'stale' });
    const { page } = visitor;
    await button(page, 'Make new codes').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make new codes' }).click();
    const dialog = page.getByRole('dialog', { name: 'Is it still you?' });
    await dialog.getByLabel('Code').fill(CODE);
    await dialog.getByRole('button', { name: 'Verify' }).click();
    const codes = page.getByRole('list', { name: 'Your backup codes' });
    await codes.waitFor();
    expect(await codes.getByRole('listitem').count()).toBe(10);
    await visitor.leave();
  });

  it('stay as they are when the step-up is declined', async () => {
    const visitor = await visit('/account/security', { mode: 'stale' });
    const { page } = visitor;
    await button(page, 'Turn off: Authenticator app').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Turn off' }).click();
    await page.getByRole('dialog', { name: 'Is it still you?' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('alert').getByText('Nothing was changed').waitFor();
    await visitor.leave();
  });
});

describe('the language', { timeout: 60_000 }, () => {
  it('is chosen on the page, turns it around, and is remembered', async () => {
    const visitor = await visit('/account/sign-in');
    const { page } = visitor;
    await page.getByLabel('Language').selectOption('ar');
    await visitor.heading('تسجيل الدخول').waitFor();
    expect(await page.evaluate<string>('document.documentElement.lang')).toBe('ar');
    await page.reload();
    await visitor.heading('تسجيل الدخول').waitFor();
    expect(await page.evaluate<string>('document.documentElement.dir')).toBe('rtl');
    await visitor.leave();
  });
});
