import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { HoldEntry } from '../../../../src/server/api/audit-types.ts';
import { holdsQuery, liftHold, placeHold } from '../../api/audit.ts';
import { refusalWords } from '../../api/faults.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { StepUpCancelled } from '../../state/step-up.ts';
import { Modal } from '../../ui/overlay.tsx';
import { Button, INPUT, INPUT_TEXT, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { toast } from '../../ui/toast.tsx';
import { When } from '../../ui/when.tsx';

/** What must be kept, whatever the retention says: who asked for it, why and since when. */
export function Holds({ against }: { readonly against: string | null }): ReactNode {
  const query = useQuery(holdsQuery(against === null));
  const notAdmin = useReasonAgainst('administrator');
  const [asking, setAsking] = useState(false);
  return (
    <Panel
      title="Legal holds"
      flush
      actions={
        <span title={notAdmin ?? undefined}>
          <Button disabled={notAdmin !== null} onClick={() => setAsking(true)}>
            Place a hold
          </Button>
        </span>
      }
    >
      <div className="border-t border-line text-sm">
        {against !== null ? (
          <p className="px-4 py-4 text-mute">{against}</p>
        ) : (
          <Loaded query={query} skeleton={<SkeletonRows rows={2} />}>
            {({ holds }) =>
              holds.length === 0 ? (
                <p className="px-4 py-4 text-mute">None: events go when their time is over.</p>
              ) : (
                <ul>
                  {holds.slice(0, 50).map((hold) => (
                    <Row key={hold.id} hold={hold} notAdmin={notAdmin} />
                  ))}
                </ul>
              )
            }
          </Loaded>
        )}
      </div>
      {asking && <PlaceHold onClose={() => setAsking(false)} />}
    </Panel>
  );
}

function Row({ hold, notAdmin }: { readonly hold: HoldEntry; readonly notAdmin: string | null }): ReactNode {
  const client = useQueryClient();
  const lift = useMutation({
    mutationFn: () => liftHold(hold.id),
    onSuccess: () => toast('The hold is lifted'),
    onError: (error) => {
      if (!(error instanceof StepUpCancelled)) toast(refusalWords(error));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['audit'] }),
  });
  return (
    <li className="flex items-baseline gap-3 border-b border-line px-4 py-2 last:border-0">
      <span className="min-w-0 flex-1">
        <span className="block truncate">
          <span className="font-mono text-xs">{hold.holder ?? 'everybody'}</span>
          <span className="text-mute">, {hold.type ?? 'all events'}</span>
          {hold.fromMs !== null && (
            <span className="text-mute">
              {' '}
              from <When atMs={hold.fromMs} />
            </span>
          )}
          {hold.toMs !== null && (
            <span className="text-mute">
              {' '}
              to <When atMs={hold.toMs} />
            </span>
          )}
        </span>
        <span className="block text-xs break-words text-mute">
          {hold.reason} ({hold.placedBy}, <When atMs={hold.placedAtMs} />)
        </span>
      </span>
      {hold.liftedAtMs === null ? (
        <span title={notAdmin ?? undefined}>
          <Button
            aria-label={`Lift the hold ${hold.reason}`}
            disabled={notAdmin !== null || lift.isPending}
            onClick={() => lift.mutate()}
          >
            Lift
          </Button>
        </span>
      ) : (
        <span className="text-xs text-mute">
          lifted by {hold.liftedBy}, <When atMs={hold.liftedAtMs} />
        </span>
      )}
    </li>
  );
}

function PlaceHold({ onClose }: { readonly onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const [holder, setHolder] = useState('');
  const [type, setType] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [reason, setReason] = useState('');
  const place = useMutation({
    mutationFn: () =>
      placeHold({
        reason,
        ...(holder.trim() === '' ? {} : { holder: holder.trim() }),
        ...(type.trim() === '' ? {} : { type: type.trim() }),
        ...(from === '' ? {} : { fromMs: Date.parse(from) }),
        ...(to === '' ? {} : { toMs: Date.parse(to) }),
      }),
    onSuccess: () => {
      onClose();
      toast('The hold is in force');
      void client.invalidateQueries({ queryKey: ['audit'] });
    },
  });
  const field = (name: string, value: string, set: (value: string) => void, more: object): ReactNode => (
    <label className="block font-medium">
      {name}
      <input
        className={`${INPUT} ${INPUT_TEXT} mt-1 font-normal`}
        value={value}
        onChange={(event) => set(event.target.value)}
        {...more}
      />
    </label>
  );
  return (
    <Modal title="Place a legal hold" onClose={onClose}>
      <form
        className="space-y-4 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          place.mutate();
        }}
      >
        <p className="text-mute">
          Events that fit all of this are neither deleted nor erased until it is lifted.
        </p>
        {field('Who did it, or whom it is about', holder, setHolder, {
          maxLength: 300,
          placeholder: 'user:acc_…, as events name them',
        })}
        {field('Type of event', type, setType, { maxLength: 100, placeholder: 'all' })}
        <div className="grid gap-4 sm:grid-cols-2">
          {field('From', from, setFrom, { type: 'datetime-local' })}
          {field('To', to, setTo, { type: 'datetime-local' })}
        </div>
        {field('Reason', reason, setReason, { required: true, minLength: 3, maxLength: 500 })}
        {place.error && (
          <p role="alert" className="text-blocked-text">
            {refusalWords(place.error)}
          </p>
        )}
        <div className="flex justify-end gap-2 pt-1">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" disabled={place.isPending}>
            Place the hold
          </Button>
        </div>
      </form>
    </Modal>
  );
}
