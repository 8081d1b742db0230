import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import type { ReactNode } from 'react';
import type { BlockEntry, BlockKind, BlockPreview } from '../../../../src/server/api/types.ts';
import { api } from '../../api/client.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { blocksQuery } from '../../api/queries.ts';
import { BLOCK_KINDS, BLOCK_WORDS, isWholeTarget, joinTarget, splitTarget } from '../../format/block.ts';
import { plural } from '../../format/number.ts';
import { askToBlock, useBlockAsk } from '../../state/block-ask.ts';
import { type Duration, DurationField } from '../../ui/duration-field.tsx';
import { Modal } from '../../ui/overlay.tsx';
import { Button, INPUT, INPUT_TEXT } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { When } from '../../ui/when.tsx';

const DURATIONS: readonly Duration[] = [
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
  const [{ kind, value }, setParts] = useState(() => splitTarget(first));
  const target = joinTarget(kind, value);
  // A range and an address are told apart by the slash alone; what is pasted with its word brings its kind along.
  const type = (text: string): void => {
    const typed = splitTarget(joinTarget(kind, text));
    setParts(typed.kind === kind ? { kind, value: text } : typed);
  };
  const [minutes, setMinutes] = useState<number | null>(60);
  const [reason, setReason] = useState('');
  const against = useReasonAgainst('analyst');
  const add = useMutation({
    mutationFn: () => api<BlockEntry>('/admin/blocks', { method: 'POST', body: { target, minutes, reason } }),
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
    <Modal title="Block" onClose={close}>
      <form
        className="space-y-4 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <TargetFields
          kind={kind}
          value={value}
          first={first}
          onKind={(next) => setParts({ kind: next, value })}
          onValue={type}
        />
        <Preview target={target} />
        <DurationField label="For how long" lengths={DURATIONS} minutes={minutes} onChange={setMinutes} />
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

/** What is blocked: its kind, and which one. */
function TargetFields({
  kind,
  value,
  first,
  onKind,
  onValue,
}: {
  readonly kind: BlockKind;
  readonly value: string;
  readonly first: string;
  readonly onKind: (kind: BlockKind) => void;
  readonly onValue: (value: string) => void;
}): ReactNode {
  const { name, hint, example } = BLOCK_WORDS[kind];
  return (
    <div>
      <div className="flex gap-2 max-sm:flex-col">
        <label className="block font-medium sm:w-36 sm:shrink-0">
          Kind
          <select
            value={kind}
            aria-describedby="block-hint"
            className={`${INPUT} ${INPUT_TEXT} mt-1`}
            onChange={(event) => onKind(event.target.value as BlockKind)}
          >
            {BLOCK_KINDS.map((one) => (
              <option key={one} value={one}>
                {BLOCK_WORDS[one].name}
              </option>
            ))}
          </select>
        </label>
        <label className="block min-w-0 flex-1 font-medium">
          {name}
          <input
            required
            data-first={first === '' ? '' : undefined}
            aria-describedby="block-hint"
            className={`${INPUT} ${INPUT_TEXT} mt-1 font-normal numeric`}
            value={value}
            maxLength={210}
            placeholder={example}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            onChange={(event) => onValue(event.target.value)}
          />
        </label>
      </div>
      <p id="block-hint" className="mt-1.5 min-h-8 text-xs text-mute">
        {hint}
      </p>
    </div>
  );
}

/** Whom the block would have hit, before it is made. */
function Preview({ target }: { readonly target: string }): ReactNode {
  const settled = useDeferredValue(target);
  const isWhole = isWholeTarget(settled);
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
  const isPerson = data.kind === 'user' || data.kind === 'session' || data.kind === 'device';
  // A minute of grace: the answer is older than this moment.
  const isPartial = data.sinceMs > Date.now() - 86_400_000 + 60_000;
  return (
    <p
      aria-live="polite"
      className={`${box} ${isHarmful ? 'bg-challenged-tint text-challenged-text' : 'bg-sunken text-mute'}`}
    >
      <strong className="font-medium text-ink">{plural(data.requests, 'request')}</strong>{' '}
      {isPartial ? (
        <>
          since <When atMs={data.sinceMs} look="full" /> (older ones were not counted)
        </>
      ) : (
        'in the last 24 hours'
      )}{' '}
      {isPerson ? `by this ${data.kind}` : `from ${data.target}`}.{' '}
      {isHarmful ? (
        <>
          {plural(data.passed, 'request')} passed
          {data.principals > 0 && <>, of {plural(data.principals, 'signed-in user')}</>}: they would be
          refused, too.
        </>
      ) : data.requests === 0 ? (
        (data.note ?? 'Nobody would notice.')
      ) : (
        'None of them passed: nobody honest would be hit.'
      )}
    </p>
  );
}
