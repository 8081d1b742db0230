import { useQuery } from '@tanstack/react-query';
import { Link as LinkIcon, Terminal } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { OverviewAnswer } from '../../../../src/server/api/types.ts';
import { overviewPath, overviewQuery } from '../../api/queries.ts';
import { useStream } from '../../api/stream.ts';
import { addTicks, mergeTicks } from '../../chart/stack.ts';
import { FilterChips } from '../../shell/filters.tsx';
import { ViewBar } from '../../shell/view-bar.tsx';
import { filtersOf, isMoving } from '../../state/search.ts';
import { copy, useView } from '../../state/view.ts';
import type { View } from '../../state/view.ts';
import { Button, PageHead, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { Activity } from './activity.tsx';
import { Harm } from './harm.tsx';
import { Ledger } from './ledger.tsx';
import { Refusals } from './refusals.tsx';
import { SignIns } from './sign-ins.tsx';
import { Tops } from './tops.tsx';
import { Totals } from './totals.tsx';
import { Traffic } from './traffic.tsx';
import { trafficWords } from './words.ts';

/** Is the site under attack now, who is hurt, what did the machine do, and how is it undone. */
export function OverviewPage(): ReactNode {
  const view = useView();
  const [isHeld, setHeld] = useState(false);
  const isLive = isMoving(view.search) && view.search.live !== 'paused' && !isHeld;
  const query = useQuery(overviewQuery(view.search, isLive));
  return (
    <>
      <PageHead title="Overview">
        <ViewBar view={view} isPaused={isHeld} />
        <Copies view={view} />
      </PageHead>
      <FilterChips view={view} />
      <div className="space-y-4">
        <Loaded query={query} skeleton={<TrafficWaiting />}>
          {(answer) => <Now answer={answer} isLive={isLive} view={view} onHold={setHeld} />}
        </Loaded>
        <Activity view={view} isLive={isLive} />
        <Harm view={view} isLive={isLive} />
        <Ledger />
        {query.data === undefined ? (
          query.error === null && <TopsWaiting />
        ) : (
          <Tops answer={query.data} view={view} isLive={isLive} />
        )}
        <SignIns />
        <Refusals view={view} isLive={isLive} isHeld={isHeld} onHold={setHeld} />
      </div>
    </>
  );
}

/** The view as something that can be given to others: a link, or a call of the API. */
function Copies({ view }: { readonly view: View }): ReactNode {
  const curl = (): string =>
    `curl -H "authorization: Bearer $RAMPART_OPERATOR_KEY" '${location.origin}${overviewPath(view.search)}'`;
  return (
    <div className="flex max-sm:hidden">
      <Button
        icon
        look="quiet"
        aria-label="Copy link to this view"
        title="Copy link (Y)"
        onClick={() => void copy(location.href, 'Link')}
      >
        <LinkIcon aria-hidden="true" className="size-4" />
      </Button>
      <Button
        icon
        look="quiet"
        aria-label="Copy this view as a curl command"
        title="Copy as curl"
        onClick={() => void copy(curl(), 'Command')}
      >
        <Terminal aria-hidden="true" className="size-4" />
      </Button>
    </div>
  );
}

function Now({
  answer,
  isLive,
  view,
  onHold,
}: {
  readonly answer: OverviewAnswer;
  readonly isLive: boolean;
  readonly view: View;
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
    <>
      <Totals answer={answer} totals={totals} view={view} />
      <Traffic
        answer={answer}
        series={series}
        sentence={canMerge ? trafficWords(totals) : answer.summary}
        view={view}
        onHold={onHold}
        isLive={isLive}
      />
    </>
  );
}

function TrafficWaiting(): ReactNode {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-[10.5rem] rounded-xl sm:h-[5.25rem]" />
      <Skeleton className="h-[23rem] rounded-xl" />
    </div>
  );
}

function TopsWaiting(): ReactNode {
  return (
    <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
      {Array.from({ length: 10 }, (_, panel) => (
        <Skeleton key={panel} className="h-56 rounded-xl" />
      ))}
    </div>
  );
}
