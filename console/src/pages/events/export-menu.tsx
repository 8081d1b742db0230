import { Copy, Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { curlOf, eventParams } from '../../state/event-search.ts';
import type { ViewSearch } from '../../state/search.ts';
import { copy } from '../../state/view.ts';
import { Popover } from '../../ui/overlay.tsx';

/** Files that a list of events can be taken as, and who reads them. */
const FORMATS = [
  ['csv', 'CSV', 'for spreadsheets'],
  ['ndjson', 'NDJSON', 'for programs'],
  ['cef', 'CEF', 'for a SIEM'],
  ['ocsf', 'OCSF', 'for a data lake'],
] as const;
const ITEM = 'flex h-8 w-full items-center gap-2 rounded-md px-2 text-left text-sm hover:bg-hover';

/** Takes the events elsewhere, narrowed as they are shown. The server writes down who took a file. */
export function ExportMenu({ search }: { readonly search: ViewSearch }): ReactNode {
  const params = eventParams(search, Date.now());
  const query = params.size === 0 ? '' : `?${params.toString()}`;
  return (
    <Popover label="Export" button={<Download aria-hidden="true" className="size-4" />}>
      <ul className="-m-2">
        {FORMATS.map(([ending, name, note]) => (
          <li key={ending}>
            <a href={`/admin/events.${ending}${query}`} download="" className={ITEM}>
              <span className="font-medium">{name}</span>
              <span className="ml-auto text-xs text-faint">{note}</span>
            </a>
          </li>
        ))}
        <li className="mt-1 border-t border-line pt-1">
          <button
            type="button"
            className={ITEM}
            onClick={() =>
              void copy(curlOf(location.origin, '/admin/events', eventParams(search, Date.now())), 'Command')
            }
          >
            Copy as <code className="font-mono text-xs">curl</code>
            <Copy aria-hidden="true" className="ml-auto size-3.5 text-faint" />
          </button>
        </li>
      </ul>
    </Popover>
  );
}
