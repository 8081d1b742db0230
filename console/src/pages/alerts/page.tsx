import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { BellOff } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import type { ReactNode } from 'react';
import { alertFilterOf, alertsKey, alertsPage, tabOf } from '../../api/alerts.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { useView } from '../../state/view.ts';
import { Code, Empty, PageHead, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { isAbsent } from '../../api/shield.ts';
import { Failure } from '../../ui/state.tsx';
import { Channels } from './channels.tsx';
import { AlertDetail } from './detail.tsx';
import { AlertFilters, StateTabs } from './filters.tsx';
import { AlertList } from './list.tsx';
import { useIsWide } from './wide.ts';

/** What somebody should look at, the worst first, to be gone through by keyboard. */
export function AlertsPage(): ReactNode {
  const { search, change } = useView();
  const filter = alertFilterOf(search);
  const tab = tabOf(search);
  const query = useInfiniteQuery({
    queryKey: alertsKey(filter),
    queryFn: ({ pageParam, signal }) => alertsPage(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: 30_000,
  });
  const pages = query.data?.pages;
  // What was settled a moment ago leaves the list before the server has said so.
  const alerts = useMemo(
    () => pages?.flatMap((page) => page.alerts).filter(({ state }) => tab.states.includes(state)),
    [pages, tab],
  );
  const against = useReasonAgainst('analyst');
  const opened = useOpened();
  if (alerts === undefined && isAbsent(query.error)) return <AlertsOff />;
  const close = (): void => {
    const { open: _, ...rest } = search;
    change(rest, true);
  };
  return (
    <>
      <PageHead title="Alerts">
        <AlertFilters alerts={alerts ?? []} />
      </PageHead>
      <StateTabs tab={tab} counts={pages?.[0]?.counts} />
      {against !== null && <p className="mb-3 text-xs text-faint">{against}</p>}
      <div
        className={
          opened === null ? '' : 'grid grid-cols-[minmax(0,1fr)_minmax(22rem,28rem)] items-start gap-4'
        }
      >
        <div className="min-w-0">
          {alerts === undefined ? (
            <Panel title={tab.label} flush>
              <div className="min-h-80 border-t border-line">
                {query.error ? (
                  <Failure error={query.error} retry={() => void query.refetch()} />
                ) : (
                  <SkeletonRows rows={6} height="h-20" />
                )}
              </div>
            </Panel>
          ) : (
            <AlertList
              key={JSON.stringify(filter)}
              alerts={alerts}
              filter={filter}
              query={query}
              may={against === null}
              opened={opened}
            />
          )}
          {pages?.[0] && <Channels channels={pages[0].channels} />}
        </div>
        {opened !== null && (
          <aside
            aria-label="The alert that is open"
            className="quiet-scroll sticky top-16 max-h-[calc(100dvh-5rem)] overflow-y-auto rounded-xl"
          >
            <AlertDetail id={opened} onClose={close} />
          </aside>
        )}
      </div>
    </>
  );
}

function AlertsOff(): ReactNode {
  return (
    <>
      <PageHead title="Alerts" />
      <Panel title="Alerts" flush>
        <Empty icon={<BellOff className="size-4" />} title="Alerts are off">
          Nobody is told of anything. Remove <Code>alerts.enabled: false</Code> from your configuration to
          have them.
        </Empty>
      </Panel>
    </>
  );
}

/** The alert beside the list. A link to one leads to its page where there is no room for both. */
function useOpened(): string | null {
  const { search } = useView();
  const isWide = useIsWide();
  const navigate = useNavigate();
  const { open } = search;
  useEffect(() => {
    if (open === undefined || isWide) return;
    const { open: _, ...rest } = search;
    void navigate({ to: '/alerts/$id', params: { id: open }, search: rest, replace: true });
    // Only on the way in: a window that is made narrow for a moment leads nowhere.
  }, []);
  return isWide ? (open ?? null) : null;
}
