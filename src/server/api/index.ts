export { announceBlocks, announceLimits, reloadBlocks, reloadLimitLists } from './announce.ts';
export { apiRoutes, createAccountApi, createApi } from './api.ts';
export { explainSteps, remediesOf, sentenceOf } from './explain.ts';
export { type CounterFacts, limitsPort, type PolicyFacts } from './limits-port.ts';
export { LiveHub, type LiveOptions, type LivePorts } from './live.ts';
export { openApiDocument } from './openapi.ts';
export {
  type ApiFacts,
  type ApiLog,
  type ApiPorts,
  BLOCKS_CHANNEL,
  type CspPort,
  type HealthPort,
  LIMITS_CHANNEL,
  type LimitsPort,
} from './ports.ts';
export type { ApiBindings, ApiEnv } from './route.ts';
export { makeSampleToken, samplePrincipal } from './sample-token.ts';
