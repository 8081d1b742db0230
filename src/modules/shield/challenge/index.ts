/** The challenge: a proof of work that a browser does by itself, and the clearance that it earns. */
export type { ChallengeCounts } from './answer.ts';
export {
  challengeDecider,
  type ChallengeFeatures,
  type ChallengePorts,
  type Challenger,
  challenges,
  type ChallengeState,
} from './guard.ts';
export type {
  ChallengeDemand,
  ChallengeOptions,
  ChallengePosture,
  ChallengeRouteOptions,
} from './options.ts';
export { CHALLENGE_PATH } from './paths.ts';
export type { ChallengeInstruction } from './present.ts';
export { returnPath } from './return-path.ts';
