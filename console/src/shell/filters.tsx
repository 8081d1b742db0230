import { Minus, Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FilterField } from '../../../src/server/api/types.ts';
import { fieldLabel, filtersOf, readFilter } from '../state/search.ts';
import type { View } from '../state/view.ts';
import { BlockButton } from '../ui/block-button.tsx';
import { EntryBox } from './entry-box.tsx';
import { Button } from '../ui/parts.tsx';

/** The box that adds a filter. */
export function FilterBox({ view }: { readonly view: View }): ReactNode {
  const enter = (typed: string): boolean => {
    const filter = readFilter(typed);
    if (filter) view.filter(filter);
    return Boolean(filter);
  };
  return (
    <EntryBox
      label="Filter, for example address:203.0.113.7 or -route:GET /health"
      placeholder="address:… or -route:…"
      width="sm:w-64"
      onEnter={enter}
    />
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

/** The buttons beside a value: keep only this, leave this out, block it. */
export function FilterButtons({
  view,
  field,
  value,
  className = 'relative',
  target = null,
}: {
  readonly view: View;
  readonly field: FilterField;
  readonly value: string;
  readonly className?: string;
  /** What is blocked from here; null where nothing can be. */
  readonly target?: string | null;
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
      {target !== null && <BlockButton target={target} />}
    </span>
  );
}
