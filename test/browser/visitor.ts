import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as browserType, type Locator, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const DEBIAN = '/usr/bin/chromium';
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** What the browser itself writes of an answer that a page expected. */
const EXPECTED = /Failed to load resource: (the server responded|net::ERR_(CONNECTION|INCOMPLETE_CHUNKED))/;

/** Chromium: the system's where there is one, else the one that npm brought. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = existsSync(DEBIAN) ? DEBIAN : await chromium.executablePath();
  return browserType.launch({ executablePath, args: FLAGS });
}

/** How somebody looks at the console. */
export interface Looks {
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
}

/** Somebody at a browser window of their own, whose complaints are kept. */
export class Visitor {
  readonly page: Page;
  readonly #origin: string;
  /** Errors, refused contents and crashes that the browser told of; a clean walk leaves none. */
  readonly complaints: string[] = [];

  private constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
    // A machine that does much else at the time is no fault of the page.
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => this.complaints.push(`crash: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error' && !EXPECTED.test(text)) this.complaints.push(text);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) this.complaints.push(`outside request: ${request.url()}`);
    });
  }

  static async arrive(browser: Browser, origin: string, { width = 1440, theme = 'light' }: Looks = {}) {
    const context = await browser.newContext({
      viewport: { width, height: heightOf(width) },
      colorScheme: theme,
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    return new Visitor(await context.newPage(), origin);
  }

  /** Another window of the same person, signed in as they are. */
  async another(looks: Looks = {}): Promise<Visitor> {
    const browser = this.page.context().browser();
    if (!browser) throw new Error('the browser is gone');
    const other = await Visitor.arrive(browser, this.#origin, looks);
    await other.page.context().addCookies(await this.page.context().cookies());
    return other;
  }

  /** Looks at the open page with another window or theme, as who turns a phone or whose evening begins. */
  async look({ width, theme }: Looks): Promise<void> {
    if (theme !== undefined) await this.page.emulateMedia({ colorScheme: theme });
    if (width !== undefined) await this.page.setViewportSize({ width, height: heightOf(width) });
    // What was asked for is on the screen once a frame has passed after the one that it changes.
    await this.page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))',
    );
    await this.settle();
  }

  /** Opens a set-up link and waits for the overview. */
  async signIn(link: string): Promise<void> {
    await this.page.goto(link);
    await this.heading('Overview').waitFor();
  }

  /** Opens a path of the console. */
  async open(path: string): Promise<void> {
    await this.page.goto(this.#origin + path);
    await this.page.locator('main h1, main h2').first().waitFor();
    await this.settle();
  }

  /** Waits until nothing is a grey stand-in any more. */
  async settle(): Promise<void> {
    await this.page.locator('[class*=animate-pulse]').first().waitFor({ state: 'detached' });
  }

  heading(name: string): Locator {
    return this.page.getByRole('heading', { level: 1, name });
  }

  region(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }

  press(...keys: readonly string[]): Promise<void> {
    return keys.reduce(async (before, key) => {
      await before;
      await this.page.keyboard.press(key);
    }, Promise.resolve());
  }

  /** The view that the address bar tells of: path and query. */
  address(): string {
    const { pathname, search } = new URL(this.page.url());
    return decodeURIComponent(pathname + search);
  }

  /** Pixels that the page is wider than its window. */
  overflow(): Promise<number> {
    return this.page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
  }

  /** Pixels that can be scrolled to below the end of the page's content: what is hidden there makes it longer. */
  emptyEnd(): Promise<number> {
    return this.page.evaluate<number>(`document.documentElement.scrollHeight -
      Math.max(innerHeight, Math.ceil(document.querySelector('main').getBoundingClientRect().bottom + scrollY))`);
  }

  /** Texts of cells and lines that reach beyond the window, where nobody can read them. */
  cutOff(): Promise<readonly string[]> {
    return this.page.evaluate<
      readonly string[]
    >(`[...document.querySelectorAll('main td, main li, main dd, main p')]
      .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().right > innerWidth + 1)
      .filter((one) => !one.closest('[tabindex="0"]'))
      .map((one) => one.textContent.slice(0, 60))`);
  }

  /** What axe finds wrong, a line per rule. @param rules those alone, such as `color-contrast`; all without it */
  async barriers(...rules: readonly string[]): Promise<readonly string[]> {
    if (!(await this.page.evaluate<boolean>("'axe' in globalThis")))
      await this.page.evaluate(await axeSource());
    const what = rules.length === 0 ? AXE_TAGS : { type: 'rule', values: rules };
    // Nodes that are right need no description: finding the words for them takes longer than looking.
    const run = `axe.run({ runOnly: ${JSON.stringify(what)}, resultTypes: ['violations'] })`;
    const found = await this.page.evaluate<{ violations: readonly Violation[] }>(run);
    return found.violations.map(
      ({ id, nodes }) => `${id} ×${nodes.length} ${nodes[0]?.target.join(' ')} ${nodes[0]?.failureSummary}`,
    );
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}

function heightOf(width: number): number {
  return width < 600 ? 812 : 900;
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}

let axe: Promise<string> | undefined;
function axeSource(): Promise<string> {
  axe ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  return axe;
}
