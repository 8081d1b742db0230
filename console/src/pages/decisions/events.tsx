import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { decisionEventsQuery } from '../../api/events.ts';
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
