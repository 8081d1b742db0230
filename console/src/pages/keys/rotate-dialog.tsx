import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { refusalWords } from '../../api/faults.ts';
import { keyCountsQuery, keysQuery, rotateKey } from '../../api/keys.ts';
import { StepUpCancelled, withFreshProof } from '../../state/step-up.ts';
import { Modal } from '../../ui/overlay.tsx';
import { Button } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { PURPOSES } from './state.ts';
import type { PurposeKeys } from './state.ts';
import { rotationSteps } from './words.ts';

/** Says what a rotation will do, asks once, and begins it; asks for a fresh proof where the server wants one. */
export function RotateDialog({
  of,
  onClose,
}: {
  readonly of: PurposeKeys;
  readonly onClose: () => void;
}): ReactNode {
  const { purpose, isRotating } = of;
  const client = useQueryClient();
  const label = PURPOSES[purpose].label.toLowerCase();
  const run = useMutation({
    mutationFn: () => withFreshProof(() => rotateKey(purpose)),
    onSuccess: () => {
      toast(isRotating ? `The rotation of ${label} goes on` : `The rotation of ${label} has begun`);
      client.removeQueries({ queryKey: keyCountsQuery(purpose).queryKey });
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  return (
    <Modal
      title={isRotating ? `Go on with the rotation of ${label}` : `Rotate the key of ${label}`}
      onClose={onClose}
    >
      <form
        className="space-y-4 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <div className="rounded-lg border border-line bg-sunken px-3 py-2.5">
          <p className="mb-1 text-xs text-faint">What will happen</p>
          <ul className="list-disc space-y-1 pl-4">
            {rotationSteps(of).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </div>
        {run.error && !(run.error instanceof StepUpCancelled) && (
          <p role="alert" className="flex items-start gap-2 text-blocked-text">
            <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            {refusalWords(run.error)}
          </p>
        )}
        <div className="flex justify-end gap-2 pt-1">
          <Button data-first="" onClick={onClose}>
            Cancel
          </Button>
          <Button look="solid" type="submit" disabled={run.isPending}>
            {isRotating ? 'Go on' : 'Rotate'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
