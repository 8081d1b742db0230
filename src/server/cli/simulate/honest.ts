import { filesOf } from './page-files.ts';
import type { Answer } from './send.ts';
import type { Part, Stage } from './stage.ts';
import type { Survey } from './survey.ts';

/** What browsers of these days send. */
const BROWSER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'accept-language': 'en-GB,en;q=0.7',
} as const;
const MENU = ['Flat white', 'Mint tea', "Shepherd's pie", 'Crêpe au chocolat', 'فلافل', 'Soup of the day'];
/** Test cards: one goes through, one is declined as when somebody mistypes it. */
const CARD = '4242 4242 4242 4242';
const DECLINED_CARD = '4000 0000 0000 0002';
const WISHES = ['No sugar, please.', 'Ring twice; the bell is shy.', 'Half & half <3', "It's for O'Brien."];

/** Headers of a script on the server's own page. */
function ownPage(stage: Stage): Record<string, string> {
  return {
    ...BROWSER,
    accept: 'application/json',
    origin: stage.origin,
    'sec-fetch-site': 'same-origin',
    'sec-fetch-mode': 'cors',
    'sec-fetch-dest': 'empty',
  };
}

async function signIn(stage: Stage, headers: Record<string, string>): Promise<string | undefined> {
  const answer = await stage.ask({
    method: 'POST',
    path: '/sample/sign-in',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: `${stage.chance.pick(['ada', 'grace', 'alan', 'mary'])} ${stage.chance.word(8)}`,
    }),
  });
  return field(answer, 'token');
}

function field(answer: Answer, name: string): string | undefined {
  try {
    const value = (JSON.parse(answer.text) as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function lacksSample(survey: Survey): string | undefined {
  const there = survey.has('POST', '/sample/sign-in') && survey.has('GET', '/sample/orders');
  return there ? undefined : 'the server has no sample application (/sample)';
}

/** Signs in, looks at orders, places one, reads it, pays it, and takes time over everything. */
const customer: Part = {
  kind: 'customer',
  lacks: lacksSample,
  async act(stage) {
    await stage.pause(0, 3_000);
    let token: string | undefined;
    for (;;) {
      token ??= await signIn(stage, ownPage(stage));
      if (token !== undefined) await visit(stage, { ...ownPage(stage), authorization: `Bearer ${token}` });
      await stage.pause(2_000, 6_000);
    }
  },
};

async function visit(stage: Stage, headers: Record<string, string>): Promise<void> {
  const { chance } = stage;
  await stage.ask({ path: '/sample/orders', headers });
  await stage.pause(800, 2_500);
  if (chance.fraction() < 0.4) return;
  const placed = await stage.ask({
    method: 'POST',
    path: '/sample/orders',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({
      items: [{ name: chance.pick(MENU), quantity: chance.whole(1, 3) }],
      instructions: chance.fraction() < 0.5 ? chance.pick(WISHES) : null,
    }),
  });
  await stage.pause(800, 2_500);
  const id = field(placed, 'id');
  if (id === undefined) return;
  const path = `/sample/orders/${encodeURIComponent(id)}`;
  await stage.ask({ path, headers });
  if (stage.survey.has('POST', '/sample/orders/{id}/payment')) await pay(stage, path, headers);
}

/** Now and then the first card is declined. */
async function pay(stage: Stage, path: string, headers: Record<string, string>): Promise<void> {
  const { chance } = stage;
  const amount = chance.whole(450, 3_200) / 100;
  const cards = chance.fraction() < 0.12 ? [DECLINED_CARD, CARD] : [CARD];
  for (const card of cards) {
    await stage.pause(1_000, 3_000);
    await stage.ask({
      method: 'POST',
      path: `${path}/payment`,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ card, amount }),
      alsoFine: 402,
    });
  }
}

/** Opens pages in a browser, with the files that they name; what was read once comes from the browser's cache. */
const visitor: Part = {
  kind: 'visitor with a browser',
  lacks: ({ pages }) => (pages.length > 0 ? undefined : 'the server has no pages'),
  async act(stage) {
    const cached = new Set<string>();
    await stage.pause(0, 3_000);
    for (;;) {
      await openPage(stage, stage.chance.pick(stage.survey.pages), cached);
      await stage.pause(3_000, 8_000);
    }
  },
};

async function openPage(stage: Stage, path: string, cached: Set<string>): Promise<void> {
  const page = await navigate(stage, path);
  const location = page.headers['location'];
  const shown =
    page.status >= 300 && page.status < 400 && typeof location === 'string' && /^\/(?![/\\])/.test(location)
      ? await navigate(stage, location)
      : page;
  const files = filesOf(shown.text).filter((file) => !cached.has(file));
  await Promise.all(
    files.map(async (file) => {
      cached.add(file);
      await stage.ask({
        path: file,
        headers: { ...BROWSER, accept: '*/*', ...fetchHeaders('no-cors', file) },
      });
    }),
  );
}

function navigate(stage: Stage, path: string): Promise<Answer> {
  return stage.ask({
    path,
    headers: {
      ...BROWSER,
      accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
      'sec-fetch-site': 'none',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-user': '?1',
      'upgrade-insecure-requests': '1',
    },
  });
}

function fetchHeaders(mode: string, file: string): Record<string, string> {
  const dest = file.endsWith('.css') ? 'style' : file.endsWith('.js') ? 'script' : 'image';
  return { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': mode, 'sec-fetch-dest': dest };
}

/** Reads something long over a line that is slow. */
const slowReader: Part = {
  kind: 'slow reader',
  lacks: ({ readable }) => (readable.length > 0 ? undefined : 'the server has nothing to read'),
  async act(stage) {
    for (;;) {
      await stage.pause(500, 2_000);
      await stage.ask({
        path: stage.survey.readable[0] as string,
        headers: { ...BROWSER, accept: 'application/json' },
        readPauseMs: 100,
      });
      await stage.pause(2_000, 4_000);
    }
  },
};

/** A program with a key: bursts, but never more than what the answers say is left. */
const program: Part = {
  kind: 'API client',
  lacks: lacksSample,
  async act(stage) {
    const headers: Record<string, string> = { 'user-agent': 'orders-sync/2.4', accept: 'application/json' };
    let token: string | undefined;
    let left = 4;
    for (;;) {
      await stage.pause(500, 3_000);
      token ??= await signIn(stage, headers);
      if (token === undefined) continue;
      const signed = { ...headers, authorization: `Bearer ${token}` };
      const burst = Math.min(stage.chance.whole(3, 7), Math.max(1, Math.floor(left / 3)));
      const answers = await Promise.all(
        Array.from({ length: burst }, () => stage.ask({ path: '/sample/orders?limit=5', headers: signed })),
      );
      left = Math.min(...answers.map(remaining));
      // A third of what is left, and a long rest when that is little: a limit of a minute comes back in a minute.
      await stage.pause(left < 10 ? 15_000 : 3_000, left < 10 ? 20_000 : 6_000);
    }
  },
};

/** What the answer says is left; without a word plenty. */
function remaining(answer: Answer): number {
  const said = answer.headers['x-ratelimit-remaining'];
  return typeof said === 'string' && /^\d{1,9}$/.test(said) ? Number(said) : 30;
}

/** Honest parts, in the order in which actors take them. */
export const HONEST: readonly Part[] = [
  customer,
  visitor,
  customer,
  program,
  customer,
  slowReader,
  customer,
  visitor,
  customer,
  customer,
];
