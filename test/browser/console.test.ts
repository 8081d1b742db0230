import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyBundle, verifyReceipt } from '../../src/modules/audit/index.ts';
import { ensureConsole } from './build.ts';
import { RunningServer } from './server.ts';
import { Traffic } from './traffic.ts';
import { openBrowser, Visitor } from './visitor.ts';

const FLOODER = '203.0.113.66';
const BLOCKED = '203.0.113.90';
const IDLE = '198.51.100.30';
const WRITER = '198.51.100.41';
/** Closes a quote and makes the condition true. */
const INJECTION = encodeURIComponent("x' OR 1=1 -- ");
const number = (text: string | null): number => Number((text ?? '').replaceAll(/\D/g, ''));

let server: RunningServer;
let traffic: Traffic;
let browser: Browser;
let ada: Visitor;

beforeAll(async () => {
  ensureConsole();
  [server, browser] = await Promise.all([RunningServer.start(), openBrowser()]);
  traffic = new Traffic(server.origin);
  await traffic.signIn('grace', '198.51.100.99');
  ada = await Visitor.arrive(browser, server.origin);
});
afterAll(async () => {
  traffic?.close();
  await browser?.close();
  await server?.stop();
});

/** The figure of a tile of the overview. */
const tile = async (label: string): Promise<number> =>
  number(
    await ada.region('Totals').locator('a', { hasText: label }).locator('[title]').first().textContent(),
  );

