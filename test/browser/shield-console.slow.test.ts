import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Traffic } from './traffic.ts';
import { ADMIN, giveCode, givePassword, House, saved, shownCodes } from './identity-house.ts';
import type { Authenticator } from './identity-authenticator.ts';
import type { Visitor } from './visitor.ts';

const MINUTE_MS = 60_000;
const WRITER = '198.51.100.41';
const SCANNER = '203.0.113.77';
/** Closes a quote and makes the condition true. */
const INJECTION = "x' OR 1=1 -- ";

let house: House;
let traffic: Traffic;
let root: Visitor;
let app: Authenticator;
/** File that a feed is brought up to date from. */
let list = '';

beforeAll(async () => {
  list = join(mkdtempSync(join(tmpdir(), 'rampart-feed-')), 'partners.txt');
  const feeds = { partners: { kind: 'list', from: list, every: false, terms: 'Ours' } } as const;
  house = await House.open({}, { shield: { feeds } });
  traffic = new Traffic(house.origin);
  await traffic.signIn('grace', '198.51.100.99');
  root = await house.visitor();
  await root.page.goto(`${house.origin}/console`);
  await givePassword(root.page, ADMIN.email, ADMIN.password);
  await root.page.getByRole('button', { name: /^Authenticator app/ }).click();
  app = house.app((await root.page.getByRole('group', { name: 'Key' }).textContent()) ?? '');
  await giveCode(root.page, await app.code());
  expect(await shownCodes(root.page)).toHaveLength(10);
  await saved(root.page);
  await root.heading('Overview').waitFor();
});
afterAll(async () => {
  traffic?.close();
  await house?.close();
  rmSync(dirname(list), { recursive: true, force: true });
});

const statusOf = async (from = WRITER, cookie = 'note'): Promise<number> =>
  (await traffic.send({ from, headers: { cookie: `${cookie}=${INJECTION}` } })).status;
const becomes = (status: number) =>
  expect.poll(() => statusOf(), { timeout: 20_000, interval: 250 }).toBe(status);
const dialog = () => root.page.getByRole('dialog');
const exclusion = (region: string) =>
  root.region(region).getByRole('listitem', { name: /in ‘note’ on GET \/sample\/orders$/ });

/** An exclusion's life on a server that runs. */
describe('an exclusion', { timeout: 60_000 }, () => {
  it('begins with a refused request that somebody reports from its decision', async () => {
    expect(await statusOf()).toBe(403);
    // Whoever tries other things, too, is no honest user.
    await traffic.send({
      from: SCANNER,
      path: `/sample/orders?file=${encodeURIComponent('../../etc/passwd')}`,
    });
    expect(await statusOf(SCANNER)).toBe(403);
    await root.open(`/console/decisions?filter=address:${WRITER}`);
    await root.page.locator('main tbody tr').first().getByRole('link').click();
    await root.page.getByRole('button', { name: 'Report a false alarm…' }).click();
    await dialog().getByLabel('Note').fill('Customers write so.');
    await dialog().getByRole('button', { name: 'Report', exact: true }).click();
    await root.region('False alarm').getByText('Customers write so.').waitFor();
  });

  it('is seen in the figures of the shield, by kind and by rule', async () => {
    await root.open('/console/shield');
    await root.region('Posture').getByText('Usual traffic').waitFor();
    await root.region('Kinds of attack').getByText('SQL injection').waitFor();
    await root.region('Kinds of attack').getByText('Path traversal').waitFor();
    await root
      .region('Busiest rules')
      .getByText(/GET \/sample\/orders/)
      .locator('visible=true')
      .first()
      .waitFor();
    await root.region('Guards that stepped in').getByText('Inspection').waitFor();
  });

  it('is drafted for the report, and acts on nothing', async () => {
    await root.open('/console/shield?tab=alarms');
    await root.press('j', 'x');
    await dialog().getByRole('button', { name: 'Save draft' }).click();
    await exclusion('Drafts').waitFor();
    expect(await statusOf()).toBe(403);
  });

  it('shows in its replay who would pass, and who of them looks like an attacker', async () => {
    const draft = exclusion('Drafts');
    // Decisions are written behind the answers: the last one may come a moment later.
    const replayed = async (): Promise<string | null> => {
      await draft.getByRole('button', { name: /^Replay( again)?$/ }).click();
      return draft
        .getByText(/would pass/)
        .first()
        .textContent();
    };
    await expect
      .poll(replayed, { timeout: 30_000, interval: 500 })
      .toMatch(/^Up to 3 of 4 refused requests would/);
    await draft.getByText('1 was reported as a false alarm').waitFor();
    await draft.getByText('1 caller among them was refused for something else, too').waitFor();
    await draft.getByText('refused elsewhere').waitFor();
  });

  it('is published after a fresh proof, and such requests pass', async () => {
    await house.advance(11 * MINUTE_MS);
    await exclusion('Drafts')
      .getByRole('button', { name: /^Publish/ })
      .click();
    await dialog().getByText('1 caller among them was refused for something else, too').waitFor();
    await dialog().getByRole('button', { name: 'Publish' }).click();
    const proof = root.page.getByRole('dialog', { name: 'Is it you?' });
    await proof.getByLabel('Authenticator app').fill(await app.code());
    await proof.getByRole('button', { name: 'Continue' }).click();
    await exclusion('Live').waitFor();
    await becomes(200);
    expect(await statusOf(WRITER, 'other')).toBe(403);
  });

  it('is withdrawn, and such requests are refused again; the withdrawal is taken back', async () => {
    await exclusion('Live').getByRole('button', { name: 'Withdraw' }).click();
    await exclusion('Withdrawn').waitFor();
    await becomes(403);
    await root.page.getByRole('button', { name: 'Undo' }).click();
    await exclusion('Live').waitFor();
    await becomes(200);
    await exclusion('Live').getByRole('button', { name: 'Withdraw' }).click();
    await exclusion('Withdrawn').waitFor();
    await becomes(403);
  });

  it('stands in the list of what happened, with who did it', async () => {
    await root.open('/console/events');
    for (const type of ['FALSE_ALARM_REPORTED', 'SHIELD_EXCLUSION_PUBLISHED', 'SHIELD_EXCLUSION_WITHDRAWN'])
      await root.page.getByText(type).first().waitFor();
    await root.open('/console/shield?tab=exclusions');
    await exclusion('Withdrawn').getByRole('link', { name: 'Administrator' }).first().waitFor();
  });
});

describe('a feed', { timeout: 60_000 }, () => {
  const feed = () => root.page.getByRole('listitem', { name: 'partners', exact: true });
  const update = async (): Promise<void> => {
    await root.page.getByRole('button', { name: 'Update now: partners' }).click();
  };

  it('without a file says so, and why its update failed', async () => {
    await root.open('/console/shield?tab=feeds');
    await feed().getByText('Missing').waitFor();
    await feed().getByText('Terms: Ours').waitFor();
    await update();
    await root.page.getByText('partners could not be updated').waitFor();
    await feed()
      .locator('p', { hasText: /partners\.txt/ })
      .last()
      .waitFor();
  });

  it('is current once it was brought up to date, with its entries and its age', async () => {
    writeFileSync(list, '198.51.100.0/24\n203.0.113.0/24\n');
    await update();
    await feed().getByText('Current').waitFor();
    await feed().getByText('2 entries').waitFor();
    await feed()
      .getByText(/^(built|fetched) /)
      .waitFor();
    expect(await house.complaints()).toEqual([]);
  });
});
