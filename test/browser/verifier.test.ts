import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyText, localSigner } from '../../src/modules/audit/index.ts';
import { KEY, logOf, ORIGIN, row, signed } from '../../src/modules/audit/test-log.ts';
import { verifierPage } from '../../src/server/audit/verifier-page.ts';
import { openBrowser } from './visitor.ts';

const FOREIGN = keyText(ORIGIN, localSigner(new Uint8Array(32).fill(9)).publicKey);
let folder = '';
let browser: Browser;
let page: Page;
let lines: readonly string[] = [];
let head: readonly string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rampart-verifier-'));
  const file = join(folder, 'verifier.html');
  writeFileSync(file, await verifierPage());
  const log = logOf(Array.from({ length: 6 }, (_, n) => row(n)));
  lines = log.lines;
  const bundle = { rampart: 'audit-bundle', version: 1, origin: ORIGIN, size: 6, payloads: true };
  head = [JSON.stringify(bundle), JSON.stringify({ note: await signed(log.tree) })];
  browser = await openBrowser();
  page = await browser.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(pathToFileURL(file).href);
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the page says of a file. */
async function said(text: string, key = KEY): Promise<string> {
  const file = join(folder, 'given.jsonl');
  writeFileSync(file, text);
  await page.getByLabel('Public key').fill(key);
  await page.getByLabel('Exported log or proof').setInputFiles(file);
  await page.getByRole('button', { name: 'Verify' }).click();
  const result = page.getByRole('region', { name: 'Result' });
  await result.waitFor();
  return (await result.textContent()) ?? '';
}
const bundle = (events: readonly string[]): string => [...head, ...events].join('\n');
const changed = (line: string | undefined): string => (line ?? '').replace('BLOCK_ADDED', 'BLOCK_MOVED');

describe('the verifier in a browser page, from a file and without a network', { timeout: 60_000 }, () => {
  it('says of an untouched log that it is what was signed', async () => {
    expect(await said(bundle(lines))).toContain(
      'The log is what was signed.6 events, 6 of them covered by 1',
    );
  });

  it.each([
    ['changed', () => lines.with(3, changed(lines[3])), 3],
    ['deleted', () => lines.toSpliced(2, 1), 2],
    ['inserted', () => lines.toSpliced(4, 0, lines[1] ?? ''), 4],
    ['in another order', () => lines.with(1, lines[2] ?? '').with(2, lines[1] ?? ''), 1],
    ['cut off at the tail', () => lines.slice(0, 4), 4],
  ])('A73: names the first event of a log that was %s', async (_, tampered, first) => {
    const text = await said(bundle(tampered()));
    expect(text).toContain(`The log is not what was signed. The first event that is wrong: ${first}.`);
  });

  it('A73: believes no key but the one that it was given', async () => {
    expect(await said(bundle(lines), FOREIGN)).toContain('no trusted key has signed');
    expect(await said(bundle(lines), 'AAAA')).toContain('not a public key');
  });

  it('checks the proof of one event, and sees when its data were exchanged', async () => {
    const log = logOf([row(0)]);
    const receipt = { ...(JSON.parse(log.lines[0] ?? '') as object), path: [], note: await signed(log.tree) };
    expect(await said(JSON.stringify(receipt))).toContain('The proof is right');
    const text = JSON.stringify(receipt).replace('usr_ada', 'usr_eve');
    expect(await said(text)).toContain('its data were changed');
  });

  it('checks the proof of a range, and names the first event in it that is wrong', async () => {
    const note = await signed(logOf(Array.from({ length: 6 }, (_, n) => row(n))).tree);
    // Of the last two events alone: what stands before them is one whole subtree of four.
    const four = await signed(logOf(Array.from({ length: 4 }, (_, n) => row(n))).tree);
    const left = [four.split('\n')[2]];
    const head = { rampart: 'audit-range', version: 1, origin: ORIGIN, from: 4, to: 5, payloads: true };
    const range = (events: readonly string[]): string =>
      [JSON.stringify({ ...head, left, right: [], note }), ...events].join('\n');
    expect(await said(range(lines.slice(4)))).toContain('Events 4 to 5 are what was signed.2 events, 2 of');
    const tampered = await said(range([lines[4] ?? '', changed(lines[5])]));
    expect(tampered).toContain('Events 4 to 5 are not what was signed. The first event that is wrong: 5.');
  });

  it('asks nobody, breaks no rule of its policy, and fits a phone', async () => {
    await page.setViewportSize({ width: 375, height: 700 });
    const wide = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(wide).toBe(0);
    const reached = await page.evaluate<string>(
      `fetch('https://example.org').then(() => 'out', () => 'refused')`,
    );
    expect(reached).toBe('refused');
    expect(complaints.filter((text) => !text.includes('example.org'))).toEqual([]);
  });
});
