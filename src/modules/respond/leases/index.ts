export { type Sighting, type Wanted, wantedBy } from './ask.ts';
export { LeaseBook } from './book.ts';
export { addressDecider, callerDecider, type LeaseFacts, type Place as ResponsePlace } from './decide.ts';
export {
  type Budget,
  concernsAll,
  costOf,
  type FuseFeatures,
  type FuseState,
  type FuseVerdict,
  judge,
  settle,
  type Usage,
} from './fuse.ts';
export {
  partOf,
  PaymentsFrozen,
  paymentsOpen,
  type ResponseCaller,
  type ResponseGuardPorts,
  responseGuards,
} from './guards.ts';
export { harmOf, type HarmRules, type Rate, type Wellbeing, WellbeingMeter } from './harm.ts';
export {
  type BlockHow,
  canUndo,
  FINAL_STATES,
  isActing,
  isFinal,
  type Lease,
  type LeaseState,
  type LeaseTarget,
  MAX_LIFE_MS,
  type Objection,
  OPEN_STATES,
  parseLeaseTarget,
  type Radius,
  type Responder,
  RESPONDERS,
} from './lease.ts';
export {
  type ReadResponses,
  type ReadRule,
  readResponseOptions,
  type ResponseOptions,
  type ResponseRule,
} from './options.ts';
export { scoreFactors, type ScoreFactor, type ScoreFeatures, ScoreKeeper, scoreOf } from './score.ts';
export { SHIPPED_RESPONSES } from './shipped.ts';
export { begin, BY_EXPIRY, type Observation, type StageRules, stepLease } from './step.ts';
