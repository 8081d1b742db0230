import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DecisionAnswer } from '../../../../src/server/api/types.ts';
import { AROUND_MS, decisionEventsQuery, eventsAroundQuery } from '../../api/events.ts';
import { Panel } from '../../ui/parts.tsx';
import { EventRow } from '../events/row.tsx';

/** Events that name the decision; nothing where there are none, or they cannot be read. */
export function DecisionEvents({ decision }: { readonly decision: string }): ReactNode {
  const { data } = useQuery(decisionEventsQuery(decision));
  if (data === undefined || data.events.length === 0) return null;
  return (
    <Panel
      title="Events of this decision"
      flush
      actions={
        <Link to="/events" search={{ decision }} className="text-xs text-mute hover:text-ink">
          In the list
        </Link>
      }
    >
      <ul className="border-t border-line">
        {data.events.map((event) => (
          <EventRow key={event.id} event={event} hasNode={false} />
        ))}
      </ul>
    </Panel>
  );
}

/** What else happened to or by its address around that time; nothing where nothing did. */
export function EventsAround({
  decision: { id, address, atMs },
}: {
  readonly decision: Pick<DecisionAnswer, 'id' | 'address' | 'atMs'>;
}): ReactNode {
  const { data } = useQuery(eventsAroundQuery(address, atMs));
  const events = data?.events.filter(({ decision }) => decision !== id) ?? [];
  if (events.length === 0) return null;
  return (
    <Panel
      title="Events of this address"
      note="within ten minutes"
      flush
      actions={
        <Link
          to="/events"
          search={{ address, from: atMs - AROUND_MS, to: atMs + AROUND_MS }}
          className="text-xs text-mute hover:text-ink"
        >
          In the list
        </Link>
      }
    >
      <ul className="border-t border-line">
        {events.map((event) => (
          <EventRow key={event.id} event={event} hasNode={false} />
        ))}
      </ul>
    </Panel>
  );
}
