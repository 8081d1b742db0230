import { becomeCustomer, lacksRoaming, posted } from './sample-people.ts';
import { ACCOUNT_APP } from './stolen.ts';
import type { Part, Stage } from './stage.ts';

/** Customers who live somewhere (RFC 2544), and what each keeps: enough to be worth taking. */
const HOMES = Array.from({ length: 4 }, (_, i) => `198.18.${200 + i * 7}.9`);
const ADDRESSES_EACH = 25;
/** Lists that hold what is personal, a page at a time. */
const LISTS = ['addresses', 'orders', 'profile', 'payments'];

/** Somebody with a stolen key of the console turns the pages of what customers keep. */
const massReader: Part = {
  kind: 'mass read',
  expects: ['mass_read'],
  atFirst: true,
  roams: true,
  lacks: (survey) =>
    lacksRoaming(survey) ??
    (survey.operator === undefined ? 'it needs the data folder of the server (RAMPART_DATA_DIR)' : undefined),
  async act(stage) {
    await settle(stage);
    stage.begins();
    const headers = { ...ACCOUNT_APP, authorization: stage.survey.operator as string };
    for (let round = 0; ; round++) {
      const list = LISTS[round % 2 === 0 ? 0 : (round >> 1) % LISTS.length] as string;
      await stage.ask({ path: `/sample/${list}?limit=100`, headers });
      await stage.pause(100, 260);
    }
  },
};

/** People move in, as honest ones do: each from a home of their own. */
async function settle(stage: Stage): Promise<void> {
  await Promise.all(
    HOMES.map(async (as) => {
      const headers = await becomeCustomer(stage, 'resident', as);
      for (let i = 0; i < ADDRESSES_EACH; i++)
        await stage.ask(
          posted('/sample/addresses', { line: `${i + 1} ${stage.chance.word(7)} road` }, headers, as),
        );
    }),
  );
}

/** Attacks on what is kept. */
export const READERS: readonly Part[] = [massReader];
