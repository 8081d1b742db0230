import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { OverviewAnswer } from '../../../../src/server/api/types.ts';
import { overviewQuery } from '../../api/queries.ts';
import { useStream } from '../../api/stream.ts';
import { addTicks, mergeTicks } from '../../chart/stack.ts';
import { FilterChips } from '../../shell/filters.tsx';
import { ViewBar } from '../../shell/view-bar.tsx';
import { filtersOf, isMoving } from '../../state/search.ts';
import { useView } from '../../state/view.ts';
import { PageHead, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { Refusals } from './refusals.tsx';
import { Tops } from './tops.tsx';
import { Totals } from './totals.tsx';
import { Traffic } from './traffic.tsx';

/** What goes on: totals, traffic, who stands out, what was refused. */
export function OverviewPage(): ReactNode {
  const view = useView();
  const [isHeld, setHeld] = useState(false);
  const isLive = isMoving(view.search) && view.search.live !== 'paused' && !isHeld;
  const query = useQuery(overviewQuery(view.search, isLive));
  return (
    <>
      <PageHead title="Overview">
        <ViewBar view={view} isPaused={isHeld} />
      </PageHead>
      <FilterChips view={view} />
      <Loaded query={query} skeleton={<Waiting />}>
        {(answer) => <Content answer={answer} isLive={isLive} view={view} onHold={setHeld} />}
      </Loaded>
    </>
  );
}

function Content({
  answer,
  isLive,
  view,
  onHold,
}: {
  readonly answer: OverviewAnswer;
  readonly isLive: boolean;
  readonly view: ReturnType<typeof useView>;
  readonly onHold: (held: boolean) => void;
}): ReactNode {
  const { ticks } = useStream();
  // The stream knows nothing of filters: a filtered view waits for the next answer.
  const canMerge = isLive && filtersOf(view.search).length === 0;
  const series = useMemo(
    () => (canMerge ? mergeTicks(answer, ticks) : answer.series),
    [canMerge, answer, ticks],
  );
  const totals = canMerge ? addTicks(answer, ticks) : answer.totals;
  return (
    <div className="space-y-4">
      <Totals answer={answer} totals={totals} view={view} />
      <Traffic answer={answer} series={series} view={view} onHold={onHold} isLive={isLive} />
      <Tops answer={answer} view={view} />
      <Refusals view={view} isLive={isLive} onHold={onHold} />
    </div>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-[10.5rem] rounded-xl sm:h-[5.25rem]" />
      <Skeleton className="h-[23rem] rounded-xl" />
      <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-4">
        {[1, 2, 3, 4].map((panel) => (
          <Skeleton key={panel} className="h-72 rounded-xl" />
        ))}
      </div>
    </div>
  );
}
