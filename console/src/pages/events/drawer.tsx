import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Maximize2, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { eventQuery } from '../../api/events.ts';
import { useCommand } from '../../keys/commands.ts';
import { Button, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { EventActions } from './actions.tsx';
import { EventFacts, EventHead } from './detail.tsx';
import { RelatedEvents } from './related.tsx';

/** An event beside the list it stands in. */
export function EventDrawer({
  id,
  onClose,
}: {
  readonly id: string;
  readonly onClose: () => void;
}): ReactNode {
  const query = useQuery(eventQuery(id));
  const root = useRef<HTMLElement>(null);
  useCommand('back', onClose);
  // Whoever opened it goes on reading there; Escape leads back to the line.
  useEffect(() => {
    root.current?.focus({ preventScroll: true });
    root.current?.scrollTo({ top: 0 });
  }, [id]);
  return (
    <aside
      ref={root}
      tabIndex={-1}
      aria-label="Event"
      className="quiet-scroll sticky top-16 max-h-[calc(100dvh-5rem)] animate-enter overflow-y-auto rounded-xl border border-line bg-panel outline-none focus-visible:border-control"
    >
      <div className="sticky top-0 z-20 flex h-11 items-center gap-1 border-b border-line bg-panel px-4">
        <p className="mr-auto text-sm font-medium">Event</p>
        <Link
          to="/events/$id"
          params={{ id }}
          aria-label="Open as a page"
          title="Open as a page"
          className="grid size-6 place-items-center rounded-md text-mute hover:bg-hover hover:text-ink"
        >
          <Maximize2 aria-hidden="true" className="size-3.5" />
        </Link>
        <Button small icon look="quiet" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          <X aria-hidden="true" className="size-4" />
        </Button>
      </div>
      <Loaded query={query} skeleton={<Waiting />}>
        {(answer) => (
          <>
            <div className="space-y-4 p-4">
              <EventHead event={answer.event} level={2} />
              <EventActions event={answer.event} />
              <EventFacts answer={answer} />
            </div>
            <section aria-label="Related events" className="border-t border-line">
              <h3 className="px-4 pt-3 pb-2 text-sm font-medium">Related</h3>
              <RelatedEvents key={id} answer={answer} />
            </section>
          </>
        )}
      </Loaded>
    </aside>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status" className="space-y-3 p-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-4 w-40" />
      <Skeleton className="h-6 w-72 max-w-full" />
      <Skeleton className="h-48" />
    </div>
  );
}
