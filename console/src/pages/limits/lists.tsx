import { useMutation, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ListEntry } from '../../../../src/server/api/types.ts';
import { api } from '../../api/client.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { Button, INPUT, INPUT_TEXT, Panel } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { When } from '../../ui/when.tsx';

type Name = 'allow' | 'deny';
const TITLE: Readonly<Record<Name, string>> = { allow: 'Allow list', deny: 'Deny list' };
const NOTE: Readonly<Record<Name, string>> = {
  allow: 'never counted',
  deny: 'always refused',
};

/** Addresses that the limits leave alone, or always refuse. */
export function AddressList({
  list,
  entries,
}: {
  readonly list: Name;
  readonly entries: readonly ListEntry[];
}): ReactNode {
  const client = useQueryClient();
  const against = useReasonAgainst('analyst');
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ['limits'] });
  const add = useMutation({
    mutationFn: (entry: { value: string; note?: string }) =>
      api(`/admin/limits/${list}`, { method: 'POST', body: entry }),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: ({ value }: ListEntry) =>
      api(`/admin/limits/${list}/${encodeURIComponent(value)}`, { method: 'DELETE' }),
    onSettled: refresh,
    onSuccess: (_, { value, note }) =>
      toast(`${value} taken off the ${list} list`, {
        label: 'Undo',
        run: () => add.mutate({ value, ...(note === null ? {} : { note }) }),
      }),
    onError: (error) => toast(error.message),
  });
  return (
    <Panel title={TITLE[list]} note={against ?? NOTE[list]} flush>
      <AddForm
        list={list}
        error={add.error}
        isBusy={add.isPending || against !== null}
        onAdd={(value, note) => add.mutateAsync({ value, ...(note === '' ? {} : { note }) })}
      />
      {entries.length === 0 ? (
        <p className="border-t border-line px-4 py-6 text-center text-sm text-faint">Nobody is on it</p>
      ) : (
        <ul className="border-t border-line">
          {entries.map((entry) => (
            <li
              key={entry.value}
              className="flex min-h-11 items-center gap-3 border-b border-line px-4 py-1.5 text-sm last:border-0"
            >
              <span className="font-medium numeric">{entry.value}</span>
              <span className="min-w-0 truncate text-mute">{entry.note}</span>
              <span className="ml-auto text-xs whitespace-nowrap text-faint">
                {entry.addedBy}, <When atMs={entry.addedAtMs} />
              </span>
              <Button
                small
                icon
                look="quiet"
                disabled={against !== null}
                aria-label={`Take ${entry.value} off the ${list} list`}
                onClick={() => remove.mutate(entry)}
              >
                <X className="size-3.5" />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function AddForm({
  list,
  error,
  isBusy,
  onAdd,
}: {
  readonly list: Name;
  readonly error: Error | null;
  readonly isBusy: boolean;
  readonly onAdd: (value: string, note: string) => Promise<unknown>;
}): ReactNode {
  const [value, setValue] = useState('');
  const [note, setNote] = useState('');
  const submit = async (): Promise<void> => {
    try {
      await onAdd(value.trim(), note.trim());
      setValue('');
      setNote('');
    } catch {
      // Shown below the form.
    }
  };
  return (
    <form
      className="px-4 pb-3"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="flex gap-2">
        <input
          required
          className={`${INPUT} ${INPUT_TEXT}`}
          value={value}
          onChange={(event) => setValue(event.target.value)}
          aria-label={`Address or range for the ${list} list`}
          placeholder="Address or range"
          autoComplete="off"
          spellCheck={false}
        />
        <input
          className={`${INPUT} ${INPUT_TEXT} max-sm:hidden`}
          value={note}
          maxLength={200}
          onChange={(event) => setNote(event.target.value)}
          aria-label="Note"
          placeholder="Note"
        />
        <Button type="submit" disabled={isBusy}>
          Add
        </Button>
      </div>
      {error && (
        <p role="alert" className="mt-2 text-sm text-blocked-text">
          {error.message}
        </p>
      )}
    </form>
  );
}
