import { z } from 'zod';
import { SEVERITIES } from '../../../core/events.ts';
import {
  ACTIVITY_KINDS,
  type ActivityAnswer,
  type HarmAnswer,
  type IdentityAnswer,
  POSTURE_LEVELS,
  type PostureAnswer,
} from '../security-types.ts';

/** The answers of security-types.ts as schemas; each is held to its type by the compiler. */
const atMs = z.int().meta({ description: 'Milliseconds since the epoch.' });
const count = z.int().min(0);
const severity = z.enum(SEVERITIES);

/** Schema of `PostureAnswer`. */
export const postureAnswer = z.object({
  atMs,
  level: z.enum(POSTURE_LEVELS),
  sinceMs: atMs.nullable(),
  reason: z.string(),
  troubles: z.array(z.object({ name: z.string(), state: z.enum(['degraded', 'down']), text: z.string() })),
  alerts: z.object({ open: count, active: count, worst: severity.nullable() }).nullable(),
  responses: z
    .object({ acting: count, waiting: count, mode: z.enum(['enforce', 'shadow', 'off']) })
    .nullable(),
  audit: z
    .object({ checkpointAtMs: atMs.nullable(), verifiedAtMs: atMs.nullable(), ok: z.boolean().nullable() })
    .nullable(),
  backup: z.object({
    madeAtMs: atMs.nullable(),
    failedAtMs: atMs.nullable(),
    restoredAtMs: atMs.nullable(),
  }),
}) satisfies z.ZodType<PostureAnswer>;

/** Schema of `ActivityAnswer`. */
export const activityAnswer = z.object({
  fromMs: atMs,
  toMs: atMs,
  kinds: z.array(
    z.object({
      kind: z.enum(ACTIVITY_KINDS),
      title: z.string(),
      severity,
      sentence: z.string(),
      open: count,
      active: count,
      detections: count,
      lastAtMs: atMs,
      alert: z.string().nullable(),
      rules: z.array(z.string()),
      types: z.array(z.string()),
      series: z.array(count),
    }),
  ),
  detectors: count.nullable(),
  sinceMs: atMs.exactOptional(),
}) satisfies z.ZodType<ActivityAnswer>;

const signIns = z.object({ ok: count, failed: count });

/** Schema of `HarmAnswer`. */
export const harmAnswer = z.object({
  fromMs: atMs,
  toMs: atMs,
  sinceMs: atMs.exactOptional(),
  challenges: z.object({ asked: count, callers: count, solved: count }),
  limited: z.object({ requests: count, people: count }),
  shadow: z.object({ requests: count, guards: z.array(z.object({ name: z.string(), requests: count })) }),
  signIns: z.object({ fromMs: atMs, toMs: atMs, now: signIns, lastWeek: signIns }),
  openReports: count,
}) satisfies z.ZodType<HarmAnswer>;

/** Schema of `IdentityAnswer`. */
export const identityAnswer = z.object({
  fromMs: atMs,
  toMs: atMs,
  funnel: z.object({ first: count, asked: count, second: count, signedIn: count, failed: count }).nullable(),
  factors: z.array(z.object({ factors: z.string(), signIns: count })),
  enrolment: z
    .object({
      accounts: count,
      withFactor: count,
      totp: count,
      passkey: count,
      phone: count,
      staff: count,
      staffWithFactor: count,
    })
    .nullable(),
  recoveryCodesUsed: count,
  newDevices: count,
  newPlaces: count,
}) satisfies z.ZodType<IdentityAnswer>;
