import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from '../base/observe/index.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { EventSink } from '../core/events.ts';
import type { Finisher, Guard, RouteInfo } from '../core/guard.ts';
import { custom, type Field, readOptions } from '../core/options.ts';
import {
  type BlockList,
  type BotOptions,
  type BotResolver,
  type BotRouteOptions,
  type Bots,
  bots,
  type ChallengeOptions,
  type Challenger,
  type ChallengeRouteOptions,
  challenges,
  type Feeds,
  type FeedsOptions,
  headerSanity,
  DeclaredFields,
  inspection,
  type InspectionOptions,
  type InspectionRouteOptions,
  type InspectionSettings,
  LiveExclusions,
  type HeaderSanityOptions,
  type HeaderSanityRouteOptions,
  type PlaceFeeds,
  type PlaceOptions,
  type PlaceRouteOptions,
  type Places,
  places,
  type Traffic,
  TRAFFIC_BLOCKER,
  type TrafficBlock,
  type TrafficOptions,
  trafficPatterns,
  type TrafficRouteOptions,
} from '../modules/shield/index.ts';
import { keepFeeds, lendDomains, placeFeeds, publishedRanges } from './feeds.ts';

/** What stands between the block list and the application; each part may be `false` for none. */
export interface ShieldOptions {
  /** Who asks too fast, who looks for what is not there, and how hard the site is pressed; default on. */
  readonly traffic?: TrafficOptions | false;
  /** Where callers are and on which lists they stand, from local files; default none. */
  readonly place?: PlaceOptions | false;
  /** Files that are brought up to date by themselves: lists, places, ranges of bots, mail domains; default none. */
  readonly feeds?: FeedsOptions;
  /** Header sanity; default on. */
  readonly headers?: HeaderSanityOptions | false;
  /** Who is a good bot, who only says so, and what is let in; default on. */
  readonly bots?: BotOptions | false;
  /** A proof of work that browsers do by themselves, where a limit, a class of bots or a route asks for it; default on. */
  readonly challenge?: ChallengeOptions | false;
  /** Inspection of addresses, headers, cookies and bodies; default on. */
  readonly inspection?: InspectionOptions | false;
}

/** What differs on a route; `false` switches the whole shield off there. */
export interface ShieldRouteOptions {
  /** How much requests here count; `false` for not at all. */
  readonly traffic?: TrafficRouteOptions | false;
  /** Countries that are let in here; `false` for no check of places and lists. */
  readonly place?: PlaceRouteOptions | false;
  /** Checks of headers that differ here; `false` for none. */
  readonly headers?: HeaderSanityRouteOptions | false;
  /** Classes of bots that are treated differently here; `false` for no check. */
  readonly bots?: BotRouteOptions | false;
  /** From which posture on everybody is asked here; `false` for never. */
  readonly challenge?: ChallengeRouteOptions | false;
  /** What differs here of inspection; `false` for none. */
  readonly inspection?: InspectionRouteOptions | false;
}

/** What the parts of the shield stand on. */
export interface ShieldPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: EventSink;
  readonly log: Logger;
  readonly blocks: BlockList;
  /** Blocks a client for its traffic on every node; default on this node alone. Must not throw. */
  readonly block?: (block: TrafficBlock) => void;
  /** Asks the DNS about bots; default the machine's own name servers. */
  readonly botResolver?: BotResolver;
  /** Folder whose `bots` holds the published ranges of bots. */
  readonly dataDir?: string;
  /** Keys of challenges and clearances, at least 32 bytes each, the same on all nodes; default one of this process. */
  readonly challengeKeys?: readonly Uint8Array[];
}

/** The shield, composed. */
export interface Shield {
  readonly guards: readonly Guard[];
  readonly finishers: readonly Finisher[];
  /** Patterns of traffic and the posture; null where they are off. */
  readonly traffic: Traffic | null;
  /** Places and lists; null where none are configured. */
  readonly places: Places | null;
  /** What inspection leaves out while it runs. */
  readonly exclusions: LiveExclusions;
  /** Bytes of memory for bodies that wait for inspection; absent where it is off. */
  readonly maxHeldBytes?: number;
  /** Files that are brought up to date; null where none are configured. */
  readonly feeds: Feeds | null;
  /** Gives challenges their page; absent where the challenge is off. */
  readonly onChallenge?: Challenger['onChallenge'];
  /** What became of challenges on this node; absent where they are off. */
  readonly challengeCounts?: Challenger['counts'];
  /** What schemas say of the fields of routes: for inspection, which stands before them. */
  readonly declared: DeclaredFields;
  close(): Promise<void>;
}

/** What a part reads by itself. */
const part = <T>(): Field<T | undefined> =>
  custom('options, or false', (value) => value as T | undefined, true);

/**
 * Composes the shield.
 * @throws OptionsError naming the path and the reason
 */
