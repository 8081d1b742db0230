import { INJECTIONS } from './payloads.ts';
import { repeated } from './repeated.ts';
import type { Part, Stage } from './stage.ts';
import type { Survey } from './survey.ts';

const PLAIN = { 'user-agent': 'curl/8.14.1', accept: '*/*' } as const;
const JSON_BODY = { 'content-type': 'application/json' } as const;
const SCANNERS = [
  'sqlmap/1.9.8#stable (https://sqlmap.org)',
  'Mozilla/5.00 (Nikto/2.5.0)',
  'Nuclei - Open-source',
];

const lacksSignIn = (survey: Survey): string | undefined =>
  survey.has('POST', '/auth/sign-in') ? undefined : 'the server has no accounts';
const lacksOperator = (survey: Survey): string | undefined =>
  survey.operator === undefined ? 'it needs the data folder of the server (RAMPART_DATA_DIR)' : undefined;

function tryPassword({ ask, chance }: Stage, email: string): Promise<unknown> {
  return ask({
    method: 'POST',
    path: '/auth/sign-in',
    headers: { ...PLAIN, ...JSON_BODY },
    body: JSON.stringify({ email, password: chance.word(12) }),
  });
}

/** Many passwords on one account, from one address. */
const bruteForce = repeated(
  'brute force',
  [60, 160],
  lacksSignIn,
  (stage) => tryPassword(stage, 'victim.of.guessing@example.com'),
  // The lockout of accounts ends it after a few tries, which is seen as failed sign-ins.
  ['brute_force', 'brute_force_by_address', 'failed_logins_by_account', 'factor_disabled'],
);

/** The same from several addresses, none of them often. */
const coordinated = repeated(
  'coordinated sign-in',
  [1_500, 3_000],
  lacksSignIn,
  (stage) => tryPassword(stage, 'victim.of.many@example.com'),
  ['coordinated_sign_in'],
);

/** One injection each, all at the same place. */
const coordinatedInjection = repeated(
  'coordinated injection',
  [2_000, 4_000],
  () => undefined,
  ({ ask }, round) =>
    ask({
      path: `/sample/orders?cursor=${encodeURIComponent(INJECTIONS[round % 3] as string)}`,
      headers: PLAIN,
    }),
  ['coordinated_attack'],
);

/** Programs that say what they are. */
const scanner = repeated(
  'scanner',
  [100, 250],
  () => undefined,
  ({ ask }, round) =>
    ask({ path: `/?scan=${round}`, headers: { accept: '*/*', 'user-agent': SCANNERS[round % 3] as string } }),
  ['scanner_tool', 'scanner_fingerprint'],
);

/** Somebody with a stolen key of the console takes what there is. */
const exporting = repeated(
  'mass export',
  [40, 120],
  lacksOperator,
  ({ ask, survey }) =>
    ask({
      path: '/admin/events.csv?type=SERVER_STARTED',
      headers: { ...PLAIN, authorization: survey.operator as string },
    }),
  ['mass_export'],
  { atFirst: true },
);

/** Attacking parts beside those of requests alone. One that needs several addresses stands here as often. */
export const INTRUDERS: readonly Part[] = [
  bruteForce,
  coordinated,
  coordinated,
  coordinated,
  coordinatedInjection,
  coordinatedInjection,
  coordinatedInjection,
  scanner,
  exporting,
];
