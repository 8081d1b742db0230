import type { Duration } from '../../../core/duration.ts';
import { duration, type Fields, number, object, oneOf, readOptions } from '../../../core/options.ts';

/** How hard the site is pressed at present. */
export const POSTURES = ['normal', 'elevated', 'attack'] as const;
export type ChallengePosture = (typeof POSTURES)[number];

/** From which posture on everybody is asked; `never`: only where a limit or a class of bots says so. */
export const DEMANDS = ['never', 'attack', 'elevated', 'always'] as const;
export type ChallengeDemand = (typeof DEMANDS)[number];

/** What differs on a route. */
export interface ChallengeRouteOptions {
  /** From which posture on everybody is asked here; default `never`. */
  readonly demand?: ChallengeDemand;
}

/** The challenge: a proof of work that a browser does by itself, and the clearance that it earns. */
export interface ChallengeOptions extends ChallengeRouteOptions {
  /** Zero bits of each of the puzzles by posture, 4 to 24; default 12, 13 and 15. One bit more is twice the work. */
  readonly bits?: { readonly normal?: number; readonly elevated?: number; readonly attack?: number };
  /** Puzzles of one challenge, 1 to 64; default 16. Many small ones take about as long each time. */
  readonly puzzles?: number;
  /** How long a challenge may be solved; default '5m', '30s' to '1h'. */
  readonly solveWithin?: Duration;
  /** How long a clearance holds; default '1h', '1m' to '7d'. */
  readonly clearFor?: Duration;
}

/** The options with every default filled in. */
export interface ResolvedChallenge {
  readonly demand: ChallengeDemand;
  readonly bits: Readonly<Record<ChallengePosture, number>>;
  readonly puzzles: number;
  /** Milliseconds. */
  readonly solveWithin: number;
  readonly clearFor: number;
}

const ROUTE_FIELDS: Fields<Pick<ResolvedChallenge, 'demand'>> = { demand: oneOf(DEMANDS, 'never') };

const FIELDS: Fields<ResolvedChallenge> = {
  ...ROUTE_FIELDS,
  bits: object(
    {
      normal: number({ min: 4, max: 24, default: 12 }),
      elevated: number({ min: 4, max: 24, default: 13 }),
      attack: number({ min: 4, max: 24, default: 15 }),
    },
    {},
  ),
  puzzles: number({ min: 1, max: 64, default: 16 }),
  solveWithin: duration({ min: '30s', max: '1h', default: '5m' }),
  clearFor: duration({ min: '1m', max: '7d', default: '1h' }),
};

/** @throws OptionsError naming the path and the reason */
export function readChallengeOptions(path: string, given: unknown): ResolvedChallenge {
  return readOptions(path, given, FIELDS);
}

/** @throws OptionsError naming the path and the reason */
export function readChallengeRoute(path: string, given: unknown): ChallengeDemand {
  return readOptions(path, given, ROUTE_FIELDS).demand;
}

/** Whether a posture is one in which everybody is asked. */
export function isDemanded(demand: ChallengeDemand, posture: ChallengePosture): boolean {
  if (demand === 'never') return false;
  return demand === 'always' || (demand === 'elevated' ? posture !== 'normal' : posture === 'attack');
}
