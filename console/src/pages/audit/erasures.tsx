import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { auditTailQuery } from '../../api/audit.ts';
import { Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { When } from '../../ui/when.tsx';

/** Whose data were taken out of the log, under their pseudonyms. */
export function Erasures({ against }: { readonly against: string | null }): ReactNode {
  const query = useQuery(auditTailQuery('AUDIT_SUBJECT_ERASED', against === null));
  return (
    <Panel title="Erasures" flush>
      <div className="border-t border-line text-sm">
        {against !== null ? (
          <p className="px-4 py-4 text-mute">{against}</p>
        ) : (
          <Loaded query={query} skeleton={<SkeletonRows rows={2} />}>
            {({ entries }) =>
              entries.length === 0 ? (
                <p className="px-4 py-4 text-mute">Nobody’s data were erased.</p>
              ) : (
                <ul>
                  {entries.map(({ seq, actor, details, atMs }) => (
                    <li
                      key={seq}
                      className="flex items-baseline gap-3 border-b border-line px-4 py-2 last:border-0"
                    >
                      <span className="min-w-0 flex-1 truncate">
                        <span className="font-mono text-xs">{String(details?.['holder'] ?? 'unknown')}</span>
                        <span className="text-mute"> by {actor ?? 'unknown'}</span>
                      </span>
                      <span className="text-xs text-mute">
                        <When atMs={atMs} />
                      </span>
                    </li>
                  ))}
                </ul>
              )
            }
          </Loaded>
        )}
      </div>
    </Panel>
  );
}
