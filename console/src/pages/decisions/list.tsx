import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowUp, ListTree } from 'lucide-react';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { DecisionSummary } from '../../../../src/server/api/types.ts';
import { decisionsKey, decisionsPage, sessionQuery } from '../../api/queries.ts';
import { useStream } from '../../api/stream.ts';
import { plural } from '../../format/number.ts';
import { FilterChips } from '../../shell/filters.tsx';
import { ViewBar } from '../../shell/view-bar.tsx';
import { filtersOf, isMoving } from '../../state/search.ts';
import { useView } from '../../state/view.ts';
import type { View } from '../../state/view.ts';
import { More } from '../../ui/more.tsx';
import { Button, Empty, PageHead, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { countNew } from './fresh.ts';
import { DecisionTable } from './rows.tsx';

/** Every decision that was kept, newest first, narrowed by the filters of the address bar. */
export function DecisionsPage(): ReactNode {
  const view = useView();
  const query = useInfiniteQuery({
    queryKey: decisionsKey(view.search),
    queryFn: ({ pageParam, signal }) => decisionsPage(view.search, pageParam, signal),
    // Rows must not move under the reader's eyes; what is new is counted instead.
    refetchOnWindowFocus: false,
    // In an empty list nothing can move, and whoever opened it waits for something.
    refetchInterval: ({ state }) =>
      isMoving(view.search) && state.data?.pages[0]?.decisions.length === 0 ? 2000 : false,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextBefore }) => nextBefore ?? undefined,
  });
  const decisions = useMemo(() => query.data?.pages.flatMap((page) => page.decisions), [query.data]);
  return (
    <>
      <PageHead title="Decisions">
        <ViewBar view={view} isPaused={false} />
      </PageHead>
      <FilterChips view={view} />
      <NewRows view={view} decisions={decisions} />
      <Panel
        title={view.search.filter || view.search.exclude ? 'Matching decisions' : 'All decisions'}
        note={<span className="max-sm:hidden">newest first</span>}
        actions={<WithoutOwn view={view} />}
        flush
      >
        <div className="min-h-96 border-t border-line">
          {decisions === undefined ? (
            query.error ? (
              <Failure error={query.error} retry={() => void query.refetch()} />
            ) : (
              <SkeletonRows rows={12} />
            )
          ) : (
            <>
              {query.error && <Stale atMs={query.dataUpdatedAt} />}
              <Found decisions={decisions} view={view} />
            </>
          )}
        </div>
        <More query={query} words="Show older" />
      </Panel>
    </>
  );
}

/** The pages of the console, as the server names them. */
const OWN = ['route:GET /console', 'route:GET /console/*'] as const;

/** Leaves out what the reader's own console asks for, which every look at it adds to. */
function WithoutOwn({ view }: { readonly view: View }): ReactNode {
  const session = useQuery({ ...sessionQuery, enabled: false });
  const left = view.search.exclude ?? [];
  const own = session.data ? [...OWN, `principal:admin:${session.data.name}`] : OWN;
  const missing = own.filter((one) => !left.includes(one));
  if (missing.length === 0) return null;
  return (
    <Button
      small
      look="quiet"
      onClick={() => view.change({ ...view.search, exclude: [...left, ...missing] })}
    >
      Hide the console’s own
    </Button>
  );
}

function Found({
  decisions,
  view,
}: {
  readonly decisions: readonly DecisionSummary[];
  readonly view: View;
}): ReactNode {
  if (decisions.length > 0) {
    return <DecisionTable decisions={decisions} caption="Decisions, newest first" view={view} />;
  }
  const isFiltered = filtersOf(view.search).length > 0;
  return (
    <Empty
      icon={<ListTree className="size-4" />}
      title={isFiltered ? 'No decision matches' : 'No decisions yet'}
    >
      {isFiltered
        ? 'Nothing in this time range has all of these values. Remove a filter or choose a longer range.'
        : 'Every refusal is kept, and a sample of what passed. Send a request to your application to see the first.'}
    </Empty>
  );
}

/** Rows don't jump: what came meanwhile is counted, and shown when asked for. */
function NewRows({
  view,
  decisions,
}: {
  readonly view: View;
  readonly decisions: readonly DecisionSummary[] | undefined;
}): ReactNode {
  const client = useQueryClient();
  const stream = useStream();
  const isWatching = isMoving(view.search) && view.search.live !== 'paused';
  const fresh = isWatching ? countNew(stream.decisions, decisions?.[0], filtersOf(view.search)) : 0;
  if (fresh === 0) return null;
  return (
    <div className="sticky top-14 z-20 h-0 text-center">
      <Button
        look="solid"
        className="-translate-y-1 animate-enter rounded-full shadow-pop"
        onClick={() => void client.resetQueries({ queryKey: decisionsKey(view.search) })}
      >
        <ArrowUp aria-hidden="true" className="size-3.5" />
        {plural(fresh, 'new decision')}
      </Button>
    </div>
  );
}
