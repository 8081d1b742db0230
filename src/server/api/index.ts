export {
  announceBlocks,
  announceExclusions,
  announceLimits,
  type ExclusionReaders,
  reloadBlocks,
  reloadExclusions,
  reloadLimitLists,
} from './announce.ts';
export { apiRoutes, createAccountApi, createApi } from './api.ts';
export { explainSteps, remediesOf, sentenceOf } from './explain.ts';
export { type CounterFacts, limitsPort, type PolicyFacts } from './limits-port.ts';
export { LiveHub, type LiveOptions, type LivePorts } from './live.ts';
export { openApiDocument } from './openapi.ts';
export {
  ALERTS_CHANNEL,
  type ApiFacts,
  type ApiLog,
  type ApiPorts,
  BLOCKS_CHANNEL,
  type CspPort,
  EXCLUSIONS_CHANNEL,
  type HealthPort,
  LIMITS_CHANNEL,
  type LimitsPort,
} from './ports.ts';
export type { ApiBindings, ApiEnv } from './route.ts';
export { makeSampleToken, samplePrincipal } from './sample-token.ts';
