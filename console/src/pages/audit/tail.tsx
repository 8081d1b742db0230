import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FileCheck2, ScrollText } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { AuditEntry } from '../../../../src/server/api/audit-types.ts';
import { auditTailQuery } from '../../api/audit.ts';
import { refusalWords } from '../../api/faults.ts';
import { whole } from '../../format/number.ts';
import { Button, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { toast } from '../../ui/toast.tsx';
import { SeverityMark } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';
import { saveProof } from './files.ts';

/** The newest events of the log, each with its proof. They hold still under pointer and focus. */
export function AuditTail({ against }: { readonly against: string | null }): ReactNode {
  const [isHeld, setHeld] = useState(false);
  const query = useQuery({
    ...auditTailQuery(undefined, against === null),
    ...(isHeld ? { refetchInterval: false as const } : {}),
  });
  return (
    <Panel
      title="Newest entries"
      flush
      note={isHeld ? 'held' : 'live'}
      actions={
        <Link to="/events" search={{ class: 'audit' }} className="text-xs text-mute hover:text-ink">
          All audit events
        </Link>
      }
    >
      <div
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocus={() => setHeld(true)}
        onBlur={() => setHeld(false)}
        className="border-t border-line"
      >
        {against !== null ? (
          <p className="px-4 py-6 text-sm text-mute">{against}</p>
        ) : (
          <Loaded query={query} skeleton={<SkeletonRows rows={8} />}>
            {({ entries }) =>
              entries.length === 0 ? (
                <Empty icon={<ScrollText className="size-4" />} title="The log is empty">
                  The first act that must be audited begins it.
                </Empty>
              ) : (
                <ul aria-label="Entries">
                  {entries.map((entry) => (
                    <Entry key={entry.seq} entry={entry} />
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

function Entry({ entry }: { readonly entry: AuditEntry }): ReactNode {
  const { seq, id, severity, about, type, actor, erased, atMs } = entry;
  return (
    <li
      data-row
      data-value={`type:${type}`}
      className="relative flex items-center gap-3 border-b border-line px-4 py-2 text-sm last:border-0 hover:bg-hover"
    >
      <span className="w-14 shrink-0 text-right text-xs text-faint numeric">{whole(seq)}</span>
      <span className="w-20 shrink-0 max-sm:hidden">
        <SeverityMark severity={severity} />
      </span>
      <div className="min-w-0 flex-1">
        <Link to="/events/$id" params={{ id }} preload={false} className="rounded-sm row-link">
          {about}
        </Link>
        <p className="truncate text-xs text-mute">
          <span className="font-mono text-faint">{type}</span>
          {actor !== null && <> · {actor}</>}
          {erased && <> · personal data erased</>}
        </p>
      </div>
      <span className="text-xs text-mute max-sm:hidden">
        <When atMs={atMs} />
      </span>
      <Button
        small
        className="relative z-10"
        aria-label={`Download the proof of event ${seq}`}
        onClick={() => void saveProof(id).catch((error: Error) => toast(refusalWords(error)))}
      >
        <FileCheck2 aria-hidden="true" className="size-3.5" />
        <span className="max-sm:sr-only">Proof</span>
      </Button>
    </li>
  );
}
