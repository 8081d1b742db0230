import { describe, expect, it } from 'vitest';
import { standIn } from './stand-in.ts';

const stand = standIn();
const { visit } = stand;
/** The statement that the stand-in lists first; it reads a large table whole. */
const STATEMENT = '/console/queries/9f3a11c277d04be0';

describe('keys', { timeout: 60_000 }, () => {
  it('are shown for the purpose in the address, and their findings with what to do', async () => {
    const visitor = await visit('/console/keys');
    const { page } = visitor;
    await visitor.region('Findings').getByText('Key k1 of payment is 421 days old.').waitFor();
    await page.getByRole('link', { name: 'Identity', exact: true }).click();
    expect(visitor.address()).toBe('/console/keys?tab=identity');
    await visitor.region('Rotation').getByText('3,128 rows sealed anew').waitFor();
    await visitor.region('Rotation').getByText('2 fields could not be opened').waitFor();
    await page.reload();
    await visitor.region('Keys of identity').getByText('Active').waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('tell of a running rotation after a reload, too: bar, rows, rate, time left', async () => {
    const visitor = await visit('/console/keys?tab=fields');
    const { page } = visitor;
    const bar = page.getByRole('progressbar', { name: /app\.customers/ });
    const panel = visitor.region('Rotation');
    const rows = panel.getByText(/^[\d,]+ of [\d,]+$/);
    const look = async (): Promise<number> => {
      await panel.getByText(/^[\d,]+ rows\/s$/).waitFor();
      await panel.getByText(/^about /).waitFor();
      expect(Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(50);
      return Number(((await rows.textContent()) ?? '').split(' of ')[0]?.replaceAll(',', ''));
    };
    const before = await look();
    await page.reload();
    expect(await look()).toBeGreaterThan(before);
    expect(await panel.getByRole('button').count()).toBe(0);
    await visitor.leave();
  });

  it('are counted when somebody asks, and not before', async () => {
    const visitor = await visit('/console/keys?tab=fields');
    const { page } = visitor;
    const counted: string[] = [];
    page.on('request', (request) => request.url().includes('/fields') && counted.push(request.url()));
    const panel = visitor.region('Sealed fields');
    await panel.getByText('Counting reads every row').waitFor();
    expect(counted).toEqual([]);
    await panel.getByRole('button', { name: 'Count' }).click();
    await panel.getByText('of 2,816,516 fields are still sealed by older keys').waitFor();
    expect(counted).toEqual([`${stand.origin}/admin/keys/fields/fields`]);
    await visitor.leave();
  });

  it('are rotated by keyboard, after one question and a fresh proof', async () => {
    const visitor = await visit('/console/keys?tab=payment');
    const { page } = visitor;
    const orders: string[] = [];
    page.on('response', (answer) => {
      if (answer.request().method() === 'POST' && answer.url().endsWith('/rotate'))
        orders.push(`${answer.status()} ${answer.request().postData()}`);
    });
    await visitor.region('Rotation').getByRole('button', { name: 'Rotate…' }).focus();
    await visitor.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Rotate the key of payment' });
    await dialog.getByText('key k1 only opens from then on').waitFor();
    await visitor.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(orders).toEqual([]);
    await visitor.press('Enter');
    await dialog.getByRole('button', { name: 'Rotate', exact: true }).focus();
    await visitor.press('Enter');
    const proof = page.getByRole('dialog', { name: 'Is it you?' });
    await proof.getByRole('button', { name: 'Authenticator app' }).click();
    await proof.getByLabel('Authenticator app').fill('123456');
    await visitor.press('Enter');
    await page.getByText('The rotation of payment has begun').waitFor();
    await visitor.region('Keys of payment').getByText('Decrypt only').waitFor();
    await page.getByRole('progressbar', { name: /app\.cards/ }).waitFor();
    expect(orders).toEqual(['401 {"purpose":"payment"}', '202 {"purpose":"payment"}']);
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('that sign have no bound of nonces, and nothing to count', async () => {
    const visitor = await visit('/console/keys?tab=hmac');
    await visitor.region('Keys of signatures').getByText('Active').waitFor();
    const row = visitor.page.getByRole('row', { name: /^Signatures/ });
    expect(await row.getByRole('cell', { name: 'No bound' }).count()).toBe(1);
    expect(await visitor.region('Sealed fields').count()).toBe(0);
    await visitor.leave();
  });

  it('are for administrators: others are told so, and nothing is asked for', async () => {
    const visitor = await visit('/console/queries', 'viewer');
    const { page } = visitor;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await visitor.open('/console/keys');
    await page.getByText('this takes an administrator').waitFor();
    expect(await page.getByRole('navigation').getByRole('link', { name: 'Keys' }).count()).toBe(0);
    expect(asked.filter((path) => path.startsWith('/admin/keys'))).toEqual([]);
    await visitor.leave();
  });
});

describe('slow statements', { timeout: 60_000 }, () => {
  it('are ordered by a column, searched, and opened by keyboard; all of it stands in the address', async () => {
    const visitor = await visit('/console/queries');
    const { page } = visitor;
    const first = page.locator('main a[data-row]').first();
    expect(await first.textContent()).toMatch(/^SELECT o\.id/);
    const head = page.getByRole('columnheader', { name: 'Slowest' });
    await head.getByRole('link').focus();
    await visitor.press('Enter');
    await page.waitForURL('**/queries?sort=-max');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    await expect.poll(() => first.textContent()).toMatch(/^REFRESH/);
    await visitor.press('Enter');
    await page.waitForURL('**/queries?sort=max');
    await expect.poll(() => first.textContent()).toMatch(/^INSERT/);
    await visitor.press('/');
    await page.keyboard.type('app.orders');
    await page.waitForURL('**/queries?q=app.orders&sort=max');
    await page.getByText('1 statement found').waitFor();
    await visitor.press('Escape', 'j', 'Enter');
    await visitor.heading('SELECT from app.orders').waitFor();
    await visitor.press('Escape');
    await page.waitForURL('**/queries?q=app.orders&sort=max');
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('show their plan when somebody asks, and a link to it restores it', async () => {
    const visitor = await visit(STATEMENT);
    const { page } = visitor;
    const plans: string[] = [];
    page.on('request', (request) => /\/plan(\?|$)/.test(request.url()) && plans.push(request.url()));
    await page.getByText('the statement itself is not run').waitFor();
    expect(plans).toEqual([]);
    await page.getByRole('button', { name: 'Show the plan' }).click();
    const steps = page.getByRole('list', { name: 'Steps of the plan' });
    await steps.getByText('Large table, read from beginning to end to find about 412 rows.').waitFor();
    expect(visitor.address()).toBe(`${STATEMENT}?tab=plan`);
    await page.reload();
    await steps.waitFor();
    expect(plans).toHaveLength(2);
    await visitor.leave();
  });

  it('come with the index that would help, for copying', async () => {
    const visitor = await visit(`${STATEMENT}?tab=plan`);
    const panel = visitor.region('An index would help');
    await panel.getByText('app.orders is read whole (about 1,842,011 rows)').waitFor();
    await panel.getByRole('button').click();
    await visitor.page.getByText('Statement copied').waitFor();
    expect(await visitor.page.evaluate<string>('navigator.clipboard.readText()')).toBe(
      'CREATE INDEX CONCURRENTLY ON app.orders (restaurant_id, placed_at);',
    );
    await visitor.leave();
  });

  it('say where there is no plan, and to whom none is shown', async () => {
    const visitor = await visit('/console/queries?q=refresh');
    await visitor.page.locator('main a[data-row]').click();
    await visitor.page.getByRole('button', { name: 'Show the plan' }).click();
    await visitor.page.getByText('It has no plan').waitFor();
    await visitor.leave();
    const viewer = await visit(`${STATEMENT}?tab=plan`, 'viewer');
    await viewer.page.getByText('this takes an analyst').waitFor();
    expect(await viewer.page.getByRole('button', { name: 'Show the plan' }).isDisabled()).toBe(true);
    await viewer.leave();
  });

  it('say from which duration on they would be listed where none is', async () => {
    const visitor = await visit('/console/queries', 'empty');
    await visitor.page
      .getByText('listed from 1.00 s on, and counted from 100 ms on. 318 statements')
      .waitFor();
    await visitor.leave();
  });
});

describe('each of these pages', { timeout: 180_000 }, () => {
  it.each([
    [375, 'dark'],
    [1440, 'light'],
  ] as const)('is open to everybody and fits: %d px, %s', async (width, theme) => {
    const found: string[] = [];
    const pages: readonly (readonly [path: string, mode: string])[] = [
      ['/console/keys', 'full'],
      ['/console/keys?tab=fields', 'full'],
      ['/console/keys', 'empty'],
      ['/console/keys', 'error'],
      ['/console/queries', 'full'],
      ['/console/queries', 'empty'],
      ['/console/queries', 'error'],
      ['/console/queries?q=zzz', 'full'],
      [`${STATEMENT}?tab=plan`, 'full'],
      [STATEMENT, 'empty'],
    ];
    for (const [path, mode] of pages) {
      const visitor = await visit(path, mode, { width, theme });
      const name = `${path} ${mode}`;
      const overflow = await visitor.overflow();
      if (overflow > 0) found.push(`${name}: ${overflow} px wider than the window`);
      for (const cut of await visitor.cutOff()) found.push(`${name}: cut off: ${cut}`);
      for (const barrier of await visitor.barriers()) found.push(`${name}: ${barrier}`);
      for (const complaint of visitor.complaints) found.push(`${name}: ${complaint}`);
      await visitor.leave();
    }
    expect(found).toEqual([]);
  });
});
