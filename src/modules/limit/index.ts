export { ALGORITHMS, type AlgorithmName } from './algorithms/algorithm.ts';
export { limitPrograms } from './algorithms/programs.ts';
export { limitDecider, type LimitFeatures, type LimitState, type PolicyFeatures } from './decide.ts';
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
export { createLimiter, type Limiter, type Taken, type TakeRequest } from './limiter.ts';
export type { KeyState, LimitManager } from './manage.ts';
export type { RateHistogram } from './histogram.ts';
