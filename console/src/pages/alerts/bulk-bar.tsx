import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AlertEntry } from '../../api/alerts.ts';
import { whole } from '../../format/number.ts';
import { Button } from '../../ui/parts.tsx';
import { isOpen, type TriageAct } from './acts.ts';
import { HOUR_MS } from './triage-keys.ts';

/** What can be done with all that are selected. */
export function BulkBar({
  chosen,
  onAct,
  onAll,
  onNone,
}: {
  readonly chosen: readonly AlertEntry[];
  readonly onAct: (act: TriageAct) => void;
  readonly onAll: () => void;
  readonly onNone: () => void;
}): ReactNode {
  const areOpen = chosen.some(isOpen);
  return (
    <div role="group" aria-label="With the selected alerts" className="flex flex-wrap items-center gap-1.5">
      <span role="status" className="text-xs text-mute numeric">
        {whole(chosen.length)} selected
      </span>
      <Button small look="quiet" onClick={onAll}>
        All shown
      </Button>
      {areOpen ? (
        <>
          <Button small onClick={() => onAct({ kind: 'take' })}>
            Take
          </Button>
          <Button small onClick={() => onAct({ kind: 'resolve' })}>
            Resolve
          </Button>
          <Button small onClick={() => onAct({ kind: 'false-positive' })}>
            False positive
          </Button>
          <Button small onClick={() => onAct({ kind: 'snooze', forMs: HOUR_MS })}>
            Snooze 1 h
          </Button>
        </>
      ) : (
        <Button small onClick={() => onAct({ kind: 'reopen' })}>
          Reopen
        </Button>
      )}
      <Button small icon look="quiet" aria-label="Select nothing" onClick={onNone}>
        <X aria-hidden="true" className="size-3.5" />
      </Button>
    </div>
  );
}
