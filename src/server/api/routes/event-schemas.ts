import { z } from 'zod';
import { formatCidr, parseCidr } from '../../../core/address.ts';
import { EVENT_OUTCOMES, SEVERITIES } from '../../../core/events.ts';
import { typesNamed } from '../../../core/event-aliases.ts';
import type { EventFilters } from '../../data/index.ts';
import type { EventAnswer, EventEntry, EventsAnswer, EventTypesAnswer } from '../event-types.ts';

const EVENT_CLASSES = ['audit', 'signal'] as const;

const atMs = z.int().meta({ description: 'Milliseconds since the epoch.' });
const text = z.string().nullable();
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const moment = z.coerce.number().int().min(0).max(8.64e15);
const word = z.string().trim().min(1).max(300);

/** Schema of `EventEntry`. */
export const eventEntrySchema = z.object({
  id: z.string(),
  type: z.string(),
  severity: z.enum(SEVERITIES),
  class: z.enum(EVENT_CLASSES),
  atMs,
  node: z.string(),
  about: z.string(),
  outcome: z.enum(EVENT_OUTCOMES).nullable(),
  actor: text,
  subject: text,
  address: text,
  place: text,
  userAgent: text,
  session: text,
  route: text,
  decision: text,
  requestId: text,
  traceId: text,
  details: z.record(z.string(), scalar),
  resolvedAtMs: atMs.nullable(),
  resolvedBy: text,
}) satisfies z.ZodType<EventEntry>;

/** Schema of `EventsAnswer`. */
export const eventsAnswer = z.object({
  events: z.array(eventEntrySchema),
  nextBefore: z.string().nullable(),
}) satisfies z.ZodType<EventsAnswer>;

const entries = z.array(eventEntrySchema);

/** Schema of `EventAnswer`. */
export const eventAnswer = z.object({
  event: eventEntrySchema,
  related: z.object({ request: entries, session: entries, actor: entries, address: entries }),
  similar: z.object({ count: z.int().min(0), by: z.enum(['address', 'actor', 'type']) }),
}) satisfies z.ZodType<EventAnswer>;

/** Schema of `EventTypesAnswer`. */
export const eventTypesAnswer = z.object({
  types: z.array(
    z.object({
      type: z.string(),
      severity: z.enum(SEVERITIES),
      class: z.enum(EVENT_CLASSES),
      about: z.string(),
      own: z.boolean(),
      aliases: z.array(z.string()),
      lastDay: z.int().min(0),
    }),
  ),
}) satisfies z.ZodType<EventTypesAnswer>;

/** What events are narrowed by, as a query. */
export const narrowedBy = {
  type: z
    .array(z.string().max(100))
    .max(20)
    .default([])
    .meta({ description: 'A type of the catalogue, or another name of it.', example: ['SIGN_IN_FAILED'] }),
  severity: z.array(z.enum(SEVERITIES)).max(4).default([]),
  class: z.enum(EVENT_CLASSES).optional(),
  outcome: z.enum(EVENT_OUTCOMES).optional(),
  actor: word.optional(),
  subject: word.optional(),
  address: word
    .refine((value) => parseCidr(value) !== undefined, 'Must be an address or a range.')
    .optional()
    .meta({ description: 'An address, or a range.', example: '203.0.113.0/24' }),
  route: word.optional(),
  session: word.optional(),
  request: word.optional().meta({ description: 'What came as `x-request-id`, or the id of a decision.' }),
  trace: word.optional(),
  decision: word.optional(),
  from: moment.optional().meta({ description: 'Milliseconds since the epoch; inclusive.' }),
  to: moment.optional().meta({ description: 'Milliseconds since the epoch; exclusive.' }),
  text: z.string().trim().min(2).max(200).optional().meta({
    description: 'Whole words, all of which stand in the sentence, the subject or the details.',
  }),
  resolved: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
};
/** Parameters that may be repeated. */
export const REPEATED = ['type', 'severity'];

const narrowing = z.strictObject(narrowedBy);

/** The query as the store takes it. */
export function filtersOf(query: z.infer<typeof narrowing>): EventFilters {
  const { type, severity, from, to, address, ...others } = query;
  const range = address === undefined ? undefined : parseCidr(address);
  const given = {
    ...others,
    fromMs: from,
    toMs: to,
    address: range && (address?.includes('/') === true ? formatCidr(range) : address),
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { types: type.flatMap(typesNamed), severities: severity, ...Object.fromEntries(known) };
}

/** What was narrowed by, for the event of an export. */
export function narrowedWords(
  query: z.infer<typeof narrowing>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(' ') : value?.toString(),
    ]),
  );
}
