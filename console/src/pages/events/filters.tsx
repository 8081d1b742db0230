import { useNavigate } from '@tanstack/react-router';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { focusedValue, useCommand } from '../../keys/commands.ts';
import { EntryBox } from '../../shell/entry-box.tsx';
import {
  EVENT_FIELD_WORDS,
  EVENT_FIELDS,
  eventFiltersOf,
  readEventFilter,
  withEvent,
  withoutEvent,
  withoutEvents,
} from '../../state/event-search.ts';
import type { EventFilter } from '../../state/event-search.ts';
import type { View } from '../../state/view.ts';
import { Button } from '../../ui/parts.tsx';

const OFFERS = EVENT_FIELDS.map((field) => `${field}:`);

/** The box that adds a filter, or leads to an event whose id is put into it. `f` filters by what has the focus. */
export function EventFilterBox({ view }: { readonly view: View }): ReactNode {
  const navigate = useNavigate();
  useCommand('filter', () => {
    const found = focusedValue();
    const field = EVENT_FIELDS.find((one) => one === found?.field);
    if (found && field) view.change(withEvent(view.search, { field, value: found.value }));
  });
  const enter = (typed: string): boolean => {
    const id = /^evt_\w{4,}$/.exec(typed.trim())?.[0];
    const filter = readEventFilter(typed);
    if (id !== undefined) void navigate({ to: '/events/$id', params: { id } });
    else if (filter !== null) view.change(withEvent(view.search, filter));
    return id !== undefined || filter !== null;
  };
  return (
    <EntryBox
      label="Search events: words, an address, a type, or a field such as actor:… or route:…"
      placeholder="Words, address, actor:… or route:…"
      width="sm:w-80"
      maxLength={220}
      offers={OFFERS}
      onEnter={enter}
    />
  );
}

/** The filters in force, each with the cross that takes it away. */
export function EventChips({ view }: { readonly view: View }): ReactNode {
  const filters = eventFiltersOf(view.search);
  if (filters.length === 0) return null;
  return (
    <ul aria-label="Filters" className="mb-4 flex flex-wrap items-center gap-2">
      {filters.map((filter) => (
        <li key={`${filter.field}:${filter.value}`} className="max-w-full">
          <Chip filter={filter} onRemove={() => view.change(withoutEvent(view.search, filter))} />
        </li>
      ))}
      {filters.length > 1 && (
        <li>
          <Button small look="quiet" onClick={() => view.change(withoutEvents(view.search))}>
            Clear all
          </Button>
        </li>
      )}
    </ul>
  );
}

function Chip({
  filter: { field, value },
  onRemove,
}: {
  readonly filter: EventFilter;
  readonly onRemove: () => void;
}): ReactNode {
  const [label] = EVENT_FIELD_WORDS[field];
  return (
    <span className="flex h-8 max-w-full items-center gap-1.5 rounded-md border border-edge bg-panel pr-1 pl-2.5 text-sm">
      <span className="text-mute">{label.toLowerCase()}</span>
      <span className="truncate font-medium" title={value}>
        {field === 'resolved' ? (value === 'true' ? 'yes' : 'no') : value}
      </span>
      <Button small icon look="quiet" aria-label={`Remove filter ${label} ${value}`} onClick={onRemove}>
        <X aria-hidden="true" className="size-3.5" />
      </Button>
    </span>
  );
}
