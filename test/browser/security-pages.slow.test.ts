import { describe, expect, it } from 'vitest';
import { standIn } from './stand-in.ts';

const { visit } = standIn();

describe('the strip over every page', { timeout: 60_000 }, () => {
  it.each([
    ['quiet', 'Normal'],
    ['full', 'Elevated'],
    ['attack', 'Under attack'],
    ['lockdown', 'Lockdown'],
  ] as const)('says how the site stands: %s', async (mode, word) => {
    const visitor = await visit('/console/health', mode);
    await visitor.page.getByLabel('Posture').getByText(word, { exact: false }).first().waitFor();
    await visitor.leave();
  });

  it('names what is degraded, and says how old it is when the stream is lost', async () => {
    const attacked = await visit('/console', 'attack');
    await attacked.page.getByLabel('Posture').getByRole('link', { name: 'Limits degraded' }).click();
    await attacked.heading('Health').waitFor();
    await attacked.leave();
    const stale = await visit('/console', 'stale');
    await stale.page.getByLabel('Posture').getByText('source silent').waitFor();
    await stale.leave();
  });
});

describe('the alerts', { timeout: 60_000 }, () => {
  it('say in the list what is done already and for how long, and on their page what nobody has done', async () => {
    const visitor = await visit('/console/alerts');
    const answered = visitor.page.locator('[data-alert] [data-answered]');
    await answered.first().waitFor();
    const told = await answered.allTextContents();
    expect(told).toContainEqual(expect.stringMatching(/^Block: 203\.0\.113\.0\/24, \d+ min left$/));
    expect(told.filter((text) => !/( left|, waits for people)( and \d+ more)?$/.test(text))).toEqual([]);
    const row = visitor.page.locator('[data-alert]', { hasNot: visitor.page.locator('[data-answered]') });
    const id = await row.first().getAttribute('data-alert');
    await visitor.open(`/console/alerts/${id}`);
    await visitor.region('What to do').getByText('nothing was done by itself').waitFor();
    await visitor.leave();
  });
});

