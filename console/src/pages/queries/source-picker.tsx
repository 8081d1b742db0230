import type { ReactNode } from 'react';
import type { QueriesAnswer } from '../../../../src/server/api/query-types.ts';
import { useView } from '../../state/view.ts';
import { duration } from '../../format/time.ts';
import { useNow } from '../../ui/when.tsx';

/** Nodes write every ten seconds where there is something new, and every five minutes at least. */
const SILENT_MS = 6 * 60_000;

/** Whose statements are shown; it stands in the address. Absent where there is but one. */
export function SourcePicker({ answer }: { readonly answer: QueriesAnswer }): ReactNode {
  const { search, change } = useView();
  const now = useNow(60_000);
  const { sources, node, source } = answer;
  if (sources.length < 2) return null;
  const at = sources.findIndex((one) => one.node === node && one.source === source);
  const choose = (index: number): void => {
    const { node: _node, source: _source, ...rest } = search;
    const chosen = sources[index];
    change(
      chosen === undefined || index === 0 ? rest : { ...rest, node: chosen.node, source: chosen.source },
    );
  };
  return (
    <select
      aria-label="Database and node"
      value={String(at)}
      onChange={(event) => choose(Number(event.target.value))}
      className="h-8 min-w-0 max-w-full rounded-md border border-edge bg-panel px-2 text-sm font-medium hover:bg-hover max-sm:flex-1 sm:max-w-72"
    >
      {sources.map((one, index) => {
        const silentMs = now - one.atMs;
        return (
          <option key={`${one.node} ${one.source}`} value={index}>
            {one.source} on {one.node}
            {silentMs > SILENT_MS ? ` (silent for ${duration(silentMs)})` : ''}
          </option>
        );
      })}
    </select>
  );
}
