/**
 * Pictures of an attack as it happens: two nodes that answer attacks by themselves, `rampart simulate` against both, and
 * a browser at the console that goes from page to page meanwhile and once more when it is over.
 */
import { mkdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openBrowser, Visitor } from '../../test/browser/visitor.ts';
import { cleanUp, rampart } from '../../test/scenarios/server.ts';
import { twoNodes } from '../../test/scenarios/two-nodes.ts';
import { ownRedis, postgresService, temporaryDatabase } from '../../src/testing/services.ts';

const HELP = `Usage: node console/dev/living.ts [options]

Attacks two nodes of Rampart and takes pictures of the console every few seconds. Needs PostgreSQL (DATABASE_URL, else on
its usual port), redis-server, and a built console. The database is its own, and is dropped at the end. When the attack is
over it walks alerts and responses by keyboard alone, and says what could be done.

  --seconds N   how long the attack goes on (default 75)
  --every N     seconds from the beginning of one round of pictures to that of the next (default 15)
  --out DIR     folder of the pictures, MOMENT-PAGE-WIDTH-THEME.png (default /tmp/living)
  --axe         also says what axe finds wrong on each page when the attack is over
  --help        this text
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '75' },
    every: { type: 'string', default: '15' },
    out: { type: 'string', default: '/tmp/living' },
    axe: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** A page, what is done there before the picture, and the looks beside a light desk. */
interface Shot {
  readonly name: string;
  readonly path: string;
  readonly step?: (ada: Visitor) => Promise<unknown>;
  readonly looks?: readonly (readonly [width: number, theme: 'light' | 'dark'])[];
}

const ALL_LOOKS = [
  [1440, 'dark'],
  [375, 'light'],
  [375, 'dark'],
] as const;
/** Follows the first link of a list to its own page. */
const openFirst = async (ada: Visitor): Promise<void> => {
  const link = ada.page.locator('main a[data-row], main [data-row] a, main [data-event] a').first();
  const href = await link.getAttribute('href', { timeout: 2_000 }).catch(() => null);
  if (href !== null) await ada.open(href);
};
const SHOTS: readonly Shot[] = [
  { name: 'overview', path: '/console', looks: ALL_LOOKS },
  { name: 'alerts', path: '/console/alerts', looks: ALL_LOOKS },
  { name: 'alert', path: '/console/alerts', step: openFirst, looks: [[375, 'dark']] },
  { name: 'responses', path: '/console/responses', looks: ALL_LOOKS },
  { name: 'response', path: '/console/responses', step: openFirst, looks: [[375, 'light']] },
  { name: 'events', path: '/console/events', looks: [[375, 'light']] },
  { name: 'decisions', path: '/console/decisions' },
  {
    name: 'decision',
    path: '/console/decisions?filter=guard:inspection',
    step: openFirst,
    looks: [[375, 'light']],
  },
  { name: 'shield', path: '/console/shield', looks: [[1440, 'dark']] },
];

/** By keyboard alone: an alert is taken and given back, read with what was done, and a response is undone. */
async function byKeys(ada: Visitor): Promise<void> {
  const say = (text: string): void => void process.stdout.write(`by keyboard: ${text}\n`);
  const has = async (what: string, text: string | RegExp): Promise<void> => {
    const isThere = await ada.page
      .getByText(text)
      .first()
      .waitFor({ timeout: 10_000 })
      .then(() => true)
      .catch(() => false);
    say(`${what}: ${isThere ? 'yes' : 'NO'}`);
  };
  await ada.look({ width: 1440, theme: 'light' });
  await ada.open('/console');
  await ada.press('g', 'i');
  await ada.heading('Alerts').waitFor();
  await ada.page.locator('[data-alert]').first().waitFor();
  await ada.press('j', 'a');
  await has('an alert is taken', 'Investigating');
  await ada.press('u');
  await has('and given back', 'Undone');
  await ada.press('j', 'Enter');
  await has('read beside the list', /^What (to do|was done)$/);
  await ada.press('Escape', 'g', 'r');
  await ada.heading('Responses').waitFor();
  await ada.page.locator('[data-response]').first().waitFor();
  await ada.press('j');
  const named = (): Promise<string | null> =>
    ada.page.evaluate<string | null>("document.activeElement.getAttribute('aria-label')");
  for (let i = 0; i < 10 && (await named())?.startsWith('Undo ') !== true; i++) await ada.press('Tab');
  await ada.press('Enter');
  await has('a response is undone', / was undone$/);
}

/** How much a round looks at: drawing everything takes the time that the attack is to have. */
type Care = 'desk' | 'looks' | 'all';

async function shoot(ada: Visitor, moment: string, shot: Shot, care: Care): Promise<void> {
  await ada.look({ width: 1440, theme: 'light' });
  await ada.open(shot.path);
  await shot.step?.(ada);
  await ada.settle();
  for (const [width, theme] of [[1440, 'light'] as const, ...(care === 'desk' ? [] : (shot.looks ?? []))]) {
    await ada.look({ width, theme });
    // The first figures of a live page come a moment after it.
    await wait(300);
    const label = `${moment}-${shot.name}-${width}-${theme}`;
    await ada.page.screenshot({ path: `${values.out}/${label}.png`, fullPage: true });
    const say = (text: string): void => void process.stdout.write(`${label}: ${text}\n`);
    const over = await ada.overflow();
    if (over > 0) say(`scrolls sideways by ${over} px`);
    for (const text of await ada.cutOff()) say(`cut off: ${text}`);
    if (values.axe && care === 'all') for (const text of await ada.barriers()) say(text);
  }
}

async function tell(database: string, redis: string): Promise<void> {
  const { first, given } = await twoNodes(database, redis);
  const browser = await openBrowser();
  const ada = await Visitor.arrive(browser, new URL(first.link).origin);
  const round = async (moment: string, care: Care): Promise<void> => {
    for (const shot of SHOTS)
      await shoot(ada, moment, shot, care).catch(
        (error: unknown) => void process.stdout.write(`${moment}-${shot.name}: ${String(error)}\n`),
      );
  };
  await ada.signIn(first.link);
  await round('before', 'desk');
  const began = performance.now();
  const attack = rampart(['simulate', ...given, '--seconds', values.seconds], first.dir);
  const isOver = attack.then(() => true);
  for (let number = 0; ; number++) {
    const startedMs = performance.now();
    const second = Math.round((startedMs - began) / 1_000);
    await round(`${String(second).padStart(3, '0')}s`, number % 3 === 2 ? 'looks' : 'desk');
    const leftMs = Math.max(0, Number(values.every) * 1_000 - (performance.now() - startedMs));
    if (await Promise.race([isOver, wait(leftMs, false)])) break;
  }
  process.stdout.write((await attack).out);
  await round('after', 'all');
  await byKeys(ada);
  for (const text of new Set(ada.complaints)) process.stdout.write(`the browser says: ${text}\n`);
  await browser.close();
}

if (values.help) process.stdout.write(HELP);
else {
  await mkdir(values.out, { recursive: true });
  const postgres = await postgresService();
  const redis = await ownRedis();
  if (postgres.absent !== undefined) throw new Error(postgres.absent);
  if ('absent' in redis) throw new Error(redis.absent);
  await redis.start();
  const database = await temporaryDatabase(postgres.url);
  try {
    await tell(database.url, redis.url);
  } finally {
    await cleanUp();
    await database.drop();
    await redis.remove();
  }
  process.stdout.write(`pictures in ${values.out}\n`);
}
