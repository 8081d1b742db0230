import { becomeCustomer, lacksRoaming, lacksSample, placeOrder, posted, textOf } from './sample-people.ts';
import type { Sent } from './send.ts';
import { ACCOUNT_APP, lacksAccounts, signIn, victim } from './stolen.ts';
import type { Part, Stage } from './stage.ts';

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

/** Lists of the sample application that customers may not read. */
const CLOSED = ['payments', 'analytics', 'payouts', 'deliveries', 'locations', 'earnings'];

/** A stolen session goes through what is not its owner's, over machines all over the world. */
const stolenSession: Part = {
  kind: 'stolen session',
  expects: ['geographic_anomaly', 'geographic_anomaly_countries'],
  roams: true,
  lacks: lacksRoaming,
  act: (stage) => trespass(stage, (round) => EXITS[round % EXITS.length]),
};

/** Somebody who is signed in tries what belongs to others, one after the other. */
const trespasser: Part = {
  kind: 'probing of permissions',
  expects: ['unauthorised_access_spread', 'object_probing'],
  roams: true,
  lacks: lacksSample,
  act: (stage) => trespass(stage, () => undefined),
};

async function trespass(stage: Stage, exit: (round: number) => string | undefined): Promise<never> {
  const headers = await becomeCustomer(stage, 'mallory');
  const wanted: Sent[] = CLOSED.map((name) => ({ path: `/sample/${name}`, headers }));
  for (let i = 0; i < 4; i++) {
    const order = posted(await placeOrder(stage, headers), { status: 'delivered' }, headers);
    wanted.push({ ...order, method: 'PATCH' });
  }
  stage.begins();
  for (let round = 0; ; round++) {
    const as = exit(round);
    await stage.ask({ ...(wanted[round % wanted.length] as Sent), ...(as === undefined ? {} : { as }) });
    await stage.pause(80, 200);
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
    const headers = { ...ACCOUNT_APP, authorization: stage.survey.operator as string };
    for (;;) {
      const email = `usurper.${stage.chance.word(10)}@example.org`;
      const made = await stage.ask(posted('/admin/users', { email, roles: ['admin'] }, headers));
      const path = textOf(made, 'user.id') === '' ? undefined : `/admin/users/${textOf(made, 'user.id')}`;
      if (path !== undefined) {
        stage.afterwards(posted(`${path}/roles`, { roles: [] }, headers));
        stage.afterwards(posted(`${path}/lock`, { reason: 'Made by a simulation, which is over.' }, headers));
      }
      await stage.pause(60_000, 90_000);
    }
  },
};

/** Attacks by who is signed in. */
export const TRAVELLERS: readonly Part[] = [travel, stolenSession, trespasser, usurper];
