import type { InfiniteData } from '@tanstack/react-query';
import type { EventEntry, EventsAnswer } from '../../../../src/server/api/types.ts';

/** Rows that a page keeps of a list that grows at its top, however long it stays open. */
export const MAX_ROWS = 1000;

/** Those of a page that are newer than the newest that is shown. Ids are ordered by time. */
export function newerThan(found: readonly EventEntry[], newest: string | undefined): readonly EventEntry[] {
  return newest === undefined ? found : found.filter(({ id }) => id > newest);
}

/** Puts events at the top of a list; past the ceiling the oldest pages are let go, and can be asked for again. */
export function mergeFresh(
  pages: InfiniteData<EventsAnswer>,
  added: readonly EventEntry[],
): InfiniteData<EventsAnswer> {
  const [first, ...rest] = pages.pages;
  if (first === undefined || added.length === 0) return pages;
  const kept: EventsAnswer[] = [];
  let count = 0;
  for (const page of [{ ...first, events: [...added, ...first.events] }, ...rest]) {
    const events = page.events.slice(0, MAX_ROWS - count);
    count += events.length;
    // Whoever reads on begins behind the last row that is left.
    const nextBefore = events.length < page.events.length ? (events.at(-1)?.id ?? null) : page.nextBefore;
    if (events.length > 0) kept.push({ events, nextBefore });
  }
  return { pages: kept, pageParams: pages.pageParams.slice(0, kept.length) };
}

/** The list with one of its events replaced, wherever it stands. */
export function withEventReplaced(
  pages: InfiniteData<EventsAnswer>,
  event: EventEntry,
): InfiniteData<EventsAnswer> {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      events: page.events.map((one) => (one.id === event.id ? event : one)),
    })),
  };
}
