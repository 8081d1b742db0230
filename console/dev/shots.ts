/**
 * Pictures of every page: `node dev/shots.ts [--only NAME] [--axe] [--out DIR]`. Starts the stand-in server, opens the
 * built console in Chromium, writes PNGs (phone and desk, light and dark, full and empty) and prints what the console of
 * the browser and axe complained about.
 */
import { mkdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import chromium from '@sparticuz/chromium';
import { chromium as browserType } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { startMock } from './mock.ts';

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
};
const OUT = argument('--out') ?? '/tmp/shots';
const ONLY = argument('--only');
/** What the window shows, and not the whole page: `--window`. */
const isWindow = process.argv.includes('--window');
const WIDTHS = (argument('--widths') ?? '375,1440').split(',').map(Number);
const THEMES = (argument('--themes') ?? 'light,dark').split(',') as ('light' | 'dark')[];
const MODES = (argument('--modes') ?? 'full,empty').split(',');
const isChecking = process.argv.includes('--axe');

const SOON = { timeout: 3000 };
type Step = (page: Page) => Promise<unknown>;
/** Pages and, where a picture needs it, what to do first. */
const PAGES: Readonly<Record<string, readonly [string, Step?]>> = {
  overview: ['/console'],
  'overview-table': ['/console?view=table&filter=address:203.0.113.7&exclude=route:GET%20%2Fhealth'],
  'overview-tip': [
    '/console?range=6h',
    (page) =>
      page.hover('[data-chart] svg', { position: { x: 240, y: 100 }, timeout: 2000 }).catch(() => undefined),
  ],
  alerts: ['/console/alerts'],
  'alerts-open': ['/console/alerts', openFirst],
  'alerts-selected': ['/console/alerts', selectTwo],
  'alerts-done': [
    '/console/alerts',
    async (page) => {
      for (const key of ['j', 'j', 'r']) await page.keyboard.press(key);
    },
  ],
  'alerts-settled': ['/console/alerts?status=resolved'],
  'alerts-nothing': ['/console/alerts?q=zzz'],
  alert: ['/console/alerts/alr_01k9x3v8c0m2n4p6q8r0s0001'],
  responses: ['/console/responses'],
  response: ['/console/responses/rsp_01k9x3v8c0m2n4p6q8r0s0002'],
  'response-waiting': ['/console/responses/rsp_01k9x3v8c0m2n4p6q8r0s0001'],
  'response-back': ['/console/responses/rsp_01k9x3v8c0m2n4p6q8r0s0006'],
  'responses-approve': ['/console/responses', press('Approve… Lockdown: to reading')],
  'responses-glass': ['/console/responses', press('Break the glass… Lockdown: to reading')],
  'responses-begin': [
    '/console/responses',
    async (page) => {
      await press('Start a response…')(page);
      await page
        .getByLabel('Address or range')
        .fill('203.0.113.7', SOON)
        .catch(() => undefined);
    },
  ],
  'responses-lockdown': [
    '/console/responses',
    async (page) => {
      await press('Start a response…')(page);
      await page
        .getByLabel('What', { exact: true })
        .selectOption('lockdown', SOON)
        .catch(() => undefined);
    },
  ],
  decisions: ['/console/decisions'],
  decision: ['/console/decisions?exclude=verdict:pass&exclude=verdict:answer&filter=guard:limit', openFirst],
  'decision-pass': ['/console/decisions?filter=verdict:pass', openFirst],
  'decision-inspected': ['/console/decisions?filter=guard:inspection&range=6h', openFirst],
  'decision-report': [
    '/console/decisions?filter=guard:inspection&range=6h',
    async (page) => {
      await openFirst(page);
      await press('Report a false alarm…')(page);
    },
  ],
  'decision-reported': ['/console/decisions/dec_reported1'],
  shield: ['/console/shield?range=6h'],
  'shield-table': ['/console/shield?range=6h&view=table&hide=xss'],
  'shield-tip': [
    '/console/shield?range=24h',
    (page) =>
      page.hover('[data-chart] svg', { position: { x: 200, y: 100 }, timeout: 2000 }).catch(() => undefined),
  ],
  'shield-alarms': ['/console/shield?tab=alarms', press('Explain')],
  'shield-alarms-accepted': ['/console/shield?tab=alarms&status=accepted'],
  'shield-dismiss': ['/console/shield?tab=alarms', press('Dismiss…')],
  'shield-draft': ['/console/shield?tab=alarms', press('Draft an exclusion…')],
  'shield-exclusions': ['/console/shield?tab=exclusions'],
  'shield-samples': ['/console/shield?tab=exclusions&open=exc_5'],
  'shield-publish': ['/console/shield?tab=exclusions', press('Publish…')],
  'shield-feeds': ['/console/shield?tab=feeds'],
  limits: ['/console/limits'],
  'limits-auth': ['/console/limits?tab=auth'],
  blocks: ['/console/blocks'],
  'blocks-add': [
    '/console/blocks?tab=add',
    (page) => page.fill('dialog input', '203.0.113.7').catch(() => undefined),
  ],
  'blocks-add-session': ['/console/blocks?tab=add', fillSessionBlock],
  'blocks-kind': ['/console/blocks?kind=country'],
  events: ['/console/events'],
  'events-narrowed': ['/console/events?severity=HIGH,CRITICAL&address=203.0.113.7&since=24h'],
  'events-filters': ['/console/events?type=SIGN_IN_FAILED', press('Filters')],
  'events-export': ['/console/events', press('Export')],
  'events-open': ['/console/events?since=24h', openNth(3)],
  event: ['/console/events?type=USER_ROLES_CHANGED', openEvent],
  audit: ['/console/audit'],
  csp: ['/console/events?tab=csp'],
  health: ['/console/health'],
  users: ['/console/users'],
  'users-found': ['/console/users?q=ada&status=active'],
  'users-nobody': ['/console/users?q=zzz'],
  invite: ['/console/users?tab=invite'],
  user: ['/console/users', openFirst],
  'user-held': ['/console/users', openNth(1)],
  'user-locked': ['/console/users?status=locked', openFirst],
  'user-lock': ['/console/users', act(2, 'Lock…')],
  'user-roles': ['/console/users', act(2, 'Change roles…')],
  'user-end': ['/console/users', act(8, 'End all…')],
  'step-up': ['/console/users', stepUp],
  uploads: ['/console/uploads'],
  'uploads-quarantine': ['/console/uploads?tab=quarantine'],
  'uploads-release': [
    '/console/uploads?tab=quarantine',
    (page) => page.getByRole('button', { name: 'Release…' }).first().click(SOON),
  ],
  'data-keys': ['/console/keys'],
  'data-keys-counted': [
    '/console/keys?tab=fields',
    (page) =>
      page
        .getByRole('button', { name: 'Count' })
        .click(SOON)
        .catch(() => undefined),
  ],
  'data-keys-rotate': [
    '/console/keys?tab=payment',
    (page) =>
      page
        .getByRole('button', { name: 'Rotate…', exact: true })
        .click(SOON)
        .catch(() => undefined),
  ],
  statements: ['/console/queries'],
  'statements-other': ['/console/queries?node=orders-7f9c-k2&source=shop'],
  'statements-found': ['/console/queries?q=orders&sort=-max'],
  statement: ['/console/queries/9f3a11c277d04be0'],
  'statement-plan': ['/console/queries/9f3a11c277d04be0?tab=plan'],
  roles: ['/console/access'],
  'roles-cell': ['/console/access?role=supervisor&permission=payments:refund'],
  'who-can': [
    '/console/access/who-can?permission=orders:cancel&row=customer_id%3A%20user%3A42%0Astatus%3A%20placed',
  ],
  'who-explain': ['/console/access/who-can', explainFirst],
  assignments: ['/console/access/assignments'],
  'assignments-ended': ['/console/access/assignments?status=all&role=support'],
  assign: ['/console/access/assignments?tab=assign'],
  reviews: ['/console/access/reviews'],
  'reviews-open': ['/console/access/reviews?tab=open'],
  review: ['/console/access/reviews', openFirst],
  programs: ['/console/access/programs'],
  'programs-key': ['/console/access/programs?tab=svc_warehouse', press('New key…')],
  'programs-rotate': ['/console/access/programs', press('Rotate… production of Warehouse sync')],
  mailbox: ['/console/mailbox'],
  'mailbox-mail': ['/console/mailbox?tab=msg_2'],
  'mailbox-sms': ['/console/mailbox?tab=msg_1'],
  more: [
    '/console',
    (page) =>
      page
        .getByRole('button', { name: 'More' })
        .click(SOON)
        .catch(() => undefined),
  ],
  settings: [
    '/console',
    (page) =>
      page
        .getByRole('button', { name: 'Settings' })
        .locator('visible=true')
        .click(SOON)
        .catch(() => undefined),
  ],
  first: [
    '/console',
    (page) =>
      page
        .getByRole('button', { name: 'Create account' })
        .click(SOON)
        .catch(() => undefined),
  ],
  setup: ['/console/setup#token=used'],
  palette: ['/console', (page) => page.keyboard.press('Control+k')],
  keys: ['/console', (page) => page.keyboard.press('?')],
  docs: ['/docs'],
};

