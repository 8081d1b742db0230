import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import type { ReactNode } from 'react';
import type { EventEntry, Severity } from '../../../../src/server/api/types.ts';
import { eventsKey, eventsPage } from '../../api/queries.ts';
import { valueName, valueText } from '../../format/value.ts';
import { useSettings } from '../../state/settings.ts';
import { useView } from '../../state/view.ts';
import { Button, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { SeverityMark } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';

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
                <Row key={event.id} event={event} hasNode={isMany} />
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

function Row({ event, hasNode }: { readonly event: EventEntry; readonly hasNode: boolean }): ReactNode {
  const { zone } = useSettings();
  const { severity, about, type, atMs, node, actor, subject, address, route, decision, details } = event;
  const facts: (readonly [string, string])[] = [
    ...Object.entries({ actor, subject, address, route }).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    ),
    ...Object.entries(details)
      // A route without places to fill in says the path already.
      .filter(([name, value]) => name !== 'path' || route?.endsWith(` ${String(value)}`) !== true)
      .map(([name, value]) => [valueName(name), valueText(name, value, zone)] as const),
    ...(hasNode ? [['node', node] as const] : []),
  ];
  return (
    <li className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-0.5 border-b border-line px-4 py-2.5 text-sm last:border-0 sm:grid-cols-[6rem_1fr_auto]">
      <div className="max-sm:order-1">
        <SeverityMark severity={severity} />
      </div>
      <div className="min-w-0 max-sm:order-3 max-sm:col-span-2">
        <p>
          {about}
          {decision !== null && (
            <Link
              to="/decisions/$id"
              params={{ id: decision }}
              aria-label={`Why: decision ${decision}`}
              className="ml-2 rounded-sm text-xs whitespace-nowrap text-mute underline decoration-edge underline-offset-4 hover:text-ink"
            >
              Why?
            </Link>
          )}
        </p>
        <dl className="mt-0.5 flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
          <div>
            <dt className="sr-only">type</dt>
            <dd className="font-mono text-faint">{type}</dd>
          </div>
          {facts.map(([name, value]) => (
            <div key={name} className="flex gap-1.5">
              <dt className="text-faint">{name}</dt>
              <dd className="break-all text-mute numeric">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <p className="text-right text-xs text-mute max-sm:order-2">
        <When atMs={atMs} />
      </p>
    </li>
  );
}
