import { z } from 'zod';
import type { AssignmentsAnswer, RoleRequestsAnswer } from '../../access-types.ts';
import { freshActor } from '../../fresh-actor.ts';
import { json, route, type Route } from '../../route.ts';
import { FRESH, type KnownAccess, pageOf, TAG } from './pages.ts';
import * as shape from './schemas.ts';

const one = { status: 200, about: 'The assignment as it is now.', schema: shape.assignment } as const;
const given = z.strictObject({
  subject: shape.subject,
  role: shape.role,
  reason: shape.reason,
  expiresAtMs: shape.futureMs.optional(),
});

/** Who holds which role. */
export function assignmentRoutes(ports: KnownAccess): readonly Route[] {
  return [listRoute(ports), grantRoute(ports), changeRoute(ports), endRoute(ports)];
}

function listRoute({ access }: KnownAccess): Route {
  return route({
    method: 'GET',
    path: '/admin/access/assignments',
    access: 'analyst',
    tag: TAG,
    summary: 'List assignments of roles, newest first',
    query: z.strictObject({
      ...shape.assignmentsBy,
      ...shape.page,
    }),
    answer: {
      status: 200,
      about: 'A page; pass `nextCursor` as `cursor` for the next.',
      schema: z.object({ assignments: z.array(shape.assignment), nextCursor: z.string().nullable() }),
    },
    handle: async ({ query }) => {
      const { cursor, limit, all, ...rest } = query;
      const found = await access.grants.assignments.list({
        ...rest,
        all: all === 'true',
        before: cursor,
        limit: limit + 1,
      });
      const { entries: assignments, nextCursor } = pageOf(found, limit);
      return json({ assignments, nextCursor } satisfies AssignmentsAnswer);
    },
  });
}

function grantRoute(ports: KnownAccess): Route {
  return route({
    method: 'POST',
    path: '/admin/access/assignments',
    access: 'admin',
    tag: TAG,
    summary: 'Assign a role',
    about: FRESH,
    body: given,
    answer: { ...one, status: 201 },
    refusals: [404, 409],
    handle: async ({ c, caller, body }) => {
      const actor = await freshActor(ports, c, caller);
      return json(await ports.access.grants.assignments.grant(body, actor), 201);
    },
  });
}

function changeRoute(ports: KnownAccess): Route {
  return route({
    method: 'PATCH',
    path: '/admin/access/assignments/:id',
    access: 'admin',
    tag: TAG,
    summary: 'Change when an assignment runs out',
    about: FRESH,
    params: shape.byId,
    body: z.strictObject({ expiresAtMs: shape.futureMs.nullable() }),
    answer: one,
    refusals: [404, 409],
    handle: async ({ c, caller, params, body }) => {
      const actor = await freshActor(ports, c, caller);
      return json(await ports.access.grants.assignments.change(params.id, body.expiresAtMs, actor));
    },
  });
}

function endRoute(ports: KnownAccess): Route {
  return route({
    method: 'DELETE',
    path: '/admin/access/assignments/:id',
    access: 'admin',
    tag: TAG,
    summary: 'End an assignment',
    about: FRESH,
    params: shape.byId,
    answer: one,
    refusals: [404, 409],
    handle: async ({ c, caller, params }) => {
      const actor = await freshActor(ports, c, caller);
      return json(await ports.access.grants.assignments.end(params.id, actor));
    },
  });
}

/** Roles that one person asks for and another approves. */
export function requestRoutes(ports: KnownAccess): readonly Route[] {
  const { requests } = ports.access.grants;
  return [
    route({
      method: 'GET',
      path: '/admin/access/requests',
      access: 'analyst',
      tag: TAG,
      summary: 'List requests for roles, newest first',
      query: z.strictObject({ state: z.enum(['open', 'approved', 'refused']).optional(), ...shape.page }),
      answer: {
        status: 200,
        about: 'A page; pass `nextCursor` as `cursor` for the next.',
        schema: z.object({ requests: z.array(shape.roleRequest), nextCursor: z.string().nullable() }),
      },
      handle: async ({ query }) => {
        const { cursor, limit, state } = query;
        const found = await requests.list({ state, before: cursor, limit: limit + 1 });
        const { entries, nextCursor } = pageOf(found, limit);
        return json({ requests: entries, nextCursor } satisfies RoleRequestsAnswer);
      },
    }),
    route({
      method: 'POST',
      path: '/admin/access/requests',
      access: 'admin',
      tag: TAG,
      summary: 'Ask for a role',
      about: `Somebody else approves. ${FRESH}`,
      body: given,
      answer: { status: 201, about: 'The request.', schema: shape.roleRequest },
      refusals: [404, 409],
      handle: async ({ c, caller, body }) =>
        json(await requests.ask(body, await freshActor(ports, c, caller)), 201),
    }),
    route({
      method: 'POST',
      path: '/admin/access/requests/:id/approve',
      access: 'admin',
      tag: TAG,
      summary: 'Approve a request for a role',
      about: `Not by whoever asked, nor for oneself. ${FRESH}`,
      params: shape.byId,
      body: shape.note,
      answer: one,
      refusals: [404, 409],
      handle: async ({ c, caller, params, body }) =>
        json(await requests.approve(params.id, body.note, await freshActor(ports, c, caller))),
    }),
    route({
      method: 'POST',
      path: '/admin/access/requests/:id/refuse',
      access: 'admin',
      tag: TAG,
      summary: 'Refuse a request for a role',
      about: FRESH,
      params: shape.byId,
      body: shape.note,
      answer: { status: 200, about: 'The request as it is now.', schema: shape.roleRequest },
      refusals: [404, 409],
      handle: async ({ c, caller, params, body }) =>
        json(await requests.refuse(params.id, body.note, await freshActor(ports, c, caller))),
    }),
  ];
}
