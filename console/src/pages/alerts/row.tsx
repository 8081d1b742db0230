import { Link } from '@tanstack/react-router';
import { AlarmClockOff, User } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AlertEntry } from '../../api/alerts.ts';
import { useSession } from '../../api/identity.ts';
import { plural } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import { useView } from '../../state/view.ts';
import { SeverityMark } from '../../ui/verdict.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { useAccountName } from '../access/api.ts';
import { Answered } from './answered.tsx';
import { carryAlerts } from './filters.tsx';
import { aboutText, StateBadge } from './parts.tsx';

/** An alert in the list: how grave, what, about whom, how often, since when, who has it. */
export function AlertRow({
  alert,
  isSelected,
  isShown,
  onSelect,
  onOpen,
}: {
  readonly alert: AlertEntry;
  readonly isSelected: boolean;
  /** Its detail stands beside the list. */
  readonly isShown: boolean;
  /** Null where the reader may not act. */
  readonly onSelect: (() => void) | null;
  /** Opens it beside the list; says whether there is room. */
  readonly onOpen: () => boolean;
}): ReactNode {
  const { search } = useView();
  const { id, title, description, severity, state, group, count, lastAtMs, rule } = alert;
  return (
    <li
      data-row
      data-alert={id}
      className={`relative flex gap-x-4 border-b border-line px-4 py-3 text-sm last:border-0 focus-within:bg-hover hover:bg-hover ${isShown ? 'bg-sunken' : ''}`}
    >
      {onSelect !== null && (
        <label className="z-10 -m-1.5 grid size-6 shrink-0 place-items-center self-start p-1.5">
          <input
            type="checkbox"
            checked={isSelected}
            onChange={onSelect}
            aria-label={`Select ${title}`}
            className="size-4 accent-solid"
          />
        </label>
      )}
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2.5 gap-y-0.5">
          <span className="@max-md:basis-full">
            <SeverityMark severity={severity} />
          </span>
          <Link
            to="/alerts/$id"
            params={{ id }}
            search={carryAlerts(search)}
            aria-current={isShown ? 'true' : undefined}
            onClick={(event) => {
              if (!event.metaKey && !event.ctrlKey && !event.shiftKey && onOpen()) event.preventDefault();
            }}
            className="row-link min-w-0 rounded-sm font-medium break-words"
          >
            {title}
          </Link>
          {state === 'INVESTIGATING' && <StateBadge state={state} />}
        </p>
        <p className="mt-0.5 line-clamp-2 break-words text-mute">{description}</p>
        <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-xs text-faint">
          <span className="min-w-0 truncate" title={group ?? undefined}>
            {aboutText(group)}
          </span>
          <span className="font-mono">{rule}</span>
          <Owner alert={alert} />
          <Snoozed untilMs={alert.snoozedUntilMs} />
          <Answered alert={alert} />
        </p>
      </div>
      <div className="shrink-0 text-right text-xs text-mute">
        <p>
          <When atMs={lastAtMs} />
        </p>
        <p className="mt-0.5 numeric">{plural(count, 'event')}</p>
      </div>
    </li>
  );
}

function Owner({ alert: { assignee } }: { readonly alert: AlertEntry }): ReactNode {
  const { actor } = useSession();
  const name = useAccountName(assignee ?? '');
  if (assignee === null) return null;
  return (
    <span className="inline-flex items-center gap-1">
      <User aria-hidden="true" className="size-3" />
      <span className="sr-only">Assigned to </span>
      {assignee === actor ? 'You' : (name ?? assignee)}
    </span>
  );
}

/** That an alert is quiet, and for how much longer. */
export function Snoozed({ untilMs }: { readonly untilMs: number | null }): ReactNode {
  const now = useNow(10_000);
  if (untilMs === null || untilMs <= now) return null;
  return (
    <span className="inline-flex items-center gap-1">
      <AlarmClockOff aria-hidden="true" className="size-3" />
      Snoozed for {duration(untilMs - now, 1)}
    </span>
  );
}
