import { z } from 'zod';
import type { ReviewAnswer, ReviewsAnswer } from '../../access-types.ts';
import { freshActor } from '../../fresh-actor.ts';
import { json, route, type Route } from '../../route.ts';
import { FRESH, type KnownAccess, pageOf, TAG } from './pages.ts';
import * as shape from './schemas.ts';

/** Reviews of who holds what. */
export function reviewRoutes(ports: KnownAccess): readonly Route[] {
  return [listRoute(ports), oneRoute(ports), openRoute(ports), decideRoute(ports), closeRoute(ports)];
}

function listRoute({ access }: KnownAccess): Route {
  return route({
    method: 'GET',
    path: '/admin/access/reviews',
    access: 'analyst',
    tag: TAG,
    summary: 'List reviews of access, newest first',
    query: z.strictObject(shape.page),
    answer: {
      status: 200,
      about: 'A page; pass `nextCursor` as `cursor` for the next.',
      schema: z.object({ reviews: z.array(shape.review), nextCursor: z.string().nullable() }),
    },
    handle: async ({ query }) => {
      const found = await access.grants.reviews.list({ before: query.cursor, limit: query.limit + 1 });
      const { entries: reviews, nextCursor } = pageOf(found, query.limit);
      return json({ reviews, nextCursor } satisfies ReviewsAnswer);
    },
  });
}

function oneRoute({ access }: KnownAccess): Route {
  return route({
    method: 'GET',
    path: '/admin/access/reviews/:id',
    access: 'analyst',
    tag: TAG,
    summary: 'Read a review of access',
    params: shape.byId,
    answer: {
      status: 200,
      about: 'With its lines, undecided ones first.',
      schema: z.object({ review: shape.review, lines: z.array(shape.reviewLine) }),
    },
    refusals: [404],
    handle: async ({ params }) => {
      const { review, items } = await access.grants.reviews.get(params.id);
      return json({ review, lines: items } satisfies ReviewAnswer);
    },
  });
}

function openRoute(ports: KnownAccess): Route {
  return route({
    method: 'POST',
    path: '/admin/access/reviews',
    access: 'admin',
    tag: TAG,
    summary: 'Open a review of access',
    about: `Of every assignment and key that stands now. ${FRESH}`,
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      reviewer: shape.subject,
      dueAtMs: shape.futureMs,
    }),
    answer: { status: 201, about: 'The review.', schema: shape.review },
    refusals: [409],
    handle: async ({ c, caller, body }) =>
      json(await ports.access.grants.reviews.open(body, await freshActor(ports, c, caller)), 201),
  });
}

function decideRoute(ports: KnownAccess): Route {
  return route({
    method: 'POST',
    path: '/admin/access/reviews/:id/decisions',
    access: 'admin',
    tag: TAG,
    summary: 'Keep or revoke a line of a review',
    about: `Not one's own. Revoking ends it at once. ${FRESH}`,
    params: shape.byId,
    body: z.strictObject({
      kind: z.enum(['assignment', 'key']),
      target: z.string().max(60),
      decision: z.enum(['keep', 'revoke']),
      note: z.string().trim().max(500).default(''),
    }),
    answer: { status: 200, about: 'The line as it is now.', schema: shape.reviewLine },
    refusals: [404, 409],
    handle: async ({ c, caller, params, body }) =>
      json(await ports.access.grants.reviews.decide(params.id, body, await freshActor(ports, c, caller))),
  });
}

function closeRoute(ports: KnownAccess): Route {
  return route({
    method: 'POST',
    path: '/admin/access/reviews/:id/close',
    access: 'admin',
    tag: TAG,
    summary: 'Close a review of access',
    about: FRESH,
    params: shape.byId,
    answer: { status: 200, about: 'The review as it is now.', schema: shape.review },
    refusals: [404, 409],
    handle: async ({ c, caller, params }) =>
      json(await ports.access.grants.reviews.close(params.id, await freshActor(ports, c, caller))),
  });
}
