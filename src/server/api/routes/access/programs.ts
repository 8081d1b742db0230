import { z } from 'zod';
import type { ApiKeysAnswer, MadeKeyAnswer, ServicesAnswer } from '../../access-types.ts';
import { freshActor } from '../../fresh-actor.ts';
import { json, route, type Route } from '../../route.ts';
import { FRESH, type KnownAccess, pageOf, TAG } from './pages.ts';
import * as shape from './schemas.ts';

const name = z.string().trim().min(1).max(100);
const made = z.object({
  key: shape.apiKey,
  text: z.string().meta({ description: 'The key. Shown once, and kept nowhere.' }),
}) satisfies z.ZodType<MadeKeyAnswer>;
const MAX_OVERLAP_SECONDS = 2_592_000;

/** Accounts of programs. */
export function serviceRoutes(ports: KnownAccess): readonly Route[] {
  const { services } = ports.access.grants;
  const setDisabled = (word: 'disable' | 'enable', summary: string): Route =>
    route({
      method: 'POST',
      path: `/admin/access/services/:id/${word}`,
      access: 'admin',
      tag: TAG,
      summary,
      about: FRESH,
      params: shape.byId,
      answer: { status: 200, about: 'The service account as it is now.', schema: shape.service },
      refusals: [404, 409],
      handle: async ({ c, caller, params }) => {
        const actor = await freshActor(ports, c, caller);
        return json(await services.setDisabled(params.id, word === 'disable', actor));
      },
    });
  return [
    route({
      method: 'GET',
      path: '/admin/access/services',
      access: 'analyst',
      tag: TAG,
      summary: 'List service accounts, newest first',
      query: z.strictObject(shape.page),
      answer: {
        status: 200,
        about: 'A page; pass `nextCursor` as `cursor` for the next.',
        schema: z.object({ services: z.array(shape.service), nextCursor: z.string().nullable() }),
      },
      handle: async ({ query }) => {
        const found = await services.list({ before: query.cursor, limit: query.limit + 1 });
        const { entries, nextCursor } = pageOf(found, query.limit);
        return json({ services: entries, nextCursor } satisfies ServicesAnswer);
      },
    }),
    route({
      method: 'POST',
      path: '/admin/access/services',
      access: 'admin',
      tag: TAG,
      summary: 'Make a service account',
      about: `It has no roles and no keys yet. ${FRESH}`,
      body: z.strictObject({
        name,
        about: z.string().trim().max(500).default(''),
        responsible: shape.subject,
      }),
      answer: { status: 201, about: 'The service account.', schema: shape.service },
      handle: async ({ c, caller, body }) =>
        json(await services.create(body, await freshActor(ports, c, caller)), 201),
    }),
    setDisabled('disable', 'Disable a service account with its keys'),
    setDisabled('enable', 'Enable a service account'),
  ];
}

/** Keys of programs. */
export function keyRoutes(ports: KnownAccess): readonly Route[] {
  return [listRoute(ports), createRoute(ports), rotateRoute(ports), revokeRoute(ports)];
}

function listRoute({ access }: KnownAccess): Route {
  return route({
    method: 'GET',
    path: '/admin/access/keys',
    access: 'analyst',
    tag: TAG,
    summary: 'List API keys, newest first',
    query: z.strictObject({ service: z.string().max(60).optional(), ...shape.page }),
    answer: {
      status: 200,
      about: 'A page, without what the keys open doors with.',
      schema: z.object({ keys: z.array(shape.apiKey), nextCursor: z.string().nullable() }),
    },
    handle: async ({ query }) => {
      const { service, cursor, limit } = query;
      const found = await access.grants.keys.list({ service, before: cursor, limit: limit + 1 });
      const { entries: keys, nextCursor } = pageOf(found, limit);
      return json({ keys, nextCursor } satisfies ApiKeysAnswer);
    },
  });
}

function createRoute(ports: KnownAccess): Route {
  return route({
    method: 'POST',
    path: '/admin/access/keys',
    access: 'admin',
    tag: TAG,
    summary: 'Make an API key',
    about: `It has what its service account has, within its scopes. ${FRESH}`,
    body: z.strictObject({
      service: z.string().max(60),
      name,
      scopes: z.array(shape.permission).min(1).max(50),
      expiresAtMs: shape.futureMs.optional(),
    }),
    answer: { status: 201, about: 'The key, this once.', schema: made },
    refusals: [404, 409],
    handle: async ({ c, caller, body }) =>
      json(await ports.access.grants.keys.create(body, await freshActor(ports, c, caller)), 201),
  });
}

function rotateRoute(ports: KnownAccess): Route {
  return route({
    method: 'POST',
    path: '/admin/access/keys/:id/rotate',
    access: 'admin',
    tag: TAG,
    summary: 'Give an API key a successor',
    about: `Both are good for the overlap. ${FRESH}`,
    params: shape.byId,
    body: z.strictObject({ overlapSeconds: z.int().min(0).max(MAX_OVERLAP_SECONDS).optional() }),
    answer: { status: 201, about: 'The successor, this once.', schema: made },
    refusals: [404, 409],
    handle: async ({ c, caller, params, body }) => {
      const overlapMs = body.overlapSeconds === undefined ? undefined : body.overlapSeconds * 1_000;
      const actor = await freshActor(ports, c, caller);
      return json(await ports.access.grants.keys.rotate(params.id, overlapMs, actor), 201);
    },
  });
}

function revokeRoute(ports: KnownAccess): Route {
  return route({
    method: 'DELETE',
    path: '/admin/access/keys/:id',
    access: 'admin',
    tag: TAG,
    summary: 'Revoke an API key',
    about: `At once here, within a second everywhere. ${FRESH}`,
    params: shape.byId,
    answer: { status: 200, about: 'The key as it is now.', schema: shape.apiKey },
    refusals: [404, 409],
    handle: async ({ c, caller, params }) =>
      json(await ports.access.grants.keys.revoke(params.id, await freshActor(ports, c, caller))),
  });
}
