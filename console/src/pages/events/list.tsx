import { ArrowUp, ScrollText } from 'lucide-react';
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { EVENTS_PAGE } from '../../api/events.ts';
import { plural } from '../../format/number.ts';
import { useCommand } from '../../keys/commands.ts';
import { eventFiltersOf, sinceOf, withEvent } from '../../state/event-search.ts';
import type { View } from '../../state/view.ts';
import { More } from '../../ui/more.tsx';
import { Button, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { ExportMenu } from './export-menu.tsx';
import type { EventList } from './live.ts';
import { EventRow, walkRow } from './row.tsx';

interface ListProps {
  readonly view: View;
  readonly list: EventList;
  /** The reader holds the list still, by pointer, focus or selection. */
  readonly onHold: (held: boolean) => void;
  /** Shows an event beside the list; says whether there is room for that. */
  readonly onOpen: (id: string) => boolean;
}

/** Events, newest first, narrowed by the filters of the address bar. */
export function EventsPanel({ view, list, onHold, onOpen }: ListProps): ReactNode {
  const { query, events } = list;
  const { search } = view;
  const isNarrowed = eventFiltersOf(search).length > 0;
  useStepsBesideTheList(list, search.open, onOpen);
  return (
    <Panel
      title={isNarrowed ? 'Matching events' : 'All events'}
      note={<span className="max-sm:hidden">newest first</span>}
      flush
      actions={<ExportMenu search={search} />}
    >
      <div
        onPointerEnter={() => onHold(true)}
        onPointerLeave={() => onHold(false)}
        onFocus={() => onHold(true)}
        onBlur={() => onHold(false)}
        onKeyDown={walkRow}
        className="min-h-96 border-t border-line"
      >
        {events === undefined ? (
          query.error ? (
            <Failure error={query.error} retry={() => void query.refetch()} />
          ) : (
            <SkeletonRows rows={10} height="h-14" />
          )
        ) : (
          <>
            {query.error && <Stale atMs={query.dataUpdatedAt} />}
            <Rows view={view} list={list} onOpen={onOpen} />
          </>
        )}
      </div>
      <More query={query} words={events?.length === 0 ? 'Look further back' : 'Show older'} />
    </Panel>
  );
}

function Rows({ view, list, onOpen }: Omit<ListProps, 'onHold'>): ReactNode {
  const events = list.events ?? [];
  const latest = useRef(view);
  latest.current = view;
  // The same function for every drawing, so that rows which did not change are not drawn again.
  const filter = useRef((field: Parameters<typeof withEvent>[1]['field'], value: string) => {
    latest.current.change(withEvent(latest.current.search, { field, value }));
  });
  const openRef = useRef(onOpen);
  openRef.current = onOpen;
  const open = useRef((id: string) => openRef.current(id));
  if (events.length === 0) return <Nothing view={view} isWhole={!list.query.hasNextPage} />;
  // With one node its name says nothing.
  const isMany = new Set(events.map(({ node }) => node)).size > 1;
  return (
    <ul aria-label="Events">
      {events.map((event) => (
        <EventRow
          key={event.id}
          event={event}
          hasNode={isMany}
          isOpen={event.id === view.search.open}
          onOpen={open.current}
          onFilter={filter.current}
        />
      ))}
    </ul>
  );
}

function Nothing({
  view: { search },
  isWhole,
}: {
  readonly view: View;
  /** Everything that could match was looked at. */
  readonly isWhole: boolean;
}): ReactNode {
  const isNarrowed = eventFiltersOf(search).length > 0;
  const isBounded = sinceOf(search) !== null || search.from !== undefined;
  const title = !isWhole
    ? 'No event matches so far'
    : isNarrowed
      ? 'No event matches'
      : isBounded
        ? 'Nothing happened in that time'
        : 'Nothing has happened yet';
  return (
    <Empty icon={<ScrollText className="size-4" />} title={title}>
      {!isWhole
        ? 'The newest events were looked at. Older ones may match.'
        : isNarrowed || isBounded
          ? 'Take a filter away, or look further back.'
          : 'Starts, blocks, degraded stores, sign-ins and refusals are written here.'}
    </Empty>
  );
}

/** While an event is open beside the list, j and k lead to its neighbours. */
function useStepsBesideTheList(
  { events }: EventList,
  open: string | undefined,
  onOpen: (id: string) => boolean,
): void {
  const step = (by: 1 | -1) => () => {
    const at = events?.findIndex(({ id }) => id === open) ?? -1;
    const next = events?.[at + by];
    if (at === -1 || next === undefined) return;
    onOpen(next.id);
    rowOf(next.id)?.scrollIntoView({ block: 'nearest' });
  };
  useCommand('row-next', step(1), open !== undefined);
  useCommand('row-previous', step(-1), open !== undefined);
}

/** The line of an event, where it is on the page. */
export function rowOf(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-event="${CSS.escape(id)}"]`);
}

/** Rows don't jump under the reader: what came meanwhile is counted, and shown when asked for. */
export function NewEvents({ list }: { readonly list: EventList }): ReactNode {
  const { count, more } = list.fresh;
  if (count === 0) return null;
  return (
    <div className="sticky top-14 z-20 h-0 text-center">
      <Button
        look="solid"
        className="-translate-y-1 animate-enter rounded-full shadow-pop"
        onClick={list.show}
      >
        <ArrowUp aria-hidden="true" className="size-3.5" />
        {more ? `${EVENTS_PAGE}+ new events` : plural(count, 'new event')}
      </Button>
    </div>
  );
}
