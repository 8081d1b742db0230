import type { Duration } from '../../../core/duration.ts';
import type { Mode } from '../../../core/guard.ts';
import {
  duration,
  type Fields,
  number,
  object,
  oneOf,
  optional,
  readOptions,
  text,
} from '../../../core/options.ts';

/** What a caller can turn out to be. */
export const BOT_CLASSES = [
  'verified',
  'unverified',
  'impostor',
  'tool',
  'headless',
  'crawler',
  'human',
] as const;
export type BotClassName = (typeof BOT_CLASSES)[number];

/** What can be done about it. */
export const BOT_ACTIONS = ['allow', 'limit', 'challenge', 'deny'] as const;
export type BotAction = (typeof BOT_ACTIONS)[number];

/** Which callers are let in. */
export interface BotRouteOptions {
  /** A good bot, proven by its published ranges or by forward-confirmed reverse DNS; default `allow`. */
  readonly verified?: BotAction;
  /** Names a good bot, and nobody could tell yet: no ranges, or the DNS does not answer; default `limit`. */
  readonly unverified?: BotAction;
  /** Names a good bot, and is none; default `deny`. */
  readonly impostor?: BotAction;
  /** curl, wget, Python, Ruby, Go …, or no User-Agent; default `allow`. */
  readonly tool?: BotAction;
  /** A browser without a window; default `allow`. */
  readonly headless?: BotAction;
  /** Another bot that says so; default `allow`. */
  readonly crawler?: BotAction;
  /** Looks like a browser of a person; default `allow`. */
  readonly human?: BotAction;
}

/** Bots. */
export interface BotOptions extends BotRouteOptions {
  /** `enforce` (default) refuses; `shadow` only records what it would have refused. */
  readonly mode?: Mode;
  /** What `limit` allows per client and class, on each node; default 60 in '1m'. */
  readonly limit?: { readonly max?: number; readonly window?: Duration };
  /** Longest wait of a request for the DNS; default '200ms', '1ms' to '5s'. */
  readonly dnsBudget?: Duration;
  /** How long a proof is remembered; default '24h', '1m' to '30d'. */
  readonly verifiedFor?: Duration;
  /** How long an impostor is; default '1h', '1m' to '30d'. */
  readonly impostorFor?: Duration;
  /** Folder with the published ranges, `googlebot.json` …; default `bots` in the server's data folder, where it is there. */
  readonly rangesFolder?: string;
}

/** What is done about each class. */
export type BotPolicy = Readonly<Record<BotClassName, BotAction>>;

/** The options with every default filled in. */
export interface ResolvedBots extends BotPolicy {
  readonly mode: Mode;
  readonly limit: { readonly max: number; readonly window: number };
  /** Milliseconds. */
  readonly dnsBudget: number;
  readonly verifiedFor: number;
  readonly impostorFor: number;
  readonly rangesFolder: string | undefined;
}

const CLASS_FIELDS: Fields<BotPolicy> = {
  verified: oneOf(BOT_ACTIONS, 'allow'),
  unverified: oneOf(BOT_ACTIONS, 'limit'),
  impostor: oneOf(BOT_ACTIONS, 'deny'),
  tool: oneOf(BOT_ACTIONS, 'allow'),
  headless: oneOf(BOT_ACTIONS, 'allow'),
  crawler: oneOf(BOT_ACTIONS, 'allow'),
  human: oneOf(BOT_ACTIONS, 'allow'),
};

const FIELDS: Fields<ResolvedBots> = {
  ...CLASS_FIELDS,
  mode: oneOf(['enforce', 'shadow'], 'enforce'),
  limit: object(
    {
      max: number({ min: 1, max: 1_000_000, default: 60 }),
      window: duration({ min: '1s', max: '1d', default: '1m' }),
    },
    {},
  ),
  dnsBudget: duration({ min: '1ms', max: '5s', default: '200ms' }),
  verifiedFor: duration({ min: '1m', max: '30d', default: '24h' }),
  impostorFor: duration({ min: '1m', max: '30d', default: '1h' }),
  rangesFolder: optional(text({ max: 1_000 })),
};

/** @throws OptionsError naming the path and the reason */
export function readBotOptions(path: string, given: unknown): ResolvedBots {
  return readOptions(path, given, FIELDS);
}

/** The part of the options by which is decided. */
export function policyOf(options: ResolvedBots): BotPolicy {
  return Object.fromEntries(BOT_CLASSES.map((name) => [name, options[name]])) as unknown as BotPolicy;
}

/** Lays a route's settings over the module's. @throws OptionsError */
export function readBotRoute(path: string, base: BotPolicy, given: unknown): BotPolicy {
  const read = readOptions(path, given, CLASS_FIELDS);
  const said = BOT_CLASSES.filter((name) => Object.hasOwn(given as object, name));
  return { ...base, ...Object.fromEntries(said.map((name) => [name, read[name]])) };
}
