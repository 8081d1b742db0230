import { z } from 'zod';
import type {
  ApiKeyEntry,
  AssignmentEntry,
  ExplainAnswer,
  ReviewEntry,
  ReviewLine,
  RoleRequestEntry,
  RolesAnswer,
  ServiceEntry,
  WhoCanAnswer,
} from '../../access-types.ts';

const atMs = z.int().meta({ description: 'Milliseconds since the epoch.' });
const text = (max: number) => z.string().trim().min(1).max(max);

/** Id of a principal. */
export const subject = text(200).meta({ example: 'user:acc_06f1s4c8x2e4q0b7m5kz9a3tdn' });
/** Name of a role. */
export const role = text(40).meta({ example: 'customer' });
/** Name of a permission. */
export const permission = text(120).meta({ example: 'orders:read' });
/** Why. */
export const reason = text(500);
/** A moment that is to come. */
export const futureMs = z.int().min(0).max(8.64e15).meta({ description: 'Milliseconds since the epoch.' });
/** Where the next page begins. */
export const cursor = z.string().max(60).optional();
/** Lines of a page. */
export const limit = z.coerce.number().int().min(1).max(100).default(50);
/** Path of one. */
export const byId = z.object({ id: z.string().max(60) });
/** What a page begins after. */
export const page = { cursor, limit };
/** What a list of assignments is narrowed by. */
export const assignmentsBy = {
  subject: subject.optional(),
  role: role.optional(),
  all: z.enum(['true', 'false']).optional().meta({ description: 'Also those that have ended or run out.' }),
};
/** What the decision says beside it. */
export const note = z.strictObject({ note: z.string().trim().max(500).default('') });
/** A row of the application, as the policy's columns name it. */
export const row = z.record(z.string().max(100), z.unknown()).meta({ description: 'Columns to values.' });

const outcome = z.enum(['true', 'false', 'unknown']);
const effect = z.enum(['allow', 'deny']);

/** Schema of `RolesAnswer`. */
export const rolesAnswer = z.object({
  roles: z.array(
    z.object({
      role: z.string(),
      inherits: z.array(z.string()),
      cells: z.array(
        z.object({
          permission: z.string(),
          when: z.enum(['always', 'sometimes', 'never']),
          text: z.string(),
          inProcessOnly: z.boolean(),
        }),
      ),
      needsApproval: z.boolean(),
    }),
  ),
  permissions: z.array(z.string()),
  policyVersion: z.string(),
  separate: z.array(z.object({ roles: z.tuple([z.string(), z.string()]), reason: z.string() })),
  unlisted: z.enum(['deny', 'allow']),
  rulesWithoutAccess: z.array(z.string()),
}) satisfies z.ZodType<RolesAnswer>;

/** Schema of `ExplainAnswer`. */
export const explainAnswer = z.object({
  subject: z.string(),
  roles: z.array(z.string()),
  permission: z.string(),
  allowed: z.boolean(),
  reason: z.string(),
  decidedBy: z.string().nullable(),
  rules: z.array(
    z.object({
      rule: z.string(),
      effect,
      role: z.string(),
      inheritedFrom: z.string().optional(),
      outcome,
      decided: z.boolean(),
      condition: z.unknown(),
    }),
  ),
  unknownRoles: z.array(z.string()),
  shortened: z.boolean(),
  policyVersion: z.string(),
}) satisfies z.ZodType<Omit<ExplainAnswer, 'rules'>>;

/** Schema of `WhoCanAnswer`. */
export const whoCanAnswer = z.object({
  permission: z.string(),
  holders: z.array(
    z.object({
      role: z.string(),
      when: z.enum(['always', 'sometimes']),
      rules: z.array(z.object({ rule: z.string(), effect, text: z.string() })),
      forRow: z.string().optional(),
      assigned: z.array(z.string()),
    }),
  ),
}) satisfies z.ZodType<Omit<WhoCanAnswer, 'holders'>>;

/** Schema of `AssignmentEntry`. */
export const assignment = z.object({
  id: z.string(),
  subject: z.string(),
  role: z.string(),
  reason: z.string(),
  grantedBy: z.string(),
  grantedAtMs: atMs,
  expiresAtMs: atMs.nullable(),
  endedAtMs: atMs.nullable(),
  endedBy: z.string().nullable(),
}) satisfies z.ZodType<AssignmentEntry>;

/** Schema of `RoleRequestEntry`. */
export const roleRequest = z.object({
  id: z.string(),
  subject: z.string(),
  role: z.string(),
  reason: z.string(),
  expiresAtMs: atMs.nullable(),
  requestedBy: z.string(),
  requestedAtMs: atMs,
  state: z.enum(['open', 'approved', 'refused']),
  decidedBy: z.string().nullable(),
  decidedAtMs: atMs.nullable(),
  note: z.string().nullable(),
}) satisfies z.ZodType<RoleRequestEntry>;

/** Schema of `ServiceEntry`. */
export const service = z.object({
  id: z.string(),
  name: z.string(),
  about: z.string(),
  responsible: z.string(),
  createdBy: z.string(),
  createdAtMs: atMs,
  disabledAtMs: atMs.nullable(),
  disabledBy: z.string().nullable(),
  keys: z.int(),
}) satisfies z.ZodType<ServiceEntry>;

/** Schema of `ApiKeyEntry`. */
export const apiKey = z.object({
  id: z.string(),
  service: z.string(),
  name: z.string(),
  hint: z.string(),
  scopes: z.array(z.string()),
  createdBy: z.string(),
  createdAtMs: atMs,
  expiresAtMs: atMs,
  lastUsedAtMs: atMs.nullable(),
  replacedBy: z.string().nullable(),
  revokedAtMs: atMs.nullable(),
  revokedBy: z.string().nullable(),
}) satisfies z.ZodType<ApiKeyEntry>;

/** Schema of `ReviewEntry`. */
export const review = z.object({
  id: z.string(),
  name: z.string(),
  reviewer: z.string(),
  createdBy: z.string(),
  createdAtMs: atMs,
  dueAtMs: atMs,
  closedAtMs: atMs.nullable(),
  closedBy: z.string().nullable(),
  items: z.int(),
  open: z.int(),
}) satisfies z.ZodType<ReviewEntry>;

/** Schema of `ReviewLine`. */
export const reviewLine = z.object({
  kind: z.enum(['assignment', 'key']),
  target: z.string(),
  subject: z.string(),
  what: z.string(),
  lastUsedAtMs: atMs.nullable(),
  decision: z.enum(['keep', 'revoke']).nullable(),
  decidedBy: z.string().nullable(),
  decidedAtMs: atMs.nullable(),
  note: z.string().nullable(),
}) satisfies z.ZodType<ReviewLine>;
