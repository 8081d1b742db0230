import { ChevronLeft, ChevronRight, Minus, Pause, Play, Plus, X, ZoomOut } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { focusedValue, useCommand } from '../keys/commands.ts';
import { shortTime } from '../format/time.ts';
import {
  FILTER_FIELDS,
  fieldLabel,
  filtersOf,
  isMoving,
  RANGE_LABEL,
  RANGES,
  readFilter,
} from '../state/search.ts';
import type { FilterField } from '../../../src/server/api/types.ts';
import type { RangeName } from '../state/search.ts';
import { useSettings } from '../state/settings.ts';
import type { View } from '../state/view.ts';
import { Button, INPUT, INPUT_TEXT } from '../ui/parts.tsx';

/** Time range, live switch and filters of a view, with their keys. */
export function ViewBar({ view, isPaused }: { readonly view: View; readonly isPaused: boolean }): ReactNode {
  const { search, change } = view;
  const toggleLive = (): void => {
    const { live, ...rest } = search;
    change(live === 'paused' ? rest : { ...rest, live: 'paused' }, true);
  };
  useCommand('live', toggleLive);
  useCommand('zoom-back', view.zoomBack);
  useCommand('span-earlier', () => view.shift(-1));
  useCommand('span-later', () => view.shift(1));
  useFilterKeys(view);
  return (
    <div className="flex flex-wrap items-center gap-2 max-sm:w-full">
      <FilterBox view={view} />
      <RangePicker view={view} />
      {isMoving(search) ? (
        <Button
          className="min-w-24"
          onClick={toggleLive}
          aria-pressed={search.live !== 'paused'}
          title="Live (L)"
        >
          {search.live === 'paused' ? (
            <Play aria-hidden="true" className="size-3.5" />
          ) : isPaused ? (
            <Pause aria-hidden="true" className="size-3.5" />
          ) : (
            <span aria-hidden="true" className="size-2 rounded-full bg-good" />
          )}
          {search.live === 'paused' ? 'Resume' : isPaused ? 'Held' : 'Live'}
        </Button>
      ) : (
        <Button onClick={view.zoomBack} title="Zoom back (Z)">
          <ZoomOut aria-hidden="true" className="size-3.5" />
          Zoom back
        </Button>
      )}
    </div>
  );
}

function useFilterKeys(view: View): void {
  const apply = (exclude: boolean) => () => {
    const found = focusedValue();
    const field = FILTER_FIELDS.find((one) => one === found?.field);
    if (found && field) view.filter({ field, value: found.value, exclude });
  };
  useCommand('filter', apply(false));
  useCommand('exclude', apply(true));
}

function RangePicker({ view }: { readonly view: View }): ReactNode {
  const select = useRef<HTMLSelectElement>(null);
  const { zone } = useSettings();
  const { from, to, range = '1h' } = view.search;
  useCommand('range', () => {
    select.current?.focus();
    select.current?.showPicker();
  });
  const isFixed = from !== undefined && to !== undefined;
  return (
    <div className="flex items-center">
      <Button
        icon
        className="rounded-r-none"
        aria-label="Earlier span"
        title="Earlier ( [ )"
        onClick={() => view.shift(-1)}
      >
        <ChevronLeft className="size-4" />
      </Button>
      <select
        ref={select}
        aria-label="Time range"
        value={isFixed ? 'fixed' : range}
        onChange={(event) => view.setRange(event.target.value as RangeName)}
        className="-mx-px h-8 border border-edge bg-panel px-2 text-sm font-medium hover:bg-hover focus-visible:z-10"
      >
        {isFixed && (
          <option value="fixed">
            {shortTime(from, zone)} – {shortTime(to, zone)}
          </option>
        )}
        {RANGES.map((name) => (
          <option key={name} value={name}>
            {RANGE_LABEL[name]}
          </option>
        ))}
      </select>
      <Button
        icon
        className="rounded-l-none"
        aria-label="Later span"
        title="Later ( ] )"
        disabled={isMoving(view.search)}
        onClick={() => view.shift(1)}
      >
        <ChevronRight className="size-4" />
      </Button>
    </div>
  );
}

/** The box that adds a filter. */
function FilterBox({ view }: { readonly view: View }): ReactNode {
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  useCommand('filter-box', () => box.current?.focus());
  const add = (): void => {
    const filter = readFilter(typed);
    if (!filter) return;
    view.filter(filter);
    setTyped('');
  };
  return (
    <form
      role="search"
      className="w-full sm:w-64"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <input
        ref={box}
        type="search"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        aria-label="Filter, for example address:203.0.113.7 or -route:GET /health"
        placeholder="Filter by address, route, -guard:csrf"
        autoComplete="off"
        spellCheck={false}
        className={`${INPUT} ${INPUT_TEXT}`}
      />
    </form>
  );
}

/** The filters in force, each with the cross that takes it away. */
export function FilterChips({ view }: { readonly view: View }): ReactNode {
  const filters = filtersOf(view.search);
  if (filters.length === 0) return null;
  return (
    <ul aria-label="Filters" className="mb-4 flex flex-wrap items-center gap-2">
      {filters.map(({ field, value, exclude }) => (
        <li key={`${exclude}${field}:${value}`} className="max-w-full">
          <Chip
            field={field}
            value={value}
            exclude={exclude}
            onRemove={() => view.unfilter(`${field}:${value}`)}
          />
        </li>
      ))}
      {filters.length > 1 && (
        <li>
          <Button
            small
            look="quiet"
            onClick={() => {
              const { filter: _filter, exclude: _exclude, ...rest } = view.search;
              view.change(rest);
            }}
          >
            Clear all
          </Button>
        </li>
      )}
    </ul>
  );
}

function Chip({
  field,
  value,
  exclude,
  onRemove,
}: {
  readonly field: FilterField;
  readonly value: string;
  readonly exclude: boolean;
  readonly onRemove: () => void;
}): ReactNode {
  return (
    <span
      className={`flex h-8 max-w-full items-center gap-1.5 rounded-md border bg-panel pr-1 pl-2.5 text-sm ${exclude ? 'border-dashed border-control' : 'border-edge'}`}
    >
      <span className="text-mute">
        {exclude && 'not '}
        {fieldLabel(field).toLowerCase()}
      </span>
      <span className="truncate font-medium">{value}</span>
      <Button
        small
        icon
        look="quiet"
        aria-label={`Remove filter ${fieldLabel(field)} ${value}`}
        onClick={onRemove}
      >
        <X className="size-3.5" />
      </Button>
    </span>
  );
}

/** The two buttons beside a value: keep only this, leave this out. */
export function FilterButtons({
  view,
  field,
  value,
  className = 'relative',
}: {
  readonly view: View;
  readonly field: FilterField;
  readonly value: string;
  readonly className?: string;
}): ReactNode {
  return (
    <span className={`z-10 flex reveal ${className}`}>
      <Button
        small
        icon
        look="quiet"
        title="Filter (F)"
        aria-label={`Filter by ${value}`}
        onClick={() => view.filter({ field, value, exclude: false })}
      >
        <Plus className="size-3.5" />
      </Button>
      <Button
        small
        icon
        look="quiet"
        title="Exclude (X)"
        aria-label={`Exclude ${value}`}
        onClick={() => view.filter({ field, value, exclude: true })}
      >
        <Minus className="size-3.5" />
      </Button>
    </span>
  );
}
