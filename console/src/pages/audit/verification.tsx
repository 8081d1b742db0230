import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleX, ShieldQuestionMark } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AuditCheck, AuditIntegrityAnswer } from '../../../../src/server/api/audit-types.ts';
import { verifyLog } from '../../api/audit.ts';
import { refusalWords } from '../../api/faults.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { percent, whole } from '../../format/number.ts';
import { Button, Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';

/** What the last verification found, and a new one with how far it is. */
export function Verification({ log }: { readonly log: AuditIntegrityAnswer }): ReactNode {
  const client = useQueryClient();
  const against = useReasonAgainst('administrator');
  const run = useMutation({
    mutationFn: verifyLog,
    // How far it is must be asked for at once, and what came of it afterwards.
    onMutate: () =>
      void setTimeout(() => void client.invalidateQueries({ queryKey: ['audit', 'integrity'] }), 200),
    onSettled: () => client.invalidateQueries({ queryKey: ['audit', 'integrity'] }),
  });
  const { check, verifying, size } = log;
  const isRunning = run.isPending || verifying !== null;
  return (
    <Panel
      title="Verification"
      actions={
        <span title={against ?? undefined}>
          <Button
            disabled={isRunning || against !== null}
            aria-label={against === null ? undefined : `Verify now. ${against}`}
            onClick={() => run.mutate()}
          >
            Verify now
          </Button>
        </span>
      }
    >
      <div aria-live="polite" className="min-h-24 text-sm">
        {isRunning ? <Progress done={verifying?.events ?? 0} of={size} /> : <Outcome check={check} />}
        {run.error && (
          <p role="alert" className="mt-2 text-blocked-text">
            {refusalWords(run.error)}
          </p>
        )}
      </div>
    </Panel>
  );
}

function Progress({ done, of }: { readonly done: number; readonly of: number }): ReactNode {
  const share = of === 0 ? 0 : Math.min(1, done / of);
  return (
    <div>
      <p>Every event is read and hashed anew.</p>
      <progress
        aria-label="Verified"
        max={1}
        value={share}
        className="mt-2 h-2 w-full overflow-hidden rounded-full accent-ink"
      />
      <p className="mt-1 text-xs text-mute numeric">
        {whole(done)} of {whole(of)} events · {percent(share)}
      </p>
    </div>
  );
}

function Outcome({ check }: { readonly check: AuditCheck | null }): ReactNode {
  if (check === null)
    return (
      <p className="flex items-start gap-2 text-mute">
        <ShieldQuestionMark aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
        It was not verified yet. It is once a day, by itself.
      </p>
    );
  const { ok, atMs, node, events, covered, firstBad, problem } = check;
  const Icon = ok ? CircleCheck : CircleX;
  return (
    <>
      <p className={`flex items-start gap-2 font-medium ${ok ? 'text-good-text' : 'text-blocked-text'}`}>
        <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
        {ok ? 'The log is what was signed.' : 'The log is not what was signed.'}
      </p>
      {!ok && (
        <p className="mt-1">
          {firstBad === null ? 'No single event is to blame' : `The first wrong event: ${whole(firstBad)}`}
          {problem !== null && <>, {problem}</>}. Compare with a backup of before, and find who had access.
        </p>
      )}
      <p className="mt-1 text-mute">
        {whole(events)} events, {whole(covered)} of them under a signed checkpoint, verified{' '}
        <When atMs={atMs} /> by {node}.
      </p>
    </>
  );
}
