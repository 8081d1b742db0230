import type { Answer, Sent } from './send.ts';
import { ACCOUNT_APP, lacksAccounts, signIn, victim } from './stolen.ts';
import type { Part, Stage } from './stage.ts';
import type { Survey } from './survey.ts';

/** Networks from which a stolen session is used (RFC 5737, 2544). */
const EXITS = Array.from({ length: 8 }, (_, i) => `198.18.${i * 7}.9`);

/** The owner signs in at home, and somebody with the password from the other end of the world. */
const travel: Part = {
  kind: 'impossible travel',
  expects: ['impossible_travel'],
  roams: true,
  atFirst: true,
  lacks: (survey) =>
    lacksAccounts(survey) ??
    (survey.places.length >= 2
      ? undefined
      : 'it needs two addresses whose places the server knows and are far apart (--place twice, with --behind-proxy)'),
  async act(stage) {
    const [home, away] = stage.survey.places as readonly [string, string];
    for (;;) {
      const email = await victim(stage);
      await signIn(stage, email, home);
      stage.begins();
      await signIn(stage, email, away);
      await stage.pause(60_000, 90_000);
    }
  },
};

/** Lists of the sample application that customers may not read, and an order that they may place. */
const CLOSED = ['payments', 'analytics', 'payouts', 'deliveries', 'locations', 'earnings'];
const ORDER = { items: [{ name: 'Mint tea', quantity: 1 }] };

const lacksSample = (survey: Survey): string | undefined => {
  if (!survey.has('POST', '/sample/sign-in')) return 'the server has no sample application (/sample)';
  return survey.roams ? undefined : 'it needs to speak from many addresses (--behind-proxy)';
};

/** A stolen session goes through what is not its owner's, over machines all over the world. */
const stolenSession: Part = {
  kind: 'stolen session',
  expects: ['geographic_anomaly', 'geographic_anomaly_countries'],
  roams: true,
  lacks: lacksSample,
  act: (stage) => trespass(stage, (round) => EXITS[round % EXITS.length]),
};

/** Somebody who is signed in tries what belongs to others, one after the other. */
const trespasser: Part = {
  kind: 'probing of permissions',
  expects: ['unauthorised_access_spread', 'object_probing'],
  roams: true,
  lacks: (survey) =>
    survey.has('POST', '/sample/sign-in') ? undefined : 'the server has no sample application (/sample)',
  act: (stage) => trespass(stage, () => undefined),
};

async function trespass(stage: Stage, exit: (round: number) => string | undefined): Promise<never> {
  const headers = { ...ACCOUNT_APP, authorization: `Bearer ${await customer(stage)}` };
  const wanted: Sent[] = CLOSED.map((name) => ({ path: `/sample/${name}`, headers }));
  for (let i = 0; i < 4; i++) {
    const id = field(await stage.ask(posted('/sample/orders', ORDER, headers)), 'id');
    const order = posted(`/sample/orders/${encodeURIComponent(id)}`, { status: 'delivered' }, headers);
    wanted.push({ ...order, method: 'PATCH' });
  }
  stage.begins();
  for (let round = 0; ; round++) {
    const as = exit(round);
    await stage.ask({ ...(wanted[round % wanted.length] as Sent), ...(as === undefined ? {} : { as }) });
    await stage.pause(80, 200);
  }
}

function posted(path: string, body: unknown, headers: Readonly<Record<string, string>>): Sent {
  return {
    method: 'POST',
    path,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

async function customer(stage: Stage): Promise<string> {
  const name = `mallory ${stage.chance.word(8)}`;
  return field(await stage.ask(posted('/sample/sign-in', { name }, ACCOUNT_APP)), 'token');
}

/** A text of an answer; empty where it has none. */
function field({ text }: Answer, name: string): string {
  try {
    const value = (JSON.parse(text) as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}

/** Somebody with a stolen key of the console makes themselves an administrator. */
const usurper: Part = {
  kind: 'new administrator',
  expects: ['new_admin'],
  roams: true,
  atFirst: true,
  lacks: lacksAccounts,
  async act(stage) {
    for (;;) {
      await stage.ask({
        method: 'POST',
        path: '/admin/users',
        headers: {
          ...ACCOUNT_APP,
          'content-type': 'application/json',
          authorization: stage.survey.operator as string,
        },
        body: JSON.stringify({ email: `usurper.${stage.chance.word(10)}@example.org`, roles: ['admin'] }),
      });
      await stage.pause(60_000, 90_000);
    }
  },
};

/** Attacks by who is signed in. */
export const TRAVELLERS: readonly Part[] = [travel, stolenSession, trespasser, usurper];
