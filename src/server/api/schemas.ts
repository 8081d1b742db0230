import { z } from 'zod';
import { CONSOLE_ROLES } from './user-types.ts';
import { isId } from '../../core/id.ts';
import type {
  BlockEntry,
  BlockPreview,
  BlocksAnswer,
  CspAnswer,
  DecisionAnswer,
  DecisionsAnswer,
  DecisionSummary,
  HealthAnswer,
  LimitHistogramAnswer,
  LimitKeysAnswer,
  LimitsAnswer,
  OverviewAnswer,
  Reason,
  SessionAnswer,
} from './types.ts';
import { BLOCK_KINDS, TRAFFIC_CLASSES } from './types.ts';

/**
 * The answers of types.ts as schemas, for the OpenAPI document; each is held to its type by the compiler. Answers are
 * not checked at run time.
 */
const atMs = z.int().meta({ description: 'Milliseconds since the epoch.' });
const count = z.int().min(0);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const verdict = z.enum(['pass', 'deny', 'challenge', 'answer']);
const trafficClass = z.enum(TRAFFIC_CLASSES);

const counts = {
  allowed: count,
  answered: count,
  challenged: count,
  limited: count,
  blocked: count,
  wouldRefuse: count,
};
const topEntry = z.object({ value: z.string(), requests: count, refused: count });

