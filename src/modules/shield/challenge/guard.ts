import type { Clock } from '../../../core/clock.ts';
import type { RequestContext } from '../../../core/context.ts';
import type { Decider, Evidence } from '../../../core/decide.ts';
import type { EventSink } from '../../../core/events.ts';
import { Clearance } from '../../../core/fact.ts';
import type { Guard, RouteInfo } from '../../../core/guard.ts';
import { challenge, pass, PASS, type Challenge, type Refusal, type Verdict } from '../../../core/verdict.ts';
import { answerOwn, type ChallengeCounts, type OwnPaths } from './answer.ts';
import { clientOf, isEncrypted } from './client.ts';
import { readCookies } from './cookie.ts';
import {
  type ChallengeDemand,
  type ChallengeOptions,
  type ChallengePosture,
  isDemanded,
  readChallengeOptions,
  readChallengeRoute,
} from './options.ts';
import { CHALLENGE_PATH, readAssets } from './paths.ts';
import { present } from './present.ts';
import { Throttle } from '../throttle.ts';
import { Spent } from './spent.ts';
import { Tokens } from './token.ts';

/** What the challenge stands on. */
export interface ChallengePorts {
  readonly clock: Clock;
  /** Takes CHALLENGE_SOLVED and CHALLENGE_FAILED. */
  readonly events: EventSink;
  /** At least 32 bytes each, the same on every node; the first signs, all verify. */
  readonly keys: readonly Uint8Array[];
  /** How hard the site is pressed; default always `normal`. */
  readonly posture?: () => ChallengePosture;
}

/** The challenge of a house. */
export interface Challenger {
  /** Phases `admit` and `screen`; hand them to the corridor before the limits. */
  readonly guards: readonly Guard[];
  /** Gives a challenge of any guard its page or its instruction: the corridor's `onChallenge`. */
  readonly onChallenge: (context: RequestContext, verdict: Challenge) => Challenge;
  /** Since the start, on this node. */
  readonly counts: () => ChallengeCounts;
}

/** What is decided by. */
export interface ChallengeFeatures {
  readonly demand: ChallengeDemand;
  readonly cleared: boolean;
}
/** What was read for it. */
export interface ChallengeState {
  readonly posture: ChallengePosture;
}

const PROVE: Refusal = {
  status: 403,
  code: 'CHALLENGE_REQUIRED',
  message: 'Show first that a browser, or patience, stands behind this request.',
};

/** Whether a route asks everybody for a challenge at present. */
export const challengeDecider: Decider<ChallengeFeatures, ChallengeState> = {
  name: 'shield.challenge',
  version: 1,
  decide(features, { posture }) {
    const values = { ...features, posture };
    if (!isDemanded(features.demand, posture))
      return pass({ code: 'challenge.none', text: 'Nothing is asked here at present.', values });
    if (features.cleared)
      return pass({ code: 'challenge.cleared', text: 'The caller has solved a challenge.', values });
    return challenge(PROVE, {
      code: 'challenge.demanded',
      text: `The route asks everybody for a challenge (${features.demand}), and the posture is ${posture}.`,
      values,
      remedy: { do: 'change', what: 'Solve the challenge.' },
    });
  },
};

/**
 * Answers the challenge's own paths, takes clearances for later guards, and asks on routes that want it.
 * @param settingsOf a route's own settings: `false` for never, `undefined` for those of the module
 * @throws OptionsError naming the path and the reason; for routes when the corridor is compiled
 */
export function challenges(
  options: ChallengeOptions,
  ports: ChallengePorts,
  settingsOf: (route: RouteInfo) => unknown = () => undefined,
): Challenger {
  const read = readChallengeOptions('shield.challenge', options);
  const { clock, events, keys, posture = () => 'normal' as const } = ports;
  const tokens = new Tokens(keys, read.solveWithin, read.clearFor, clock);
  const issue = (context: RequestContext) =>
    tokens.issue(clientOf(context), read.bits[posture()], read.puzzles, context.nowMs);
  const own: OwnPaths = {
    assets: readAssets(),
    tokens,
    spent: new Spent(),
    events,
    told: new Throttle(1, 60_000),
    counts: { asked: 0, solved: 0, failed: 0 },
    issue,
    clearForMs: read.clearFor,
  };
  return {
    guards: [clearanceGuard(own), new DemandGuard(read.demand, posture, settingsOf)],
    onChallenge(context, verdict) {
      own.counts.asked++;
      return present(context, verdict, issue(context));
    },
    counts: () => ({ ...own.counts }),
  };
}

/** Answers the challenge's own paths and takes clearances, on every route: early, because limits count by them. */
function clearanceGuard(own: OwnPaths): Guard {
  return {
    name: 'shield.challenge',
    phase: 'admit',
    mode: 'enforce',
    onError: 'deny',
    check(context): Verdict {
      if (isCleared(context, own)) context.set(Clearance, true);
      return context.path.startsWith(CHALLENGE_PATH) ? (answerOwn(context, own) ?? PASS) : PASS;
    },
  };
}

function isCleared(context: RequestContext, { tokens }: OwnPaths): boolean {
  const { request } = context;
  const shown = request.header('x-rampart-clearance');
  const found = shown === undefined ? [] : [shown];
  found.push(...readCookies(request.header('cookie'), isEncrypted(context)));
  if (found.length === 0) return false;
  const client = clientOf(context);
  return found.some((one) => tokens.isCleared(one, client));
}

/** Asks on routes that want it. Phase `screen`: preflights are answered by then, and an allowed origin can read the refusal. */
class DemandGuard implements Guard {
  readonly name = 'shield.demand';
  readonly phase = 'screen';
  readonly mode = 'enforce';
  readonly onError = 'deny';
  readonly decider: Decider = challengeDecider;
  readonly #base: ChallengeDemand;
  readonly #posture: () => ChallengePosture;
  readonly #settingsOf: (route: RouteInfo) => unknown;
  readonly #demands = new Map<RouteInfo, ChallengeDemand>();

  constructor(
    base: ChallengeDemand,
    posture: () => ChallengePosture,
    settingsOf: (route: RouteInfo) => unknown,
  ) {
    this.#base = base;
    this.#posture = posture;
    this.#settingsOf = settingsOf;
  }

  appliesTo(route: RouteInfo): boolean {
    const given = this.#settingsOf(route);
    if (given === false) return false;
    if (given !== undefined)
      this.#demands.set(route, readChallengeRoute(`routes['${route.name}'].shield.challenge`, given));
    return this.#demandOf(route) !== 'never';
  }

  check(context: RequestContext): Verdict {
    if (!isDemanded(this.#demandOf(context.plan.route), this.#posture())) return PASS;
    const { features, state, atMs } = this.evidence(context);
    const verdict = challengeDecider.decide(features, state, atMs);
    return verdict.kind === 'pass' ? PASS : verdict;
  }

  evidence(context: RequestContext): Evidence<ChallengeFeatures, ChallengeState> {
    return {
      features: {
        demand: this.#demandOf(context.plan.route),
        cleared: context.get(Clearance) !== undefined,
      },
      state: { posture: this.#posture() },
      atMs: context.nowMs,
    };
  }

  #demandOf(route: RouteInfo): ChallengeDemand {
    return this.#demands.get(route) ?? this.#base;
  }
}
