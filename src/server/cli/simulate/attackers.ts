import { COMMON_PASSWORDS, INJECTIONS, OPERATOR_BODIES, RAW, SCANNED } from './payloads.ts';
import type { Sent } from './send.ts';
import { CARDERS } from './carders.ts';
import { INTRUDERS } from './intruders.ts';
import { READERS } from './readers.ts';
import { AT_ONCE, atOnce, repeated } from './repeated.ts';
import type { Part, Stage } from './stage.ts';
import { THIEVES } from './stolen.ts';
import type { Survey } from './survey.ts';
import { TRAVELLERS } from './travellers.ts';

const TOOL = { 'user-agent': 'python-requests/2.32.4', accept: '*/*' } as const;
const BROWSERLIKE = {
  'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36',
  accept: 'text/html,*/*;q=0.8',
} as const;
const JSON_BODY = { 'content-type': 'application/json' } as const;
const BIG = Buffer.alloc(2 * 1024 * 1024, 0x61);
const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

/** Accounts that passwords are sprayed over. */
const NAMES = 120;

const always = (): undefined => undefined;

/** The sign-in doors that the server has. */
function doors(survey: Survey): readonly string[] {
  return ['/auth/sign-in', '/sample/sign-in'].filter((path) => survey.has('POST', path));
}

const lacksDoors = (survey: Survey): string | undefined =>
  doors(survey).length > 0 ? undefined : 'the server has no sign-in';

function signInAttempt(path: string, name: string, password: string, headers = {}): Sent {
  const account = path.startsWith('/sample/') ? { name } : { email: `${name}@example.com`, password };
  return {
    method: 'POST',
    path,
    headers: { ...TOOL, ...JSON_BODY, ...headers },
    body: JSON.stringify(account),
  };
}

/** Leaked pairs, each tried once: another name and another password every time, several at once as the tools do. */
const stuffing = repeated(
  'credential stuffing',
  [40, 120],
  lacksDoors,
  ({ chance, survey, ask }) =>
    atOnce(() => ask(signInAttempt(doors(survey)[0] as string, `user${chance.word(6)}`, chance.word(10)))),
  ['credential_stuffing', 'credential_stuffing_reported', 'failed_logins_by_address'],
);

/** Few passwords against many names, round by round. */
const spraying = repeated(
  'password spraying',
  [60, 180],
  lacksDoors,
  ({ chance, survey, ask }, round) =>
    atOnce((lane) => {
      const turn = round * AT_ONCE + lane;
      const password = COMMON_PASSWORDS[Math.floor(turn / NAMES) % COMMON_PASSWORDS.length];
      const name = `name${turn % NAMES}`;
      return ask(signInAttempt(doors(survey)[0] as string, name, password ?? chance.word(8)));
    }),
  ['password_spraying', 'password_spraying_reported', 'failed_logins_by_address'],
);

/** Attack strings in queries, headers and bodies. */
const injection = repeated(
  'injection',
  [60, 150],
  always,
  ({ chance, survey, ask }, round) => {
    const text = INJECTIONS[round % INJECTIONS.length] as string;
    const door = doors(survey).at(-1);
    const place = chance.whole(0, door === undefined ? 1 : 3);
    const headers = { ...BROWSERLIKE };
    if (place === 0) return ask({ path: `/sample/orders?cursor=${encodeURIComponent(text)}`, headers });
    if (place === 1) return ask({ path: `/sample/orders/${encodeURIComponent(text)}`, headers });
    const body = place === 2 ? JSON.stringify({ name: text }) : chance.pick(OPERATOR_BODIES);
    return ask({ method: 'POST', path: door as string, headers: { ...headers, ...JSON_BODY }, body });
  },
  ['injection_probing', 'injection_classes'],
);

/** Looks for what was left lying about, and turns page after page. */
const scanning = repeated(
  'scraping and path scan',
  [25, 70],
  always,
  ({ ask, chance }, round) => ask({ path: scannedPath(chance, round), headers: TOOL }),
  ['path_scanning'],
);

function scannedPath(chance: Stage['chance'], round: number): string {
  if (round % 4 === 3) return `/sample/orders?limit=100&page=${round}`;
  return round % 2 === 0 ? `/${chance.word(6)}.php` : (SCANNED[(round >> 1) % SCANNED.length] as string);
}

/** Far more than anybody may send, from one address. */
const flood = repeated(
  'flood',
  [300, 700],
  always,
  ({ ask, survey }) => {
    const path = survey.has('GET', '/sample/orders') ? '/sample/orders' : '/';
    return Promise.all(Array.from({ length: 40 }, () => ask({ path, headers: TOOL })));
  },
  ['ddos_detected', 'refused_often'],
);

/** Bodies that are too large, too deep, broken, or no HTTP at all. */
const malformed = repeated('malformed and oversized', [120, 300], always, async (stage, round) => {
  const path = doors(stage.survey).at(-1) ?? '/';
  const post = (body: string | Buffer, type = 'application/json'): Promise<unknown> =>
    stage.ask({ method: 'POST', path, headers: { ...TOOL, 'content-type': type }, body });
  switch (round % 6) {
    case 0:
      return post('{"name": "eve"');
    case 1:
      return post(DEEP);
    case 2:
      return post(BIG);
    case 3:
      return post('<name>eve</name>', 'text/xml');
    case 4:
      return post(Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    default:
      return stage.askRaw(rawBytes(stage));
  }
});

function rawBytes(stage: Stage): string {
  const { host } = new URL(stage.origin);
  return stage.chance.pick(RAW).replace('{host}', host).replace('{long}', 'a'.repeat(40_000));
}

/** A form on a stranger's page that the victim's browser sends. */
const crossSite = repeated('cross-site forms', [150, 400], always, ({ ask, chance, survey }, round) => {
  const path = survey.has('POST', '/sample/orders') ? '/sample/orders' : '/';
  const sandboxed = round % 3 === 2;
  return ask({
    method: 'POST',
    path: round % 2 === 0 ? path : (doors(survey).at(-1) ?? path),
    headers: {
      ...BROWSERLIKE,
      origin: sandboxed ? 'null' : 'https://evil.example',
      ...(round % 4 === 3 ? {} : { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }),
      'content-type': chance.pick(['application/x-www-form-urlencoded', 'text/plain']),
    },
    body: 'name=victim&items=1',
  });
});

/** One sender who claims to be another client with every request, so as to escape the limits. */
const forged = repeated('forged addresses', [15, 40], always, ({ ask, chance, survey }) => {
  const claimed = `203.0.113.${chance.whole(1, 254)}`;
  const headers = {
    'x-forwarded-for': chance.pick([claimed, `${claimed}, 127.0.0.1`, `${claimed}:443`]),
    'x-real-ip': claimed,
    'cf-connecting-ip': claimed,
    forwarded: `for=${claimed}`,
  };
  const door = doors(survey).at(-1);
  return door !== undefined && chance.fraction() < 0.5
    ? ask(signInAttempt(door, `user${chance.word(5)}`, chance.word(8), headers))
    : ask({ path: survey.readable.at(-1) ?? '/', headers: { ...TOOL, ...headers } });
});

/** Attacking parts, in the order in which actors take them. */
export const ATTACKS: readonly Part[] = [
  stuffing,
  injection,
  flood,
  scanning,
  malformed,
  crossSite,
  forged,
  spraying,
  ...INTRUDERS,
  ...THIEVES,
  ...TRAVELLERS,
  ...CARDERS,
  ...READERS,
];
