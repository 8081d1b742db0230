import { describe, expect, it } from 'vitest';
import { standIn } from './stand-in.ts';
import type { Visitor } from './visitor.ts';

const { visit } = standIn();
/** Gives the proof that an act asks for. */
async function prove({ page }: Visitor): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  await dialog.getByRole('button', { name: 'Authenticator app' }).click();
  await dialog.getByLabel('Authenticator app').fill('123456');
  await dialog.getByRole('button', { name: 'Continue' }).click();
}

describe('the overview of the shield', { timeout: 60_000 }, () => {
  it('says how hard the site is pressed, and which parts refuse', async () => {
    const visitor = await visit('/console/shield');
    const posture = visitor.region('Posture');
    await posture.getByText('Elevated').waitFor();
    await posture.getByText('6.2 times the usual 148').waitFor();
    await posture
      .getByRole('listitem')
      .filter({ hasText: 'Places and lists' })
      .getByText('only records')
      .waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('leaves a kind out of the chart by its legend and keeps one alone, both in the address', async () => {
    const visitor = await visit('/console/shield?range=24h');
    const { page } = visitor;
    const chart = visitor.region('What inspection found');
    const legend = chart.getByRole('group', { name: 'Kinds shown' });
    await legend.getByRole('button', { name: 'SQL injection' }).click();
    await expect.poll(() => visitor.address()).toContain('hide=sql');
    const kinds = visitor.region('Kinds of attack');
    await kinds.getByRole('button', { name: 'Cross-site scripting' }).click();
    await expect
      .poll(() => legend.locator('[aria-pressed=true]').allTextContents())
      .toEqual(['Cross-site scripting']);
    await page.reload();
    await expect
      .poll(() => legend.locator('[aria-pressed=true]').allTextContents())
      .toEqual(['Cross-site scripting']);
    await kinds.getByRole('button', { name: 'Cross-site scripting' }).click();
    await expect.poll(() => visitor.address()).toBe('/console/shield?range=24h');
    await visitor.leave();
  });

  it('has the numbers behind the chart in a table, and its columns by arrows', async () => {
    const visitor = await visit('/console/shield?range=24h');
    const slider = visitor.page.getByRole('slider', { name: /^Attacks over time/ });
    await slider.focus();
    await visitor.press('Home', 'ArrowRight');
    expect(await slider.getAttribute('aria-valuenow')).toBe('1');
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/: [\d,]+ requests, .*SQL injection/);
    await visitor.press('Shift+ArrowRight', 'Enter');
    await expect.poll(() => visitor.address()).toMatch(/from=\d+.*to=\d+/);
    await visitor.press('z');
    await expect.poll(() => visitor.address()).not.toContain('from=');
    await visitor.press('v');
    await visitor.page
      .getByRole('region', { name: 'Attacks as a table' })
      .getByRole('columnheader', { name: 'SQL injection' })
      .waitFor();
    await visitor.leave();
  });

  it('leads from a rule to what inspection refused on that route', async () => {
    const visitor = await visit('/console/shield?range=24h');
    await visitor.region('Busiest rules').getByRole('link', { name: 'sql.tautology' }).click();
    await visitor.heading('Decisions').waitFor();
    expect(visitor.address()).toBe(
      '/console/decisions?filter=guard:inspection&filter=route:GET+/products&range=24h',
    );
    await visitor.leave();
  });
});

describe('false alarms', { timeout: 60_000 }, () => {
  it('are gone through by keyboard: explained, dismissed, and the focus goes on to the next', async () => {
    const visitor = await visit('/console/shield?tab=alarms');
    const { page } = visitor;
    const rows = page.locator('main [data-report]');
    const count = await rows.count();
    await visitor.press('j', 'j', 'e');
    await rows.nth(1).getByText('5 together').waitFor();
    const next = await rows.nth(2).getByRole('link').first().textContent();
    await visitor.press('d');
    await page.getByRole('dialog', { name: 'Dismiss this report' }).waitFor();
    await visitor.press('Enter');
    await expect.poll(() => rows.count()).toBe(count - 1);
    await expect.poll(() => page.evaluate<string>('document.activeElement.textContent')).toBe(next);
    await visitor.press('Enter');
    await page.getByText('What each guard said').waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('become a draft for the route, field and rules of the report, which is accepted with it', async () => {
    const visitor = await visit('/console/shield?tab=alarms');
    const { page } = visitor;
    await visitor.press('j', 'x');
    const dialog = page.getByRole('dialog', { name: 'Draft an exclusion' });
    expect(await dialog.getByLabel(/^Rules/).inputValue()).toContain('sql.select-inside');
    expect(await dialog.getByLabel(/^Route/).inputValue()).toBe('POST /articles');
    await dialog.getByRole('button', { name: 'Save draft' }).click();
    await visitor.region('Drafts').getByText('in ‘body’ on POST /articles').waitFor();
    expect(visitor.address()).toMatch(/^\/console\/shield\?open=exc_\d+&tab=exclusions$/);
    await visitor.open('/console/shield?tab=alarms&status=accepted');
    const accepted = page.locator('main [data-report]', { hasText: 'POST /articles' });
    await accepted.getByRole('link', { name: 'its exclusion' }).click();
    await visitor.region('Drafts').waitFor();
    await visitor.leave();
  });

  it('of another guard are accepted without an exclusion, which would change nothing', async () => {
    const visitor = await visit('/console/shield?tab=alarms');
    const row = visitor.page.locator('main [data-report]', { hasText: 'price comparison' });
    expect(await row.getByRole('button', { name: /Draft/ }).count()).toBe(0);
    await row.getByRole('button', { name: 'Accept…' }).click();
    await visitor.page.getByRole('dialog').getByText('an exclusion would change nothing').waitFor();
    await visitor.page.getByRole('dialog').getByRole('button', { name: 'Accept' }).click();
    await row.waitFor({ state: 'detached' });
    await visitor.leave();
  });

  it('that were reported are told on the page of the decision', async () => {
    const visitor = await visit('/console/decisions/dec_reported5');
    await visitor.region('False alarm').getByText('A false alarm, accepted').waitFor();
    await visitor.region('False alarm').getByRole('link', { name: 'Its exclusion' }).click();
    await visitor.region('Live').getByText('sql.comment-cut').waitFor();
    await visitor.leave();
  });
});

describe('exclusions', { timeout: 60_000 }, () => {
  it('show the requests that would pass, with what speaks against them', async () => {
    const visitor = await visit('/console/shield?tab=exclusions&open=exc_5');
    const draft = visitor.region('Drafts').getByRole('listitem', { name: /^sql\.statement/ });
    await draft.getByText('2 callers among them were refused for something else, too').waitFor();
    expect(await draft.getByText('refused elsewhere').count()).toBe(2);
    await draft.getByRole('button', { name: 'Hide requests' }).click();
    await expect.poll(() => visitor.address()).toBe('/console/shield?tab=exclusions');
    await visitor.leave();
  });

  it('go live after a look at what passes and a fresh proof, and are withdrawn and taken back', async () => {
    const visitor = await visit('/console/shield?tab=exclusions');
    const { page } = visitor;
    const bodies: (string | null)[] = [];
    page.on('request', (request) => request.url().endsWith('/publish') && bodies.push(request.postData()));
    const at = (region: string) => visitor.region(region).getByRole('listitem', { name: /^xss in ‘bio’/ });
    const publish = at('Drafts').getByRole('button', { name: /^Publish/ });
    expect(await publish.isDisabled()).toBe(true);
    await at('Drafts').getByRole('button', { name: 'Replay', exact: true }).click();
    await at('Drafts').getByText('Up to 96 of 1,318 refused requests would pass').waitFor();
    await publish.click();
    const dialog = page.getByRole('dialog', { name: 'Publish this exclusion' });
    await dialog.getByText('1 was reported as a false alarm').waitFor();
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await prove(visitor);
    await at('Live').waitFor();
    expect(bodies).toEqual(['{"confirm":96}', '{"confirm":96}']);
    await at('Live').getByRole('button', { name: 'Withdraw' }).click();
    await at('Withdrawn').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await at('Live').waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('forget their replay once they are written anew, and say what is wrong with a rule', async () => {
    const visitor = await visit('/console/shield?tab=exclusions');
    const { page } = visitor;
    await page.getByRole('button', { name: 'New draft…' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Save draft' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/^Rules/).fill('sql%injection');
    await dialog.getByLabel(/^Reason/).fill('trying');
    await dialog.getByRole('button', { name: 'Save draft' }).click();
    await dialog.getByText('Name rules (sql.tautology) or classes (sql).').waitFor();
    await visitor.press('Escape');
    const draft = visitor.region('Drafts').getByRole('listitem', { name: /^sql\.statement/ });
    await draft.getByRole('button', { name: 'Edit…' }).click();
    await dialog.getByLabel(/^Reason/).fill('Searched for by many.');
    await dialog.getByRole('button', { name: 'Save draft' }).click();
    await draft.getByText('Searched for by many.').waitFor();
    expect(await draft.getByText('would pass').count()).toBe(0);
    expect(await draft.getByRole('button', { name: /^Publish/ }).isDisabled()).toBe(true);
    await visitor.leave();
  });
});

describe('feeds', { timeout: 60_000 }, () => {
  it('tell their age, and of a failure what to do', async () => {
    const visitor = await visit('/console/shield?tab=feeds');
    const feed = (name: string) => visitor.page.getByRole('listitem', { name, exact: true });
    await feed('city').getByText('built 3 d ago, checked 20 min ago').waitFor();
    await feed('asn').getByText('Stale').waitFor();
    await feed('spamhaus-drop').getByText('fetched 1 d ago, last good check 7 h ago').waitFor();
    await feed('spamhaus-drop').getByText('Look whether the address has moved.').waitFor();
    expect(await feed('office-networks').getByRole('button').isDisabled()).toBe(true);
    await visitor.leave();
  });

  it('are updated on the spot, and what changed is said', async () => {
    const visitor = await visit('/console/shield?tab=feeds');
    const { page } = visitor;
    await page.getByRole('button', { name: 'Update now: asn' }).click();
    const proof = page.getByRole('dialog', { name: 'Is it you?' });
    const done = page.getByText('asn is up to date');
    await proof.or(done).waitFor();
    if (await proof.isVisible()) await prove(visitor);
    await done.waitFor();
    await page.getByRole('listitem', { name: 'asn', exact: true }).getByText('Current').waitFor();
    await page.getByRole('button', { name: 'Update now: tor' }).click();
    await page.getByText('tor is up to date: 12 more entries').waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });
});

const PATHS = [
  '/console/shield',
  '/console/shield?view=table',
  '/console/shield?tab=alarms',
  '/console/shield?tab=alarms&status=dismissed',
  '/console/shield?tab=exclusions&open=exc_5',
  '/console/shield?tab=feeds',
];

describe('the page of the shield', { timeout: 180_000 }, () => {
  it('is read by viewers, who can act on nothing and are told why', async () => {
    const visitor = await visit('/console/shield?tab=exclusions', 'viewer');
    const { page } = visitor;
    await page.getByText('Your role is viewer; this takes an analyst.').waitFor();
    expect(await page.getByRole('button', { name: 'New draft…' }).count()).toBe(0);
    for (const button of await page
      .getByRole('button', { name: /^(Replay|Publish|Edit|Delete|Withdraw)/ })
      .all())
      expect(await button.isDisabled()).toBe(true);
    await visitor.open('/console/shield?tab=alarms');
    await visitor.press('j', 'd');
    await visitor.press('x');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await visitor.press('e');
    await page
      .getByText(/ together$/)
      .first()
      .waitFor();
    await visitor.open('/console/decisions/dec_reported1');
    await page.getByText('What each guard said').waitFor();
    expect(await page.getByRole('button', { name: /exclusion|false alarm/ }).count()).toBe(0);
    await visitor.leave();
  });

  it('says that the server does not answer, on every tab', async () => {
    for (const tab of ['', '?tab=alarms', '?tab=exclusions', '?tab=feeds']) {
      const visitor = await visit(`/console/shield${tab}`, 'error');
      await visitor.page.getByText('The records database does not answer.').waitFor();
      await visitor.leave();
    }
  });

  it.each([
    ['full', [375, 768, 1440], ['light', 'dark']],
    ['empty', [375, 1440], ['dark']],
    ['viewer', [375], ['light']],
  ] as const)('is open to everybody and fits, %s', async (mode, widths, themes) => {
    const found: string[] = [];
    const looks = widths.flatMap((width) => themes.map((theme) => ({ width, theme })));
    for (const { width, theme } of looks) {
      const visitor = await visit('/console/shield', mode, { width, theme });
      for (const path of PATHS) {
        await visitor.open(path);
        const where = `${path} ${width} ${theme}`;
        const overflow = await visitor.overflow();
        if (overflow > 0) found.push(`${where}: ${overflow} px wider than the window`);
        const [cut] = await visitor.cutOff();
        if (cut !== undefined) found.push(`${where}: cut off: ${cut}`);
        for (const barrier of await visitor.barriers()) found.push(`${where}: ${barrier}`);
      }
      found.push(...visitor.complaints);
      await visitor.leave();
    }
    expect(found).toEqual([]);
  });
});