describe('the console in a browser', { timeout: 40_000 }, () => {
  it('sends a visitor who is not signed in to where a link is printed', async () => {
    await ada.page.goto(`${server.origin}/console/limits`);
    await ada.heading('Sign in').waitFor();
    await ada.page.getByText('npx rampart link').waitFor();
  });

  it('signs in by the set-up link, and keeps the token out of the address', async () => {
    await ada.signIn(server.link);
    expect(ada.address()).toBe('/console/');
  });

  it('says over every page how the site stands', async () => {
    const posture = ada.page.getByLabel('Posture');
    await posture.getByText('Normal').waitFor();
    await posture.getByText('only recorded').waitFor();
    await posture.getByText('all well').waitFor();
  });

  it('says of a link that was used that it was used', async () => {
    const late = await Visitor.arrive(browser, server.origin);
    await late.page.goto(server.link);
    await late.heading('This link does not work').waitFor();
    await late.page.getByText('used before').waitFor();
    expect(late.page.url()).not.toContain('token');
    expect(late.complaints).toEqual([]);
    await late.leave();
  });

  it('moves its figures while traffic runs, without a reload', async () => {
    await ada.page.evaluate('globalThis.isSamePage = true');
    const before = await tile('Limited');
    const sent = await traffic.burst(70, { from: FLOODER });
    expect(sent).toEqual({ 200: 60, 429: 10 });
    await expect.poll(() => tile('Limited'), { timeout: 30_000 }).toBe(before + 10);
    await expect.poll(() => tile('Would be refused'), { timeout: 30_000 }).toBeGreaterThanOrEqual(30);
    await ada
      .region('Traffic')
      .getByText(/requests, .+ % let through, \d+ limited/)
      .waitFor();
    await ada.region('Recent refusals').getByText(FLOODER).first().waitFor();
    expect(await ada.page.evaluate('globalThis.isSamePage')).toBe(true);
  });

  it('narrows to a value by its button, in the address and in the figures', async () => {
    await traffic.burst(3, { from: IDLE });
    const row = ada.region('Addresses').locator('[data-row]', { hasText: IDLE });
    await row.waitFor({ timeout: 30_000 });
    await row.hover();
    await row.getByRole('button', { name: `Filter by ${IDLE}` }).click();
    await expect.poll(() => ada.address()).toContain(`filter=address:${IDLE}`);
    await expect.poll(() => tile('Requests')).toBe(3);
    await expect.poll(() => tile('Limited')).toBe(0);
  });

  it('leaves a value out by the box, and a link to the view restores it', async () => {
    await ada.press('/');
    await ada.page.keyboard.type('-status:429');
    await ada.press('Enter');
    await ada.page.getByRole('button', { name: `Remove filter Address ${IDLE}` }).click();
    await expect.poll(() => ada.address()).toBe('/console/?exclude=status:429');
    await expect.poll(() => tile('Allowed')).toBeGreaterThanOrEqual(63);
    expect(await tile('Limited')).toBe(0);
    const other = await ada.another();
    await other.page.goto(ada.page.url());
    await other.page.getByRole('list', { name: 'Filters' }).getByText('429').waitFor();
    await other
      .region('Totals')
      .getByRole('link', { name: /^Limited\s*0/ })
      .waitFor();
    expect(other.complaints).toEqual([]);
    await other.leave();
  });

  it('shows the numbers behind the chart on V, and the chart again', async () => {
    await ada.press('v');
    await ada.page.getByRole('region', { name: 'Traffic as a table' }).waitFor();
    expect(ada.address()).toContain('view=table');
    await ada.press('v');
    await ada.page.getByRole('slider', { name: /Traffic over time/ }).waitFor();
  });

  it('hides what the console itself asked for, and shows what others did', async () => {
    await ada.open('/console/decisions');
    const own = ada.page.locator('main tbody tr', { hasText: '/console/' });
    await own.first().waitFor();
    await ada.page.getByRole('button', { name: 'Hide the console’s own' }).click();
    await expect.poll(() => own.count()).toBe(0);
    await ada.page.locator('main tbody tr', { hasText: FLOODER }).first().waitFor();
    expect(await ada.page.locator('main tbody tr', { hasText: 'admin:' }).count()).toBe(0);
  });

  it('explains a refusal: sentence, remedy, reasons, and that it computes again to the same', async () => {
    await ada.open(`/console/decisions?filter=address:${FLOODER}&filter=status:429`);
    const rows = ada.page.locator('main tbody tr');
    expect(await rows.count()).toBe(10);
    await rows.first().getByRole('link').click();
    await ada.page.getByRole('heading', { level: 1, name: /limit 'api'/ }).waitFor();
    await ada
      .region('What would make it pass')
      .getByText(/^Wait \d+ s/)
      .waitFor();
    await ada.page.getByText(/'api' is full: .* of 60 used/).waitFor();
    await ada.page.getByText('Computed again: same verdict').first().waitFor();
  });

  it('blocks from a decision after showing whom it hits, counts down, and takes it back', async () => {
    await traffic.burst(3, { from: BLOCKED });
    await ada.open(`/console/decisions?filter=address:${BLOCKED}`);
    await ada.page.locator('main tbody tr').first().getByRole('link').click();
    await ada.page.getByRole('button', { name: 'Block this address…' }).click();
    const dialog = ada.page.getByRole('dialog', { name: /Block/ });
    await dialog.getByText('3 requests passed').waitFor();
    await dialog.getByLabel('15 min').check({ force: true });
    await dialog.getByLabel('Reason').fill('probing');
    await dialog.getByRole('button', { name: 'Block', exact: true }).click();
    await ada.page.getByText(`${BLOCKED} is blocked`).first().waitFor();
    expect((await traffic.send({ from: BLOCKED })).status).toBe(403);

    await ada.open('/console/blocks');
    const row = ada.page.getByRole('row', { name: new RegExp(BLOCKED) });
    const left = row.getByText(/^1[45]:\d\d$/);
    const first = await left.textContent();
    await expect.poll(() => left.textContent(), { timeout: 30_000 }).not.toBe(first);
    await row.getByRole('button', { name: /Remove/ }).click();
    await ada.page.getByText('Nobody is blocked').waitFor();
    await expect.poll(async () => (await traffic.send({ from: BLOCKED })).status).toBe(200);
    await ada.page.getByRole('button', { name: 'Undo' }).click();
    await row.waitFor();
    await expect.poll(async () => (await traffic.send({ from: BLOCKED })).status).toBe(403);
    await row.getByRole('button', { name: /Remove/ }).click();
    await ada.page.getByText('Nobody is blocked').waitFor();
  });

  it('refuses a block that would shut its own operator out, and says why', async () => {
    await ada.open('/console/blocks');
    await ada.press('b');
    const dialog = ada.page.getByRole('dialog', { name: /Block/ });
    await dialog.getByRole('textbox', { name: 'Address', exact: true }).fill('127.0.0.1');
    await dialog.getByText(/can’t be blocked/).waitFor();
    await ada.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('shows how busy the keys of a limit are beside the limit, and resets one', async () => {
    await ada.open('/console/limits?tab=api');
    await ada.page
      .getByRole('img', { name: /limit of 60 per 1 min/ })
      .getByText('Limit 60')
      .waitFor();
    const keys = ada.region('Busiest keys');
    const flooder = keys.getByRole('listitem').filter({ hasText: FLOODER });
    await flooder.getByText('60 / 60').waitFor();
    expect((await traffic.send({ from: FLOODER })).status).toBe(429);
    await keys.getByRole('button', { name: `Reset ${FLOODER}` }).click();
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await flooder.getByText('60 / 60').waitFor({ state: 'detached' });
    expect((await traffic.send({ from: FLOODER })).status).toBe(200);
  });

  it('reports a false alarm from its decision, drafts an exclusion by keyboard, and replays it', async () => {
    const refused = await traffic.send({ from: WRITER, path: `/sample/orders?note=${INJECTION}` });
    expect(refused.status).toBe(403);
    await ada.open(`/console/decisions?filter=address:${WRITER}`);
    await ada.page.locator('main tbody tr').first().getByRole('link').click();
    await ada.page.getByRole('button', { name: 'Report a false alarm…' }).click();
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByLabel('Note').fill('a note of a customer');
    await dialog.getByRole('button', { name: 'Report', exact: true }).click();
    await ada.region('False alarm').getByText('a note of a customer').waitFor();

    await ada.press('g', 'w');
    await ada.heading('Shield').waitFor();
    await ada.page.getByRole('link', { name: /^False alarms/ }).click();
    const row = ada.page.locator('main [data-report]');
    await row.getByText('a note of a customer').waitFor();
    await ada.press('j', 'e');
    await row.getByText(/ together$/).waitFor();
    await ada.press('x');
    await dialog.getByRole('textbox', { name: /^Field/ }).waitFor();
    expect(await dialog.getByLabel(/^Route/).inputValue()).toBe('GET /sample/orders');
    expect(await dialog.getByLabel(/^Field/).inputValue()).toBe('note');
    await dialog.getByRole('button', { name: 'Save draft' }).click();

    const draft = ada.region('Drafts').getByRole('listitem');
    expect(await draft.getByRole('button', { name: /^Publish/ }).isDisabled()).toBe(true);
    await draft.getByRole('button', { name: 'Replay', exact: true }).click();
    await draft.getByText('Up to 1 of 1 refused request would pass').waitFor();
    await draft.getByText('1 was reported as a false alarm').waitFor();
    await draft.getByRole('link', { name: 'GET /sample/orders' }).waitFor();
    await draft.getByRole('button', { name: 'Delete' }).click();
    await ada.page.getByText('Inspection leaves out nothing').waitFor();
    expect((await traffic.send({ from: WRITER, path: `/sample/orders?note=${INJECTION}` })).status).toBe(403);
  });

  it('says whether the node is well, and what happened on it', async () => {
    await ada.open('/console/health');
    await ada.page.getByText('Everything works.').waitFor();
    await ada.region('Checks').getByText('The embedded database answers.').waitFor();
    await ada.open('/console/events');
    await ada.page.getByText('SETUP_LINK_USED').first().waitFor();
  });

  it('searches events by keyboard: a type, an event beside the list, its values as further filters', async () => {
    await ada.open('/console/events');
    const events = ada.page.locator('main [data-event]');
    await ada.press('/');
    await ada.page.keyboard.type('setup_link_used');
    await ada.press('Enter', 'Escape');
    await expect.poll(() => ada.address()).toContain('type=SETUP_LINK_USED');
    await expect.poll(() => events.count()).toBe(1);
    await ada.press('j', 'Enter');
    const beside = ada.page.getByRole('complementary', { name: 'Event' });
    await beside.getByText('UTC', { exact: true }).waitFor();
    await expect.poll(() => ada.address()).toContain('open=evt_');
    await beside.getByRole('button', { name: 'Resolve' }).click();
    await beside.getByText('Resolved', { exact: true }).first().waitFor();
    await events.getByText('Resolved').waitFor();
    await ada.press('Escape');
    await beside.waitFor({ state: 'detached' });
    // From the line to its values by arrows: the type, who it was, from where.
    await ada.press('ArrowRight', 'ArrowRight', 'f');
    await expect.poll(() => ada.address()).toMatch(/[?&](actor|address)=/);
    await events.first().waitFor();
    await ada.page.getByRole('button', { name: 'Export' }).click();
    const file = await ada.page.getByRole('link', { name: /^CSV/ }).getAttribute('href');
    expect(file).toMatch(/^\/admin\/events\.csv\?type=SETUP_LINK_USED&(actor|address)=/);
    await ada.press('Escape');
  });

  it('verifies the audit log, and gives out a proof that the public key alone opens', async () => {
    await ada.press('g', 't');
    await ada.heading('Audit log').waitFor();
    await ada.region('Verification').getByRole('button', { name: 'Verify now' }).click();
    await ada.region('Verification').getByText('The log is what was signed.').waitFor();
    const key = await ada
      .region('Checkpoint and key')
      .getByText(/^rampart\/audit\/.+\+.+/)
      .textContent();
    const [file] = await Promise.all([
      ada.page.waitForEvent('download'),
      ada.page
        .getByRole('button', { name: /^Download the proof of event/ })
        .last()
        .click(),
    ]);
    const proof = await readFile(await file.path(), 'utf8');
    expect(await verifyReceipt(proof, [key ?? ''])).toBeNull();
    expect(
      await verifyReceipt(proof.replace('SETUP_LINK_USED', 'SERVER_STARTED'), [key ?? '']),
    ).not.toBeNull();
  });

  it('gives out the proof of a range, which the public key alone opens', async () => {
    const form = ada.region('Proof of a range');
    const download = form.getByRole('button', { name: 'Download the proof' });
    // More may not be signed yet.
    await form.getByLabel('From place').fill('1');
    await form.getByLabel('To place').fill('0');
    await download.click();
    await form.getByRole('alert').waitFor();
    await form.getByLabel('From place').fill('0');
    const [file] = await Promise.all([ada.page.waitForEvent('download'), download.click()]);
    const key = await ada
      .region('Checkpoint and key')
      .getByText(/^rampart\/audit\/.+\+.+/)
      .textContent();
    const lines = (await readFile(await file.path(), 'utf8')).split('\n');
    expect(await verifyBundle(lines, [key ?? ''])).toMatchObject({ ok: true, from: 0, events: 1 });
    const without = lines.filter((line) => !line.includes('"seq":0,'));
    expect(await verifyBundle(without, [key ?? ''])).toMatchObject({ ok: false, firstBad: 0 });
  });

  it('lists its keys on ?', async () => {
    await ada.press('?');
    const keys = ada.page.getByRole('dialog', { name: 'Keys' });
    await keys.getByText('Exclude the focused value').waitFor();
    await ada.press('Escape');
    await keys.waitFor({ state: 'detached' });
  });

  it('is walked from the overview to a block and out by keyboard alone', async () => {
    await ada.open('/console');
    await ada.press('g', 'd');
    await ada.heading('Decisions').waitFor();
    await ada.press('/');
    await ada.page.keyboard.type(`address:${BLOCKED}`);
    await ada.press('Enter', 'Escape');
    await ada.page.getByRole('list', { name: 'Filters' }).getByText(BLOCKED).waitFor();
    await ada.settle();
    await ada.press('j', 'Enter');
    await ada.page.getByText('What each guard said').waitFor();
    await ada.press('g', 'd', 'j', 'b');
    const dialog = ada.page.getByRole('dialog', { name: /Block/ });
    await dialog.waitFor();
    await ada.press('Escape', 'g', 'b');
    await ada.heading('Blocks').waitFor();
    await ada.press('b');
    await dialog.waitFor();
    await ada.page.keyboard.type('192.0.2.200');
    await ada.press('Tab', 'Tab');
    await ada.page.keyboard.type('by keyboard');
    await ada.press('Enter');
    await ada.page.getByRole('row', { name: /192\.0\.2\.200/ }).waitFor();
    await ada.press('u');
    await ada.page.getByText('Nobody is blocked').waitFor();
    await ada.press('Control+k');
    await ada.page.getByRole('dialog', { name: 'Command palette' }).waitFor();
    await ada.page.keyboard.type('limits');
    await ada.press('Enter');
    await ada.heading('Limits').waitFor();
  });

  it('tries a call out on the page of the API', async () => {
    await ada.page.goto(`${server.origin}/docs`);
    const operation = ada.page.getByRole('article').filter({ hasText: '/readyz' });
    await operation.getByText('Try it').click();
    await operation.getByRole('button', { name: 'Send' }).click();
    await operation
      .getByText(/\b200\b/)
      .first()
      .waitFor();
  });

  it('signs out, and lets nobody back in by the browser’s history', async () => {
    await ada.open('/console/limits');
    await ada.page.getByRole('button', { name: 'Settings' }).first().click();
    await ada.page.getByRole('button', { name: 'Sign out' }).click();
    await ada.heading('Sign in').waitFor();
    await ada.page.goBack();
    await ada.page.goForward();
    await ada.heading('Sign in').waitFor();
  });

  it('breaks no rule of its own policy and writes no error in all of that', () => {
    expect(ada.complaints).toEqual([]);
  });
});