export function buildShield(given: ShieldOptions | false, ports: ShieldPorts): Shield {
  const exclusions = new LiveExclusions();
  if (given === false)
    return {
      guards: [],
      finishers: [],
      traffic: null,
      places: null,
      feeds: null,
      declared: new DeclaredFields(),
      exclusions,
      close: nothing,
    };
  const options = readOptions<ShieldOptions>('shield', given, {
    traffic: part<TrafficOptions | false>(),
    place: part<PlaceOptions | false>(),
    feeds: part<FeedsOptions>(),
    headers: part<HeaderSanityOptions | false>(),
    bots: part<BotOptions | false>(),
    challenge: part<ChallengeOptions | false>(),
    inspection: part<InspectionOptions | false>(),
  });
  const guards: Guard[] = [];
  const declared = new DeclaredFields();
  const traffic = options.traffic === false ? null : makeTraffic(options.traffic ?? {}, ports);
  if (traffic !== null) guards.push(traffic.guard);
  if (options.headers !== false) guards.push(headerSanity(options.headers ?? {}, settingsOf('headers')));
  const challenger =
    options.challenge === false ? null : makeChallenger(options.challenge ?? {}, ports, traffic);
  if (challenger !== null) guards.push(...challenger.guards);
  const closers: (() => void)[] = [];
  const feeds = options.feeds === undefined ? null : keepFeeds(options.feeds, ports);
  const atlas = makePlaces(options.place, placeFeeds(feeds, ports.dataDir), ports, closers);
  if (atlas !== null) guards.push(atlas.guard);
  const crawlers = options.bots === false ? null : makeBots(options.bots ?? {}, feeds, ports, closers);
  if (crawlers !== null) guards.push(crawlers.guard);
  closers.push(lendDomains(feeds));
  feeds?.onChange(({ kind }) => {
    if (kind === 'list' || kind === 'mmdb') atlas?.refresh();
    else if (kind === 'bots') guarded(() => crawlers?.reload(), RANGES_OF_BOTS, ports.log);
  });
  const inspector =
    options.inspection === false
      ? null
      : inspection(
          options.inspection ?? {},
          { events: ports.events, exclusions },
          settingsOf('inspection') as InspectionSettings,
          declared,
        );
  if (inspector !== null) guards.push(inspector);
  return {
    guards,
    finishers: traffic === null ? [] : [traffic.finisher],
    traffic,
    places: atlas,
    declared,
    exclusions,
    feeds,
    ...(challenger === null
      ? {}
      : { onChallenge: challenger.onChallenge, challengeCounts: challenger.counts }),
    async close() {
      for (const close of closers) close();
      await feeds?.close();
    },
  };
}

/** A key of this process alone makes clearances worth nothing on other nodes, and after a start: people solve once more. */
function makeChallenger(given: ChallengeOptions, ports: ShieldPorts, traffic: Traffic | null): Challenger {
  const { clock, events, challengeKeys = [randomBytes(32)] } = ports;
  const posture = traffic === null ? {} : { posture: () => traffic.level() };
  return challenges(given, { clock, events, keys: challengeKeys, ...posture }, settingsOf('challenge'));
}

function makeTraffic(given: TrafficOptions, { clock, events, blocks, ...ports }: ShieldPorts): Traffic {
  const block = ports.block ?? ((one) => void blocks.add({ ...one, createdBy: TRAFFIC_BLOCKER }));
  const refuses = (target: string) => blocks.refuses(target);
  return trafficPatterns(given, { clock, events, refuses, block }, settingsOf('traffic'));
}

const HOUR_MS = 3_600_000;
const RANGES_OF_BOTS = 'The ranges of bots';
const nothing = (): Promise<void> => Promise.resolve();

/** Whoever refreshes the files of ranges need not start anything anew: they are read every hour. */
function makeBots(given: BotOptions, feeds: Feeds | null, ports: ShieldPorts, closers: (() => void)[]): Bots {
  const { clock, timers, events, botResolver, dataDir } = ports;
  const options = dataDir === undefined ? given : { rangesFolder: join(dataDir, 'bots'), ...given };
  const published = publishedRanges(feeds);
  const made = bots(
    options,
    {
      clock,
      timers,
      events,
      ...(botResolver === undefined ? {} : { resolver: botResolver }),
      ...(published === undefined ? {} : { published }),
    },
    settingsOf('bots'),
  );
  if (options.rangesFolder !== undefined) closers.push(everyHour(made.reload, RANGES_OF_BOTS, ports));
  return made;
}

/** Whoever brings newer files need not start anything anew. Feeds of lists and databases need no options beside. */
function makePlaces(
  given: PlaceOptions | false | undefined,
  feeds: PlaceFeeds | undefined,
  ports: ShieldPorts,
  closers: (() => void)[],
): Places | null {
  if (given === false || (given === undefined && feeds === undefined)) return null;
  const isNeverBlocked = (address: string): boolean => ports.blocks.refuses(address)?.code === 'never-block';
  const fed = feeds === undefined ? {} : { feeds };
  const made = places(given ?? {}, { isNeverBlocked, events: ports.events, ...fed }, settingsOf('place'));
  closers.push(everyHour(() => made.reload(), 'Places and lists', ports));
  return made;
}

/** @returns what ends it */
function everyHour(
  task: () => void,
  what: string,
  { timers, log }: Pick<ShieldPorts, 'timers' | 'log'>,
): () => void {
  let cancel = (): void => undefined;
  const later = (): void => {
    cancel = timers.after(HOUR_MS, () => {
      guarded(task, what, log);
      later();
    });
  };
  later();
  return () => cancel();
}

function guarded(task: () => void, what: string, log: Logger): void {
  try {
    task();
  } catch (error) {
    log.warn(`${what} cannot be read; what was read before holds.`, { error });
  }
}

/** What a route says of one part; `false` where the whole shield is off. @throws OptionsError */
function settingsOf(name: keyof ShieldRouteOptions): (route: RouteInfo) => unknown {
  return (route) => {
    const given = route.settings['shield'];
    if (given === undefined || given === false) return given;
    return readOptions<ShieldRouteOptions>(`routes['${route.name}'].shield`, given, {
      traffic: part<TrafficRouteOptions | false>(),
      place: part<PlaceRouteOptions | false>(),
      headers: part<HeaderSanityRouteOptions | false>(),
      bots: part<BotRouteOptions | false>(),
      challenge: part<ChallengeRouteOptions | false>(),
      inspection: part<InspectionRouteOptions | false>(),
    })[name];
  };
}
