import { z } from 'zod';
import { SEVERITIES } from '../../../core/events.ts';
import type { DetectorEventsAnswer, DetectorsAnswer } from '../detect-types.ts';

const count = z.int().min(0);
const ms = z.number().min(0);
const severity = z.enum(SEVERITIES);

/** All detectors. */
export const detectorsAnswer = z.object({
  counts: z.enum(['shared', 'local']),
  countsSinceMs: ms,
  waiting: count,
  skipped: count,
  fromMs: ms,
  detectors: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      description: z.string(),
      enabled: z.boolean(),
      severity,
      kind: z.string(),
      on: z.array(z.string()).nullable(),
      group: z.array(z.string()),
      windowMs: ms,
      coolDownMs: ms,
      looksFor: z.string(),
      references: z.array(z.string()),
      recommended: z.array(z.string()),
      fired: count,
      lastMs: ms.nullable(),
    }),
  ),
}) satisfies z.ZodType<DetectorsAnswer>;

/** Events oldest first. */
export const detectorEventsAnswer = z.object({
  events: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      severity,
      class: z.enum(['audit', 'signal']),
      atMs: ms,
      node: z.string(),
      about: z.string(),
      actor: z.string().exactOptional(),
      subject: z.string().exactOptional(),
      address: z.string().exactOptional(),
      route: z.string().exactOptional(),
      decision: z.string().exactOptional(),
      outcome: z.enum(['success', 'failure', 'refused']).exactOptional(),
      details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).exactOptional(),
    }),
  ),
}) satisfies z.ZodType<DetectorEventsAnswer>;
