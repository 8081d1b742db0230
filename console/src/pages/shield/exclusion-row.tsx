import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useReasonAgainst } from '../../api/identity.ts';
import { deleteExclusion, replayExclusion, restoreExclusion, withdrawExclusion } from '../../api/shield.ts';
import type { ShieldExclusion } from '../../api/shield.ts';
import { StepUpCancelled, withFreshProof } from '../../state/step-up.ts';
import { useView } from '../../state/view.ts';
import { Refusal } from '../../ui/ask-dialog.tsx';
import { Button } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { By } from './by.tsx';
import { asAsk, DraftDialog } from './draft-dialog.tsx';
import { PublishDialog } from './publish-dialog.tsx';
import { ReplayResult } from './replay.tsx';
import { notYetWords, scopeWords } from './words.ts';

interface Props {
  readonly exclusion: ShieldExclusion;
  /** Why the reader may not act; null where they may. */
  readonly against: string | null;
}

/** An exclusion: what it leaves out and why, what its replay found, and what can be done with it. */
export function ExclusionRow({ exclusion, against }: Props): ReactNode {
  const { id, state, rules, reason, createdBy, createdAtMs, changedBy, changedAtMs, replay } = exclusion;
  const { search, change } = useView();
  const acts = useActs(exclusion);
  const isOpen = search.open === id;
  const row = useRef<HTMLLIElement>(null);
  // A link to an exclusion leads to it.
  useEffect(() => {
    if (isOpen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen]);
  const toggle = (): void => {
    const { open: _, ...rest } = search;
    change(isOpen ? rest : { ...rest, open: id }, true);
  };
  return (
    <li
      ref={row}
      aria-label={`${rules.join(', ')} ${scopeWords(exclusion)}`}
      className={`border-b border-line px-4 py-3 text-sm last:border-0 ${isOpen ? 'bg-sunken/60' : ''}`}
    >
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <StateSign state={state} />
        <div className="min-w-0 flex-1 basis-64">
          <p>
            <span className="font-mono text-xs font-medium wrap-anywhere">{rules.join(', ')}</span>{' '}
            <span className="break-words">{scopeWords(exclusion)}</span>
          </p>
          <p className="mt-0.5 break-words text-mute">{reason}</p>
          <p className="mt-0.5 text-xs text-faint">
            Drafted <When atMs={createdAtMs} /> by <By actor={createdBy} />
            {state !== 'draft' && changedAtMs !== null && (
              <>
                {' '}
                · {state === 'live' ? 'live since' : 'withdrawn'} <When atMs={changedAtMs} />
                {changedBy !== null && (
                  <>
                    {' '}
                    by <By actor={changedBy} />
                  </>
                )}
              </>
            )}
          </p>
        </div>
        <Acts exclusion={exclusion} against={against} acts={acts} />
      </div>
      <Refusal error={acts.error} />
      {replay !== null && <ReplayResult replay={replay} state={state} isOpen={isOpen} onToggle={toggle} />}
    </li>
  );
}

interface ActsOfRow {
  readonly isBusy: boolean;
  readonly isReplaying: boolean;
  readonly error: Error | null;
  readonly replay: () => void;
  readonly withdraw: () => void;
  readonly remove: () => void;
}

function useActs(exclusion: ShieldExclusion): ActsOfRow {
  const client = useQueryClient();
  const { search, change } = useView();
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ['shield'] });
  const replay = useMutation({
    mutationFn: () => replayExclusion(exclusion),
    onSuccess: () => change({ ...search, open: exclusion.id }, true),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: () => deleteExclusion(exclusion),
    onSuccess: () => toast('The draft is deleted'),
    onSettled: refresh,
  });
  const undo = (withdrawn: ShieldExclusion): void => {
    withFreshProof(() => restoreExclusion(withdrawn))
      .then(() => toast('The exclusion is live again'))
      .catch((error: Error) => error instanceof StepUpCancelled || toast(error.message))
      .finally(() => void refresh());
  };
  const withdraw = useMutation({
    mutationFn: () => withFreshProof(() => withdrawExclusion(exclusion)),
    onSuccess: (withdrawn) =>
      toast('Withdrawn: such requests are refused again', { label: 'Undo', run: () => undo(withdrawn) }),
    onSettled: refresh,
  });
  return {
    isBusy: replay.isPending || remove.isPending || withdraw.isPending,
    isReplaying: replay.isPending,
    error: replay.error ?? remove.error ?? withdraw.error,
    replay: () => replay.mutate(),
    withdraw: () => withdraw.mutate(),
    remove: () => remove.mutate(),
  };
}

function Acts({ exclusion, against, acts }: Props & { readonly acts: ActsOfRow }): ReactNode {
  const [isOpen, setOpen] = useState<'publish' | 'edit' | null>(null);
  const close = (): void => setOpen(null);
  const rank = useReasonAgainst('administrator');
  const isDisabled = against !== null || acts.isBusy;
  if (exclusion.state === 'withdrawn') return null;
  if (exclusion.state === 'live') {
    return (
      <Button small className="max-sm:ml-7" disabled={isDisabled} onClick={acts.withdraw}>
        Withdraw
      </Button>
    );
  }
  const now = useNow(60_000);
  const notYet = rank ?? notYetWords(exclusion, now);
  return (
    <span className="flex flex-wrap gap-1.5 max-sm:ml-7 max-sm:basis-full">
      <Button small disabled={isDisabled} aria-live="polite" onClick={acts.replay}>
        {acts.isReplaying ? 'Replaying…' : exclusion.replay === null ? 'Replay' : 'Replay again'}
      </Button>
      <span title={notYet ?? undefined}>
        <Button
          small
          look="solid"
          disabled={isDisabled || notYet !== null}
          {...(notYet === null ? {} : { 'aria-label': `Publish. ${notYet}` })}
          onClick={() => setOpen('publish')}
        >
          Publish…
        </Button>
      </span>
      <Button small look="quiet" disabled={isDisabled} onClick={() => setOpen('edit')}>
        Edit…
      </Button>
      <Button small look="quiet" disabled={isDisabled} onClick={acts.remove}>
        Delete
      </Button>
      {isOpen === 'publish' && <PublishDialog exclusion={exclusion} onClose={close} />}
      {isOpen === 'edit' && <DraftDialog ask={asAsk(exclusion)} onClose={close} />}
    </span>
  );
}

const STATE_NAME = { draft: 'Draft', live: 'Live', withdrawn: 'Withdrawn' } as const;

/** Dashed ring: not yet. Full disc: acts. Ring with a stroke: no more. */
function StateSign({ state }: { readonly state: ShieldExclusion['state'] }): ReactNode {
  return (
    <svg
      viewBox="0 0 12 12"
      role="img"
      aria-label={STATE_NAME[state]}
      className="mt-1 size-3 shrink-0 fill-none stroke-mute"
    >
      {state === 'draft' && <circle cx="6" cy="6" r="4.5" strokeWidth="1.75" strokeDasharray="2.4 2.3" />}
      {state === 'live' && <circle cx="6" cy="6" r="5" className="fill-good stroke-none" />}
      {state === 'withdrawn' && (
        <>
          <circle cx="6" cy="6" r="4.5" strokeWidth="1.25" />
          <path d="M2.8 9.2 9.2 2.8" strokeWidth="1.25" />
        </>
      )}
    </svg>
  );
}
