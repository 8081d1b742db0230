import { z } from 'zod';
import { clientGroup, formatAddress, parseAddress } from '../../../core/address.ts';
import { ConflictError, NotFoundError } from '../../../core/errors.ts';
import type { EventFilters } from '../../data/index.ts';
import { audited } from '../audit.ts';
import { type Caller, nameOf } from '../caller.ts';
import type { EventAnswer, EventEntry } from '../event-types.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, json, route, type Route } from '../route.ts';
import { idOf } from '../schemas.ts';
import { eventAnswer, eventEntrySchema } from './event-schemas.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_RELATED = 20;
const NONE = 'There is no such event.';
const byId = z.object({ id: idOf('evt') });

/** One event: what is around it, and whether somebody has settled it. */
export function oneEventRoutes(ports: ApiPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/events/:id',
      access: 'viewer',
      tag: 'Console',
      summary: 'Read an event and what happened around it',
      params: byId,
      answer: { status: 200, about: 'The event.', schema: eventAnswer },
      refusals: [404],
      handle: async ({ params: { id } }) => {
        const event = await demanded(ports, id);
        const [related, similar] = await Promise.all([relatedTo(ports, event), similarTo(ports, event)]);
        const answer: EventAnswer = { event, related, similar };
        return json(answer);
      },
    }),
    settleRoute(ports, 'resolve'),
    settleRoute(ports, 'reopen'),
  ];
}

function settleRoute(ports: ApiPorts, act: 'resolve' | 'reopen'): Route {
  return route({
    method: 'POST',
    path: `/admin/events/:id/${act}`,
    access: 'analyst',
    tag: 'Console',
    summary: act === 'resolve' ? 'Mark an event as resolved' : 'Take back that an event is resolved',
    params: byId,
    answer: { status: 200, about: 'The event.', schema: eventEntrySchema },
    refusals: [404, 409],
    handle: ({ c, caller, params }) => settle(ports, c, caller, params.id, act),
  });
}

async function settle(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  id: string,
  act: 'resolve' | 'reopen',
): Promise<Response> {
  const done = act === 'resolve' ? { by: nameOf(caller), atMs: ports.clock.now() } : null;
  const settled = await audited(ports, c, caller, done ? 'EVENT_RESOLVED' : 'EVENT_REOPENED', async (sql) => {
    const entry = await ports.stores.events.settle(sql, id, done);
    return entry && { value: entry, event: { subject: id, details: { type: entry.type } } };
  });
  if (settled) return json(settled);
  await demanded(ports, id);
  throw new ConflictError(done ? 'The event is resolved already.' : 'The event is not resolved.');
}

async function demanded({ stores }: ApiPorts, id: string): Promise<EventEntry> {
  const [event] = await stores.events.byIds([id]);
  if (!event) throw new NotFoundError(NONE);
  return event;
}

async function relatedTo({ stores }: ApiPorts, event: EventEntry): Promise<EventAnswer['related']> {
  const around = { fromMs: event.atMs - HOUR_MS, toMs: event.atMs + HOUR_MS + 1 };
  const by = async (filters: EventFilters): Promise<readonly EventEntry[]> => {
    if (Object.values(filters).some((value) => value === null || value === '')) return [];
    const { events } = await stores.events.search({ ...around, ...filters, limit: MAX_RELATED + 1 });
    return events.filter((one) => one.id !== event.id).slice(0, MAX_RELATED);
  };
  const known = (value: string | null): string => value ?? '';
  const [decision, request, trace, session, actor, address] = await Promise.all([
    by({ decision: known(event.decision) }),
    by({ request: known(event.requestId) }),
    by({ trace: known(event.traceId) }),
    by({ session: known(event.session) }),
    by({ actor: known(event.actor) }),
    by({ address: known(event.address) }),
  ]);
  return { request: newestOf([...decision, ...request, ...trace]), session, actor, address };
}

/** Each once, newest first. */
function newestOf(events: readonly EventEntry[]): readonly EventEntry[] {
  const different = new Map(events.map((event) => [event.id, event]));
  return [...different.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, MAX_RELATED);
}

async function similarTo({ stores }: ApiPorts, event: EventEntry): Promise<EventAnswer['similar']> {
  const span = { types: [event.type], fromMs: event.atMs - DAY_MS, toMs: event.atMs + 1 };
  const address = event.address === null ? undefined : parseAddress(event.address);
  if (address) {
    const group = address.version === 4 ? formatAddress(address) : clientGroup(address);
    return { count: await stores.events.count({ ...span, address: group }), by: 'address' };
  }
  if (event.actor !== null)
    return { count: await stores.events.count({ ...span, actor: event.actor }), by: 'actor' };
  return { count: await stores.events.count(span), by: 'type' };
}
