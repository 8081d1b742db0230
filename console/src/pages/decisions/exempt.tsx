import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { api } from '../../api/client.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { Button, INPUT, INPUT_TEXT } from '../../ui/parts.tsx';
import { Modal } from '../../ui/overlay.tsx';
import { toast } from '../../ui/toast.tsx';

/** Puts an address on the allow list of the limits, with undo. */
export function Exempt({ address }: { readonly address: string }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Exempt from limits…</Button>
      {isOpen && <ExemptDialog address={address} onClose={() => setOpen(false)} />}
    </>
  );
}

function ExemptDialog({
  address,
  onClose,
}: {
  readonly address: string;
  readonly onClose: () => void;
}): ReactNode {
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const against = useReasonAgainst('analyst');
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ['limits'] });
  const remove = async (): Promise<void> => {
    await api(`/admin/limits/allow/${encodeURIComponent(address)}`, { method: 'DELETE' });
    await refresh();
  };
  const add = useMutation({
    mutationFn: () =>
      api('/admin/limits/allow', {
        method: 'POST',
        body: { value: address, ...(note === '' ? {} : { note }) },
      }),
    onSuccess: () => {
      onClose();
      void refresh();
      toast(`${address} is exempt from limits`, {
        label: 'Undo',
        run: () => void remove().catch((error: Error) => toast(error.message)),
      });
    },
  });
  return (
    <Modal title={`Exempt ${address}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <p className="text-sm text-mute">
          The limits no longer count this address. All other guards still act on it. The entry stands under
          Limits, on the allow list.
        </p>
        <label className="mt-4 block text-sm font-medium">
          Note
          <input
            className={`${INPUT} ${INPUT_TEXT} mt-1 font-normal`}
            data-first=""
            value={note}
            maxLength={200}
            placeholder="Whose address is it?"
            onChange={(event) => setNote(event.target.value)}
          />
        </label>
        {against !== null && <p className="mt-3 text-sm text-challenged-text">{against}</p>}
        {add.error && (
          <p role="alert" className="mt-3 text-sm text-blocked-text">
            {add.error.message}
          </p>
        )}
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="solid" type="submit" disabled={add.isPending || against !== null}>
            Exempt
          </Button>
        </div>
      </form>
    </Modal>
  );
}