async function fillSessionBlock(page: Page): Promise<void> {
  await page.selectOption('dialog select', 'session', SOON);
  await page.fill('dialog input', 'ses_01k9x3v8c0m2n4p6q8r0s2t4v6', SOON);
}

async function openFirst(page: Page): Promise<void> {
  await page
    .locator('main [data-row] a, main a[data-row]')
    .first()
    .click(SOON)
    .catch(() => undefined);
}
/** An event on a page of its own, at every width. */
async function openEvent(page: Page): Promise<void> {
  const link = page.locator('main [data-event] a').first();
  const href = await link.getAttribute('href', SOON).catch(() => null);
  if (href !== null) await page.goto(new URL(href, page.url()).href);
  await page.waitForTimeout(600);
}
function press(name: string): Step {
  return (page) =>
    page
      .getByRole('button', { name, disabled: false })
      .first()
      .click(SOON)
      .catch(() => undefined);
}
async function explainFirst(page: Page): Promise<void> {
  await page
    .getByLabel('Permission')
    .selectOption('orders:cancel', SOON)
    .catch(() => undefined);
  const known = page.locator('datalist option');
  const subject = await known
    .nth(1)
    .getAttribute('value', SOON)
    .catch(() => null);
  await page
    .getByLabel('Person or program')
    .fill(subject ?? '', SOON)
    .catch(() => undefined);
  await page
    .getByLabel('Row')
    .fill('customer_id: user:42\nstatus: placed', SOON)
    .catch(() => undefined);
  await press('Explain')(page);
}
async function selectTwo(page: Page): Promise<void> {
  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
}
function openNth(index: number): Step {
  return (page) =>
    page
      .locator('main a[data-row], main [data-event] a:first-child')
      .nth(index)
      .click(SOON)
      .catch(() => undefined);
}
function act(index: number, name: string): Step {
  return async (page) => {
    await openNth(index)(page);
    await page
      .getByRole('button', { name, exact: true })
      .click(SOON)
      .catch(() => undefined);
  };
}
async function stepUp(page: Page): Promise<void> {
  await act(8, 'End all…')(page);
  await page
    .getByRole('button', { name: 'End sessions' })
    .click(SOON)
    .catch(() => undefined);
}

