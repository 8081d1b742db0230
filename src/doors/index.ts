/** The package's own door: the kernel, and the configuration with its types. */
export {
  clientGroup,
  contains,
  formatAddress,
  formatCidr,
  parseAddress,
  parseCidr,
  prefixOf,
  type Cidr,
  type IpAddress,
} from '../core/address.ts';
export { systemClock, systemTimers, type Clock, type Timers } from '../core/clock.ts';
export { RequestContext, type RoutePlan, type TrailEntry } from '../core/context.ts';
export { createCorridor, type Corridor, type CorridorParts, type RouteRule } from '../core/corridor.ts';
export { type Decider, type Evidence } from '../core/decide.ts';
export { replayStep, type DecisionRecord, type DecisionStep, type RecordSink } from '../core/decision.ts';
export { formatDuration, parseDuration, type Duration } from '../core/duration.ts';
export {
  AppError,
  AuthenticationError,
  AuthorizationError,
  ConflictError,
  NotFoundError,
  OptionsError,
  RampartError,
  RateLimitError,
  ValidationError,
  type AppErrorOptions,
  type ErrorDetails,
} from '../core/errors.ts';
export { EventCorridor, type EventCorridorOptions } from '../core/event-corridor.ts';
export {
  defineEvents,
  type OwnEventKinds,
  type OwnEventOptions,
  type OwnEvents,
  type OwnFields,
  type OwnTypes,
} from '../core/own-events.ts';
export {
  EVENTS,
  SEVERITIES,
  type EventClass,
  type EventFields,
  type EventSink,
  type EventType,
  type RampartEvent,
  type Severity,
} from '../core/events.ts';
export {
  AccountName,
  ApiKeyId,
  CspNonce,
  Principal,
  RiskScore,
  fact,
  type ClientAddressValue,
  type Fact,
  type PrincipalValue,
} from '../core/fact.ts';
export { type Gate } from '../core/gate.ts';
export {
  PHASES,
  type Finisher,
  type Guard,
  type Mode,
  type Phase,
  type RequestEnd,
  type RouteInfo,
} from '../core/guard.ts';
export { keyedHash, type KeyedHash } from '../core/hash.ts';
export { idTimeMs, isId, newId, newNonce, newSecret } from '../core/id.ts';
export {
  custom,
  duration,
  either,
  flag,
  list,
  number,
  object,
  oneOf,
  optional,
  readOptions,
  record,
  text,
  type Field,
  type Fields,
} from '../core/options.ts';
export {
  TRUST_PRESETS,
  addressReader,
  type ClientAddressResult,
  type ProxyOptions,
  type TrustPreset,
  type TrustProxy,
} from '../core/proxy.ts';
export { createRecorder, type Recorder, type RecorderOptions } from '../core/recorder.ts';
export { refusalOf, renderRefusal, type ErrorFormat } from '../core/reply.ts';
export { type RequestView } from '../core/request.ts';
export { RouteTable, canonicalPath, parsePattern, type RoutePattern } from '../core/route.ts';
export {
  PASS,
  answer,
  challenge,
  deny,
  pass,
  type Answer,
  type Challenge,
  type Deny,
  type Pass,
  type Reason,
  type Refusal,
  type Remedy,
  type Reply,
  type Scalar,
  type Verdict,
  type VerdictKind,
} from '../core/verdict.ts';
export { STAGES, type Stage, type Watcher } from '../core/watcher.ts';
export {
  defineRampart,
  type RampartConfig,
  type RecordOptions,
  type RouteOptions,
} from '../server/config.ts';
