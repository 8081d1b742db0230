import type { Decider } from '../../../core/decide.ts';
import { challenge, deny, pass, type Refusal } from '../../../core/verdict.ts';
import type { CountryRules, ListAction } from './options.ts';

/** What is known of a caller's address. */
export interface PlaceFeatures {
  readonly address: string;
  readonly country: string | null;
  readonly asn: number | null;
  /** Lists that it stands on. */
  readonly lists: readonly string[];
  /** Whether it is of this machine, of a private network, or never to be blocked. */
  readonly spared: boolean;
  readonly cleared: boolean;
}

/** By which it is judged. */
export interface PlaceState extends CountryRules {
  readonly lists: Readonly<Record<string, ListAction>>;
  /** Risk that lists add, 0 to 1, where they add any. */
  readonly scores?: Readonly<Record<string, number>>;
}

const REFUSED: Refusal = {
  status: 403,
  code: 'PLACE_REFUSED',
  message: 'Requests from your network are not accepted here.',
};
const PROVE: Refusal = {
  status: 403,
  code: 'CHALLENGE_REQUIRED',
  message: 'Show first that a browser, or patience, stands behind this request.',
};

/** Lets in by country and by lists. */
export const placeDecider: Decider<PlaceFeatures, PlaceState> = {
  name: 'shield.place',
  version: 1,
  decide(features, state) {
    const { address, country, spared, cleared } = features;
    const risk = riskOf(features.lists, state);
    const values = { address, country, lists: features.lists.join(' '), ...(risk === 0 ? {} : { risk }) };
    if (spared)
      return pass({ code: 'place.spared', text: `${address} is never refused for its place.`, values });
    if (isForeign(country, state))
      return deny(REFUSED, {
        code: 'place.country',
        text: `${address} is in ${country ?? 'a country that nobody knows'}, which is not let in here.`,
        values,
        remedy: { do: 'nothing' },
      });
    const denying = features.lists.find((name) => state.lists[name] === 'deny');
    if (denying !== undefined)
      return deny(REFUSED, {
        code: 'place.listed',
        text: `${address} stands on the list '${denying}'.`,
        values,
        remedy: { do: 'nothing' },
      });
    const asking = features.lists.find((name) => state.lists[name] === 'challenge');
    if (asking === undefined || cleared)
      return pass({ code: 'place.let_in', text: `${address} may come in.`, values });
    return challenge(PROVE, {
      code: 'place.challenged',
      text: `${address} stands on the list '${asking}'.`,
      values,
      remedy: { do: 'change', what: 'Solve the challenge.' },
    });
  },
};

/** The risk that lists add together, 0 to 1. */
export function riskOf(lists: readonly string[], { scores }: Pick<PlaceState, 'scores'>): number {
  const sum = lists.reduce((risk, name) => risk + (scores?.[name] ?? 0), 0);
  return Math.min(1, Math.round(sum * 1_000) / 1_000);
}

function isForeign(country: string | null, { allow, deny: refused }: CountryRules): boolean {
  if (allow !== null && (country === null || !allow.includes(country))) return true;
  return country !== null && refused !== null && refused.includes(country);
}
