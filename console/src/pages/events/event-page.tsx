import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { eventQuery } from '../../api/events.ts';
import { BackButton } from '../../shell/back-button.tsx';
import { Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { Followed } from '../alerts/followed.tsx';
import { EventActions } from './actions.tsx';
import { EventFacts, EventHead } from './detail.tsx';
import { RelatedEvents } from './related.tsx';

/** One event: what, who, where and when, and what belongs to it. */
export function EventPage(): ReactNode {
  const { id = '' } = useParams({ strict: false });
  const query = useQuery(eventQuery(id));
  return (
    <>
      <BackButton list="/events">Events</BackButton>
      <Loaded query={query} skeleton={<Waiting />}>
        {(answer) => (
          <>
            <EventHead event={answer.event} level={1} />
            <div className="mt-4">
              <EventActions event={answer.event} />
            </div>
            <div className="mt-6 grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
              <Panel title="What is known">
                <EventFacts answer={answer} />
              </Panel>
              <div className="min-w-0 space-y-4">
                <Followed of="events" id={id} />
                <Panel title="Related events" note="within an hour" flush>
                  <RelatedEvents key={id} answer={answer} />
                </Panel>
              </div>
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-5 w-80 max-w-full" />
      <Skeleton className="mt-3 h-7 w-[36rem] max-w-full" />
      <div className="mt-6 grid gap-4 xl:grid-cols-2">
        <Skeleton className="h-96 rounded-xl" />
        <Skeleton className="h-96 rounded-xl" />
      </div>
    </div>
  );
}
