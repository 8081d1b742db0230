import { queryOptions } from '@tanstack/react-query';
import type {
  EventAnswer,
  EventEntry,
  EventsAnswer,
  EventTypesAnswer,
} from '../../../src/server/api/types.ts';
import { eventParams, eventScope } from '../state/event-search.ts';
import type { ViewSearch } from '../state/search.ts';
import { api } from './client.ts';

/** Events of a page of the list. */
export const EVENTS_PAGE = 50;

/** First word of the key that every look for newer events has; the stream's notices ask it anew. */
export const NEWEST_KEY = 'events';

/** A page of the list, newest first. */
export function eventPage(
  search: ViewSearch,
  before: string | undefined,
  signal: AbortSignal,
): Promise<EventsAnswer> {
  const params = eventParams(search, Date.now());
  params.set('limit', String(EVENTS_PAGE));
  if (before !== undefined) params.set('before', before);
  return api<EventsAnswer>(`/admin/events?${params.toString()}`, { signal });
}

/** Key of the list, which nothing refreshes by itself: rows must not move under the reader's eyes. */
export const eventListKey = (search: ViewSearch) => ['event-list', eventScope(search)] as const;

/** The newest page, looked at again and again while a list is live. */
export const newestEventsQuery = (search: ViewSearch, live: boolean) =>
  queryOptions({
    queryKey: [NEWEST_KEY, 'newest', eventScope(search)],
    enabled: live,
    refetchInterval: live ? 3000 : false,
    staleTime: 0,
    queryFn: ({ signal }) => eventPage(search, undefined, signal),
  });

/** One event with what belongs to it. */
export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ['event', id],
    staleTime: 30_000,
    queryFn: ({ signal }) => api<EventAnswer>(`/admin/events/${encodeURIComponent(id)}`, { signal }),
  });

/** Events that carry a decision's id, newest first. */
export const decisionEventsQuery = (decision: string) =>
  queryOptions({
    queryKey: ['event-list', 'decision', decision],
    queryFn: ({ signal }) =>
      api<EventsAnswer>(`/admin/events?limit=20&decision=${encodeURIComponent(decision)}`, { signal }),
  });

/** Half of the span in which events around a decision are looked for. */
export const AROUND_MS = 600_000;

/** Events of an address around a time, newest first. */
export const eventsAroundQuery = (address: string, atMs: number) =>
  queryOptions({
    queryKey: ['event-list', 'around', address, atMs],
    // Inside an application it may be unknown.
    enabled: /[.:]/.test(address),
    queryFn: ({ signal }) => {
      const span = { from: String(atMs - AROUND_MS), to: String(atMs + AROUND_MS) };
      const query = new URLSearchParams({ limit: '20', address, ...span });
      return api<EventsAnswer>(`/admin/events?${query}`, { signal });
    },
  });

/** Everything that can happen, with what each means. */
export const eventTypesQuery = queryOptions({
  queryKey: ['event-types'],
  staleTime: 60_000,
  queryFn: ({ signal }) => api<EventTypesAnswer>('/admin/events/types', { signal }),
});

/** Marks an event as looked into, or takes that back. */
export const settleEvent = (id: string, resolved: boolean): Promise<EventEntry> =>
  api<EventEntry>(`/admin/events/${encodeURIComponent(id)}/${resolved ? 'resolve' : 'reopen'}`, {
    method: 'POST',
    body: {},
  });
