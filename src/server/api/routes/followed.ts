import { z } from 'zod';
import { clientGroup, parseAddress } from '../../../core/address.ts';
import { NotFoundError } from '../../../core/errors.ts';
import type { FollowedAnswer } from '../response-types.ts';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';
import { idOf } from '../schemas.ts';
import { alertEntry } from './alert-schemas.ts';
import { entryOf as alertEntryOf } from './alerts.ts';
import { entryOf as responseEntryOf, responseEntry } from './responses.ts';

/** Events of one decision that are looked at: a guard tells the first refusal of a kind at once, the rest as one. */
const MAX_EVENTS = 50;
const followedAnswer = z.object({
  alerts: z.array(z.object({ alert: alertEntry, isNamed: z.boolean() })),
  responses: z.array(responseEntry),
}) satisfies z.ZodType<FollowedAnswer>;

/** What alerts look for: events, and callers at a time. */
interface Origin {
  readonly events: readonly string[];
  readonly address: string | null;
  readonly principals: readonly (string | null)[];
  readonly atMs: number;
}

/** What came of a decision or of an event: alerts and responses. */
export function followedRoutes(ports: ApiPorts): readonly Route[] {
  const about =
    'Alerts that name it, and those about the same caller that went on at that time: of a flood, an alert names its newest events alone.';
  return [
    route({
      method: 'GET',
      path: '/admin/decisions/:id/followed',
      access: 'viewer',
      tag: 'Console',
      summary: 'Read which alerts and responses came of a decision',
      about,
      params: z.object({ id: z.string().max(100) }),
      answer: { status: 200, about: 'Both empty where nothing came of it.', schema: followedAnswer },
      refusals: [404],
      handle: async ({ params: { id } }) => {
        const stored = await ports.stores.decisions.get(id);
        if (!stored) throw new NotFoundError('There is no decision of this id, or it is no longer kept.');
        const { record, summary } = stored;
        const { events } = await ports.stores.events.search({ decision: id, limit: MAX_EVENTS });
        const origin = { address: record.address, principals: [record.principal], atMs: summary.atMs };
        return json(await followed(ports, { ...origin, events: events.map((one) => one.id) }));
      },
    }),
    route({
      method: 'GET',
      path: '/admin/events/:id/followed',
      access: 'viewer',
      tag: 'Console',
      summary: 'Read which alerts and responses came of an event',
      about,
      params: z.object({ id: idOf('evt') }),
      answer: { status: 200, about: 'Both empty where nothing came of it.', schema: followedAnswer },
      refusals: [404],
      handle: async ({ params: { id } }) => {
        const [event] = await ports.stores.events.byIds([id]);
        if (!event) throw new NotFoundError('There is no such event.');
        const { address, actor, subject, atMs } = event;
        return json(await followed(ports, { events: [id], address, principals: [actor, subject], atMs }));
      },
    }),
  ];
}

async function followed(ports: ApiPorts, origin: Origin): Promise<FollowedAnswer> {
  const { events, atMs } = origin;
  const found = (await ports.alerts?.alerts.store.following({ events, about: aboutOf(origin), atMs })) ?? [];
  const engine = ports.responses?.engine;
  const leases =
    engine === undefined
      ? []
      : await ports.stores.responses.following(
          events,
          found.map(({ alert }) => alert.id),
        );
  return {
    alerts: found.map(({ alert, isNamed }) => ({ alert: alertEntryOf(alert), isNamed })),
    responses: engine === undefined ? [] : leases.map((lease) => responseEntryOf(lease, engine)),
  };
}

/** The parts of an alert's group that name the caller, as detectors write them. */
function aboutOf({ address, principals }: Origin): readonly string[] {
  const parsed = address === null ? undefined : parseAddress(address);
  const ids = principals.filter((one) => one !== null);
  return [
    ...(address === null ? [] : [address, `address=${address}`]),
    ...(parsed === undefined ? [] : [`network=${clientGroup(parsed)}`]),
    ...ids.flatMap((id) => [id, `actor=${id}`, `account=${id}`, `subject=${id}`]),
  ];
}
