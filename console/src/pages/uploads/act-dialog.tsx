import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { refusalWords } from '../../api/faults.ts';
import { deleteUpload, releaseUpload } from '../../api/uploads.ts';
import type { UploadEntry } from '../../api/uploads.ts';
import { bytes } from '../../format/number.ts';
import { StepUpCancelled, withFreshProof } from '../../state/step-up.ts';
import { Modal } from '../../ui/overlay.tsx';
import { Button, INPUT, INPUT_TEXT } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { nameOf } from './words.ts';

/** What can be done with a file. */
export type Act = 'release' | 'delete';

/** Says what will happen, asks once, and does it; asks for a fresh proof where the server wants one. */
export function ActDialog({
  act,
  file,
  onClose,
}: {
  readonly act: Act;
  readonly file: UploadEntry;
  readonly onClose: () => void;
}): ReactNode {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const isRelease = act === 'release';
  const run = useMutation({
    mutationFn: () =>
      withFreshProof<unknown>(() => (isRelease ? releaseUpload(file, reason) : deleteUpload(file))),
    onSuccess: () => {
      toast(`${nameOf(file)} was ${isRelease ? 'released' : 'deleted'}`);
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['uploads'] }),
  });
  return (
    <Modal title={isRelease ? 'Release this file' : 'Delete this file'} onClose={onClose}>
      <form
        className="space-y-4 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <Facts file={file} />
        <p className="text-mute">{isRelease ? releaseWords(file) : deleteWords(file)}</p>
        {isRelease && (
          <label className="block font-medium">
            Reason
            <input
              required
              data-first=""
              className={`${INPUT} ${INPUT_TEXT} mt-1 font-normal`}
              value={reason}
              maxLength={500}
              placeholder="Why is it harmless?"
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
        )}
        {run.error && !(run.error instanceof StepUpCancelled) && (
          <p role="alert" className="flex items-start gap-2 text-blocked-text">
            <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            {refusalWords(run.error)}
          </p>
        )}
        <div className="flex justify-end gap-2 pt-1">
          <Button data-first={isRelease ? undefined : ''} onClick={onClose}>
            Cancel
          </Button>
          <Button look="danger" type="submit" disabled={run.isPending}>
            {isRelease ? 'Release' : 'Delete'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Facts({ file }: { readonly file: UploadEntry }): ReactNode {
  const { type, signature, owner, sha256 } = file;
  return (
    <div className="rounded-lg border border-line bg-sunken px-3 py-2.5">
      <p className="font-medium break-words">{nameOf(file)}</p>
      <p className="text-xs text-mute">
        {[type, bytes(file.bytes), `of ${owner ?? 'nobody'}`].filter((text) => text !== null).join(' · ')}
      </p>
      {signature !== null && <p className="mt-1 text-xs break-words text-blocked-text">{signature}</p>}
      {sha256 !== null && <p className="mt-1 font-mono text-2xs break-all text-faint">SHA-256 {sha256}</p>}
    </div>
  );
}

function releaseWords({ state }: UploadEntry): string {
  return state === 'infected'
    ? 'The scanner says that this file is infected. Its owner can download it from then on, and the audit trail names you.'
    : 'The scanner has not seen this file. Its owner can download it from then on, and the audit trail names you.';
}

function deleteWords({ state }: UploadEntry): string {
  return state === 'kept'
    ? 'Its owner loses the file for good. This can’t be undone.'
    : 'Nobody can look at it any more. This can’t be undone.';
}
