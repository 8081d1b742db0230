import { z } from 'zod';
import type { CsvColumn } from '../../../base/csv/index.ts';
import { aliasesOf } from '../../../core/event-aliases.ts';
import { EVENTS } from '../../../core/events.ts';
import { MAX_EVENTS_PAGE } from '../../data/index.ts';
import type { EventTypesAnswer } from '../event-types.ts';
import { CSV_ANSWER, dateOf, exportList } from '../export.ts';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';
import { idOf } from '../schemas.ts';
import type { EventEntry, EventsAnswer } from '../types.ts';
import {
  eventsAnswer,
  eventTypesAnswer,
  filtersOf,
  narrowedBy,
  narrowedWords,
  REPEATED,
} from './event-schemas.ts';
import { oneEventRoutes } from './event.ts';

const DAY_MS = 86_400_000;
const limit = z.coerce.number().int().min(1).max(MAX_EVENTS_PAGE).default(50);
const COLUMNS: readonly CsvColumn<EventEntry>[] = [
  { name: 'at', value: (one) => dateOf(one.atMs) },
  { name: 'event', value: (one) => one.type },
  { name: 'severity', value: (one) => one.severity },
  { name: 'outcome', value: (one) => one.outcome },
  { name: 'about', value: (one) => one.about },
  { name: 'actor', value: (one) => one.actor },
  { name: 'subject', value: (one) => one.subject },
  { name: 'address', value: (one) => one.address },
  { name: 'place', value: (one) => one.place },
  { name: 'userAgent', value: (one) => one.userAgent },
  { name: 'session', value: (one) => one.session },
  { name: 'route', value: (one) => one.route },
  { name: 'node', value: (one) => one.node },
  { name: 'decision', value: (one) => one.decision },
  { name: 'requestId', value: (one) => one.requestId },
  { name: 'traceId', value: (one) => one.traceId },
  { name: 'details', value: (one) => JSON.stringify(one.details) },
  { name: 'resolvedAt', value: (one) => dateOf(one.resolvedAtMs) },
  { name: 'resolvedBy', value: (one) => one.resolvedBy },
  { name: 'id', value: (one) => one.id },
];

/** What happened: as pages, as a file, and one by one. */
export function eventRoutes(ports: ApiPorts): readonly Route[] {
  return [eventsRoute(ports), fileRoute(ports), typesRoute(ports), ...oneEventRoutes(ports)];
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

function fileRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/events.csv',
    access: 'viewer',
    tag: 'Console',
    summary: 'Export events',
    query: z.strictObject(narrowedBy),
    lists: REPEATED,
    answer: CSV_ANSWER,
    handle: ({ c, caller, query }) =>
      exportList(ports, c, caller, {
        list: 'events',
        columns: COLUMNS,
        rows: ports.stores.events.all({ ...filtersOf(query), limit: MAX_EVENTS_PAGE }),
        narrowed: narrowedWords(query),
      }),
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
      const names = Object.keys(EVENTS);
      const counts = await ports.stores.events.countTypes(names, ports.clock.now() - DAY_MS);
      const types = Object.entries(EVENTS).map(([type, { severity, class: kept, about }]) => ({
        type,
        severity,
        class: kept,
        about,
        aliases: aliasesOf(type),
        lastDay: counts.get(type) ?? 0,
      }));
      const answer: EventTypesAnswer = { types };
      return json(answer);
    },
  });
}
