import { useQuery } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { keyCountsQuery } from '../../api/keys.ts';
import { percent, plural, whole } from '../../format/number.ts';
import { Button, Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { ShareBar } from './parts.tsx';
import { sealedOf } from './state.ts';
import type { PurposeKeys, Sealed } from './state.ts';

/** How much each key still holds, counted when somebody asks. */
export function SealedPanel({ of: { purpose, active } }: { readonly of: PurposeKeys }): ReactNode {
  const query = useQuery(keyCountsQuery(purpose));
  const { data, error, isFetching, dataUpdatedAt } = query;
  return (
    <Panel
      title="Sealed fields"
      note={
        data === undefined ? undefined : (
          <>
            counted <When atMs={dataUpdatedAt} />
          </>
        )
      }
      actions={
        <Button disabled={isFetching} onClick={() => void query.refetch()}>
          {isFetching ? 'Counting…' : data === undefined ? 'Count' : 'Count again'}
        </Button>
      }
    >
      {error !== null && (
        <p role="alert" className="mb-2 text-sm text-blocked-text">
          {error.message}
        </p>
      )}
      <div aria-live="polite">
        {data === undefined ? (
          <p className="text-sm text-mute">
            How many fields each key holds, in the tables that the configuration declares. Counting reads
            every row of them.
          </p>
        ) : (
          <Counts fields={data.fields} sealed={sealedOf(data.fields, active?.id)} activeId={active?.id} />
        )}
      </div>
    </Panel>
  );
}

function Counts({
  fields,
  sealed,
  activeId,
}: {
  readonly fields: Readonly<Record<string, number>>;
  readonly sealed: Sealed;
  readonly activeId: string | undefined;
}): ReactNode {
  if (sealed.total === 0) {
    return <p className="text-sm text-mute">No declared column holds anything of this purpose.</p>;
  }
  const rows = Object.entries(fields).toSorted(([, a], [, b]) => b - a);
  return (
    <div className="space-y-3 text-sm">
      {sealed.byOlder === 0 && sealed.unknown === 0 ? (
        <p className="flex items-start gap-2">
          <CircleCheck aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-good" />
          {sealed.total === 1 ? 'The only field stands' : `All ${whole(sealed.total)} fields stand`} under the
          active key.
        </p>
      ) : (
        <p>
          <strong className="font-medium">{percent(sealed.byOlder / sealed.total)}</strong> of{' '}
          {plural(sealed.total, 'field')} {sealed.byOlder === 1 ? 'is' : 'are'} still sealed by older keys
          {sealed.byOlder > 0 && ' until a rotation has gone through them'}.
        </p>
      )}
      <ul className="space-y-2">
        {rows.map(([id, count]) => (
          <li key={id} className="grid grid-cols-[4.5rem_minmax(0,1fr)_5.5rem] items-center gap-3 text-xs">
            <span className={id === '' ? 'text-challenged-text' : 'truncate font-mono'}>
              {id === '' ? 'No key' : id}
            </span>
            <ShareBar share={count / sealed.total} isGrave={id !== activeId} />
            <span className="text-right text-mute numeric">
              {whole(count)}
              <span className="sr-only"> fields</span>
            </span>
          </li>
        ))}
      </ul>
      {sealed.unknown > 0 && (
        <p className="text-xs text-mute">
          “No key”: what stands there was sealed by no key of ours. It may never have been sealed, or a value
          was written past the application.
        </p>
      )}
    </div>
  );
}
