import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { guardNode } from '../../src/adapters/node/index.ts';
import { shieldHouse } from '../attacks/shield-house.ts';
import { openBrowser } from './visitor.ts';

const SHOTS = process.env['RAMPART_SHOTS'];
/** The house that asks, with what it told. */
export const { house, events } = shieldHouse({
  routes: {
    '/': { shield: { challenge: { demand: 'always' } } },
    '/asked': { shield: { challenge: { demand: 'always' } } },
    'POST /form': { shield: { challenge: { demand: 'always' } } },
  },
});
let browser: Browser;
let server: Server;
/** Where it is; known once it listens. */
export let origin: string;

beforeAll(async () => {
  server = createServer(
    guardNode(house)((request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(
        `<title>app</title><h1>The application: ${request.method} ${encodeURI(request.url ?? '')}</h1>`,
      );
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  await house.close();
});

const PERSON =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

/** Somebody at a window of their own, with what it complained of. */
export async function open(options: BrowserContextOptions = {}, before?: (page: Page) => Promise<unknown>) {
  const context = await browser.newContext({ userAgent: PERSON, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('403')) complaints.push(message.text());
  });
  await before?.(page);
  return { context, page, complaints };
}

/** Keeps a picture where RAMPART_SHOTS names a folder. */
export async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

/** A small telephone. */
export const PHONE = { viewport: { width: 375, height: 700 }, deviceScaleFactor: 2 } as const;

/** Whether the page is wider than its window. */
export const overflow = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Ids of the rules of accessibility that the page breaks. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ content: axe });
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } };
    return (await axe.run()).violations.map(({ id }) => id);
  });
}
