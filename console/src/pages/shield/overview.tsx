import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { isAbsent, siteShieldQuery } from '../../api/shield.ts';
import type { ShieldAnswer } from '../../api/shield.ts';
import { compact, percent, whole } from '../../format/number.ts';
import { SpanBar } from '../../shell/view-bar.tsx';
import { isMoving } from '../../state/search.ts';
import { useView } from '../../state/view.ts';
import type { View } from '../../state/view.ts';
import { type Figure, Figures } from '../../ui/figures.tsx';
import { Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { ClassTable } from './class-table.tsx';
import { bandsOf } from './classes.ts';
import { ShieldFrame } from './frame.tsx';
import { GuardTable } from './guard-table.tsx';
import { Kinds } from './kinds.tsx';
import { Off } from './off.tsx';
import { PostureLine } from './posture.tsx';
import { RuleTable } from './rule-table.tsx';
import { solvedShare } from './words.ts';

/** What the shield did within a span of time. */
export function Overview(): ReactNode {
  const view = useView();
  const [isHeld, setHeld] = useState(false);
  const isLive = isMoving(view.search) && view.search.live !== 'paused' && !isHeld;
  const query = useQuery(siteShieldQuery(view.search, isLive));
  return (
    <ShieldFrame tab="overview" tools={<SpanBar view={view} isPaused={isHeld} />}>
      {query.data === undefined && isAbsent(query.error) ? (
        <Off />
      ) : (
        <Loaded query={query} skeleton={<Waiting />}>
          {(answer) => <Content answer={answer} view={view} onHold={setHeld} />}
        </Loaded>
      )}
    </ShieldFrame>
  );
}

function Content({
  answer,
  view,
  onHold,
}: {
  readonly answer: ShieldAnswer;
  readonly view: View;
  readonly onHold: (held: boolean) => void;
}): ReactNode {
  const bands = useMemo(() => bandsOf(answer.series), [answer.series]);
  return (
    <div className="space-y-4">
      <PostureLine answer={answer} />
      <Totals answer={answer} />
      <Kinds answer={answer} bands={bands} view={view} onHold={onHold} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <RuleTable rules={answer.rules} view={view} />
        <div className="grid gap-4 md:max-xl:grid-cols-2">
          <ClassTable classes={answer.classes} bands={bands} view={view} />
          <GuardTable guards={answer.guards} view={view} />
        </div>
      </div>
    </div>
  );
}

function Totals({
  answer: { classes, guards, challenges, openReports },
}: {
  readonly answer: ShieldAnswer;
}): ReactNode {
  const sum = (of: 'refused' | 'wouldRefuse' | 'below'): number =>
    classes.reduce((total, one) => total + one[of], 0);
  const byGuards = guards.reduce((total, { refused }) => total + refused, 0);
  const share = solvedShare(challenges);
  const figures: readonly Figure[] = [
    ['Refused by the shield', compact(byGuards), `${whole(sum('refused'))} by inspection`],
    ['Would be refused', compact(sum('wouldRefuse')), 'only recorded'],
    ['Below the threshold', compact(sum('below')), 'found, and let through'],
    [
      'Challenges solved',
      challenges === null ? 'off' : share === null ? '–' : percent(share),
      challenges === null || challenges.shown === 0
        ? 'none shown yet'
        : `of ${whole(challenges.shown)} shown on this node`,
    ],
    [
      'False alarms',
      whole(openReports),
      openReports === 0 ? 'no report waits' : openReports === 1 ? 'a report waits' : 'reports wait',
    ],
  ];
  return <Figures label="Figures of the shield" figures={figures} />;
}

function Waiting(): ReactNode {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-[5.75rem] rounded-xl" />
      <Skeleton className="h-[5.25rem] rounded-xl" />
      <Skeleton className="h-[22rem] rounded-xl" />
      <Skeleton className="h-96 rounded-xl" />
    </div>
  );
}
