import { z } from 'zod';
import { ATTACK_CLASSES, isInspectionRule, POSTURE_LEVELS } from '../../../../modules/shield/index.ts';
import { idOf } from '../../schemas.ts';
import {
  EXCLUSION_STATES,
  type ExclusionReplay,
  type ExclusionsAnswer,
  type FalseAlarm,
  REPORT_STATES,
  type ReportsAnswer,
  type ShieldAnswer,
  type ShieldExclusion,
} from '../../shield-types.ts';

const atMs = z.int().meta({ description: 'Milliseconds since the epoch.' });
const count = z.int().min(0);
const attackClass = z.enum(ATTACK_CLASSES);
/** What became of a report. */
export const reportState = z.enum(REPORT_STATES);

/** Schema of `ShieldAnswer`. */
export const shieldAnswer = z.object({
  fromMs: atMs,
  toMs: atMs,
  bucketMs: count,
  posture: z
    .object({
      level: z.enum(POSTURE_LEVELS),
      sinceMs: atMs,
      own: z.enum(POSTURE_LEVELS),
      nodes: count,
      rate: z.number(),
      usual: z.number().nullable(),
      bound: z.number().nullable(),
    })
    .nullable(),
  parts: z.array(z.object({ name: z.string(), mode: z.enum(['enforce', 'shadow', 'off']) })),
  threshold: z.number().nullable(),
  series: z.array(z.object({ atMs, counts: z.partialRecord(attackClass, count) })),
  classes: z.array(z.object({ class: attackClass, refused: count, wouldRefuse: count, below: count })),
  rules: z.array(
    z.object({
      rule: z.string(),
      class: attackClass,
      refused: count,
      below: count,
      route: z.string().nullable(),
      place: z.string().nullable(),
      field: z.string().nullable(),
    }),
  ),
  guards: z.array(z.object({ name: z.string(), refused: count, challenged: count })),
  challenges: z.object({ shown: count, solved: count, refused: count }).nullable(),
  openReports: count,
  sinceMs: atMs.exactOptional(),
}) satisfies z.ZodType<ShieldAnswer>;

/** Schema of `FalseAlarm`. */
export const falseAlarm = z.object({
  id: z.string(),
  decision: z.string(),
  state: reportState,
  note: z.string(),
  reportedBy: z.string(),
  atMs,
  guard: z.string().nullable(),
  route: z.string().nullable(),
  address: z.string().nullable(),
  findings: z.array(
    z.object({
      rule: z.string(),
      class: attackClass,
      weight: z.number(),
      place: z.string(),
      name: z.string(),
    }),
  ),
  settledBy: z.string().nullable(),
  settledAtMs: atMs.nullable(),
  exclusion: z.string().nullable(),
}) satisfies z.ZodType<FalseAlarm>;

/** Schema of `ReportsAnswer`. */
export const reportsAnswer = z.object({
  reports: z.array(falseAlarm),
  nextCursor: z.string().nullable(),
  counts: z.object({ open: count, accepted: count, dismissed: count }),
}) satisfies z.ZodType<ReportsAnswer>;

const replay = z.object({
  atMs,
  fromMs: atMs,
  toMs: atMs,
  refused: count,
  replayed: count,
  wouldPass: count,
  reported: count,
  suspicious: count,
  samples: z.array(
    z.object({
      decision: z.string(),
      atMs,
      route: z.string(),
      address: z.string(),
      left: z.array(z.string()),
      reported: z.boolean(),
      suspicious: z.boolean(),
    }),
  ),
}) satisfies z.ZodType<ExclusionReplay>;

/** Schema of `ShieldExclusion`. */
export const shieldExclusion = z.object({
  id: z.string(),
  state: z.enum(EXCLUSION_STATES),
  route: z.string().nullable(),
  field: z.string().nullable(),
  rules: z.array(z.string()),
  reason: z.string(),
  createdBy: z.string(),
  createdAtMs: atMs,
  changedBy: z.string().nullable(),
  changedAtMs: atMs.nullable(),
  replay: replay.nullable(),
}) satisfies z.ZodType<ShieldExclusion>;

/** Schema of `ExclusionsAnswer`. */
export const exclusionsAnswer = z.object({
  exclusions: z.array(shieldExclusion),
  configured: z.array(
    z.object({
      route: z.string().nullable(),
      field: z.string().nullable(),
      rules: z.array(z.string()).nullable(),
    }),
  ),
}) satisfies z.ZodType<ExclusionsAnswer>;

const MAX_RULES = 50;

/** What a draft says. */
export const exclusionContent = z.strictObject({
  route: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .nullable()
    .meta({ description: 'Pattern of a route, `*` for what no rule names, null for everywhere.' }),
  field: z
    .string()
    .min(1)
    .max(200)
    .nullable()
    .meta({ description: 'Name of a parameter, header, cookie or key; null for any.' }),
  rules: z
    .array(z.string().max(100).refine(isInspectionRule, 'There is no rule or class of that name.'))
    .min(1)
    .max(MAX_RULES)
    .meta({ description: 'Ids of rules or classes.', example: ['sql.tautology'] }),
  reason: z.string().trim().min(1).max(500),
});

/** A new report. */
export const newReport = z.strictObject({
  decision: idOf('dec'),
  note: z.string().trim().max(500).default(''),
});

/** How a report is accepted. */
export const acceptance = z.strictObject({
  exclusion: idOf('exc')
    .nullable()
    .default(null)
    .meta({ description: 'Exclusion that was drafted for it; null where it was mended otherwise.' }),
});

/** What somebody saw of a replay before publishing. */
export const publication = z.strictObject({
  confirm: z
    .int()
    .min(0)
    .optional()
    .meta({ description: 'How many decisions the replay lets through, as it was shown.' }),
});
