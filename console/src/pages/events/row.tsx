import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { memo } from 'react';
import type { MouseEvent, ReactNode } from 'react';
import type { EventEntry } from '../../../../src/server/api/types.ts';
import { aboutWords } from '../../format/about.ts';
import { useSettings } from '../../state/settings.ts';
import { SeverityMark } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';
import type { EventField } from '../../state/event-search.ts';
import { lineFacts } from './facts.ts';
import type { EventFact } from './facts.ts';

interface RowProps {
  readonly event: EventEntry;
  readonly hasNode: boolean;
  readonly isOpen?: boolean;
  /** Shows the event beside the list; says whether it did, else the link is followed. */
  readonly onOpen?: (id: string) => boolean;
  /** Narrows the list to a value. */
  readonly onFilter?: (field: EventField, value: string) => void;
}

/** One event: how grave, what it was, whom it was about. Drawn again only when something of it changes. */
export const EventRow = memo(Row);

function Row({ event, hasNode, isOpen = false, onOpen, onFilter }: RowProps): ReactNode {
  const { zone } = useSettings();
  const { id, severity, type, atMs, decision } = event;
  const open = (click: MouseEvent): void => {
    if (click.metaKey || click.ctrlKey || click.shiftKey || click.button !== 0) return;
    if (onOpen?.(id) === true) click.preventDefault();
  };
  const facts: readonly EventFact[] = [
    { name: 'type', text: type, field: 'type' },
    ...lineFacts(event, zone, hasNode),
  ];
  return (
    <li
      data-row
      data-event={id}
      data-value={`type:${type}`}
      className={`@container relative border-b border-line last:border-0 hover:bg-hover ${isOpen ? 'bg-sunken shadow-[inset_2px_0_var(--color-focus)]' : ''}`}
    >
      <div className="grid grid-cols-[1fr_auto] gap-x-4 gap-y-0.5 px-4 py-2.5 text-sm @lg:grid-cols-[6rem_1fr_auto]">
        <div className="@max-lg:order-1">
          <SeverityMark severity={severity} />
        </div>
        <div className="min-w-0 @max-lg:order-3 @max-lg:col-span-2">
          <p>
            <Link
              to="/events/$id"
              params={{ id }}
              preload={false}
              onClick={open}
              aria-current={isOpen ? 'true' : undefined}
              className="rounded-sm row-link"
            >
              {aboutWords(event)}
            </Link>
            {decision !== null && <Why decision={decision} />}
            {event.resolvedAtMs !== null && <Resolved />}
          </p>
          <dl className="mt-0.5 flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
            {facts.map((fact) => (
              <Fact key={fact.name} fact={fact} onFilter={onFilter} />
            ))}
          </dl>
        </div>
        <p className="relative z-10 text-right text-xs text-mute @max-lg:order-2">
          <When atMs={atMs} />
        </p>
      </div>
    </li>
  );
}

function Why({ decision }: { readonly decision: string }): ReactNode {
  return (
    <Link
      to="/decisions/$id"
      params={{ id: decision }}
      aria-label={`Why: decision ${decision}`}
      className="relative z-10 ml-2 rounded-sm text-xs whitespace-nowrap text-mute underline decoration-edge underline-offset-4 hover:text-ink"
    >
      Why?
    </Link>
  );
}

/** Somebody has looked into it. */
export function Resolved(): ReactNode {
  return (
    <span className="ml-2 inline-flex items-center gap-1 text-xs whitespace-nowrap text-good-text">
      <CircleCheck aria-hidden="true" className="size-3" />
      Resolved
    </span>
  );
}

/** A value of a line. In a list that can be narrowed it is a button, reached by arrow keys from the row. */
function Fact({
  fact: { name, text, field },
  onFilter,
}: {
  readonly fact: EventFact;
  readonly onFilter: RowProps['onFilter'];
}): ReactNode {
  const isType = name === 'type';
  const look = isType ? 'font-mono text-faint' : 'break-all text-mute numeric';
  return (
    <div className="flex gap-1.5">
      <dt className={isType ? 'sr-only' : 'text-faint'}>{name}</dt>
      <dd className={look}>
        {field === undefined || onFilter === undefined ? (
          text
        ) : (
          <button
            type="button"
            tabIndex={-1}
            data-value={`${field}:${text}`}
            title={`Only ${name} ${text} (F)`}
            onClick={() => onFilter(field, text)}
            className="relative z-10 rounded-sm text-left break-all decoration-edge underline-offset-4 hover:text-ink hover:underline"
          >
            {text}
          </button>
        )}
      </dd>
    </div>
  );
}

/** Arrow keys walk from a row to its values and back. */
export function walkRow(event: React.KeyboardEvent): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  const row = event.target instanceof Element ? event.target.closest('[data-row]') : null;
  if (step === 0 || row === null || event.altKey || event.metaKey || event.ctrlKey) return;
  const stops = [...row.querySelectorAll<HTMLElement>('a, button')];
  const at = stops.findIndex((one) => one === document.activeElement);
  const next = stops[at + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
