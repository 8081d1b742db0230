import { useInfiniteQuery } from '@tanstack/react-query';
import { ScrollText } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Severity } from '../../../../src/server/api/types.ts';
import { eventsKey, eventsPage } from '../../api/queries.ts';
import { useView } from '../../state/view.ts';
import { Button, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { EventRow } from './row.tsx';

const SEVERITIES: readonly Severity[] = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'];

/** Events, newest first, of one severity or all. */
export function EventList(): ReactNode {
  const { search } = useView();
  const severity = SEVERITIES.find((one) => one === search.severity) ?? '';
  const query = useInfiniteQuery({
    queryKey: eventsKey(severity),
    queryFn: ({ pageParam, signal }) => eventsPage(severity, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextBefore }) => nextBefore ?? undefined,
  });
  const events = query.data?.pages.flatMap((page) => page.events);
  // With one node its name says nothing.
  const isMany = new Set(events?.map(({ node }) => node)).size > 1;
  return (
    <Panel
      title={severity === '' ? 'All events' : `${word(severity)} events`}
      note="newest first"
      flush
      actions={<Filter severity={severity} />}
    >
      <div className="min-h-96 border-t border-line">
        {events === undefined ? (
          query.error ? (
            <Failure error={query.error} retry={() => void query.refetch()} />
          ) : (
            <SkeletonRows rows={10} height="h-14" />
          )
        ) : events.length === 0 ? (
          <Empty
            icon={<ScrollText className="size-4" />}
            title={severity === '' ? 'Nothing has happened yet' : 'No such events'}
          >
            Starts, blocks, degraded stores, sign-ins and refusals are written here.
          </Empty>
        ) : (
          <>
            {query.error && <Stale atMs={query.dataUpdatedAt} />}
            <ul>
              {events.map((event) => (
                <EventRow key={event.id} event={event} hasNode={isMany} />
              ))}
            </ul>
          </>
        )}
      </div>
      {query.hasNextPage && (
        <div className="border-t border-line p-3 text-center">
          <Button data-row disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? 'Loading…' : 'Show older'}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function word(severity: Severity): string {
  return severity.charAt(0) + severity.slice(1).toLowerCase();
}

function Filter({ severity }: { readonly severity: Severity | '' }): ReactNode {
  const view = useView();
  return (
    <select
      aria-label="Severity"
      value={severity}
      onChange={(event) => {
        const { severity: _, ...rest } = view.search;
        view.change(event.target.value === '' ? rest : { ...rest, severity: event.target.value });
      }}
      className="h-8 rounded-md border border-edge bg-panel px-2 text-sm font-medium hover:bg-hover"
    >
      <option value="">All severities</option>
      {SEVERITIES.map((one) => (
        <option key={one} value={one}>
          {word(one)}
        </option>
      ))}
    </select>
  );
}
