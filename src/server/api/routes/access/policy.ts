import { z } from 'zod';
import { NotFoundError, ValidationError } from '../../../../core/errors.ts';
import type { PrincipalValue } from '../../../../core/fact.ts';
import { subjectRoles } from '../../../subjects.ts';
import type { ExplainAnswer, RolesAnswer, WhoCanAnswer } from '../../access-types.ts';
import { json, route, type Route } from '../../route.ts';
import { type KnownAccess, TAG } from './pages.ts';
import * as shape from './schemas.ts';

const MAX_ASSIGNED = 20;

/** The policy: as a matrix, explained for somebody, and asked the other way round. */
export function policyRoutes(ports: KnownAccess): readonly Route[] {
  return [rolesRoute(ports), explainRoute(ports), whoCanRoute(ports)];
}

function rolesRoute({ access }: KnownAccess): Route {
  return route({
    method: 'GET',
    path: '/admin/roles',
    access: 'analyst',
    tag: TAG,
    summary: 'Read roles and permissions',
    answer: { status: 200, about: 'Roles against permissions.', schema: shape.rolesAnswer },
    handle: () => {
      const { roles, permissions, policyVersion } = access.policy.matrix();
      const { separate, approval } = access.grants.rules;
      return json({
        roles: roles.map((one) => ({ ...one, needsApproval: approval.includes(one.role) })),
        permissions,
        policyVersion,
        separate,
        unlisted: access.options.unlisted ?? 'allow',
        rulesWithoutAccess: access.rulesWithout,
      } satisfies RolesAnswer);
    },
  });
}

function explainRoute(ports: KnownAccess): Route {
  const { policy } = ports.access;
  return route({
    method: 'POST',
    path: '/admin/access/explain',
    access: 'analyst',
    tag: TAG,
    summary: 'Explain what the policy would say',
    about: 'Changes nothing. Roles are those that the subject has now, unless others are given.',
    body: z.strictObject({
      subject: shape.subject,
      roles: z.array(shape.role).max(20).optional(),
      permission: shape.permission,
      row: shape.row.optional(),
    }),
    answer: { status: 200, about: 'Every rule that was considered.', schema: shape.explainAnswer },
    refusals: [404],
    handle: async ({ body }) => {
      requireKnown(ports, body.permission);
      const principal = await principalFor(ports, body.subject, body.roles);
      const { decidedBy, ...why } = policy.explain(principal, body.permission, body.row);
      return json({
        subject: principal.id,
        roles: principal.roles,
        ...why,
        decidedBy: decidedBy ?? null,
      } satisfies ExplainAnswer);
    },
  });
}

/** @throws NotFoundError for a subject that is not there or may not act */
async function principalFor(
  { access, identity, stores }: KnownAccess,
  subject: string,
  roles: readonly string[] | undefined,
): Promise<PrincipalValue> {
  const kind = subject.startsWith('service:') ? 'service' : 'user';
  if (roles !== undefined) return { id: subject, kind, roles };
  const own = await subjectRoles(identity !== null)(stores.sql, subject, false);
  if (own === undefined) throw new NotFoundError('There is no such subject, or it may not act.');
  return access.grants.principalOf({ id: subject, kind, roles: own === 'elsewhere' ? [] : own });
}

function whoCanRoute(ports: KnownAccess): Route {
  const { policy, grants } = ports.access;
  return route({
    method: 'POST',
    path: '/admin/access/who-can',
    access: 'analyst',
    tag: TAG,
    summary: 'Ask who has a permission',
    about: 'Changes nothing. With a row, for that row.',
    body: z.strictObject({ permission: shape.permission, row: shape.row.optional() }),
    answer: { status: 200, about: 'Roles, and who is assigned to them.', schema: shape.whoCanAnswer },
    handle: async ({ body }) => {
      requireKnown(ports, body.permission);
      const holders = await Promise.all(
        policy.whoCan(body.permission, body.row).map(async (holder) => {
          const held = await grants.assignments.list({ role: holder.role, limit: MAX_ASSIGNED });
          return { ...holder, assigned: held.map(({ subject }) => subject) };
        }),
      );
      return json({ permission: body.permission, holders } satisfies WhoCanAnswer);
    },
  });
}

function requireKnown({ access }: KnownAccess, permission: string): void {
  const known: boolean = access.policy.knows(permission);
  if (!known)
    throw new ValidationError('The request is not valid.', {
      details: [{ field: 'permission', code: 'unknown', message: 'The policy knows no such permission.' }],
    });
}
