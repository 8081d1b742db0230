import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { activityQuery } from '../../api/security.ts';
import type { ActivityAnswer, ActivityEntry } from '../../api/security.ts';
import { plural, whole } from '../../format/number.ts';
import { carry } from '../../shell/pages.ts';
import { filtersOf } from '../../state/search.ts';
import type { View } from '../../state/view.ts';
import { Empty, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { SeverityMark } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';

/** What attackers are after: a card for each kind, the worst first. */
export function Activity({ view, isLive }: { readonly view: View; readonly isLive: boolean }): ReactNode {
  const query = useQuery(activityQuery(view.search, isLive));
  return (
    <Panel
      title="Suspicious activity"
      note={<Note answer={query.data} view={view} />}
      actions={
        <Link
          to="/alerts"
          className="rounded-md px-2 py-1 text-xs font-medium text-mute hover:bg-hover hover:text-ink"
        >
          All alerts
        </Link>
      }
    >
      <Loaded query={query} skeleton={<Waiting />}>
        {(answer) =>
          answer.kinds.length === 0 ? (
            <Quiet detectors={answer.detectors} />
          ) : (
            <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3 2xl:grid-cols-4">
              {answer.kinds.map((entry) => (
                <Card key={entry.kind} entry={entry} view={view} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Note({
  answer,
  view,
}: {
  readonly answer: ActivityAnswer | undefined;
  readonly view: View;
}): ReactNode {
  if (answer?.sinceMs !== undefined)
    return (
      <>
        detections since <When atMs={answer.sinceMs} look="full" /> only
      </>
    );
  return filtersOf(view.search).length > 0 ? 'of the whole site' : undefined;
}

function Quiet({ detectors }: { readonly detectors: number | null }): ReactNode {
  return (
    <Empty icon={<ShieldCheck className="size-4" />} title="Nothing suspicious">
      {detectors === null || detectors === 0
        ? 'No detector is switched on: nobody looks.'
        : `${plural(detectors, 'detector looks', 'detectors look')} at what happens, and saw nothing in this span.`}
    </Empty>
  );
}

function Card({ entry, view }: { readonly entry: ActivityEntry; readonly view: View }): ReactNode {
  const { severity, sentence, open, active, detections, lastAtMs, series } = entry;
  return (
    <li
      data-row
      className="group/row relative flex min-w-0 flex-col rounded-lg border border-line p-3 transition-colors hover:bg-hover"
    >
      <div className="flex items-start justify-between gap-2">
        <Behind entry={entry} view={view} />
        <SeverityMark severity={severity} />
      </div>
      <p className="mt-1 line-clamp-3 text-sm text-mute">{sentence}</p>
      <div className="mt-auto flex items-end justify-between gap-3 pt-2.5">
        <p className="text-xs text-faint numeric">
          {open > 0 && (
            <span className={active > 0 ? 'text-ink' : ''}>
              {whole(open)} open{active === 0 ? ', taken' : ''}
            </span>
          )}
          {open > 0 && detections > 0 && ' · '}
          {detections > 0 && plural(detections, 'detection')}
          {' · '}
          <When atMs={lastAtMs} />
        </p>
        {detections > 0 && <Spark series={series} />}
      </div>
    </li>
  );
}

/** The title leads to what is behind it: the alert, the alerts of its detector, or the events of the span. */
function Behind({
  entry: { title, alert, open, rules },
  view,
}: {
  readonly entry: ActivityEntry;
  readonly view: View;
}): ReactNode {
  const look =
    'rounded-sm text-sm font-medium row-link after:rounded-lg hover:underline hover:underline-offset-4';
  const [rule] = rules;
  if (alert !== null && open === 1)
    return (
      <Link to="/alerts/$id" params={{ id: alert }} className={look}>
        {title}
      </Link>
    );
  if (open > 0)
    return (
      <Link to="/alerts" search={rule !== undefined && rules.length === 1 ? { rule } : {}} className={look}>
        {title}
      </Link>
    );
  const { filter: _filter, exclude: _exclude, ...span } = carry(view.search);
  return (
    <Link to="/events" search={span} className={look}>
      {title}
    </Link>
  );
}

/** Detections over the span; the numbers are said beside it. */
function Spark({ series }: { readonly series: readonly number[] }): ReactNode {
  const most = Math.max(1, ...series);
  return (
    <svg viewBox="0 0 60 16" aria-hidden="true" className="h-4 w-15 shrink-0">
      {series.map((value, at) => (
        <rect
          key={at}
          x={at * 5}
          width="3.6"
          y={16 - Math.max(value === 0 ? 1 : 2.5, (value / most) * 16)}
          height={Math.max(value === 0 ? 1 : 2.5, (value / most) * 16)}
          rx="0.6"
          className={value === 0 ? 'fill-line' : 'fill-mute'}
        />
      ))}
    </svg>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status" className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3 2xl:grid-cols-4">
      <span className="sr-only">Loading</span>
      {[1, 2, 3].map((card) => (
        <Skeleton key={card} className="h-29 rounded-lg" />
      ))}
    </div>
  );
}
