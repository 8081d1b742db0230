import type { ReactNode } from 'react';
import type { RepeatedEntry } from '../../../../src/server/api/query-types.ts';
import { plural } from '../../format/number.ts';
import { Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';

/** Statements that one request asked for each row of another: known where an application runs in development. */
export function Repeated({ of }: { readonly of: readonly RepeatedEntry[] }): ReactNode {
  if (of.length === 0) return null;
  return (
    <Panel
      title="Asked again and again"
      note="by one request, where one statement for all rows would do"
      flush
    >
      <ul>
        {of.map(({ id, shape, place, times, lastAtMs }) => (
          <li key={`${id} ${place}`} className="border-t border-line px-4 py-3">
            <p className="line-clamp-2 font-mono text-xs leading-5 break-words" title={shape.slice(0, 500)}>
              {shape}
            </p>
            <p className="mt-1 flex flex-wrap gap-x-3 text-xs text-faint">
              <span className="font-mono break-all text-mute">{place}</span>
              <span className="numeric">
                noticed {plural(times, 'time')}, last <When atMs={lastAtMs} />
              </span>
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
