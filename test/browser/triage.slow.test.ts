import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureConsole } from './build.ts';
import { RunningServer } from './server.ts';
import { Traffic } from './traffic.ts';
import { openBrowser, Visitor } from './visitor.ts';

const CUSTOMER = '198.51.100.52';

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
  await ada.signIn(server.link);
});
afterAll(async () => {
  traffic?.close();
  await browser?.close();
  await server?.stop();
});

/** Begins a response by keyboard: what, how far or whom, and why. */
const begin = async (what: string, whom: string, reason: string): Promise<void> => {
  await ada.page.getByRole('button', { name: 'Start a response…' }).press('Enter');
  await ada.page.getByRole('dialog').locator('select:focus').first().waitFor();
  await ada.page.keyboard.type(what);
  await ada.press('Tab');
  await ada.page.keyboard.type(whom);
  await ada.page.getByText('It waits until 2 people agree').waitFor();
  await ada.press('Tab', 'Tab');
  await ada.page.keyboard.type(reason);
  await ada.press('Enter');
  await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
};
const row = (about: string) => ada.page.locator('[data-alert]', { hasText: about });
const focused = () =>
  ada.page.evaluate<string>(`document.activeElement?.closest('[data-alert]')?.innerText ?? ''`);
const tab = (name: string) =>
  ada.page.getByRole('navigation', { name: 'Which alerts' }).getByRole('link', { name });

describe('alerts and responses by keyboard alone', () => {
  it('begin with what concerns everybody and waits for a second person', async () => {
    await ada.press('g', 'r');
    await ada.heading('Responses').waitFor();
    await begin('Lockdown', 'To reading', 'Rows of customers leave the house');
    await begin('Freeze', 'Everybody', 'Cards are tested');
    await ada.page.getByText('1 of 2 people agree').nth(1).waitFor();
    await ada.page.getByText('You have agreed; somebody else has to.').first().waitFor();
    expect((await traffic.send({ from: CUSTOMER, method: 'POST', body: '{}' })).status).not.toBe(503);
  });

  it('are taken, and given back with one key', async () => {
    await ada.press('g', 'i');
    await row('read-only').waitFor();
    await row('RESPONSE_WAITING').nth(1).waitFor();
    await ada.press('j');
    expect(await focused()).toContain('A response waits');
    await ada.press('a');
    await ada.page.locator('[data-alert]').first().getByText('Investigating').waitFor();
    await tab('Investigating').getByText('1', { exact: true }).waitFor();
    await ada.press('u');
    await ada.page.getByText('Undone').waitFor();
    await tab('Active').getByText('2', { exact: true }).waitFor();
    await ada.page.locator('[data-alert]').first().getByText('Investigating').waitFor({ state: 'detached' });
  });

  it('are settled together, whereupon all is quiet, and come back', async () => {
    await ada.press('Shift+J');
    await ada.page.getByText('2 selected').waitFor();
    const bulk = ada.page.waitForResponse((one) => one.url().endsWith('/admin/alerts/bulk'));
    await ada.press('f');
    // One call for both.
    expect(((await (await bulk).json()) as { results: readonly unknown[] }).results).toHaveLength(2);
    await ada.page.getByText('All quiet').waitFor();
    await tab('False positives').getByText('2', { exact: true }).waitFor();
    await ada.press('u');
    await row('RESPONSE_WAITING').nth(1).waitFor();
    await tab('False positives').getByText('0', { exact: true }).waitFor();
  });

  it('are read beside the list, and leave it with the focus on the next', async () => {
    await ada.press('j', 'Enter');
    const detail = ada.page.getByRole('complementary', { name: 'The alert that is open' });
    await detail.getByText('What to do').waitFor();
    expect(ada.address()).toMatch(/^\/console\/alerts\?open=alr_/);
    await ada.press('n');
    await ada.page.keyboard.type('looking at it');
    await ada.press('Control+Enter');
    await detail.getByText('looking at it').waitFor();
    await expect.poll(focused).toContain('A response waits');
    await ada.press('Escape');
    await detail.waitFor({ state: 'detached' });
    await ada.press('s');
    await ada.page
      .getByText(/^Snoozed for/)
      .first()
      .waitFor();
    await ada.press('r');
    await expect.poll(() => row('RESPONSE_WAITING').count()).toBe(1);
    await expect.poll(focused).toContain('A response waits');
    expect(await ada.barriers()).toEqual([]);
  });

  it('are agreed to by a second person, act at once, and are undone', async () => {
    const grace = await Visitor.arrive(browser, server.origin);
    await grace.signIn(await server.newLink('grace'));
    await grace.press('g', 'r');
    await grace.page.getByRole('button', { name: 'Approve… Lockdown: to reading' }).press('Enter');
    const dialog = grace.page.getByRole('dialog', { name: 'Approve: Lockdown: to reading' });
    await dialog.getByText(/It begins at once/).waitFor();
    await dialog.getByRole('button', { name: 'Approve', exact: true }).press('Enter');
    const undo = grace.page.getByRole('button', { name: 'Undo Lockdown: to reading' });
    await undo.waitFor();
    await grace.page
      .getByRole('link', { name: /^Responses.*1 in force/ })
      .first()
      .waitFor();
    const writes = async () => (await traffic.send({ from: CUSTOMER, method: 'POST', body: '{}' })).status;
    await expect.poll(writes, { timeout: 5_000 }).toBe(503);
    await undo.press('Enter');
    await grace.page.getByText('Undone', { exact: true }).waitFor();
    await expect.poll(writes, { timeout: 5_000 }).not.toBe(503);
    expect(await grace.barriers()).toEqual([]);
    await grace.page.getByRole('link', { name: 'Lockdown: to reading' }).first().press('Enter');
    await grace.heading('Lockdown: to reading').waitFor();
    expect(grace.address()).toMatch(/^\/console\/responses\/rsp_/);
    const happened = grace.region('What happened').getByRole('listitem');
    await expect.poll(() => happened.count()).toBe(3);
    await grace.region('Stages').getByText('Undone').waitFor();
    expect(await grace.barriers()).toEqual([]);
    await grace.press('Escape');
    await grace.heading('Responses').waitFor();
    // Nothing is lost by refusing: the focus begins at what confirms.
    await grace.page.getByRole('button', { name: 'Refuse… Freeze payments: everybody' }).press('Enter');
    await grace.page.getByRole('dialog').getByRole('button', { name: 'Refuse', exact: true }).waitFor();
    await grace.press('Enter');
    await grace.page.getByText('Freeze payments: everybody was refused').waitFor();
    expect([...ada.complaints, ...grace.complaints]).toEqual([]);
  });
});
