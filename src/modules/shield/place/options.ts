import { OptionsError } from '../../../core/errors.ts';
import type { Mode } from '../../../core/guard.ts';
import {
  custom,
  type Fields,
  flag,
  list,
  number,
  object,
  oneOf,
  optional,
  readOptions,
  record,
  text,
} from '../../../core/options.ts';

/** What is done about a caller that stands on a list. */
export const LIST_ACTIONS = ['note', 'score', 'challenge', 'deny'] as const;
export type ListAction = (typeof LIST_ACTIONS)[number];

/** Risk that `score` adds unless it is said: what an adaptive limit heeds by default. */
export const DEFAULT_SCORE = 0.6;

/** A list of addresses, and what is done about callers on it. */
export interface ListOptions {
  /** At most 64 MB and 1,000,000 lines. */
  readonly file: string;
  /** `note` (default) only sets the fact; `score` adds to the risk that adaptive limits read; `challenge`; `deny`. */
  readonly do?: ListAction;
  /** Risk that `score` adds, 0.01 to 1; default 0.6. */
  readonly score?: number;
  /**
   * Whether its addresses do not say where their users are (Tor, VPN, hosting); default: where its name holds one of these
   * words.
   */
  readonly hides?: boolean;
}

/** What is done about callers on a list. */
export interface ListRule {
  readonly do: ListAction;
  /** Risk that it adds, 0 to 1; 0 unless `do` is `score`. */
  readonly score: number;
  /** Whether its addresses do not say where their users are. */
  readonly hides: boolean;
}

const HIDING =
  /(?:^|[-_])(?:tor|vpns?|prox(?:y|ies)|relays?|hosting|hosters?|datacent(?:er|re)s?|clouds?)(?:$|[-_])/i;

/** Countries that are let in, or not; ISO 3166-1 alpha-2. */
export interface CountryOptions {
  /** Only these; callers of whom nobody knows the country are refused too. */
  readonly allow?: readonly string[];
  /** All but these. */
  readonly deny?: readonly string[];
}

/** What differs on a route. */
export interface PlaceRouteOptions {
  readonly countries?: CountryOptions;
}

/** Where callers are, and on which lists they stand; all of it from local files. */
export interface PlaceOptions extends PlaceRouteOptions {
  /** `enforce` (default) refuses; `shadow` only records what it would have refused. */
  readonly mode?: Mode;
  /** Files in the MaxMind format (.mmdb): country or city, and networks; at most 4, later ones add what earlier ones lack. */
  readonly files?: readonly string[];
  /** Lists of addresses by name (`tor`, `hosting` …), at most 50: a file and what is done, default `note`. */
  readonly lists?: Readonly<Record<string, ListOptions>>;
}

/** Countries as they are decided by. */
export interface CountryRules {
  readonly allow: readonly string[] | null;
  readonly deny: readonly string[] | null;
}

/** The options with every default filled in. */
export interface ResolvedPlace {
  readonly mode: Mode;
  readonly files: readonly string[];
  readonly lists: Readonly<Record<string, ListRule & { readonly file: string }>>;
  readonly countries: CountryRules;
  /** Whether feeds bring databases of places. */
  readonly hasFeeds: boolean;
}

const countryList = custom(
  'list of countries',
  (value, path): readonly string[] | null => {
    if (value === undefined) return null;
    const country = text({
      min: 2,
      max: 2,
      pattern: /^[A-Z]{2}$/,
      about: "two capital letters, such as 'DE'",
    });
    return list(country, { atMost: 300 }).parse(value, path);
  },
  true,
);
/** What `score` may be. */
export const scoreField = optional(number({ min: 0.01, max: 1, fraction: true }));

/** The rule of a list. @throws OptionsError where a score is given that nothing adds */
export function ruleOf(
  path: string,
  name: string,
  given: {
    readonly do: ListAction;
    readonly score: number | undefined;
    readonly hides: boolean | undefined;
  },
): ListRule {
  const hides = given.hides ?? HIDING.test(name);
  if (given.do === 'score') return { do: 'score', score: given.score ?? DEFAULT_SCORE, hides };
  if (given.score !== undefined) throw new OptionsError(`${path}.score`, "is for do: 'score'");
  return { do: given.do, score: 0, hides };
}

const listRule = custom('file, do, score, hides', (value, path) => {
  const { file, ...read } = readOptions(path, value, LIST_FIELDS);
  return { file, ...ruleOf(path, path.slice(path.lastIndexOf('.') + 1), read) };
});

interface ReadList {
  readonly file: string;
  readonly do: ListAction;
  readonly score: number | undefined;
  readonly hides: boolean | undefined;
}

const LIST_FIELDS: Fields<ReadList> = {
  file: text({ max: 1_000 }),
  do: oneOf(LIST_ACTIONS, 'note'),
  score: scoreField,
  hides: optional(flag(false)),
};

const COUNTRIES: Fields<CountryRules> = { allow: countryList, deny: countryList };
const FIELDS: Fields<Omit<ResolvedPlace, 'hasFeeds'>> = {
  mode: oneOf(['enforce', 'shadow'], 'enforce'),
  files: list(text({ max: 1_000 }), { atMost: 4, default: [] }),
  lists: record(listRule, { default: {} }),
  countries: object(COUNTRIES, {}),
};

/**
 * @param hasFeeds whether feeds bring databases of places
 * @throws OptionsError naming the path and the reason
 */
export function readPlaceOptions(path: string, given: unknown, hasFeeds = false): ResolvedPlace {
  const read = { ...readOptions(path, given, FIELDS), hasFeeds };
  if (Object.keys(read.lists).length > 50) throw new OptionsError(`${path}.lists`, 'more than 50 lists');
  if (!canPlace(read) && namesCountries(read.countries))
    throw new OptionsError(`${path}.countries`, `needs a file of countries: ${path}.files, or a feed`);
  return read;
}

/** @throws OptionsError naming the path and the reason */
export function readPlaceRoute(path: string, base: ResolvedPlace, given: unknown): CountryRules {
  const fields: Fields<{ countries: CountryRules | undefined }> = { countries: optional(object(COUNTRIES)) };
  const { countries = base.countries } = readOptions(path, given, fields);
  if (!canPlace(base) && namesCountries(countries))
    throw new OptionsError(`${path}.countries`, 'needs a file of countries: shield.place.files, or a feed');
  return countries;
}

function canPlace({ files, hasFeeds }: ResolvedPlace): boolean {
  return files.length > 0 || hasFeeds;
}

/** Whether rules ask for countries at all. */
export function namesCountries({ allow, deny }: CountryRules): boolean {
  return allow !== null || deny !== null;
}
