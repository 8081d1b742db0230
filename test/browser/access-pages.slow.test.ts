import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunningServer } from './server.ts';
import { standIn } from './stand-in.ts';
import { Visitor } from './visitor.ts';

const stand = standIn();
const { visit } = stand;

beforeAll(async () => {
  // Acts ask for a fresh proof; one test goes through the dialog, the others have proven it.
  const body = JSON.stringify({ factor: 'totp', code: '123456' });
  await fetch(`${stand.origin}/auth/step-up`, { method: 'POST', body });
});
const button = (page: Page | Locator, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: true });
/** Identifier of somebody whom the fields suggest by name. */
async function subjectOf(page: Page, name: string): Promise<string> {
  const option = page.locator('datalist option', { hasText: name }).first();
  await option.waitFor({ state: 'attached' });
  return (await option.getAttribute('value')) ?? '';
}
/** Lines that stand twice for two widths are asked for where they are seen. */
const visible = (found: Locator): Locator => found.filter({ visible: true });
const dialog = (page: Page): Locator => page.getByRole('dialog');
/** Name of what has the focus. */
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(
    `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent`,
  );

const PAGES: readonly (readonly [path: string, mode: string, opened?: string])[] = [
  ['/console/access', 'full'],
  ['/console/access', 'empty'],
  ['/console/access', 'no-policy'],
  ['/console/access', 'viewer'],
  ['/console/access', 'error'],
  ['/console/access?role=supervisor&permission=reviews:delete', 'full', 'dialog li'],
  ['/console/access/who-can', 'full'],
  [
    '/console/access/who-can?permission=orders:cancel&subject=service:svc_warehouse&row=status:placed',
    'full',
  ],
  ['/console/access/assignments', 'full'],
  ['/console/access/assignments', 'empty'],
  ['/console/access/assignments?status=all&role=support', 'full'],
  ['/console/access/assignments?tab=assign', 'full', 'dialog form'],
  ['/console/access/reviews', 'full'],
  ['/console/access/reviews', 'empty'],
  ['/console/access/reviews?tab=open', 'full', 'dialog form'],
  ['/console/access/reviews/rev_none', 'full'],
  ['/console/access/programs', 'full'],
  ['/console/access/programs', 'empty'],
];

describe('every page of access', { timeout: 240_000 }, () => {
  it.each([
    [1440, 'light'],
    [375, 'dark'],
  ] as const)('fits and is open to everybody: %d px, %s', async (width, theme) => {
    const found: string[] = [];
    for (const [path, mode, opened] of PAGES) {
      const visitor = await visit(path, mode, { width, theme });
      if (opened !== undefined) await visitor.page.locator(opened).first().waitFor();
      const overflow = await visitor.overflow();
      if (overflow > 0) found.push(`${path} ${mode}: ${overflow} px wider than the window`);
      for (const cut of await visitor.cutOff()) found.push(`${path} ${mode}: cut off: ${cut}`);
      for (const barrier of await visitor.barriers()) found.push(`${path} ${mode}: ${barrier}`);
      for (const complaint of visitor.complaints) found.push(`${path} ${mode}: ${complaint}`);
      await visitor.leave();
    }
    expect(found).toEqual([]);
  });
});

