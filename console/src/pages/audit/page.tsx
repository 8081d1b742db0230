import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AuditIntegrityAnswer } from '../../../../src/server/api/audit-types.ts';
import { integrityQuery } from '../../api/audit.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { whole } from '../../format/number.ts';
import { ago, duration } from '../../format/time.ts';
import { copy } from '../../state/view.ts';
import { Figures } from '../../ui/figures.tsx';
import { Button, PageHead, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { Erasures } from './erasures.tsx';
import { ExportLog } from './export-log.tsx';
import { Holds } from './holds.tsx';
import { RangeProof } from './range-proof.tsx';
import { AuditTail } from './tail.tsx';
import { Verification } from './verification.tsx';

/** Whether the audit log is what was signed, and how to prove it to others. */
export function AuditPage(): ReactNode {
  const query = useQuery(integrityQuery);
  const against = useReasonAgainst('analyst');
  return (
    <>
      <PageHead title="Audit log">
        <a
          href="/admin/audit/verifier"
          download=""
          className="inline-flex h-8 items-center gap-1.5 rounded-md border border-edge bg-panel px-3 text-sm font-medium hover:bg-hover"
        >
          <Download aria-hidden="true" className="size-3.5" />
          Offline verifier
        </a>
      </PageHead>
      <Loaded query={query} skeleton={<Waiting />}>
        {(log) => (
          <div className="space-y-4">
            <Size log={log} />
            <div className="grid gap-4 xl:grid-cols-2">
              <Verification log={log} />
              <Signing log={log} />
            </div>
          </div>
        )}
      </Loaded>
      <div className="mt-4 space-y-4">
        <AuditTail against={against} />
        <div className="grid items-start gap-4 xl:grid-cols-2">
          <RangeProof signed={query.data?.checkpoint?.size ?? 0} />
          <div className="min-w-0 space-y-4">
            <ExportLog />
            <Erasures against={against} />
            <Holds against={against} />
          </div>
        </div>
      </div>
    </>
  );
}

function Size({ log }: { readonly log: AuditIntegrityAnswer }): ReactNode {
  const now = useNow(1000);
  const { size, checkpoint, waiting, waitingSinceMs, check } = log;
  const signedMs = checkpoint === null ? null : Number(BigInt(checkpoint.madeUs) / 1000n);
  return (
    <Figures
      label="The log"
      figures={[
        ['Events in the log', whole(size), 'each with its place in the tree'],
        [
          'Signed',
          checkpoint === null ? 'none' : whole(checkpoint.size),
          signedMs === null ? 'no checkpoint yet' : ago(signedMs, now),
        ],
        ['Not signed yet', whole(size - (checkpoint?.size ?? 0)), 'until the next checkpoint'],
        [
          'Without a place',
          waiting >= 10_000 ? '10,000 or more' : whole(waiting),
          waitingSinceMs === null
            ? 'nothing waits'
            : `since ${duration(now - waitingSinceMs)}; a minute is too long`,
        ],
        [
          'Verified',
          check === null ? 'never' : ago(check.atMs, now),
          check === null ? 'daily by itself' : `${whole(check.events)} events`,
        ],
      ]}
    />
  );
}

/** Who signs, what was signed last, and what stands against it. */
function Signing({ log }: { readonly log: AuditIntegrityAnswer }): ReactNode {
  const { checkpoint, key, origin, conflict, strangers, failing } = log;
  const troubles = [
    conflict === null ? null : `The database is not what this node has seen: ${conflict}. Nothing is signed.`,
    strangers ? 'Another key signs checkpoints of this log.' : null,
    failing ? 'The last round of giving places failed; events are kept and wait.' : null,
  ].filter((one) => one !== null);
  return (
    <Panel title="Checkpoint and key">
      {troubles.length > 0 && (
        <ul
          role="alert"
          className="mb-3 space-y-1 rounded-lg bg-blocked-tint px-3 py-2 text-sm text-blocked-text"
        >
          {troubles.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-2 gap-y-1.5 text-sm">
        <dt className="text-faint">Log</dt>
        <dd className="font-mono text-xs break-all">{origin ?? 'begins with the first event'}</dd>
        {checkpoint !== null && (
          <>
            <dt className="text-faint">Last checkpoint</dt>
            <dd>
              {whole(checkpoint.size)} events, <When atMs={Number(BigInt(checkpoint.madeUs) / 1000n)} />
            </dd>
            <dt className="text-faint">Signed by</dt>
            <dd className="break-all">{checkpoint.node}, which keeps every leaf in a file of its own</dd>
          </>
        )}
        <dt className="text-faint">Public key</dt>
        <dd className="font-mono text-xs break-all">{key ?? 'none yet'}</dd>
      </dl>
      {key !== null && (
        <div className="mt-3 flex flex-wrap gap-2">
          <Button onClick={() => void copy(key, 'Public key')}>Copy key</Button>
          {checkpoint !== null && (
            <Button onClick={() => void copy(checkpoint.note, 'Checkpoint')}>Copy checkpoint</Button>
          )}
        </div>
      )}
      <p className="mt-3 text-xs text-faint">
        Keep both where nobody who owns the database can change them: they prove the log to others.
      </p>
    </Panel>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-[5.25rem] rounded-xl" />
      <Skeleton className="h-48 rounded-xl" />
    </div>
  );
}
