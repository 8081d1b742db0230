import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { InfiniteData } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Ban, CircleCheck, Copy, FileCheck2, Link2, ListTree, Undo2, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { settleEvent } from '../../api/events.ts';
import type { EventAnswer, EventEntry, EventsAnswer } from '../../../../src/server/api/types.ts';
import { refusalWords } from '../../api/faults.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { askToBlock } from '../../state/block-ask.ts';
import { copy } from '../../state/view.ts';
import { Button } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { saveProof } from '../audit/files.ts';
import { accountOf } from './facts.ts';
import { withEventReplaced } from './fresh.ts';

const LINK =
  'inline-flex h-8 shrink-0 items-center gap-1.5 rounded-md border border-edge bg-panel px-3 text-sm font-medium whitespace-nowrap hover:bg-hover';

/** What can be done about an event. */
export function EventActions({ event }: { readonly event: EventEntry }): ReactNode {
  const { id, address, decision } = event;
  const account = accountOf(event.actor) ?? accountOf(event.subject);
  return (
    <div className="flex flex-wrap gap-2">
      <Settle event={event} />
      {address !== null && address !== 'unknown' && (
        <Button onClick={() => askToBlock(address)}>
          <Ban aria-hidden="true" className="size-3.5" />
          Block address…
        </Button>
      )}
      {account !== null && (
        <Link to="/users/$id" params={{ id: account }} className={LINK}>
          <UserRound aria-hidden="true" className="size-3.5" />
          Account
        </Link>
      )}
      {decision !== null && (
        <Link to="/decisions/$id" params={{ id: decision }} className={LINK}>
          <ListTree aria-hidden="true" className="size-3.5" />
          Decision
        </Link>
      )}
      {event.class === 'audit' && <Proof id={id} />}
      <Button
        look="quiet"
        onClick={() => void copy(new URL(`/console/events/${id}`, location.origin).href, 'Link')}
      >
        <Link2 aria-hidden="true" className="size-3.5" />
        Copy link
      </Button>
      <Button look="quiet" onClick={() => void copy(JSON.stringify(event, null, 2), 'Event')}>
        <Copy aria-hidden="true" className="size-3.5" />
        Copy JSON
      </Button>
    </div>
  );
}

/** Keeps the proof that the audit log holds the event as it is. */
function Proof({ id }: { readonly id: string }): ReactNode {
  const against = useReasonAgainst('analyst');
  return (
    <span title={against ?? undefined}>
      <Button
        disabled={against !== null}
        onClick={() => void saveProof(id).catch((error: Error) => toast(refusalWords(error)))}
      >
        <FileCheck2 aria-hidden="true" className="size-3.5" />
        Proof
      </Button>
    </span>
  );
}

/** Marks it as looked into. It can be taken back, so nothing is asked. */
function Settle({ event }: { readonly event: EventEntry }): ReactNode {
  const client = useQueryClient();
  const against = useReasonAgainst('analyst');
  const isResolved = event.resolvedAtMs !== null;
  const settle = useMutation({
    mutationFn: (resolved: boolean) => settleEvent(event.id, resolved),
    onSuccess: (changed, resolved) => {
      client.setQueryData<EventAnswer>(['event', event.id], (known) => known && { ...known, event: changed });
      client.setQueriesData<InfiniteData<EventsAnswer>>(
        { queryKey: ['event-list'], predicate: ({ state }) => isPaged(state.data) },
        (pages) => pages && withEventReplaced(pages, changed),
      );
      toast(resolved ? 'Resolved' : 'Reopened', { label: 'Undo', run: () => settle.mutate(!resolved) });
    },
    onError: (error) => toast(refusalWords(error)),
  });
  return (
    <span title={against ?? undefined}>
      <Button
        disabled={against !== null || settle.isPending}
        aria-label={against === null ? undefined : `Resolve. ${against}`}
        onClick={() => settle.mutate(!isResolved)}
      >
        {isResolved ? (
          <Undo2 aria-hidden="true" className="size-3.5" />
        ) : (
          <CircleCheck aria-hidden="true" className="size-3.5" />
        )}
        {isResolved ? 'Reopen' : 'Resolve'}
      </Button>
    </span>
  );
}

function isPaged(data: unknown): boolean {
  return data !== undefined && Array.isArray((data as { pages?: unknown }).pages);
}
