import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { refusalWords } from '../../api/faults.ts';
import { useReasonAgainst, useSession } from '../../api/identity.ts';
import { actOnResponse, type ResponseEntry } from '../../api/responses.ts';
import { Button } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { ActDialog, type Asked } from './act-dialog.tsx';
import { isActing } from './words.ts';

/** What can be done with a response: undone with one click, everything else after its preview. */
export function EntryActs({
  entry,
  name,
}: {
  readonly entry: ResponseEntry;
  readonly name: string;
}): ReactNode {
  const { actor } = useSession();
  const [asked, setAsked] = useState<Asked | null>(null);
  const againstAct = useReasonAgainst('analyst');
  const againstApproval = useReasonAgainst('administrator');
  const undo = useUndo(entry, name);
  const waits = entry.state === 'waiting';
  const hasAgreed = entry.approvedBy.includes(actor);
  if (!waits && !isActing(entry)) return null;
  const button = (label: string, kind: Asked, against: string | null, look: 'plain' | 'solid' = 'plain') => (
    <Button
      small
      look={look}
      disabled={against !== null}
      title={against ?? undefined}
      aria-label={`${label} ${name}`}
      onClick={() => setAsked(kind)}
    >
      {label}
    </Button>
  );
  return (
    <div className="flex flex-wrap gap-1.5">
      {waits && hasAgreed && (
        <p className="w-full text-xs text-faint">You have agreed; somebody else has to.</p>
      )}
      {waits && !hasAgreed && button('Approve…', 'approve', againstApproval, 'solid')}
      {waits && button('Refuse…', 'refuse', againstAct)}
      {waits && button('Break the glass…', 'break-glass', againstApproval)}
      {isActing(entry) && entry.canUndo && (
        <Button
          small
          disabled={againstAct !== null || undo.isPending}
          title={againstAct ?? undefined}
          aria-label={`Undo ${name}`}
          onClick={() => undo.mutate()}
        >
          Undo
        </Button>
      )}
      {isActing(entry) && entry.canUndo && button('Extend…', 'extend', againstApproval)}
      {isActing(entry) && !entry.canUndo && <p className="text-xs text-faint">This can’t be undone.</p>}
      {asked !== null && <ActDialog asked={asked} entry={entry} name={name} onClose={() => setAsked(null)} />}
    </div>
  );
}

function useUndo({ id }: ResponseEntry, name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => actOnResponse(id, 'undo'),
    onSuccess: () => toast(`${name} was undone`),
    onError: (error) => toast(refusalWords(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ['responses'] }),
  });
}
