import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, RotateCcw } from 'lucide-react';
import { useDeferredValue, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { LimitKey, LimitPolicy } from '../../../../src/server/api/types.ts';
import { api } from '../../api/client.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { limitKeysQuery } from '../../api/queries.ts';
import { whole } from '../../format/number.ts';
import { countdown } from '../../format/time.ts';
import { useCommand } from '../../keys/commands.ts';
import { Modal } from '../../ui/overlay.tsx';
import { Button, Empty, INPUT, INPUT_TEXT, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { toast } from '../../ui/toast.tsx';
import { useNow } from '../../ui/when.tsx';

/** The busiest keys of a policy, each with its use of the present window. */
export function Keys({ policy }: { readonly policy: LimitPolicy }): ReactNode {
  const [typed, setTyped] = useState('');
  const box = useRef<HTMLInputElement>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const query = useQuery(limitKeysQuery(policy.name, useDeferredValue(typed.trim())));
  useCommand('filter-box', () => box.current?.focus());
  return (
    <Panel
      title="Busiest keys"
      flush
      actions={
        <input
          ref={box}
          type="search"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
          aria-label="Find a key"
          placeholder="Find a key"
          className={`${INPUT} ${INPUT_TEXT} max-w-44`}
        />
      }
    >
      <div className="min-h-[22.5rem] border-t border-line">
        <Loaded query={query} skeleton={<SkeletonRows rows={8} />}>
          {({ keys }) =>
            keys.length === 0 ? (
              <Empty
                icon={<KeyRound className="size-4" />}
                title={typed === '' ? 'Nobody is being counted' : 'No key matches'}
              >
                {typed === ''
                  ? 'Keys appear with their first request.'
                  : 'Only the busiest hundred are searched.'}
              </Empty>
            ) : (
              <ul className="relative max-h-[25.5rem] overflow-y-auto quiet-scroll">
                {keys.map((one) => (
                  <Row key={one.key} entry={one} onReset={() => setAsked(one.key)} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
      {asked !== null && <ResetDialog policy={policy.name} name={asked} onClose={() => setAsked(null)} />}
    </Panel>
  );
}

function Row({ entry, onReset }: { readonly entry: LimitKey; readonly onReset: () => void }): ReactNode {
  const now = useNow(1000);
  const { key, used, max, resetAtMs, penaltyLevel, penaltyUntilMs } = entry;
  // An estimate has fractions: what leaves no room for one more request is full.
  const isFull = used > max - 1;
  return (
    <li className="flex items-center gap-3 border-b border-line px-4 py-2 text-sm last:border-0 hover:bg-hover">
      <div className="min-w-0 flex-1">
        <p className="truncate numeric" title={key}>
          {key}
        </p>
        <p className="text-xs text-faint numeric">
          {penaltyUntilMs !== null && penaltyUntilMs > now ? (
            <span className="text-limited-text">
              Penalty {penaltyLevel}, {countdown(penaltyUntilMs - now)} left
            </span>
          ) : resetAtMs > now ? (
            `Renews in ${countdown(resetAtMs - now)}`
          ) : (
            'Renewed'
          )}
        </p>
        <Bar share={isFull ? 1 : used / max} className="mt-1 w-full sm:hidden" />
      </div>
      <Bar share={isFull ? 1 : used / max} className="w-28 max-sm:hidden" />
      <span
        className={`shrink-0 text-right whitespace-nowrap sm:w-24 numeric ${isFull ? 'font-medium text-limited-text' : 'text-mute'}`}
      >
        {whole(used)} / {whole(max)}
        {isFull && <span className="sr-only"> used up</span>}
      </span>
      <Button small look="quiet" data-row onClick={onReset} aria-label={`Reset ${key}`}>
        <RotateCcw aria-hidden="true" className="size-3.5" />
        <span className="max-sm:sr-only">Reset</span>
      </Button>
    </li>
  );
}

/** How much of the window is used; the numbers stand beside it. */
function Bar({ share, className }: { readonly share: number; readonly className: string }): ReactNode {
  return (
    <span
      aria-hidden="true"
      data-bar
      className={`block h-1.5 shrink-0 overflow-hidden rounded-full bg-sunken ${className}`}
    >
      <span
        className={`block h-full rounded-full ${share >= 1 ? 'bg-limited' : 'bg-allowed'}`}
        style={{ width: `${Math.min(100, share * 100)}%` }}
      />
    </span>
  );
}

/** A reset can't be taken back, so it is asked for once more. */
function ResetDialog({
  policy,
  name,
  onClose,
}: {
  readonly policy: string;
  readonly name: string;
  readonly onClose: () => void;
}): ReactNode {
  const client = useQueryClient();
  const against = useReasonAgainst('analyst');
  const reset = useMutation({
    mutationFn: () =>
      api<{ reset: boolean }>(`/admin/limits/${encodeURIComponent(policy)}/reset`, {
        method: 'POST',
        body: { key: name },
      }),
    onSuccess: (answer) => {
      onClose();
      void client.invalidateQueries({ queryKey: ['limits', policy] });
      toast(answer.reset ? `${name} starts again from zero` : `${name} was not being counted`);
    },
  });
  return (
    <Modal title="Reset this key?" onClose={onClose}>
      <p className="text-sm text-mute">
        <span className="font-medium break-all text-ink">{name}</span> starts again from zero under{' '}
        <span className="font-medium text-ink">{policy}</span>, without its penalty. This can’t be undone.
      </p>
      {against !== null && <p className="mt-3 text-sm text-challenged-text">{against}</p>}
      {reset.error && (
        <p role="alert" className="mt-3 text-sm text-blocked-text">
          {reset.error.message}
        </p>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="solid"
          data-first=""
          disabled={reset.isPending || against !== null}
          onClick={() => reset.mutate()}
        >
          Reset
        </Button>
      </div>
    </Modal>
  );
}
