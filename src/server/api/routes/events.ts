import { z } from 'zod';
import { aliasesOf } from '../../../core/event-aliases.ts';
import { type EventKind, EVENTS } from '../../../core/events.ts';
import { MAX_EVENTS_PAGE } from '../../data/index.ts';
import type { EventTypesAnswer } from '../event-types.ts';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';
import { idOf } from '../schemas.ts';
import type { EventsAnswer } from '../types.ts';
import { eventFileRoutes } from './event-files.ts';
import { eventsAnswer, eventTypesAnswer, filtersOf, narrowedBy, REPEATED } from './event-schemas.ts';
import { oneEventRoutes } from './event.ts';
import { holdRoutes } from './holds.ts';

const DAY_MS = 86_400_000;
const limit = z.coerce.number().int().min(1).max(MAX_EVENTS_PAGE).default(50);
/** What happened: as pages, as a file, and one by one. */
export function eventRoutes(ports: ApiPorts): readonly Route[] {
  return [
    eventsRoute(ports),
    ...eventFileRoutes(ports),
    ...holdRoutes(ports),
    typesRoute(ports),
    ...oneEventRoutes(ports),
  ];
}

function eventsRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/events',
    access: 'viewer',
    tag: 'Console',
    summary: 'Search events, newest first',
    about:
      'Everything that is given must fit. A search looks at a bounded number of events: a page may hold fewer than asked for, or none, and still name `nextBefore`.',
    query: z.strictObject({ limit, before: idOf('evt').optional(), ...narrowedBy }),
    lists: REPEATED,
    answer: { status: 200, about: 'A page.', schema: eventsAnswer },
    handle: async ({ query: { limit: most, before, ...narrowed } }) => {
      const answer: EventsAnswer = await ports.stores.events.search({
        ...filtersOf(narrowed),
        limit: most,
        ...(before === undefined ? {} : { before }),
      });
      return json(answer);
    },
  });
}

function typesRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/events/types',
    access: 'viewer',
    tag: 'Console',
    summary: 'List everything that can happen',
    answer: { status: 200, about: 'The catalogue.', schema: eventTypesAnswer },
    handle: async () => {
      const all: readonly (readonly [string, EventKind])[] = Object.entries({
        ...ports.ownEvents,
        ...EVENTS,
      });
      const names = all.map(([type]) => type);
      const counts = await ports.stores.events.countTypes(names, ports.clock.now() - DAY_MS);
      const types = all.map(([type, { severity, class: kept, about }]) => ({
        type,
        severity,
        class: kept,
        about,
        own: !Object.hasOwn(EVENTS, type),
        aliases: aliasesOf(type),
        lastDay: counts.get(type) ?? 0,
      }));
      const answer: EventTypesAnswer = { types };
      return json(answer);
    },
  });
}
