import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { responseQuery, type ResponseAnswer, type ResponseEntry } from '../../api/responses.ts';
import { percent, whole } from '../../format/number.ts';
import { BackButton } from '../../shell/back-button.tsx';
import { Figures } from '../../ui/figures.tsx';
import { Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { SeverityMark } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';
import { StateBadge } from '../alerts/parts.tsx';
import { EventRow } from '../events/row.tsx';
import { By } from '../shield/by.tsx';
import { EntryActs } from './entry-acts.tsx';
import { Origin, Progress, StateMark } from './entry.tsx';
import { Stages } from './stages.tsx';
import { touchedSearch } from './touched.ts';
import { actWords, doesWords, isActing, radiusWords } from './words.ts';

/** One response: why, whom it touches, how far it is, what happened to it, and the way back. */
export function ResponsePage(): ReactNode {
  const { id = '' } = useParams({ strict: false });
  const query = useQuery(responseQuery(id));
  return (
    <>
      <BackButton list="/responses">Responses</BackButton>
      {query.data === undefined && <h1 className="sr-only">Response</h1>}
      <Loaded
        query={query}
        skeleton={
          <Panel title="Response" flush>
            <SkeletonRows rows={6} height="h-16" />
          </Panel>
        }
      >
        {(answer) => <Content answer={answer} />}
      </Loaded>
    </>
  );
}

function Content({ answer }: { readonly answer: ResponseAnswer }): ReactNode {
  const { response, timeline, evidence, alert } = answer;
  const { state, reason, radius } = response;
  const name = actWords(response);
  return (
    <article aria-label={name} className="space-y-4">
      {/* A row of one, so that the key that undoes finds it. */}
      <header
        data-row
        className="flex flex-wrap items-start gap-x-6 gap-y-3 rounded-xl border border-line bg-panel p-4"
      >
        <div className="min-w-0 flex-1 basis-80">
          <StateMark state={state} />
          <h1 className="mt-2 text-lg font-semibold tracking-tight break-all">{name}</h1>
          <p className="mt-1 text-sm break-words">{reason}</p>
          <p className="mt-1 text-xs text-faint">
            <Origin entry={response} />
          </p>
          <p className="mt-2 text-xs text-mute">{doesWords(response)}</p>
        </div>
        <div className="flex w-48 shrink-0 flex-col gap-2 max-sm:w-full">
          <Progress entry={response} />
          <EntryActs entry={response} name={name} />
        </div>
      </header>
      {radius !== null && <Touched entry={response} radius={radius} />}
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <Panel title="Stages">
          <Stages entry={response} timeline={timeline} />
        </Panel>
        <Panel title="What happened">
          <Timeline timeline={timeline} />
        </Panel>
      </div>
      <Behind answer={answer} />
      {alert === null && evidence.length === 0 && (
        <p className="text-xs text-faint">
          {response.automatic
            ? 'The alert and the events behind it are no longer kept.'
            : 'No alert and no event stands behind it: a person began it.'}
        </p>
      )}
    </article>
  );
}

/** Whom it was estimated to touch before it began, and what it met. */
function Touched({
  entry,
  radius,
}: {
  readonly entry: ResponseEntry;
  readonly radius: NonNullable<ResponseEntry['radius']>;
}): ReactNode {
  const search = touchedSearch(entry);
  return (
    <div className="space-y-2">
      <Figures
        label="Whom it touches"
        columns="sm:grid-cols-4"
        figures={[
          ['Share of the traffic', percent(radius.share), 'of the day before it'],
          [
            'Requests of its target',
            whole(radius.targeted),
            `of ${whole(radius.requests)} that were looked at`,
          ],
          ['In good standing', whole(radius.goodTargeted), `of ${whole(radius.good)} people`],
          [
            'Met so far',
            entry.met === null ? '–' : whole(entry.met),
            isActing(entry) ? 'on all nodes' : 'it does not act',
          ],
        ]}
      />
      <p className="text-xs text-mute">
        {radius.requests === 0 && radiusWords(radius)}
        {search !== null && (
          <>
            {' '}
            <Link
              to="/decisions"
              search={search}
              className="rounded-sm underline decoration-edge underline-offset-4 hover:text-ink hover:decoration-ink"
            >
              Requests of its target since it began
            </Link>
          </>
        )}
      </p>
      {radius.objections.map(({ code, text }) => (
        <p key={code} className="text-xs text-challenged-text">
          {text}
        </p>
      ))}
    </div>
  );
}

/** Its acts, oldest first. */
function Timeline({ timeline }: Pick<ResponseAnswer, 'timeline'>): ReactNode {
  if (timeline.length === 0) return <p className="text-sm text-mute">Its events are no longer kept.</p>;
  return (
    <ol className="space-y-2.5 text-sm">
      {timeline.map(({ id, about, actor, details, atMs }) => (
        <li key={id} className="flex items-baseline gap-x-3">
          <span aria-hidden="true" className="size-1.5 shrink-0 -translate-y-0.5 rounded-full bg-control" />
          <div className="min-w-0 flex-1">
            <Link
              to="/events/$id"
              params={{ id }}
              preload={false}
              className="rounded-sm hover:underline hover:underline-offset-4"
            >
              {about}
            </Link>
            {actor !== null && actor !== 'responses' && (
              // A line of its own, high enough for a thumb.
              <p className="flex min-h-6 items-center text-xs text-mute">
                <By actor={actor} />
              </p>
            )}
            {typeof details['endedBy'] === 'string' && details['endedBy'] !== actor && (
              <p className="text-xs break-words text-mute">{details['endedBy']}</p>
            )}
          </div>
          <span className="shrink-0 text-xs text-mute">
            <When atMs={atMs} />
          </span>
        </li>
      ))}
    </ol>
  );
}

/** The alert and the events behind it. */
function Behind({ answer: { alert, evidence } }: { readonly answer: ResponseAnswer }): ReactNode {
  if (alert === null && evidence.length === 0) return null;
  return (
    <Panel title="What is behind it" flush>
      <ul className="border-t border-line">
        {alert !== null && (
          <li
            data-row
            className="relative flex flex-wrap items-baseline gap-x-2.5 border-b border-line px-4 py-2 text-sm last:border-0 hover:bg-hover"
          >
            <SeverityMark severity={alert.severity} />
            <Link
              to="/alerts/$id"
              params={{ id: alert.id }}
              className="row-link min-w-0 flex-1 rounded-sm break-words"
            >
              {alert.title}
            </Link>
            <StateBadge state={alert.state} />
          </li>
        )}
        {evidence.map((event) => (
          <EventRow key={event.id} event={event} hasNode={false} />
        ))}
      </ul>
    </Panel>
  );
}
