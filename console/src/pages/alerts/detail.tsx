import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { type AlertAnswer, type AlertEntry, alertQuery } from '../../api/alerts.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { whole } from '../../format/number.ts';
import { Button, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { SeverityMark } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';
import { AlertActs } from './alert-acts.tsx';
import { useAnswers } from './answered.tsx';
import { LinkedEvents } from './linked-events.tsx';
import { LinkedResponses } from './linked-responses.tsx';
import { About, Assignee, StateBadge } from './parts.tsx';
import { PulseBars } from './pulse-bars.tsx';
import { Recommended } from './recommended.tsx';
import { Snoozed } from './row.tsx';
import { Story } from './story.tsx';
import { useTriageKeys } from './triage-keys.ts';
import { useTriage } from './use-triage.ts';

/** All that is known of an alert, what was done, and what can be. */
export function AlertDetail({
  id,
  isPage = false,
  onClose,
}: {
  readonly id: string;
  /** Stands alone, so that its title is the page's and the keys are about it. */
  readonly isPage?: boolean;
  readonly onClose?: () => void;
}): ReactNode {
  const query = useQuery(alertQuery(id));
  return (
    <>
      {isPage && query.data === undefined && <h1 className="sr-only">Alert</h1>}
      <Loaded
        query={query}
        skeleton={
          <Panel title="Alert" flush>
            <SkeletonRows rows={6} height="h-16" />
          </Panel>
        }
      >
        {(answer) => <Detail key={id} answer={answer} isPage={isPage} onClose={onClose} />}
      </Loaded>
    </>
  );
}

function Detail({
  answer,
  isPage,
  onClose,
}: {
  readonly answer: AlertAnswer;
  readonly isPage: boolean;
  readonly onClose: (() => void) | undefined;
}): ReactNode {
  const { alert, events, notes, recommended } = answer;
  const against = useReasonAgainst('analyst');
  const triage = useTriage();
  const others = useAnswers(alert).filter(({ id }) => !answer.responses.includes(id));
  // A number, so that asking again asks again.
  const [asked, askForNote] = useState(0);
  useTriageKeys({
    targets: () => [alert],
    run: (act, of) => void triage(act, of),
    onNote: () => askForNote((count) => count + 1),
    isActive: isPage && against === null,
  });
  const Title = isPage ? 'h1' : 'h2';
  return (
    <article aria-label={alert.title} className="space-y-4">
      <div className="rounded-xl border border-line bg-panel p-4">
        <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1.5">
          <SeverityMark severity={alert.severity} />
          <StateBadge state={alert.state} />
          <span className="text-xs text-faint">
            <Snoozed untilMs={alert.snoozedUntilMs} />
          </span>
          {onClose && (
            <Button
              icon
              small
              look="quiet"
              aria-label="Close the alert"
              className="ml-auto"
              onClick={onClose}
            >
              <X aria-hidden="true" className="size-4" />
            </Button>
          )}
        </div>
        <Title className={`font-semibold break-words ${isPage ? 'text-lg tracking-tight' : 'text-base'}`}>
          {alert.title}
        </Title>
        <p className="mt-1 text-sm break-words text-mute">{alert.description}</p>
        <Facts alert={alert} columns={isPage ? 'sm:grid-cols-3' : ''} />
        <PulseBars atMs={events.map(({ atMs }) => atMs)} count={alert.count} />
        <AlertActs alert={alert} against={against} onAct={(act) => void triage(act, [alert])} />
      </div>
      <LinkedResponses alert={alert.id} ids={answer.responses} others={others} />
      {recommended.length > 0 && (
        <Recommended
          alert={alert}
          list={recommended}
          isFirst={answer.responses.length === 0 && others.length === 0}
        />
      )}
      <LinkedEvents events={events} />
      <Story id={alert.id} notes={notes} against={against} asked={asked} />
    </article>
  );
}

function Facts({ alert, columns }: { readonly alert: AlertEntry; readonly columns: string }): ReactNode {
  const { group, count, firstAtMs, lastAtMs, assignee, rule, reopened, escalatesAtMs } = alert;
  return (
    <dl className={`mt-3 grid grid-cols-2 gap-x-4 gap-y-2 text-sm ${columns}`}>
      <Fact name="About">
        <About group={group} />
      </Fact>
      <Fact name="Events">{whole(count)}</Fact>
      <Fact name="Assignee">
        <Assignee name={assignee} />
      </Fact>
      <Fact name="First">
        <When atMs={firstAtMs} />
      </Fact>
      <Fact name="Last">
        <When atMs={lastAtMs} />
      </Fact>
      <Fact name="Rule">
        <Link
          to="/alerts"
          search={{ rule }}
          title="Alerts of this rule"
          className="rounded-sm font-mono text-xs break-all hover:underline hover:underline-offset-4"
        >
          {rule}
        </Link>
      </Fact>
      {reopened > 0 && <Fact name="Came back">{reopened === 1 ? 'once' : `${reopened} times`}</Fact>}
      {escalatesAtMs !== null && (
        <Fact name="Told again">
          <When atMs={escalatesAtMs} />, unless somebody takes it
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-faint">{name}</dt>
      <dd className="numeric">{children}</dd>
    </div>
  );
}
