import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Check, Copy, Hourglass, Link2, RotateCcwKey } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DecisionAnswer, DecisionSummary } from '../../../../src/server/api/types.ts';
import { decisionQuery } from '../../api/queries.ts';
import { BackButton } from '../../shell/back-button.tsx';
import { askToBlock } from '../../state/block-ask.ts';
import { copy } from '../../state/view.ts';
import { Button, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { ClassBadge, ShadowBadge } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';
import { Followed } from '../alerts/followed.tsx';
import { CorridorPicture } from './corridor-picture.tsx';
import { DecisionEvents, EventsAround } from './events.tsx';
import { Exempt } from './exempt.tsx';
import { Facts } from './facts.tsx';
import { FalseAlarmActs, ReportLine } from './false-alarm.tsx';
import { DecisionTable } from './rows.tsx';
import { Steps } from './steps.tsx';

/** Why this request was let through or refused, and what can be done about it. */
export function DecisionPage(): ReactNode {
  const { id = '' } = useParams({ strict: false });
  const query = useQuery(decisionQuery(id));
  return (
    <>
      <BackButton list="/decisions">Decisions</BackButton>
      <Loaded query={query} skeleton={<Waiting />}>
        {(decision) => <Content decision={decision} />}
      </Loaded>
    </>
  );
}

function Content({ decision }: { readonly decision: DecisionAnswer }): ReactNode {
  return (
    <>
      <Head decision={decision} />
      <div className="mt-6 space-y-4">
        <Panel title="Way through the corridor">
          <div className="pt-1">
            <CorridorPicture decision={decision} />
          </div>
        </Panel>
        <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <Steps decision={decision} />
          <Facts decision={decision} />
        </div>
        <Followed of="decisions" id={decision.id} />
        <DecisionEvents decision={decision.id} />
        <EventsAround decision={decision} />
        {decision.related.length > 0 && (
          <Panel title="Same address, around that time" flush>
            <div className="border-t border-line">
              <DecisionTable decisions={newestFirst(decision.related)} caption="Related decisions" />
            </div>
          </Panel>
        )}
      </div>
    </>
  );
}

/** The server answers the closest in time first; a list is read by the clock. */
function newestFirst(decisions: readonly DecisionSummary[]): readonly DecisionSummary[] {
  return decisions.toSorted((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1));
}

function Head({ decision }: { readonly decision: DecisionAnswer }): ReactNode {
  const { id, trafficClass, method, path, atMs, sentence, wouldRefuse } = decision;
  return (
    <header>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-mute">
        <ClassBadge kind={trafficClass} />
        {wouldRefuse.length > 0 && <ShadowBadge>Would be refused by {wouldRefuse.join(', ')}</ShadowBadge>}
        <span className="min-w-0 break-all">
          <span className="mr-1.5 font-mono text-xs">{method}</span>
          <span className="text-ink">{path}</span>
        </span>
        <When atMs={atMs} look="full" />
      </div>
      <h1 className="mt-3 max-w-4xl text-xl leading-snug font-semibold tracking-tight text-balance">
        {sentence}
      </h1>
      <Remedies decision={decision} />
      <ReportLine decision={decision} />
      <div className="mt-4 flex flex-wrap gap-2">
        <Button onClick={() => askToBlock(decision.address)}>Block this address…</Button>
        <Exempt address={decision.address} />
        <FalseAlarmActs decision={decision} />
        <Button look="quiet" onClick={() => void copy(location.href, 'Link')} title="Copy link (Y)">
          <Link2 aria-hidden="true" className="size-3.5" />
          Copy link
        </Button>
        <Button look="quiet" onClick={() => void copy(`npx rampart why ${id}`, 'Command')}>
          <Copy aria-hidden="true" className="size-3.5" />
          Copy <code className="font-mono text-xs max-sm:hidden">rampart why</code>
          <span className="sm:hidden">command</span>
        </Button>
      </div>
    </header>
  );
}

/** What would make the same request pass. */
function Remedies({ decision }: { readonly decision: DecisionAnswer }): ReactNode {
  if (decision.remedies.length === 0) {
    return decision.verdict === 'pass' ? (
      <p className="mt-2 flex items-center gap-1.5 text-sm text-mute">
        <Check aria-hidden="true" className="size-4 text-good" />
        It reached the handler, which answered {decision.status}.
      </p>
    ) : null;
  }
  return (
    <section aria-label="What would make it pass" className="mt-3">
      <h2 className="text-xs font-medium text-faint">What would make it pass</h2>
      <ul className="mt-1 space-y-1">
        {decision.remedies.map((remedy) => (
          <li key={remedy} className="flex items-start gap-2 text-sm">
            {remedy.startsWith('Wait') ? (
              <Hourglass aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-mute" />
            ) : (
              <RotateCcwKey aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-mute" />
            )}
            {remedy}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-5 w-80 max-w-full" />
      <Skeleton className="mt-3 h-7 w-[36rem] max-w-full" />
      <Skeleton className="mt-4 h-16 w-96 max-w-full" />
      <Skeleton className="mt-6 h-36 rounded-xl" />
      <div className="mt-4 grid gap-4 xl:grid-cols-[2fr_1fr]">
        <Skeleton className="h-96 rounded-xl" />
        <Skeleton className="h-96 rounded-xl" />
      </div>
    </div>
  );
}
