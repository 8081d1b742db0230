import { passesLuhn } from '../../../base/secrets/index.ts';
import type { Chance } from './random.ts';
import {
  becomeCustomer,
  lacksRoaming,
  lacksSample,
  placeOrder,
  posted,
  type SignedHeaders,
} from './sample-people.ts';
import type { Part } from './stage.ts';

/** Beginnings of card numbers, each of another bank. */
const BANKS = ['400012', '455673', '510510', '518600', '222300', '601100'];
const ONE_BANK = '476173';
/** So little that no holder looks twice. */
const SMALL = { amount: 1 };
/** Networks of a seller of stolen cards (RFC 2544). */
const EXITS = Array.from({ length: 6 }, (_, i) => `198.18.${100 + i * 7}.9`);

/** A number that looks right: the last digit is the check of Luhn. */
function cardOf(chance: Chance, prefix: string): string {
  const start = prefix + Array.from({ length: 15 - prefix.length }, () => chance.whole(0, 9)).join('');
  for (let check = 0; ; check++) if (passesLuhn(`${start}${check}`)) return `${start}${check}`;
}

/** One customer, one order, and card after card for a small amount. */
const cardTesting: Part = {
  kind: 'card testing',
  expects: ['card_testing_by_address'],
  lacks: lacksSample,
  async act(stage) {
    const headers = await becomeCustomer(stage, 'buyer');
    const order = await placeOrder(stage, headers);
    stage.begins();
    for (;;) {
      const card = cardOf(stage.chance, stage.chance.pick(BANKS));
      await stage.ask(posted(`${order}/payment`, { ...SMALL, card }, headers));
      await stage.pause(120, 320);
    }
  },
};

/** The same with the cards of one bank, over customers in many networks, none of which tries often. */
const oneBank: Part = {
  kind: 'card testing of one bank',
  expects: ['card_testing_by_card'],
  roams: true,
  lacks: lacksRoaming,
  async act(stage) {
    const buyers: {
      readonly as: string;
      readonly order: string;
      readonly headers: SignedHeaders;
    }[] = [];
    for (const as of EXITS) {
      const headers = await becomeCustomer(stage, 'buyer', as);
      buyers.push({ as, headers, order: await placeOrder(stage, headers, as) });
    }
    stage.begins();
    for (;;) {
      await Promise.all(
        buyers.map(({ as, headers, order }) =>
          stage.ask(
            posted(`${order}/payment`, { ...SMALL, card: cardOf(stage.chance, ONE_BANK) }, headers, as),
          ),
        ),
      );
      await stage.pause(500, 900);
    }
  },
};

/** Attacks on payments. */
export const CARDERS: readonly Part[] = [cardTesting, oneBank];