describe('the first page', { timeout: 60_000 }, () => {
  it('leads from a card to its alert, and from harm to the decisions behind the number', async () => {
    const visitor = await visit('/console');
    await visitor.region('Suspicious activity').getByRole('link', { name: 'Injection' }).click();
    await expect.poll(() => visitor.address()).toBe('/console/alerts/alr_2');
    await visitor.open('/console');
    await visitor
      .region('Harm to honest people')
      .getByRole('link', { name: /^Limits met/ })
      .click();
    await expect
      .poll(() => visitor.address())
      .toBe('/console/decisions?exclude=principal:&filter=status:429');
    await visitor.leave();
  });

  it('leads from figures of sign-ins to their events, from rules to decisions, and to the histogram of limits', async () => {
    const visitor = await visit('/console');
    const leads = async (region: string, link: string | RegExp, to: RegExp): Promise<void> => {
      await visitor.open('/console');
      await visitor.region(region).getByRole('link', { name: link }).click();
      await expect.poll(() => visitor.address()).toMatch(to);
    };
    await leads('Sign-ins', 'Second factor asked', /^\/console\/events\?since=24h&type=SECOND_STEP_ASKED$/);
    await leads('Sign-ins', / failed$/, /^\/console\/events\?since=24h&type=SIGN_IN_FAILED$/);
    await leads('Rules', 'sql.tautology', /^\/console\/decisions\?filter=guard:inspection/);
    await leads('Harm to honest people', 'Would another limit fit?', /^\/console\/limits$/);
    const histogram = visitor.page.locator('#histogram');
    await histogram.waitFor();
    const top = async () => (await histogram.boundingBox())?.y ?? -1;
    await expect.poll(async () => (await top()) >= 0 && (await top()) < 500).toBe(true);
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('has a sink that fails tried again by who may', async () => {
    const visitor = await visit('/console/health');
    await visitor.page.getByRole('button', { name: 'Try again: search' }).click();
    await visitor.page.getByText('search is tried again').waitFor();
    await visitor.leave();
    const viewer = await visit('/console/health', 'viewer');
    const button = viewer.page.getByRole('button', { name: 'Try again: search' });
    await button.waitFor();
    expect(await button.isDisabled()).toBe(true);
    await viewer.leave();
  });

  it('says so honestly where there is nothing to tell', async () => {
    const visitor = await visit('/console', 'empty');
    await visitor.region('Harm to honest people').getByText('no challenge was asked').waitFor();
    await visitor.region('Suspicious activity').getByText('Nothing suspicious').waitFor();
    await visitor.region('Automatic responses').getByText('The machine did nothing').waitFor();
    await visitor.region('Networks').getByText('No database of places is configured').waitFor();
    await visitor.region('Rules').getByText('No rule has found anything').waitFor();
    await visitor.region('Sign-ins').getByText('Nobody signed in.').waitFor();
    await visitor.leave();
  });

  it('is narrowed by a range, a network and a country, in the address', async () => {
    const visitor = await visit('/console');
    const row = visitor.region('Countries').locator('[data-row]', { hasText: 'NL' });
    await row.hover();
    await row.getByRole('button', { name: 'Filter by NL' }).click();
    await expect.poll(() => visitor.address()).toBe('/console/?filter=country:NL');
    await visitor.page.getByRole('list', { name: 'Filters' }).getByText('NL').waitFor();
    await expect.poll(() => visitor.region('Countries').locator('[data-row]').count()).toBe(1);
    await visitor.leave();
  });

  it('is walked by number, and a response is undone by keyboard after it was asked', async () => {
    const visitor = await visit('/console');
    const { page } = visitor;
    const ledger = visitor.region('Automatic responses');
    const acting = ledger.getByRole('button', { name: /^Undo/ });
    await acting.first().waitFor();
    const count = await acting.count();
    const focused = () => page.evaluate<string>('document.activeElement.getAttribute("aria-label")');
    await visitor.press('3');
    expect(await focused()).toBe('Suspicious activity');
    await acting.first().focus();
    await visitor.press('u');
    const dialog = page.getByRole('dialog', { name: /Undo this response|End its waiting/ });
    await dialog.waitFor();
    // The focus begins at Cancel: nothing is undone by a key that was held too long.
    await visitor.press('Tab', 'Enter');
    await expect.poll(() => acting.count()).toBe(count - 1);
    expect(visitor.complaints).toEqual([]);
    await visitor.leave();
  });

  it('lets viewers read and undo nothing', async () => {
    const visitor = await visit('/console', 'viewer');
    const undo = visitor.region('Automatic responses').getByRole('button', { name: /^Undo/ });
    await undo.first().waitFor();
    for (const button of await undo.all()) expect(await button.isDisabled()).toBe(true);
    await visitor.leave();
  });

  it('copies itself as a command without a secret', async () => {
    const visitor = await visit('/console?filter=address:203.0.113.7');
    await visitor.page.getByRole('button', { name: 'Copy this view as a curl command' }).click();
    await visitor.page.getByText('Command copied').waitFor();
    const text = await visitor.page.evaluate<string>('navigator.clipboard.readText()');
    expect(text).toContain('$RAMPART_OPERATOR_KEY');
    expect(text).toContain('/admin/stats/overview?');
    expect(text).toContain('filter=address%3A203.0.113.7');
    await visitor.leave();
  });
});

describe('the look of the first page', { timeout: 180_000 }, () => {
  it.each(['full', 'attack', 'lockdown', 'stale', 'empty'] as const)(
    'is open to everybody and fits, %s',
    async (mode) => {
      const found: string[] = [];
      for (const width of [375, 768, 1440]) {
        for (const theme of ['light', 'dark'] as const) {
          const visitor = await visit('/console', mode, { width, theme });
          await visitor.region('Harm to honest people').waitFor();
          const where = `${width} ${theme}`;
          const overflow = await visitor.overflow();
          if (overflow > 0) found.push(`${where}: ${overflow} px wider than the window`);
          for (const barrier of await visitor.barriers()) found.push(`${where}: ${barrier}`);
          await visitor.leave();
        }
      }
      expect(found).toEqual([]);
    },
  );
});
