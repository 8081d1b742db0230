import type { ReactNode } from 'react';
import type { KeyView } from '../../api/keys.ts';
import { percent, plural, whole } from '../../format/number.ts';
import { Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { KeyStateMark, ShareBar } from './parts.tsx';
import { MAX_USES, PURPOSES, takesNonces } from './state.ts';
import type { PurposeKeys } from './state.ts';
import { wrapperText } from './words.ts';

/** The keys of a purpose, newest first: never their material. */
export function KeyTable({ of: { purpose, keys } }: { readonly of: PurposeKeys }): ReactNode {
  const label = PURPOSES[purpose].label;
  return (
    <Panel
      title={`Keys of ${label.toLowerCase()}`}
      note={`${plural(keys.length, 'key')}, newest first`}
      flush
    >
      <ul className="border-t border-line">
        {keys.map((key) => (
          <Line key={key.id} of={key} />
        ))}
      </ul>
    </Panel>
  );
}

function Line({ of: key }: { readonly of: KeyView }): ReactNode {
  const { id, state, purpose, usable, createdAtMs, createdBy, retiredAtMs, uses } = key;
  return (
    <li className="border-b border-line px-4 py-3 text-sm last:border-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className={`font-mono text-xs font-medium ${state === 'retired' ? 'text-faint' : ''}`}>
          {id}
        </span>
        <KeyStateMark state={state} />
        {!usable && state !== 'retired' && (
          <span className="text-xs font-medium text-blocked-text">Not usable on this node</span>
        )}
        <span className="ml-auto text-xs text-faint numeric">
          {state === 'retired' && retiredAtMs !== null ? (
            <>
              retired <When atMs={retiredAtMs} />
            </>
          ) : state === 'pending' ? (
            'seals within seconds'
          ) : (
            <>
              made <When atMs={createdAtMs} />
            </>
          )}
        </span>
      </div>
      <p className="mt-1 text-xs break-words text-mute">
        Made by {createdBy}, {wrapperText(key)}
      </p>
      {state !== 'retired' && takesNonces(purpose) && (
        <div className="mt-2 grid grid-cols-[minmax(0,1fr)_auto] items-center gap-3">
          <ShareBar share={uses / MAX_USES} isGrave={uses >= MAX_USES / 8} />
          <span className="text-right text-xs text-mute numeric sm:min-w-52">
            {whole(uses)} seals, {percent(uses / MAX_USES)} of 2<sup>32</sup>
          </span>
        </div>
      )}
    </li>
  );
}
