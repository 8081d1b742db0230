import { z } from 'zod';
import type { AuditIntegrityAnswer, AuditReport, BundlePage, StoredCheckpoint } from '../audit-types.ts';

/** Answers of the routes of the audit log, for the OpenAPI document. */
const storedCheckpoint = z.object({
  origin: z.string(),
  size: z.int(),
  madeUs: z.string().meta({ description: 'Microseconds since the epoch.' }),
  node: z.string(),
  note: z.string().meta({ description: 'A signed note (C2SP).' }),
}) satisfies z.ZodType<StoredCheckpoint>;

/** Schema of `AuditIntegrityAnswer`. */
export const integrityAnswer = z.object({
  origin: z.string().nullable(),
  key: z.string().nullable().meta({ description: 'Public key that signs on this node.' }),
  size: z.int(),
  checkpoint: storedCheckpoint.nullable(),
  waiting: z.int().meta({ description: 'Events without a place; counted up to 10,000.' }),
  waitingSinceMs: z.int().nullable(),
  conflict: z.string().nullable().meta({ description: 'Why nothing is signed here.' }),
  strangers: z.boolean().meta({ description: 'Another key signs checkpoints of this log.' }),
  failing: z.boolean(),
  verifying: z.object({ events: z.int() }).nullable(),
  check: z
    .object({
      atMs: z.int(),
      node: z.string(),
      ok: z.boolean(),
      events: z.int(),
      covered: z.int(),
      firstBad: z.int().nullable(),
      problem: z.string().nullable(),
    })
    .nullable(),
}) satisfies z.ZodType<AuditIntegrityAnswer>;

/** Schema of `BundlePage`. */
export const bundleAnswer = z.object({
  lines: z.array(z.string()),
  events: z.int(),
  next: z.int().nullable().meta({ description: 'Give it as `from` to read on; null at the end.' }),
}) satisfies z.ZodType<BundlePage>;

const opening = z.object({ salt: z.string(), data: z.unknown() }).nullable();
/** Schema of `AuditReceipt`; the entry is what is hashed. */
export const proofAnswer = z.object({
  seq: z.int(),
  leaf: z.string(),
  entry: z.object({ seq: z.int(), id: z.string(), type: z.string() }).loose(),
  who: opening,
  what: opening,
  path: z.array(z.string()),
  note: z.string(),
});

/** Schema of `AuditReport`. */
export const reportAnswer = z.object({
  ok: z.boolean(),
  origin: z.string().nullable(),
  from: z.int().nullable().meta({ description: 'Where a range begins; null for the whole log.' }),
  events: z.int(),
  covered: z.int(),
  coveredAtUs: z.string().nullable(),
  checkpoints: z.int(),
  erased: z.int(),
  expired: z.int(),
  withheld: z.int(),
  firstBad: z.int().nullable(),
  problems: z.array(z.object({ index: z.int().nullable(), before: z.int().nullable(), text: z.string() })),
}) satisfies z.ZodType<AuditReport>;

/** Answer of POST /admin/audit/checkpoint. */
export const checkpointAnswer = z.object({ checkpoint: storedCheckpoint.nullable() });

/** Answer of POST /admin/audit/erase. */
export const erasureAnswer = z.object({
  erased: z.object({ holder: z.string(), events: z.int() }).nullable(),
});
