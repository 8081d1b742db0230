export { ALGORITHMS, type AlgorithmName } from './algorithms/algorithm.ts';
export { limitPrograms } from './algorithms/programs.ts';
export { limitDecider } from './decide.ts';
export type { CountedBy, LimitFeatures, LimitState, PolicyFeatures } from './judge.ts';
export { limitRules, limits, type Limits, type LimitsPorts } from './limits.ts';
export type { CallerList } from './lists.ts';
export { mapCounters, type MapCountersOptions } from './map-counters.ts';
export type {
  AdaptiveStep,
  CostFunction,
  KeyFunction,
  KeySource,
  LimiterOptions,
  LimitPolicyOptions,
  LimitsOptions,
  OnStoreFailure,
  PenaltyOptions,
} from './options.ts';
export { presets } from './presets.ts';
export { createLimiter, type Limiter, type TakeRequest } from './limiter.ts';
export type { Taken } from './taken.ts';
export type { KeyState, LimitManager, PolicyInfo } from './manage.ts';
export type { RateHistogram } from './histogram.ts';
