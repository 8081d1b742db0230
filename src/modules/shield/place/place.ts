import { contains, type Cidr, parseAddress } from '../../../core/address.ts';
import type { RequestContext } from '../../../core/context.ts';
import type { Evidence } from '../../../core/decide.ts';
import { OptionsError } from '../../../core/errors.ts';
import { Clearance, fact, RiskScore } from '../../../core/fact.ts';
import type { EventSink } from '../../../core/events.ts';
import type { Guard, RouteInfo } from '../../../core/guard.ts';
import { rangesOf } from '../../../core/proxy.ts';
import { PASS, type Verdict } from '../../../core/verdict.ts';
import { Atlas, type PlaceFeeds } from './atlas.ts';
import { placeDecider, type PlaceFeatures, type PlaceState, riskOf } from './decide.ts';
import type { PlaceValue } from './mmdb.ts';
import { HiddenNotices } from './notices.ts';
import {
  type CountryRules,
  type ListRule,
  namesCountries,
  type PlaceOptions,
  readPlaceOptions,
  readPlaceRoute,
  type ResolvedPlace,
} from './options.ts';

/** Where the caller is, for later guards and the application; absent where nothing is known. */
export const Place = fact<PlaceValue>('place');
/** Names of the lists on which the caller stands; absent where there are none. */
export const Reputation = fact<readonly string[]>('reputation');

/** What the guard stands on. */
export interface PlacePorts {
  /** Lists and databases that feeds bring. */
  readonly feeds?: PlaceFeeds;
  /** Whether an address is never to be blocked: asked only of who would be refused. */
  readonly isNeverBlocked: (address: string) => boolean;
  /** Told of callers behind Tor or a VPN; absent: nobody is. */
  readonly events?: EventSink;
}

/** Places and lists of a house. */
export interface Places {
  readonly guard: Guard;
  /** Where an address is; `undefined` where no file knows it. */
  readonly find: (address: string) => PlaceValue | undefined;
  /** Whether an address stands on a list of those that do not say where their users are. */
  readonly hides: (address: string) => boolean;
  /** Whether there is a database of places now; lists of addresses alone tell nothing of them. */
  readonly hasDatabases: () => boolean;
  /** Takes over what feeds have brought. */
  refresh(): void;
  /** Reads all files of the options again. @throws OptionsError naming the first that is refused; everything known before then stays */
  reload(): void;
  /** What the files hold, for whoever runs the house. */
  readonly sizes: () => {
    readonly files: readonly { readonly builtAtMs: number }[];
    readonly lists: Readonly<Record<string, number>>;
  };
}

const Read = fact<PlaceFeatures>('placeFeatures');

/**
 * Tells where callers are and on which lists they stand, from local files, and lets in by that. Phase `screen`.
 * @param settingsOf a route's own settings: `false` for no check, `undefined` for those of the module
 * @throws OptionsError naming the path and the reason, also of a file that cannot be read; for routes when the corridor
 *   is compiled
 */
export function places(
  options: PlaceOptions,
  ports: PlacePorts,
  settingsOf: (route: RouteInfo) => unknown = () => undefined,
): Places {
  const { feeds } = ports;
  const read = readPlaceOptions('shield.place', options, (feeds?.databases.length ?? 0) > 0);
  const twice = Object.keys(feeds?.lists ?? {}).find((name) => Object.hasOwn(read.lists, name));
  if (twice !== undefined)
    throw new OptionsError(`shield.place.lists.${twice}`, 'is also a feed; leave it out here');
  const atlas = new Atlas(read, feeds);
  const rules: Readonly<Record<string, ListRule>> = { ...read.lists, ...feeds?.lists };
  if (namesCountries(read.countries)) atlas.assertPlaces('shield.place.countries');
  return {
    guard: placeGuard(read, rules, atlas, ports, settingsOf),
    find: (address) => atlas.know(address).place,
    hides: (address) => atlas.know(address).lists.some((name) => rules[name]?.hides === true),
    hasDatabases: () => atlas.hasDatabases(),
    refresh: () => atlas.refresh(),
    reload: () => atlas.reload(),
    sizes: () => atlas.sizes(),
  };
}

function placeGuard(
  options: ResolvedPlace,
  rules: Readonly<Record<string, ListRule>>,
  atlas: Atlas,
  { isNeverBlocked, events }: PlacePorts,
  settingsOf: (route: RouteInfo) => unknown,
): Guard {
  const all = Object.entries(rules);
  const lists = Object.fromEntries(all.map(([name, one]) => [name, one.do]));
  const scores = Object.fromEntries(
    all.filter(([, one]) => one.score > 0).map(([name, one]) => [name, one.score]),
  );
  const notices = events && new HiddenNotices(events);
  const routes = new Map<RouteInfo, PlaceState>();
  const stateOf = ({ countries }: { countries: CountryRules }): PlaceState => ({
    ...countries,
    lists,
    scores,
  });
  const base = stateOf(options);
  const policy = ({ plan }: RequestContext): PlaceState => routes.get(plan.route) ?? base;
  return {
    name: 'shield.place',
    phase: 'screen',
    mode: options.mode,
    onError: 'deny',
    decider: placeDecider,
    appliesTo(route) {
      const given = settingsOf(route);
      if (given === false) return false;
      if (given === undefined) return true;
      const path = `routes['${route.name}'].shield.place`;
      const countries = readPlaceRoute(path, options, given);
      if (namesCountries(countries)) atlas.assertPlaces(`${path}.countries`);
      routes.set(route, stateOf({ countries }));
      return true;
    },
    check(context): Verdict {
      const features = look(context, atlas);
      if (features.lists.length > 0) notices?.tell(context, features.lists);
      const state = policy(context);
      const verdict = placeDecider.decide(features, state, context.nowMs);
      const { address } = features;
      const risk = riskOf(features.lists, state);
      const spared = (verdict.kind !== 'pass' || risk > 0) && (isOwn(address) || isNeverBlocked(address));
      context.set(Read, spared ? { ...features, spared } : features);
      // In shadow nothing may be felt, limits included.
      if (risk > 0 && !spared && options.mode === 'enforce')
        context.set(RiskScore, Math.min(1, (context.get(RiskScore) ?? 0) + risk));
      return spared || verdict.kind === 'pass' ? PASS : verdict;
    },
    evidence(context): Evidence | undefined {
      const features = context.get(Read);
      return features && { features, state: policy(context), atMs: context.nowMs };
    },
  };
}

/** Sets the facts on its way. */
function look(context: RequestContext, atlas: Atlas): PlaceFeatures {
  const { address } = context.client;
  const { place, lists } = atlas.know(address);
  if (place !== undefined) context.set(Place, place);
  if (lists.length > 0) context.set(Reputation, lists);
  return {
    address,
    country: place?.country ?? null,
    asn: place?.asn ?? null,
    lists,
    spared: false,
    cleared: context.get(Clearance) !== undefined,
  };
}

const OWN: readonly Cidr[] = (['loopback', 'linklocal', 'uniquelocal'] as const).flatMap(
  (name) => rangesOf(name) ?? [],
);

/** Where no place can be known because the address means nothing outside. */
function isOwn(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && OWN.some((range) => contains(range, address));
}
