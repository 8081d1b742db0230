import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { refusalWords } from '../../api/faults.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { plural, whole } from '../../format/number.ts';
import { StepUpCancelled } from '../../state/step-up.ts';
import { Button, Code, Panel } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { MAX_EXPORTED } from './bounds.ts';
import { saveLog } from './files.ts';

/** The whole log as a file that anybody with the public key can verify. */
export function ExportLog(): ReactNode {
  const against = useReasonAgainst('administrator');
  const [payloads, setPayloads] = useState(false);
  const [events, setEvents] = useState(0);
  const run = useMutation({
    mutationFn: () => saveLog(payloads, setEvents),
    onMutate: () => setEvents(0),
    onSuccess: (count) => toast(`${plural(count, 'event')} exported`),
    onError: (error) => {
      if (!(error instanceof StepUpCancelled)) toast(refusalWords(error));
    },
  });
  return (
    <Panel title="Export with all proofs">
      <div className="space-y-3 text-sm">
        <p className="text-mute">
          Events and checkpoints, as the offline verifier and <Code>rampart audit verify</Code> take them; up
          to {whole(MAX_EXPORTED)} events here, all of them with <Code>rampart audit export</Code>.
        </p>
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={payloads} onChange={(event) => setPayloads(event.target.checked)} />
          With personal data, after a fresh proof that it is you
        </label>
        <span className="block" title={against ?? undefined}>
          <Button disabled={run.isPending || against !== null} onClick={() => run.mutate()}>
            {run.isPending ? `${whole(events)} events…` : 'Download the log'}
          </Button>
          {against !== null && <span className="ml-2 text-xs text-faint">{against}</span>}
        </span>
      </div>
    </Panel>
  );
}
