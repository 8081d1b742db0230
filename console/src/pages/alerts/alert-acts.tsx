import { AlarmClock, UserPlus } from 'lucide-react';
import type { ReactNode } from 'react';
import { type AlertEntry, usePeople } from '../../api/alerts.ts';
import { useSession } from '../../api/identity.ts';
import { Popover } from '../../ui/overlay.tsx';
import { Button } from '../../ui/parts.tsx';
import { isOpen, type TriageAct } from './acts.ts';
import { HOUR_MS } from './triage-keys.ts';

const SNOOZES: readonly (readonly [label: string, forMs: number])[] = [
  ['1 hour', HOUR_MS],
  ['4 hours', 4 * HOUR_MS],
  ['1 day', 24 * HOUR_MS],
  ['7 days', 7 * 24 * HOUR_MS],
];

interface Props {
  readonly alert: AlertEntry;
  /** Why the reader may not act; null where they may. */
  readonly against: string | null;
  readonly onAct: (act: TriageAct) => void;
}

/** What can be done with an alert. All of it can be taken back, so nothing asks. */
export function AlertActs({ alert, against, onAct }: Props): ReactNode {
  const { actor } = useSession();
  const off = against !== null;
  if (off) return <p className="mt-4 text-xs text-faint">{against}</p>;
  if (!isOpen(alert))
    return (
      <div className="mt-4 flex flex-wrap gap-1.5">
        <Button onClick={() => onAct({ kind: 'reopen' })}>Reopen</Button>
      </div>
    );
  const isMine = alert.assignee === actor && alert.state === 'INVESTIGATING';
  return (
    <div className="mt-4 flex flex-wrap items-center gap-1.5">
      {!isMine && (
        <Button look="solid" onClick={() => onAct({ kind: 'take' })}>
          Take
        </Button>
      )}
      <Button look={isMine ? 'solid' : 'plain'} onClick={() => onAct({ kind: 'resolve' })}>
        Resolve
      </Button>
      <Button onClick={() => onAct({ kind: 'false-positive' })}>False positive</Button>
      <div className="ml-auto flex gap-1">
        <Assign alert={alert} onAct={onAct} />
        <Popover label="Snooze" button={<AlarmClock aria-hidden="true" className="size-4" />}>
          <p className="mb-2 text-xs text-faint">
            Nobody is told of it meanwhile, unless it becomes critical. If it goes on, they are at the end.
          </p>
          <Choices list={SNOOZES.map(([label, forMs]) => [label, () => onAct({ kind: 'snooze', forMs })])} />
        </Popover>
      </div>
    </div>
  );
}

function Assign({ alert, onAct }: Pick<Props, 'alert' | 'onAct'>): ReactNode {
  return (
    <Popover label="Assign" button={<UserPlus aria-hidden="true" className="size-4" />}>
      <People alert={alert} onAct={onAct} />
    </Popover>
  );
}

function People({ alert, onAct }: Pick<Props, 'alert' | 'onAct'>): ReactNode {
  const { actor } = useSession();
  const people = usePeople().filter(({ subject }) => subject !== actor);
  const to = (subject: string | null) => () => onAct({ kind: 'assign', to: subject });
  return (
    <>
      <p className="mb-2 text-xs text-faint">Who looks at it</p>
      <Choices
        list={[
          ...(alert.assignee === actor ? [] : [['You', to(actor)] as const]),
          ...people
            .filter(({ subject }) => subject !== alert.assignee)
            .map(({ subject, name }) => [name, to(subject)] as const),
          ...(alert.assignee === null ? [] : [['Nobody', to(null)] as const]),
        ]}
      />
    </>
  );
}

function Choices({
  list,
}: {
  readonly list: readonly (readonly [label: string, run: () => void])[];
}): ReactNode {
  return (
    <ul className="quiet-scroll -mx-2 max-h-60 overflow-y-auto">
      {list.map(([label, run]) => (
        <li key={label}>
          <Button look="quiet" className="w-full justify-start!" onClick={run}>
            <span className="truncate">{label}</span>
          </Button>
        </li>
      ))}
    </ul>
  );
}