async function shoot(
  browser: Browser,
  base: string,
  name: string,
  theme: 'light' | 'dark',
  mode: string,
  width: number,
): Promise<number> {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 812 : 900 },
    colorScheme: theme,
    reducedMotion: 'reduce',
    bypassCSP: false,
  });
  await context.addCookies([{ name: 'mode', value: mode, url: base }]);
  const page = await context.newPage();
  const label = `${name}-${mode}-${width}-${theme}`;
  let faults = 0;
  const complain = (text: string): void => {
    faults += 1;
    process.stdout.write(`${label}: ${text}\n`);
  };
  page.on('console', (message) => {
    if (
      message.type() === 'error' &&
      name !== 'setup' &&
      (mode === 'full' || message.text().includes('Content Security'))
    )
      complain(message.text());
  });
  page.on('pageerror', (error) => complain(error.message));
  const [path, step] = PAGES[name] ?? ['/console'];
  await page.goto(base + path);
  await page.waitForTimeout(900);
  await step?.(page);
  await page.waitForTimeout(500);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (overflow > 0) complain(`scrolls sideways by ${overflow} px`);
  await page.screenshot({ path: `${OUT}/${label}.png`, fullPage: !isWindow });
  if (isChecking) for (const text of await axe(page)) complain(text);
  await context.close();
  return faults;
}

const require = createRequire(import.meta.url);
async function axe(page: Page): Promise<readonly string[]> {
  const source = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  return page.evaluate(async () => {
    interface Found {
      violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[];
    }
    const run = (globalThis as unknown as { axe: { run(options: object): Promise<Found> } }).axe;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await run.run({ runOnly: tags });
    return violations.map(
      ({ id, nodes }) =>
        `axe ${id} ×${nodes.length} ${nodes[0]?.target.join(' ')} ${nodes[0]?.failureSummary ?? ''}`,
    );
  });
}

await mkdir(OUT, { recursive: true });
const server = await startMock(0);
const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await browserType.launch({
  executablePath: await chromium.executablePath(),
  args: ['--no-sandbox', '--disable-gpu'],
});
let faults = 0;
for (const name of Object.keys(PAGES)) {
  if (ONLY !== undefined && !ONLY.split(',').includes(name)) continue;
  for (const mode of MODES) {
    for (const width of WIDTHS) {
      for (const theme of THEMES) faults += await shoot(browser, base, name, theme, mode, width);
    }
  }
}
await browser.close();
server.close();
server.closeAllConnections();
process.stdout.write(`${faults} complaints, pictures in ${OUT}\n`);
