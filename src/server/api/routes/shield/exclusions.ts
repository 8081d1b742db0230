import { z } from 'zod';
import { ConflictError, ValidationError } from '../../../../core/errors.ts';
import { parsePattern } from '../../../../core/route.ts';
import { replayExclusion } from '../../../exclusion-replay.ts';
import { audited } from '../../audit.ts';
import { type Caller, nameOf } from '../../caller.ts';
import { type ApiContext, empty, json, route, type Route } from '../../route.ts';
import type { ExclusionsAnswer } from '../../shield-types.ts';
import { byId, eventOf, notIn, type ShieldPorts, TAG } from './common.ts';
import { exclusionContent, exclusionsAnswer, shieldExclusion } from './schemas.ts';

const DAY_MS = 86_400_000;
type Content = z.infer<typeof exclusionContent>;

/** What inspection leaves out beside the configuration: the list, and drafts. */
export function exclusionRoutes(ports: ShieldPorts): readonly Route[] {
  return [...draftRoutes(ports), ...replayRoutes(ports)];
}

function draftRoutes(ports: ShieldPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/shield/exclusions',
      access: 'viewer',
      tag: TAG,
      summary: 'List what inspection leaves out',
      answer: {
        status: 200,
        about: 'Drafts, live ones, and the last 200 that were withdrawn.',
        schema: exclusionsAnswer,
      },
      handle: async () => {
        const exclusions = await ports.stores.exclusions.list();
        return json({ exclusions, configured: ports.shield.configured } satisfies ExclusionsAnswer);
      },
    }),
    route({
      method: 'POST',
      path: '/admin/shield/exclusions',
      access: 'analyst',
      tag: TAG,
      summary: 'Draft an exclusion',
      about: 'Acts on nothing before it is published.',
      body: exclusionContent,
      answer: { status: 201, about: 'The draft.', schema: shieldExclusion },
      refusals: [409],
      handle: ({ c, caller, body }) => draft(ports, c, caller, body),
    }),
    route({
      method: 'PATCH',
      path: '/admin/shield/exclusions/:id',
      access: 'analyst',
      tag: TAG,
      summary: 'Change a draft',
      about: 'Takes the whole draft, and forgets what its replay said.',
      params: byId,
      body: exclusionContent,
      answer: { status: 200, about: 'The draft as it is now.', schema: shieldExclusion },
      refusals: [404, 409],
      handle: ({ c, caller, params, body }) => change(ports, c, caller, params.id, body),
    }),
    route({
      method: 'DELETE',
      path: '/admin/shield/exclusions/:id',
      access: 'analyst',
      tag: TAG,
      summary: 'Delete a draft',
      params: byId,
      answer: { status: 204, about: 'Deleted.' },
      refusals: [404, 409],
      handle: ({ c, caller, params }) => discard(ports, c, caller, params.id),
    }),
  ];
}

function replayRoutes(ports: ShieldPorts): readonly Route[] {
  let running = false;
  return [
    route({
      method: 'POST',
      path: '/admin/shield/exclusions/:id/replay',
      access: 'analyst',
      tag: TAG,
      summary: 'See what a draft would have let through',
      about:
        'Decides the newest 20,000 requests that inspection refused, or would have, again as if the draft were live. One at a time on each node.',
      params: byId,
      query: z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(7) }),
      answer: { status: 200, about: 'The draft with its replay.', schema: shieldExclusion },
      refusals: [404, 409],
      handle: async ({ params, query }) => {
        if (running) throw new ConflictError('Another replay runs. Try again in a moment.');
        running = true;
        try {
          return await replay(ports, params.id, query.days);
        } finally {
          running = false;
        }
      },
    }),
  ];
}

/** What never could act is refused at once. */
function refuseNoRoute({ route: name }: Content): void {
  if (name === null || name === '*' || parsePattern(name) !== undefined) return;
  const message = 'Write a pattern such as POST /articles or /files/*, or * for what no rule names.';
  throw new ValidationError('The request is not valid.', {
    details: [{ field: 'route', code: 'NOT_A_ROUTE', message }],
  });
}

async function draft(ports: ShieldPorts, c: ApiContext, caller: Caller, body: Content): Promise<Response> {
  refuseNoRoute(body);
  const { exclusions } = ports.stores;
  const added = await audited(ports, c, caller, 'SHIELD_EXCLUSION_DRAFTED', async (sql) => {
    const value = await exclusions.add(sql, body, nameOf(caller), ports.clock.now());
    return { value, event: eventOf(value) };
  });
  ports.live.change('shield');
  return json(added, 201);
}

async function change(
  ports: ShieldPorts,
  c: ApiContext,
  caller: Caller,
  id: string,
  body: Content,
): Promise<Response> {
  refuseNoRoute(body);
  const { exclusions } = ports.stores;
  const changed = await audited(ports, c, caller, 'SHIELD_EXCLUSION_DRAFTED', async (sql) => {
    const value = await exclusions.change(sql, id, body, nameOf(caller), ports.clock.now());
    return value && { value, event: eventOf(value, { changed: true }) };
  });
  if (!changed) return notIn(ports, id, 'Only a draft can be changed.');
  ports.live.change('shield');
  return json(changed);
}

async function discard(ports: ShieldPorts, c: ApiContext, caller: Caller, id: string): Promise<Response> {
  const { exclusions, falseAlarms } = ports.stores;
  const removed = await audited(ports, c, caller, 'SHIELD_EXCLUSION_WITHDRAWN', async (sql) => {
    const value = await exclusions.remove(sql, id);
    if (value) await falseAlarms.forgetExclusion(sql, id);
    return value && { value, event: eventOf(value, { draft: true }) };
  });
  if (!removed) return notIn(ports, id, 'Only a draft can be deleted; withdraw what is live.');
  ports.live.change('shield');
  return empty();
}

async function replay(ports: ShieldPorts, id: string, days: number): Promise<Response> {
  const { exclusions } = ports.stores;
  const given = await exclusions.get(id);
  if (given?.state !== 'draft') return notIn(ports, id, 'Only a draft can be replayed.');
  const nowMs = ports.clock.now();
  const found = await replayExclusion(ports, given, { fromMs: nowMs - days * DAY_MS, nowMs });
  const kept = await exclusions.keepReplay(given, found);
  if (!kept) throw new ConflictError('The draft was changed meanwhile. Replay it again.');
  ports.live.change('shield');
  return json(kept);
}