/** An id of a kind, such as `dec_…`. */
export function idOf(prefix: string): z.ZodType<string> {
  return z
    .string()
    .length(prefix.length + 27)
    .regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`))
    .refine((text) => isId(prefix, text))
    .meta({ example: `${prefix}_01k9x3v8c0m2n4p6q8r0s2t4v6` });
}

/** Schema of `SessionAnswer`. */
export const sessionAnswer = z.object({
  name: z.string(),
  actor: z.string(),
  role: z.enum(CONSOLE_ROLES),
  kind: z.enum(['account', 'setup']),
  email: z.string().nullable(),
  hasAdministrator: z.boolean(),
  mailbox: z.boolean(),
  csrfToken: z.string(),
  expiresAtMs: atMs,
}) satisfies z.ZodType<SessionAnswer>;

/** Schema of `OverviewAnswer`. */
export const overviewAnswer = z.object({
  fromMs: atMs,
  toMs: atMs,
  bucketMs: count,
  countedAtMs: atMs,
  series: z.array(z.object({ atMs, ...counts })),
  totals: z.object(counts),
  previousTotals: z.object(counts),
  topAddresses: z.array(topEntry),
  topRoutes: z.array(topEntry),
  topGuards: z.array(topEntry),
  topPrincipals: z.array(topEntry),
  topRanges: z.array(topEntry),
  topNetworks: z.array(topEntry),
  topCountries: z.array(topEntry),
  topClients: z.array(topEntry),
  topCodes: z.array(topEntry),
  knowsPlaces: z.boolean(),
  sampleShare: z.number().min(0).max(1),
  topsSinceMs: atMs.exactOptional(),
  seriesSinceMs: atMs.exactOptional(),
  summary: z.string(),
}) satisfies z.ZodType<OverviewAnswer>;

/** Schema of `DecisionSummary`. */
export const decisionSummary = z.object({
  id: z.string(),
  atMs,
  method: z.string(),
  route: z.string(),
  path: z.string(),
  address: z.string(),
  principal: z.string().nullable(),
  verdict,
  trafficClass,
  guard: z.string().nullable(),
  code: z.string().nullable(),
  status: z.int(),
  wouldRefuse: z.array(z.string()),
  durationMs: z.number(),
  weight: z.number(),
}) satisfies z.ZodType<DecisionSummary>;

/** Schema of `DecisionsAnswer`. */
export const decisionsAnswer = z.object({
  decisions: z.array(decisionSummary),
  nextBefore: z.string().nullable(),
}) satisfies z.ZodType<DecisionsAnswer>;

const reason = z
  .object({
    code: z.string(),
    text: z.string(),
    values: z.record(z.string(), scalar).optional(),
    remedy: z.object({ do: z.string() }).loose().optional(),
    because: z.array(z.unknown()).optional().meta({ description: 'Reasons of the same shape.' }),
  })
  .meta({ description: 'One node of the tree that explains a verdict.' }) as unknown as z.ZodType<Reason>;

/** Schema of `BlockEntry`. */
export const blockEntry = z.object({
  id: z.string(),
  kind: z.enum(BLOCK_KINDS),
  target: z.string(),
  reason: z.string(),
  createdBy: z.string(),
  createdAtMs: atMs,
  expiresAtMs: atMs.nullable(),
  hits: count,
}) satisfies z.ZodType<BlockEntry>;

/** Schema of `DecisionAnswer`. */
export const decisionAnswer = decisionSummary.extend({
  group: z.string(),
  userAgent: z.string().nullable(),
  node: z.string(),
  policy: z.string(),
  steps: z.array(
    z.object({
      guard: z.string(),
      phase: z.string().nullable(),
      mode: z.enum(['enforce', 'shadow']),
      verdict,
      reason: reason.nullable(),
      replayed: z.boolean().nullable(),
    }),
  ),
  sentence: z.string(),
  remedies: z.array(z.string()),
  related: z.array(decisionSummary),
  block: blockEntry.nullable(),
  targets: z.array(z.object({ kind: z.enum(BLOCK_KINDS), target: z.string() })),
}) satisfies z.ZodType<DecisionAnswer>;

const listEntry = z.object({
  value: z.string(),
  note: z.string().nullable(),
  addedBy: z.string(),
  addedAtMs: atMs,
});

/** Schema of `LimitsAnswer`. */
export const limitsAnswer = z.object({
  policies: z.array(
    z.object({
      name: z.string(),
      algorithm: z.enum(['sliding', 'gcra', 'fixed', 'log', 'concurrency']),
      max: z.union([z.number(), z.record(z.string(), z.number())]),
      windowMs: count,
      by: z.array(z.string()),
      mode: z.enum(['enforce', 'shadow']),
      onStoreFailure: z.enum(['local', 'open', 'closed']),
      code: z.string(),
      routes: z.array(z.string()),
      passed: count,
      refused: count,
    }),
  ),
  store: z.object({
    kind: z.enum(['memory', 'redis']),
    state: z.enum(['shared', 'local']),
    sinceMs: atMs,
    nodes: count,
    keys: count.nullable(),
    evicted: count,
  }),
  allow: z.array(listEntry),
  deny: z.array(listEntry),
}) satisfies z.ZodType<LimitsAnswer>;

/** Schema of `LimitKeysAnswer`. */
export const limitKeysAnswer = z.object({
  keys: z.array(
    z.object({
      key: z.string(),
      used: z.number(),
      max: z.number(),
      remaining: z.number(),
      resetAtMs: atMs,
      penaltyLevel: count,
      penaltyUntilMs: atMs.nullable(),
    }),
  ),
}) satisfies z.ZodType<LimitKeysAnswer>;

/** Schema of `LimitHistogramAnswer`. */
export const limitHistogramAnswer = z.object({
  policy: z.string(),
  max: z.number(),
  windowMs: count,
  bins: z.array(z.object({ from: z.number(), upTo: z.number().nullable(), keys: count })),
  shareWithin: z.number().nullable(),
  p99: z.number().nullable(),
  p999: z.number().nullable(),
}) satisfies z.ZodType<LimitHistogramAnswer>;

/** Schema of `BlocksAnswer`. */
export const blocksAnswer = z.object({ blocks: z.array(blockEntry) }) satisfies z.ZodType<BlocksAnswer>;

/** Schema of `BlockPreview`. */
export const blockPreview = z.object({
  kind: z.enum(BLOCK_KINDS),
  target: z.string(),
  requests: count,
  passed: count,
  principals: count,
  sinceMs: atMs,
  refused: z.string().nullable(),
  note: z.string().nullable(),
}) satisfies z.ZodType<BlockPreview>;

const healthState = z.enum(['ok', 'degraded', 'down']);
/** Schema of `HealthAnswer`. */
export const healthAnswer = z.object({
  state: healthState,
  version: z.string(),
  node: z.string(),
  nodeVersion: z.string(),
  startedAtMs: atMs,
  checks: z.array(
    z.object({
      name: z.string(),
      state: healthState,
      text: z.string(),
      latencyMs: z.number().nullable(),
      checkedAtMs: atMs,
    }),
  ),
  runtime: z.object({
    memoryMb: z.number(),
    heapMb: z.number(),
    eventLoopP99Ms: z.number(),
    cpuPercent: z.number(),
  }),
  journal: z.object({ waiting: count, bytes: count, shed: count }),
  posture: z
    .object({
      level: z.enum(['normal', 'elevated', 'attack']),
      sinceMs: count,
      nodes: count,
      rate: z.number(),
      usual: z.number().nullable(),
      bound: z.number().nullable(),
    })
    .nullable(),
  findings: z.array(
    z.object({ level: z.enum(['info', 'warning', 'error']), text: z.string(), remedy: z.string() }),
  ),
}) satisfies z.ZodType<HealthAnswer>;

/** Schema of `CspAnswer`. */
export const cspAnswer = z.object({
  groups: z.array(z.object({ directive: z.string(), blocked: z.string(), count, lastAtMs: atMs })),
}) satisfies z.ZodType<CspAnswer>;

/** The envelope of every refusal. */
export const errorAnswer = z.object({
  success: z.literal(false),
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.unknown().optional(),
    decision: z.string().optional().meta({ description: 'Decision id, where a guard refused the request.' }),
  }),
});
