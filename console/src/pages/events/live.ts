import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { eventListKey, eventPage, EVENTS_PAGE, newestEventsQuery } from '../../api/events.ts';
import type { EventEntry, EventsAnswer } from '../../../../src/server/api/types.ts';
import { isMoving } from '../../state/search.ts';
import type { ViewSearch } from '../../state/search.ts';
import { mergeFresh, newerThan } from './fresh.ts';

type Pages = InfiniteData<EventsAnswer>;

/** The list of events as it stands on the page. */
export interface EventList {
  readonly query: UseInfiniteQueryResult<Pages>;
  /** Newest first; undefined while the first page is on its way. */
  readonly events: readonly EventEntry[] | undefined;
  /** Events that have happened since and are not shown yet; `more` where there may be others between. */
  readonly fresh: { readonly count: number; readonly more: boolean };
  /** Puts them at the top. */
  readonly show: () => void;
}

/**
 * Events of a view, page by page. While it is live and nobody holds it, what happens is put at the top; otherwise it is
 * counted.
 */
export function useEventList(search: ViewSearch, isHeld: boolean): EventList {
  const client = useQueryClient();
  const isLive = isMoving(search) && search.live !== 'paused';
  const key = eventListKey(search);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => eventPage(search, pageParam, signal),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextBefore }) => nextBefore ?? undefined,
  });
  const events = useMemo(() => query.data?.pages.flatMap((page) => page.events), [query.data]);
  const newest = useQuery(newestEventsQuery(search, isLive && events !== undefined));
  const found = isLive ? newest.data?.events : undefined;
  const added = newerThan(found ?? [], events?.[0]?.id);
  // A whole page of new ones: there may be others below it that were not read.
  const more = added.length >= EVENTS_PAGE && events !== undefined && events.length > 0;
  const show = (): void => {
    if (more) void client.resetQueries({ queryKey: key });
    else client.setQueryData<Pages>(key, (pages) => pages && mergeFresh(pages, added));
  };
  const mayFlow = added.length > 0 && !isHeld;
  useEffect(() => {
    if (mayFlow) show();
    // What was found, and whether it may be shown, decide alone.
  }, [mayFlow, found]);
  return { query, events, fresh: { count: mayFlow ? 0 : added.length, more }, show };
}
