import { z } from 'zod';
import { ConflictError, RampartError } from '../../../core/errors.ts';
import { SEVERITIES, type Severity } from '../../../core/events.ts';
import {
  type BundleEntry,
  BUNDLE_PAGE,
  type By,
  readBundlePage,
  readCheck,
  readEntries,
  readRangePage,
  readReceipt,
} from '../../../modules/audit/index.ts';
import type { OpenedAudit } from '../../audit/open.ts';
import { VERIFIER_FILE, verifierPage } from '../../audit/verifier-page.ts';
import type { AuditAnswer, AuditEntry, AuditIntegrityAnswer } from '../audit-types.ts';
import { audited } from '../audit.ts';
import { addressOf, type Caller, nameOf } from '../caller.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, json, route, type Route } from '../route.ts';
import { idOf } from '../schemas.ts';
import {
  bundleAnswer,
  checkpointAnswer,
  erasureAnswer,
  integrityAnswer,
  proofAnswer,
  reportAnswer,
} from './audit-schemas.ts';
import { demandFresh } from './keys.ts';

const TAG = 'Audit';
const place = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const word = z.string().min(1).max(300);
const nullable = z.string().nullable();
const auditAnswer = z.object({
  entries: z.array(
    z.object({
      seq: z.int(),
      id: z.string(),
      type: z.string(),
      severity: z.enum(SEVERITIES),
      atMs: z.number(),
      node: z.string(),
      about: z.string(),
      actor: nullable,
      subject: nullable,
      address: nullable,
      route: nullable,
      decision: nullable,
      outcome: nullable,
      details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
      erased: z.boolean(),
      leaf: z.string(),
    }),
  ),
  nextBefore: z.int().nullable(),
}) satisfies z.ZodType<AuditAnswer>;

/** The audit log and its proofs; none where no log is kept. */
export function auditRoutes(ports: ApiPorts): readonly Route[] {
  const { audit } = ports;
  if (audit === undefined) return [];
  return [
    listRoute(ports),
    integrityRoute(ports, audit),
    bundleRoute(ports),
    rangeRoute(ports, audit),
    proofRoute(ports, audit),
    verifyRoute(audit),
    verifierRoute(),
    checkpointRoute(ports, audit),
    eraseRoute(ports, audit),
  ];
}

function listRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/audit',
    access: 'analyst',
    tag: TAG,
    summary: 'Search the audit log',
    about: 'Events that have their place in the log, newest first.',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      before: place.optional(),
      actor: word.optional(),
      subject: word.optional(),
      type: word.optional(),
    }),
    answer: { status: 200, about: 'A page of events.', schema: auditAnswer },
    handle: async ({ query: { limit, before, actor, subject, type } }) => {
      const wanted = Object.entries({ before, actor, subject, type }).filter(
        ([, value]) => value !== undefined,
      );
      const found = await readEntries(ports.stores.sql, { limit: limit + 1, ...Object.fromEntries(wanted) });
      const entries = found.slice(0, limit).map(shown);
      const nextBefore = found.length > limit ? (entries.at(-1)?.seq ?? null) : null;
      return json({ entries, nextBefore } satisfies AuditAnswer);
    },
  });
}

/** What does not open its commitment is not shown: nobody vouches for it. */
function shown({ seq, leaf, entry, who, what }: BundleEntry): AuditEntry {
  const person = (who?.data ?? {}) as { actor?: string | null; address?: string | null };
  const matter = (what?.data ?? {}) as { subject?: string | null; details?: AuditEntry['details'] };
  return {
    seq,
    id: entry.id,
    type: entry.type,
    severity: entry.severity as Severity,
    atMs: Number(BigInt(entry.atUs) / 1_000n),
    node: entry.node,
    about: entry.about,
    actor: person.actor ?? null,
    address: person.address ?? null,
    subject: matter.subject ?? null,
    details: matter.details ?? null,
    route: entry.route,
    decision: entry.decision,
    outcome: entry.outcome,
    erased: who === null || what === null,
    leaf,
  };
}

function integrityRoute(ports: ApiPorts, audit: OpenedAudit): Route {
  return route({
    method: 'GET',
    path: '/admin/audit/integrity',
    access: 'viewer',
    tag: TAG,
    summary: 'Read how the audit log is',
    answer: {
      status: 200,
      about: 'Size, checkpoint, what waits, the last verification.',
      schema: integrityAnswer,
    },
    handle: async () => {
      const check = await readCheck(ports.stores.sql);
      return json({
        ...(await audit.log.status()),
        check,
        verifying: audit.verifying(),
      } satisfies AuditIntegrityAnswer);
    },
  });
}

function bundleRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/audit/bundle',
    access: 'admin',
    tag: TAG,
    summary: 'Export the audit log, a page at a time',
    about: `Lines of JSON with up to ${BUNDLE_PAGE} events; read on from \`next\` until it is null. With personal data (\`payloads\`) it needs a second factor that was proven in the last ten minutes, and each page leaves an event.`,
    query: z.strictObject({ from: place.default(0), payloads: z.enum(['true', 'false']).default('true') }),
    answer: { status: 200, about: 'What rampart audit verify takes.', schema: bundleAnswer },
    handle: async ({ c, caller, query: { from, payloads } }) => {
      const personal = payloads === 'true';
      if (personal) await demandFresh(ports, caller);
      const page = await readBundlePage(ports.stores.sql, { from, payloads: personal });
      // Whoever leaves the first page out has personal data all the same.
      if (from === 0 || (personal && page.events > 0))
        await audited(ports, c, caller, 'AUDIT_EXPORTED', noted({ from, payloads: personal }));
      return json(page);
    },
  });
}

