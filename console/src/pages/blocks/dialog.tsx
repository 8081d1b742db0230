import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import type { ReactNode } from 'react';
import type { BlockEntry, BlockPreview } from '../../../../src/server/api/types.ts';
import { api } from '../../api/client.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { blocksQuery } from '../../api/queries.ts';
import { plural } from '../../format/number.ts';
import { askToBlock, useBlockAsk } from '../../state/block-ask.ts';
import { Modal } from '../../ui/overlay.tsx';
import { Button, INPUT, INPUT_TEXT } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';

const DURATIONS: readonly (readonly [string, number | null])[] = [
  ['15 min', 15],
  ['1 hour', 60],
  ['1 day', 1440],
  ['7 days', 10_080],
  ['For ever', null],
];

/** The dialog that blocks, wherever it was asked for. */
export default function BlockDialog(): ReactNode {
  const asked = useBlockAsk();
  if (asked === null) return null;
  return <Ask key={asked} first={asked} />;
}

function Ask({ first }: { readonly first: string }): ReactNode {
  const client = useQueryClient();
  const close = (): void => askToBlock(null);
  const [target, setTarget] = useState(first);
  const [minutes, setMinutes] = useState<number | null>(60);
  const [reason, setReason] = useState('');
  const against = useReasonAgainst('analyst');
  const add = useMutation({
    mutationFn: () =>
      api<BlockEntry>('/admin/blocks', { method: 'POST', body: { target: target.trim(), minutes, reason } }),
    onSuccess: (block) => {
      close();
      void client.invalidateQueries({ queryKey: blocksQuery.queryKey });
      toast(`${block.target} is blocked`, { label: 'Undo', run: () => void lift(block) });
    },
  });
  const lift = async (block: BlockEntry): Promise<void> => {
    try {
      await api(`/admin/blocks/${encodeURIComponent(block.id)}`, { method: 'DELETE' });
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
    await client.invalidateQueries({ queryKey: blocksQuery.queryKey });
  };
  return (
    <Modal title="Block an address or range" onClose={close}>
      <form
        className="space-y-4 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <label className="block font-medium">
          Address or range
          <input
            required
            data-first={first === '' ? '' : undefined}
            className={`${INPUT} ${INPUT_TEXT} mt-1 font-normal numeric`}
            value={target}
            placeholder="203.0.113.7 or 2001:db8::/48"
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTarget(event.target.value)}
          />
        </label>
        <Preview target={target.trim()} />
        <fieldset>
          <legend className="mb-1 font-medium">For how long</legend>
          <div className="flex flex-wrap gap-2">
            {DURATIONS.map(([label, value]) => (
              <label
                key={label}
                className="flex h-8 items-center rounded-md border border-edge px-3 has-checked:border-solid has-checked:bg-solid has-checked:text-on-solid has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus"
              >
                <input
                  type="radio"
                  name="minutes"
                  className="sr-only"
                  checked={minutes === value}
                  onChange={() => setMinutes(value)}
                />
                {label}
              </label>
            ))}
          </div>
        </fieldset>
        <label className="block font-medium">
          Reason
          <input
            required
            data-first={first === '' ? undefined : ''}
            className={`${INPUT} ${INPUT_TEXT} mt-1 font-normal`}
            value={reason}
            maxLength={200}
            placeholder="What did they do?"
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        {against !== null && <p className="text-challenged-text">{against}</p>}
        {add.error && (
          <p role="alert" className="text-blocked-text">
            {add.error.message}
          </p>
        )}
        <div className="flex justify-end gap-2 pt-1">
          <Button onClick={close}>Cancel</Button>
          <Button look="danger" type="submit" disabled={add.isPending || against !== null}>
            Block
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Whom the block would have hit, before it is made. */
function Preview({ target }: { readonly target: string }): ReactNode {
  const settled = useDeferredValue(target);
  const isWhole = /^[\d.]{7,}(\/\d{1,2})?$|^[0-9a-f:]{3,}(\/\d{1,3})?$/i.test(settled);
  const query = useQuery({
    queryKey: ['block-preview', settled],
    enabled: isWhole,
    queryFn: ({ signal }) =>
      api<BlockPreview>('/admin/blocks/preview', { method: 'POST', body: { target: settled }, signal }),
  });
  const { data, error } = query;
  const box = 'min-h-14 rounded-lg px-3 py-2 text-sm';
  if (!isWhole) return <p className={`${box} bg-sunken text-mute`}>Whom it would hit appears here.</p>;
  if (error) return <p className={`${box} bg-challenged-tint text-challenged-text`}>{error.message}</p>;
  if (data === undefined) return <p className={`${box} animate-pulse bg-sunken text-mute`}>Looking…</p>;
  if (data.refused !== null) {
    return (
      <p className={`${box} bg-blocked-tint text-blocked-text`}>This can’t be blocked. {data.refused}</p>
    );
  }
  const isHarmful = data.passed > 0;
  return (
    <p
      aria-live="polite"
      className={`${box} ${isHarmful ? 'bg-challenged-tint text-challenged-text' : 'bg-sunken text-mute'}`}
    >
      <strong className="font-medium text-ink">{plural(data.requests, 'request')}</strong> in the last 24
      hours came from {data.target}.{' '}
      {isHarmful ? (
        <>
          {plural(data.passed, 'request')} passed
          {data.principals > 0 && <>, of {plural(data.principals, 'signed-in user')}</>}: they would be
          refused, too.
        </>
      ) : data.requests === 0 ? (
        'Nobody would notice.'
      ) : (
        'None of them passed: nobody honest would be hit.'
      )}
    </p>
  );
}
