import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { RampartConfig } from '../../src/server/config.ts';
import { defaultConfig } from '../../src/server/default-config.ts';
import { mailTo, PASSWORD, someAddress, tokenIn } from '../attacks/person.ts';
import { cleanUp, eventually, type Running, start, temporaryFolder } from '../scenarios/server.ts';
import { ensureConsole } from './build.ts';
import { Authenticator } from './identity-authenticator.ts';
import { type Looks, openBrowser, Visitor } from './visitor.ts';

/** The administrator whom the environment names. */
export const ADMIN = { email: 'root@example.org', password: 'eleven grey cranes landing' };

/** How somebody comes to the pages. */
export interface Coming extends Looks {
  readonly language?: 'en' | 'ar';
}

/** A server as a user starts it, its pages, and a browser. */
export class House {
  readonly server: Running;
  readonly browser: Browser;
  readonly origin: string;
  readonly #clockFile: string;
  /** How far the server's clock is ahead of this machine's, milliseconds. */
  aheadMs = 0;
  readonly #visitors: Visitor[] = [];

  private constructor(server: Running, browser: Browser, clockFile: string) {
    this.server = server;
    this.browser = browser;
    this.origin = `http://localhost:${server.port}`;
    this.#clockFile = clockFile;
  }

  /**
   * @param identity what is configured of accounts beyond the defaults
   * @param rest what else is configured
   */
  static async open(
    identity: NonNullable<RampartConfig['identity']> = {},
    rest: Partial<RampartConfig> = {},
  ): Promise<House> {
    ensureConsole();
    const dir = temporaryFolder();
    const clockFile = join(dir, 'clock');
    // Everybody comes from an address of their own, as the limits of mails would have it.
    const config = { ...defaultConfig, ...rest, trustProxy: ['loopback'], identity } as RampartConfig;
    const env = {
      RAMPART_PORT: String(await freePort()),
      RAMPART_ADMIN_EMAIL: ADMIN.email,
      RAMPART_ADMIN_PASSWORD: ADMIN.password,
      NODE_OPTIONS: `--import=${new URL('identity-clock.ts', import.meta.url).href}`,
      TEST_CLOCK_FILE: clockFile,
    };
    const [server, browser] = await Promise.all([start({ dir, config, env }), openBrowser()]);
    return new House(server, browser, clockFile);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await cleanUp();
  }

  /** Moves the server's clock on. */
  async advance(byMs: number): Promise<void> {
    this.aheadMs += byMs;
    writeFileSync(this.#clockFile, String(this.aheadMs));
    process.kill(this.server.pid, 'SIGUSR2');
    const told = async (): Promise<boolean> =>
      this.server.log.some((line) => line.message === 'test clock' && line['aheadMs'] === this.aheadMs);
    await eventually(told, (isTold) => isTold);
  }

  /** Somebody with a browser window and an address of their own. */
  async visitor({ language = 'en', ...looks }: Coming = {}): Promise<Visitor> {
    const visitor = await Visitor.arrive(this.browser, this.origin, looks);
    const context = visitor.page.context();
    await context.setExtraHTTPHeaders({ 'x-forwarded-for': someAddress() });
    await context.addInitScript(`localStorage.setItem('rampart.language', '${language}')`);
    this.#visitors.push(visitor);
    return visitor;
  }

  /** An authenticator app, set up with a key as it is typed off the page. */
  app(key: string): Authenticator {
    return new Authenticator(
      key,
      () => Date.now() + this.aheadMs,
      (ms) => this.advance(ms),
    );
  }

  /** The page that the link of a mail leads to, on this origin. */
  async linkOf(email: string, kind: string): Promise<string> {
    const message = await mailTo(this.server, email, kind);
    const link = /https?:\/\/\S+#token=[\w-]+/.exec(message.text)?.[0];
    if (link === undefined || tokenIn(message) === '') throw new Error(`no link in: ${message.text}`);
    return link;
  }

  /** What any browser complained of, and what the policy of the server was said to have stopped. */
  async complaints(): Promise<readonly string[]> {
    const { body } = await this.server.ask<{ groups: readonly unknown[] }>('GET', '/admin/csp');
    const reports = body.groups.map((group) => `reported: ${JSON.stringify(group)}`);
    return [...this.#visitors.flatMap((one) => one.complaints), ...reports];
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

/** Sends the form of a page that has one thing to do. */
export const submit = (page: Page): Promise<void> => page.locator('main form button[type=submit]').click();

/** Fills in the first step of the sign-in page that is open. */
export async function givePassword(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.fill('#email', email);
  await page.fill('#password', password);
  await submit(page);
}

/** Fills in a code where one is asked for, and sends it. */
export async function giveCode(page: Page, code: string): Promise<void> {
  await page.locator('main input[name=code]').fill(code);
  await submit(page);
}

/** Signs in on the pages, and waits for the account. */
export async function signInOnPages(visitor: Visitor, email: string, app?: Authenticator): Promise<void> {
  await visitor.open('/account/sign-in');
  await givePassword(visitor.page, email);
  if (app) await giveCode(visitor.page, await app.code());
  await visitor.page.getByRole('navigation', { name: /Account|الحساب/ }).waitFor();
}

/** What backup codes the page shows. */
export async function shownCodes(page: Page): Promise<readonly string[]> {
  const list = page.getByRole('list', { name: 'Your backup codes' });
  await list.waitFor();
  return list.getByRole('listitem').allTextContents();
}

/** Ticks that the codes are saved, and goes on. */
export async function saved(page: Page): Promise<void> {
  await page.getByLabel('I have saved these codes').check();
  await page.getByRole('button', { name: 'Done' }).click();
}