function rangeRoute(ports: ApiPorts, audit: OpenedAudit): Route {
  return route({
    method: 'GET',
    path: '/admin/audit/range',
    access: 'admin',
    tag: TAG,
    summary: 'Export the proof of a range, a page at a time',
    about: `Events \`from\` to \`to\` of the log with what leads them to a signed checkpoint: changed, missing, added and reordered ones are found with the public key alone. Up to ${BUNDLE_PAGE} events a page; give \`next\` as \`at\` until it is null. Personal data (\`payloads\`) are those of events that type, actor and subject fit; they need a second factor that was proven in the last ten minutes, and each page leaves an event.`,
    query: z
      .strictObject({
        from: place,
        to: place,
        at: place.optional().meta({ description: 'Where this page begins; absent: at `from`.' }),
        payloads: z.enum(['true', 'false']).default('true'),
        type: word.optional(),
        actor: word.optional(),
        subject: word.optional(),
      })
      .refine(({ from, to, at = from }) => from <= at && at <= to, {
        path: ['to'],
        message: 'Must not lie before where the range or the page begins.',
      }),
    answer: { status: 200, about: 'What rampart audit verify takes.', schema: bundleAnswer },
    refusals: [409],
    handle: async ({ c, caller, query: { from, to, at = from, payloads, ...filter } }) => {
      const personal = payloads === 'true';
      if (personal) await demandFresh(ports, caller);
      const wanted = { from, to, at, payloads: personal, ...filter };
      const page = await readRangePage(ports.stores.sql, wanted, [audit.signer.publicKey]);
      if (at === from || personal)
        await audited(ports, c, caller, 'AUDIT_EXPORTED', noted({ from: at, to, payloads: personal }));
      return json(page);
    },
  });
}

/** An act that is nothing but its event. */
function noted(details: Readonly<Record<string, boolean | number>>) {
  return () => Promise.resolve({ value: true, event: { details } });
}

function proofRoute(ports: ApiPorts, audit: OpenedAudit): Route {
  return route({
    method: 'GET',
    path: '/admin/audit/:id/proof',
    access: 'analyst',
    tag: TAG,
    summary: 'Read the receipt of an event',
    about: 'Proves with the public key alone that the event is in the log.',
    params: z.object({ id: idOf('evt') }),
    answer: {
      status: 200,
      about: 'The event, the way to the root, and the signed root.',
      schema: proofAnswer,
    },
    refusals: [404, 409],
    handle: async ({ params }) =>
      json(await readReceipt(ports.stores.sql, params.id, [audit.signer.publicKey])),
  });
}

function verifyRoute(audit: OpenedAudit): Route {
  return route({
    method: 'POST',
    path: '/admin/audit/verify',
    access: 'admin',
    tag: TAG,
    summary: 'Verify the whole audit log',
    about: 'Reads every event. Two at once are one.',
    answer: { status: 200, about: 'What was found.', schema: reportAnswer },
    handle: async () => json(await audit.verify()),
  });
}

function verifierRoute(): Route {
  return route({
    method: 'GET',
    path: '/admin/audit/verifier',
    access: 'viewer',
    tag: TAG,
    summary: 'Download the offline verifier',
    about: 'One HTML file: takes an export or a receipt and the public key, and runs without any network.',
    answer: { status: 200, about: 'A page to be kept.', type: 'text/html', schema: z.string() },
    handle: async () =>
      new Response(await verifierPage(), {
        headers: {
          'content-type': 'text/html; charset=utf-8',
          // Never shown under this origin, where it would be a page of the console.
          'content-disposition': `attachment; filename="${VERIFIER_FILE}"`,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        },
      }),
  });
}

function checkpointRoute(ports: ApiPorts, audit: OpenedAudit): Route {
  return route({
    method: 'POST',
    path: '/admin/audit/checkpoint',
    access: 'admin',
    tag: TAG,
    summary: 'Sign a checkpoint now',
    about:
      'With `acceptRestored` the log is believed as it stands in the database after a backup was put back; older checkpoints are put aside. Needs a second factor that was proven in the last ten minutes.',
    body: z.strictObject({ acceptRestored: z.boolean().default(false) }),
    answer: { status: 200, about: 'The newest checkpoint.', schema: checkpointAnswer },
    refusals: [409],
    handle: async ({ c, caller, body }) => {
      await demandFresh(ports, caller);
      if (body.acceptRestored)
        return json({ checkpoint: (await audit.log.acceptRestored(by(c, caller))).checkpoint });
      return json({ checkpoint: await audit.log.checkpoint().catch(asConflict) });
    },
  });
}

/** A state that an administrator can see and end, not a breakdown. */
function asConflict(error: unknown): never {
  if (error instanceof RampartError && error.code === 'AUDIT_LOG_CONFLICT')
    throw new ConflictError(error.message, { cause: error });
  throw error;
}

function eraseRoute(ports: ApiPorts, audit: OpenedAudit): Route {
  return route({
    method: 'POST',
    path: '/admin/audit/erase',
    access: 'admin',
    tag: TAG,
    summary: 'Erase what the audit log holds of somebody',
    about:
      'For ever. All proofs stand, and an event tells of it under a pseudonym. Nobody erases themselves, and nobody erases the operator. Needs a second factor that was proven in the last ten minutes.',
    body: z.strictObject({ subject: word }),
    answer: { status: 200, about: 'How many events; null where there was nothing.', schema: erasureAnswer },
    refusals: [409],
    handle: async ({ c, caller, body }) => {
      await demandFresh(ports, caller);
      return json({ erased: (await audit.log.erase(body.subject, by(c, caller))) ?? null });
    },
  });
}

function by(c: ApiContext, caller: Caller): By {
  return { actor: nameOf(caller), address: addressOf(c) };
}
