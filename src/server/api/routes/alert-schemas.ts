import { z } from 'zod';
import { SEVERITIES } from '../../../core/events.ts';
import {
  ALERT_STATES,
  type AlertAnswer,
  type AlertEntry,
  type AlertsAnswer,
  type BulkAlertsAnswer,
} from '../alert-types.ts';
import { idOf } from '../schemas.ts';

const ms = z.int().meta({ description: 'Milliseconds since the epoch.' });
const severity = z.enum(SEVERITIES);
const state = z.enum(ALERT_STATES);

/** An alert. */
export const alertEntry = z.object({
  id: z.string(),
  rule: z.string().meta({ description: 'Detector, or type of the event, that raised it.' }),
  title: z.string(),
  description: z.string(),
  severity,
  state,
  group: z.string().nullable(),
  count: z.int(),
  firstAtMs: ms,
  lastAtMs: ms,
  assignee: z.string().nullable(),
  snoozedUntilMs: ms.nullable(),
  reopened: z.int(),
  escalatesAtMs: ms.nullable(),
  changedBy: z.string().nullable(),
  changedAtMs: ms.nullable(),
}) satisfies z.ZodType<AlertEntry>;

/** An alert with its story. */
export const alertAnswer = z.object({
  alert: alertEntry,
  notes: z.array(z.object({ atMs: ms, by: z.string().nullable(), kind: z.string(), text: z.string() })),
  recommended: z.array(z.object({ do: z.string(), text: z.string(), target: z.string().nullable() })),
  events: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      severity,
      atMs: ms,
      about: z.string(),
      address: z.string().nullable(),
      actor: z.string().nullable(),
      decision: z.string().nullable(),
    }),
  ),
  responses: z.array(z.string()),
}) satisfies z.ZodType<AlertAnswer>;

/** A page of alerts. */
export const alertsAnswer = z.object({
  alerts: z.array(alertEntry),
  nextCursor: z.string().nullable(),
  counts: z.object({ ACTIVE: z.int(), INVESTIGATING: z.int(), RESOLVED: z.int(), FALSE_POSITIVE: z.int() }),
  channels: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['email', 'slack', 'pagerduty', 'webhook', 'log']),
      state: z.enum(['ok', 'failing', 'untried']),
      lastAtMs: ms.nullable(),
      waiting: z.int(),
      error: z.string().nullable(),
    }),
  ),
}) satisfies z.ZodType<AlertsAnswer>;

const text = z.string().trim().max(1_000);
/** A reason that may be left out. */
export const noteBody = z.strictObject({ note: text.default('') });
/** A remark. */
export const remarkBody = z.strictObject({ text: text.min(1) });
/** Whose it is from now on. */
export const assignBody = z.strictObject({
  to: z.string().trim().min(1).max(200).nullable().meta({ description: '`null`: nobody’s.' }),
});
/** How long it is quiet. */
export const snoozeBody = z.strictObject({
  untilMs: z.int().min(0).max(8.64e15).meta({ description: 'At most 30 days ahead.' }),
  untilCount: z
    .int()
    .min(1)
    .max(1e12)
    .optional()
    .meta({ description: 'The snooze also ends at this count.' }),
});
/** An act that is taken back, and how the alert stood before it. */
export const undoBody = z.strictObject({
  changedAtMs: ms.meta({ description: '`changedAtMs` of the alert as the act left it.' }),
  state,
  assignee: z.string().trim().min(1).max(200).nullable(),
  snoozedUntilMs: z.int().min(0).max(8.64e15).nullable(),
});

/** Alerts of one call at most, and acts on one of them. */
export const MAX_BULK = 100;
const MAX_ACTS = 3;

/** An act with its name, as the routes of single alerts take it. */
export const bulkAct = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('acknowledge') }),
  assignBody.extend({ act: z.literal('assign') }),
  noteBody.extend({ act: z.literal('resolve') }),
  noteBody.extend({ act: z.literal('false-positive') }),
  noteBody.extend({ act: z.literal('reopen') }),
  snoozeBody.extend({ act: z.literal('snooze') }),
  undoBody.extend({ act: z.literal('undo') }),
]);

/** Acts on several alerts. */
export const bulkBody = z.strictObject({
  items: z
    .array(z.strictObject({ id: idOf('alr'), acts: z.array(bulkAct).min(1).max(MAX_ACTS) }))
    .min(1)
    .max(MAX_BULK)
    .refine((items) => new Set(items.map(({ id }) => id)).size === items.length, 'Names an alert twice.'),
});

/** What came of them. */
export const bulkAnswer = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      alert: alertEntry.nullable(),
      error: z.object({ status: z.int(), code: z.string(), message: z.string() }).nullable(),
    }),
  ),
}) satisfies z.ZodType<BulkAlertsAnswer>;