describe('the matrix', { timeout: 60_000 }, () => {
  it('is walked by arrows from one focus stop, and a cell explains itself', async () => {
    const visitor = await visit('/console/access');
    const { page } = visitor;
    const grid = page.getByRole('grid', { name: 'Roles and permissions' });
    expect(await grid.locator('button[tabindex="0"]').count()).toBe(1);
    await button(grid, 'customer, orders:create: Under a condition').focus();
    await visitor.press('ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight');
    expect(await focused(page)).toBe('supervisor, orders:read: Always, inherited from support');
    await visitor.press('Enter');
    await dialog(page).getByText('as it inherits from support').waitFor();
    await dialog(page).getByText('support can orders:read').waitFor();
    expect(visitor.address()).toBe('/console/access?permission=orders:read&role=supervisor');
    await visitor.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('tells what is denied from what nobody gives, with the rule, from a link', async () => {
    const visitor = await visit('/console/access?role=supervisor&permission=reviews:delete');
    const { page } = visitor;
    await dialog(page).getByText('What support may is denied to supervisor. A denial wins.').waitFor();
    const rules = dialog(page).getByRole('listitem');
    await rules.filter({ hasText: 'Denies' }).getByText('supervisor cannot reviews:delete').waitFor();
    await rules.filter({ hasText: 'Allows' }).getByText('inherited from').waitFor();
    await visitor.press('Escape');
    const grid = page.getByRole('grid');
    expect(await button(grid, 'supervisor, reviews:delete: Denied').count()).toBe(1);
    expect(await button(grid, 'auditor, reviews:delete: Not at all').count()).toBe(1);
    await visitor.leave();
  });

  it('is a list of one role on a phone, with words beside the signs', async () => {
    const visitor = await visit('/console/access?role=support', 'full', { width: 375 });
    const { page } = visitor;
    await visitor.region('orders').getByRole('button', { name: 'read Always' }).waitFor();
    await page.getByLabel('Role', { exact: true }).selectOption('supervisor');
    await visitor
      .region('orders')
      .getByRole('button', { name: 'read Always, inherited from support' })
      .waitFor();
    expect(visitor.address()).toBe('/console/access?role=supervisor');
    await visitor.leave();
  });
});

describe('asking the policy', { timeout: 60_000 }, () => {
  it('says which roles have a permission for a row, and what the person must be', async () => {
    const visitor = await visit('/console/access/who-can?permission=orders:cancel');
    const { page } = visitor;
    await page.getByLabel('Row').fill('status: delivered\ncustomer_id: user:42');
    await button(page, 'Ask').click();
    const panel = visitor.region('Who can orders:cancel');
    await panel.getByText('1 role for this row').waitFor();
    await panel.getByText('Whoever holds it, for this row').waitFor();
    expect(await panel.getByRole('listitem').count()).toBe(1);
    await page.getByLabel('Row').fill('status: placed\ncustomer_id: user:42');
    await button(page, 'Ask').click();
    await panel.getByText('4 roles for this row').waitFor();
    await panel.getByText('customer_id = principal.id (customer_id is "user:42")').waitFor();
    await page.reload();
    await panel.getByText('4 roles for this row').waitFor();
    await visitor.leave();
  });

  it('refuses a row that can’t be read, beside it', async () => {
    const visitor = await visit('/console/access/who-can?permission=orders:read');
    await visitor.page.getByLabel('Row').fill('status');
    await visitor.page.getByText('‘status’ is not of the form column: value.').waitFor();
    expect(await button(visitor.page, 'Ask').isDisabled()).toBe(true);
    await visitor.leave();
  });

  it('explains the answer for somebody, with every rule and what it looked at', async () => {
    const visitor = await visit(
      '/console/access/who-can?permission=orders:cancel&row=status:placed%0Acustomer_id:user:42',
    );
    const { page } = visitor;
    await page.getByLabel('Person or program').fill(await subjectOf(page, 'Grace Hamilton'));
    await button(page, 'Explain').click();
    const panel = visitor.region('Explanation');
    await panel.getByText('Allowed: orders:cancel').waitFor();
    const rules = panel.getByRole('list', { name: 'Rules that were considered' }).locator('> li');
    expect(await rules.count()).toBe(2);
    const own = rules.filter({ hasText: 'customer can orders:cancel' });
    await own.getByText('does not hold').first().waitFor();
    await own.getByText('customer_id = principal.id').waitFor();
    const decided = rules.filter({ hasText: 'Decided' });
    await decided.getByText('support can orders:cancel').waitFor();
    await decided.getByText('inherited from').waitFor();
    await visitor.leave();
  });

  it('says when there is no such principal', async () => {
    const visitor = await visit('/console/access/who-can?permission=orders:read&subject=user:nobody');
    await visitor.region('Explanation').getByText('There is no such subject').waitFor();
    await visitor.leave();
  });
});

describe('assignments', { timeout: 60_000 }, () => {
  it('are made with a reason and an end, after a fresh proof, and ended', async () => {
    const visitor = await visit('/console/access/assignments');
    const { page } = visitor;
    const stale = JSON.stringify({
      error: {
        code: 'FRESH_AUTH_REQUIRED',
        message: 'Prove it.',
        details: { factors: ['totp'], withinSeconds: 600 },
      },
    });
    await page.route('**/admin/access/assignments', (route) => route.fulfill({ status: 401, body: stale }), {
      times: 1,
    });
    await button(page, 'Assign a role…').click();
    expect(visitor.address()).toBe('/console/access/assignments?tab=assign');
    const ask = page.getByRole('dialog', { name: 'Assign a role' });
    await ask.getByLabel('Who').fill(await subjectOf(page, 'Frances'));
    await ask.getByLabel('Role', { exact: true }).selectOption('support');
    await ask.getByText('90 days').click();
    await ask.getByLabel('Reason').fill('Helps out in December');
    await button(ask, 'Assign').click();
    await page.getByRole('dialog', { name: 'Is it you?' }).locator('input').first().fill('123456');
    await visitor.press('Enter');
    await ask.waitFor({ state: 'detached' });
    const row = visitor.region('Assignments').getByRole('row', { name: /Helps out in December/ });
    await visible(row.getByText(/in (89|90) d/)).waitFor();
    await row.getByText('Ada Lovelace').waitFor();
    await row.getByRole('button', { name: /^End…/ }).click();
    await button(dialog(page), 'End it').click();
    await row.waitFor({ state: 'detached' });
    await page.getByLabel('State').selectOption('all');
    await visible(row.getByText('Ended')).waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('are for anybody with an account: letters of a name are looked for, a mail address is enough', async () => {
    const visitor = await visit('/console/access/assignments?tab=assign');
    const { page } = visitor;
    const who = dialog(page).getByLabel('Who');
    expect(await page.locator('datalist option', { hasText: 'knuth120' }).count()).toBe(0);
    await who.pressSequentially('Ada Knuth');
    await page
      .locator('datalist option', { hasText: 'ada.knuth120@example.org' })
      .waitFor({ state: 'attached' });
    await who.fill('ada.knuth120@example.org');
    await dialog(page).getByText('Ada Knuth', { exact: true }).waitFor();
    expect(await who.inputValue()).toMatch(/^user:acc_/);
    await visitor.leave();
  });

  it('that break a separation of duties are refused with the roles and the reason', async () => {
    const visitor = await visit('/console/access/assignments?tab=assign');
    const { page } = visitor;
    await dialog(page)
      .getByLabel('Who')
      .fill(await subjectOf(page, 'Grace Hamilton'));
    await dialog(page).getByLabel('Role', { exact: true }).selectOption('auditor');
    await dialog(page).getByText('Never with supervisor').waitFor();
    await dialog(page).getByLabel('Reason').fill('Short of auditors');
    await button(dialog(page), 'Assign').click();
    const refusal = dialog(page).getByRole('alert');
    await refusal.getByText('Separation of duties').waitFor();
    expect(await refusal.textContent()).toContain('Whoever approves refunds does not audit them.');
    expect(await dialog(page).getByLabel('Reason').inputValue()).toBe('Short of auditors');
    await visitor.leave();
  });

  it('that need two people are asked for, and approved by another', async () => {
    const visitor = await visit('/console/access/assignments?tab=assign');
    const { page } = visitor;
    await dialog(page)
      .getByLabel('Who')
      .fill(await subjectOf(page, 'Adele Lovelace'));
    await dialog(page).getByLabel('Role', { exact: true }).selectOption('administrator');
    await dialog(page).getByLabel('Reason').fill('Second on call');
    await button(dialog(page), 'Ask for approval').click();
    const waiting = visitor.region('Waiting for approval');
    const own = waiting.getByRole('listitem').filter({ hasText: 'Second on call' });
    await own.getByRole('button', { name: /^Approve…/ }).click();
    await button(dialog(page), 'Approve').click();
    await dialog(page).getByRole('alert').getByText('Nobody decides on a request of their own').waitFor();
    await visitor.press('Escape');
    const other = waiting.getByRole('listitem').filter({ hasText: 'Takes over on-call' });
    await other.getByRole('button', { name: /^Approve…/ }).click();
    await button(dialog(page), 'Approve').click();
    await other.waitFor({ state: 'detached' });
    const row = visitor.region('Assignments').getByRole('row', { name: /Takes over on-call/ });
    await row.waitFor();
    await visitor.leave();
  });
});

describe('a review', { timeout: 60_000 }, () => {
  it('is opened, gone through by keyboard, and closed when every line is decided', async () => {
    const visitor = await visit('/console/access/reviews');
    const { page } = visitor;
    await page.getByRole('link', { name: 'Third quarter' }).click();
    await page.getByRole('heading', { level: 2, name: 'Third quarter' }).waitFor();
    const lines = visitor.region('Lines');
    const line = (text: string): Locator => lines.locator('li[data-line]').filter({ hasText: text });
    await page.getByText('2 of 11 decided').waitFor();
    expect(await page.getByRole('button', { name: /^Close review…/ }).isDisabled()).toBe(true);
    expect(await visitor.barriers()).toEqual([]);
    await visitor.press('j', 'c');
    await line('Grace Hamilton').getByText('Kept').waitFor();
    await lines.locator('li:focus').filter({ hasText: 'Margaret Liskov' }).waitFor();
    await visitor.press('r');
    await dialog(page).getByLabel('Note').fill('The audit is over');
    await visitor.press('Enter');
    await line('Margaret Liskov').getByText('Revoked').waitFor();
    await line('Margaret Liskov').getByText('The audit is over').waitFor();
    await page.getByText('4 of 11 decided').waitFor();
    for (let left = 7; left > 0; left -= 1) {
      await lines.locator('li:focus button:enabled').first().waitFor();
      await visitor.press('c');
      await page.getByText(`${12 - left} of 11 decided`).waitFor();
    }
    await button(page, 'Close review…').click();
    await button(dialog(page), 'Close review').click();
    await page.getByText('Closed').first().waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });
});

describe('API keys', { timeout: 60_000 }, () => {
  it('are shown once when made, and stand in the list without their secret', async () => {
    const visitor = await visit('/console/access/programs?tab=svc_invoices');
    const { page } = visitor;
    await button(page, 'New key…').click();
    expect(await button(dialog(page), 'Create').isDisabled()).toBe(true);
    await dialog(page).getByLabel('Name').fill('nightly run');
    await dialog(page).getByRole('group', { name: 'payments' }).getByLabel('read').check();
    await button(dialog(page), 'Create').click();
    const made = page.getByRole('dialog', { name: 'The key nightly run' });
    const text = (await made.locator('code').textContent()) ?? '';
    expect(text).toMatch(/^rk_live_/);
    await button(made, 'Copy').click();
    await page.getByText('Key copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text);
    await visitor.press('Escape');
    await made.getByRole('alert').getByText('You have not said that you stored it').waitFor();
    expect(await made.locator('code').textContent()).toBe(text);
    await made.getByLabel('I have stored it').check();
    await button(made, 'Done').click();
    const row = visitor.region('API keys').getByRole('row', { name: /nightly run/ });
    await visible(row.getByText('payments:read')).waitFor();
    expect(await page.content()).not.toContain(text);
    await visitor.leave();
  });

  it('are rotated with an overlap, and revoked', async () => {
    const visitor = await visit('/console/access/programs?tab=svc_warehouse');
    const { page } = visitor;
    const rows = visitor.region('API keys').getByRole('row', { name: /production/ });
    await rows.getByRole('button', { name: /^Rotate…/ }).click();
    await dialog(page).getByLabel('Overlap').selectOption('3600');
    await button(dialog(page), 'Rotate').click();
    await dialog(page).getByLabel('I have stored it').check();
    await button(page, 'Done').click();
    const old = rows.filter({ hasText: 'has a successor' });
    await visible(old.getByText(/in (59 min|1 h)/)).waitFor();
    expect(await old.getByRole('button', { name: /^Rotate…/ }).count()).toBe(0);
    await old.getByRole('button', { name: /^Revoke…/ }).click();
    await button(dialog(page), 'Revoke').click();
    await rows.filter({ hasText: 'Revoked' }).waitFor();
    expect(await rows.getByRole('button', { name: /^Revoke…/ }).count()).toBe(1);
    await visitor.leave();
  });
});

describe('who may look', { timeout: 60_000 }, () => {
  it('is an analyst at least: viewers have no entry, and a link says why', async () => {
    const visitor = await visit('/console/access/assignments', 'viewer');
    await visitor.page.getByText('Your role is viewer; this takes an analyst.').waitFor();
    const navigation = visitor.page.getByRole('navigation', { name: 'Main' }).first();
    expect(await navigation.getByRole('link', { name: 'Access' }).count()).toBe(0);
    await visitor.leave();
  });

  it('learns that there is no policy', async () => {
    const visitor = await visit('/console/access/programs', 'no-policy');
    await visitor.page.getByText('No access policy is configured').waitFor();
    await visitor.leave();
  });
});

describe('on a server that runs', { timeout: 120_000 }, () => {
  it('a program gets an account, a role and a key, is explained, and reviewed', async () => {
    const running = await RunningServer.start();
    const visitor = await Visitor.arrive(stand.browser, running.origin);
    try {
      const { page } = visitor;
      await visitor.signIn(running.link);
      await visitor.press('g', 'a');
      await page.getByRole('grid', { name: 'Roles and permissions' }).waitFor();
      const role = (await page.getByRole('columnheader').nth(1).textContent()) ?? '';
      const cell = page
        .getByRole('grid')
        .getByRole('button', { name: new RegExp(`^${role}, .*: (Always|Under)`) });
      const permission = /, (.+?): (?:Always|Under)/.exec(
        (await cell.first().getAttribute('aria-label')) ?? '',
      )?.[1];

      await page.getByRole('link', { name: 'Programs' }).click();
      await page.getByText('No program has an account').waitFor();
      await button(page, 'New service account…').click();
      await dialog(page).getByLabel('Name').fill('Nightly sync');
      await dialog(page).getByLabel('Responsible').fill('user:ada');
      await button(dialog(page), 'Create').click();
      await page.waitForURL(/tab=/);
      const service = new URL(page.url()).searchParams.get('tab');
      await button(page, 'New key…').click();
      await dialog(page).getByLabel('Name').fill('production');
      await dialog(page).getByLabel('All that the account has').check();
      await button(dialog(page), 'Create').click();
      expect(await dialog(page).locator('code').textContent()).toMatch(/^rk_/);
      await dialog(page).getByLabel('I have stored it').check();
      await button(page, 'Done').click();

      await page.getByRole('link', { name: 'Assignments' }).click();
      await page.getByText('No roles are assigned').waitFor();
      await button(page, 'Assign a role…').click();
      await dialog(page).getByLabel('Who').fill(`service:${service}`);
      await dialog(page).getByLabel('Role', { exact: true }).selectOption(role);
      await dialog(page).getByLabel('Reason').fill('Copies orders at night');
      await button(dialog(page), 'Assign').click();
      const row = visitor.region('Assignments').getByRole('row', { name: /Copies orders at night/ });
      await row.getByRole('button', { name: /^Expiry…/ }).click();
      await dialog(page).getByText('Until ended').click();
      await button(dialog(page), 'Change').click();
      await visible(row.getByText('Until ended')).waitFor();

      await page.getByRole('link', { name: 'Who can' }).click();
      await page.getByLabel('Permission').selectOption(permission ?? '');
      await page.getByLabel('Person or program').fill(`service:${service}`);
      await button(page, 'Explain').click();
      await visitor.region('Explanation').getByText(`: ${permission}`).waitFor();
      await visitor.region(`Who can ${permission}`).getByText('Nightly sync').waitFor();

      await page.getByRole('link', { name: 'Reviews' }).click();
      await page.getByText('Nothing has been reviewed yet').waitFor();
      await button(page, 'Open a review…').click();
      await dialog(page).getByLabel('Name').fill('First look');
      await dialog(page).getByLabel('Reviewer').fill('user:ada');
      await button(dialog(page), 'Open').click();
      await page.getByText('0 of 2 decided').waitFor();
      await visitor.press('j', 'c');
      await page.getByText('1 of 2 decided').waitFor();
      await visitor.region('Lines').locator('li:focus button:enabled').first().waitFor();
      await visitor.press('r');
      await button(dialog(page), 'Revoke').click();
      await page.getByText('2 of 2 decided').waitFor();
      await button(page, 'Close review…').click();
      await button(dialog(page), 'Close review').click();
      await dialog(page).waitFor({ state: 'detached' });
      await page.getByText('Closed').first().waitFor();
      expect(visitor.complaints).toEqual([]);
    } finally {
      await visitor.leave();
      await running.stop();
    }
  });
});
