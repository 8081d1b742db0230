import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, Scale } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { faultsOf, refusalWords } from '../api/faults.ts';
import { StepUpCancelled, withFreshProof } from '../state/step-up.ts';
import { Modal } from './overlay.tsx';
import { Button } from './parts.tsx';
import { toast } from './toast.tsx';

/** What an act says of itself, and how it is done. */
export interface Ask<T> {
  readonly title: string;
  readonly confirm: string;
  /** Said when it is done; null where the dialog's caller shows the outcome. */
  readonly done: string | null;
  readonly isGrave?: boolean;
  /** Nothing has to be filled in, and little is lost: the focus begins at what confirms, so that Enter goes on. */
  readonly isQuick?: boolean;
  /** Why it can't be sent yet. */
  readonly isUnready?: boolean;
  readonly consequences?: readonly string[];
  readonly act: () => Promise<T>;
  readonly onDone?: (result: T) => void;
  /** Fields whose faults the dialog shows beside them; others are told above the buttons. */
  readonly children?: (faults: Readonly<Record<string, string>>) => ReactNode;
}

/** Asks once, does it with a fresh proof where the server wants one, and tells a refusal with its reason. */
export function AskDialog<T>({
  ask,
  refresh,
  onClose,
}: {
  readonly ask: Ask<T>;
  /** First word of the queries that are asked again afterwards. */
  readonly refresh: string;
  readonly onClose: () => void;
}): ReactNode {
  const client = useQueryClient();
  const run = useMutation({
    // What comes back may be a secret: it is not kept when the dialog is gone.
    gcTime: 0,
    mutationFn: () => withFreshProof(ask.act),
    onSuccess: (result) => {
      if (ask.done !== null) toast(ask.done);
      onClose();
      ask.onDone?.(result);
    },
    onSettled: () => client.invalidateQueries({ queryKey: [refresh] }),
  });
  const faults = faultsOf(run.error);
  return (
    <Modal title={ask.title} onClose={onClose}>
      <form
        className="space-y-4 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        {ask.children?.(faults)}
        {ask.consequences && (
          <div className="rounded-lg border border-line bg-sunken px-3 py-2.5" aria-live="polite">
            <p className="mb-1 text-xs text-faint">What will happen</p>
            <ul className="space-y-1">
              {ask.consequences.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </div>
        )}
        <Refusal error={run.error} />
        <div className="flex justify-end gap-2 pt-1">
          <Button
            data-first={ask.children === undefined && ask.isQuick !== true ? '' : undefined}
            onClick={onClose}
          >
            Cancel
          </Button>
          <Button
            look={ask.isGrave === true ? 'danger' : 'solid'}
            data-first={ask.isQuick === true ? '' : undefined}
            type="submit"
            disabled={run.isPending || ask.isUnready === true}
          >
            {ask.confirm}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Why the server did not do it; a separation of duties is told with the roles and its reason. */
export function Refusal({ error }: { readonly error: Error | null }): ReactNode {
  if (error === null || error instanceof StepUpCancelled) return null;
  const separation = separationOf(error);
  if (separation)
    return (
      <div
        role="alert"
        className="flex items-start gap-2 rounded-lg bg-blocked-tint px-3 py-2 text-blocked-text"
      >
        <Scale aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
        <p>
          <strong className="font-medium">Separation of duties.</strong> Nobody holds {separation.roles[0]}{' '}
          and {separation.roles[1]} together: {separation.reason} Nothing was done.
        </p>
      </div>
    );
  return (
    <p role="alert" className="flex items-start gap-2 text-blocked-text">
      <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      {refusalWords(error)}
    </p>
  );
}

function separationOf(error: Error): { readonly roles: readonly string[]; readonly reason: string } | null {
  if (!(error instanceof ApiError) || error.code !== 'SEPARATION_OF_DUTIES') return null;
  const { roles, reason } = (error.details ?? {}) as { roles?: unknown; reason?: unknown };
  if (!Array.isArray(roles) || roles.length !== 2 || typeof reason !== 'string') return null;
  return { roles: roles.map(String), reason };
}
