import { z } from 'zod';
import { NotFoundError } from '../../../core/errors.ts';
import { audited } from '../audit.ts';
import { FEED_KINDS, FEED_STATES, type FeedEntry, type FeedsAnswer } from '../feed-types.ts';
import { freshActor } from '../fresh-actor.ts';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';

const TAG = 'Feeds';

const atMs = z.int().nullable();
const entry = z.object({
  name: z.string(),
  kind: z.enum(FEED_KINDS),
  source: z.string().nullable().meta({ description: 'Address without query and credentials, or path.' }),
  state: z.enum(FEED_STATES),
  entries: z.int().nullable(),
  bytes: z.int().nullable(),
  builtAtMs: atMs,
  checkedAtMs: atMs,
  updatedAtMs: atMs,
  everyMs: z.int().nullable(),
  staleAfterMs: z.int(),
  nextAtMs: atMs,
  error: z.string().nullable().meta({ description: 'Why the last try failed, and what to do.' }),
  terms: z.string().nullable(),
}) satisfies z.ZodType<FeedEntry>;
const answer = z.object({ feeds: z.array(entry) }) satisfies z.ZodType<FeedsAnswer>;
const byName = z.object({ name: z.string().max(50) });

/** The feeds of the node that answers; none where none are configured. */
export function feedRoutes(ports: ApiPorts): readonly Route[] {
  const { feeds } = ports;
  return [
    route({
      method: 'GET',
      path: '/admin/feeds',
      access: 'viewer',
      tag: TAG,
      summary: 'List feeds and their ages',
      about: 'Of the node that answers: each keeps its own files.',
      answer: { status: 200, about: 'In the order of the configuration.', schema: answer },
      handle: () => json({ feeds: feeds?.status() ?? [] } satisfies FeedsAnswer),
    }),
    route({
      method: 'POST',
      path: '/admin/feeds/:name/update',
      access: 'admin',
      tag: TAG,
      summary: 'Bring a feed up to date now',
      about:
        'On the node that answers; answers when it is done. Where it failed, what was in use stays, and `error` says why. Needs a second factor that was proven in the last ten minutes.',
      params: byName,
      answer: { status: 200, about: 'How the feed stands now.', schema: entry },
      refusals: [404],
      async handle({ c, caller, params: { name } }) {
        await freshActor(ports, c, caller);
        if (feeds?.feeds.some((feed) => feed.name === name) !== true)
          throw new NotFoundError('There is no feed of this name.');
        await audited(ports, c, caller, 'FEED_UPDATE_REQUESTED', () =>
          Promise.resolve({ value: true, event: { subject: name } }),
        );
        const found = await feeds.update(name);
        if (found === undefined) throw new NotFoundError('There is no feed of this name.');
        return json(found);
      },
    }),
  ];
}
