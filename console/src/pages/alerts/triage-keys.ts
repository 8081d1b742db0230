import type { AlertEntry } from '../../api/alerts.ts';
import { useCommand } from '../../keys/commands.ts';
import type { TriageAct } from './acts.ts';

/** How long the key snoozes, milliseconds. */
export const HOUR_MS = 3_600_000;

/** What the keys of triage do. `u` and `?` belong to the whole console. */
export function useTriageKeys({
  targets,
  run,
  onNote,
  isActive,
}: {
  /** What a key is about: what is selected, else what the focus is at. */
  readonly targets: () => readonly AlertEntry[];
  readonly run: (act: TriageAct, alerts: readonly AlertEntry[]) => void;
  readonly onNote: (alert: AlertEntry) => void;
  /** Whether the reader may act. */
  readonly isActive: boolean;
}): void {
  const on = (act: TriageAct) => () => {
    const found = targets();
    if (found.length > 0) run(act, found);
  };
  useCommand('acknowledge', on({ kind: 'take' }), isActive);
  useCommand('investigate', on({ kind: 'investigate' }), isActive);
  useCommand('revoke', on({ kind: 'resolve' }), isActive);
  useCommand('filter', on({ kind: 'false-positive' }), isActive);
  useCommand('snooze', on({ kind: 'snooze', forMs: HOUR_MS }), isActive);
  useCommand(
    'note',
    () => {
      const [first] = targets();
      if (first !== undefined) onNote(first);
    },
    isActive,
  );
}
