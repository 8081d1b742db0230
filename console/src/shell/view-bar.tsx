import { ChevronLeft, ChevronRight, ZoomOut } from 'lucide-react';
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { focusedValue, useCommand } from '../keys/commands.ts';
import { shortTime } from '../format/time.ts';
import { FILTER_FIELDS, isMoving, RANGE_LABEL, RANGES } from '../state/search.ts';
import type { RangeName } from '../state/search.ts';
import { useSettings } from '../state/settings.ts';
import type { View } from '../state/view.ts';
import { Button } from '../ui/parts.tsx';
import { FilterBox } from './filters.tsx';
import { LiveButton } from './live-button.tsx';

interface BarProps {
  readonly view: View;
  /** The reader holds the view still, by pointer or focus. */
  readonly isPaused: boolean;
}

/** Time range, live switch and filters of a view, with their keys. */
export function ViewBar({ view, isPaused }: BarProps): ReactNode {
  useFilterKeys(view);
  return (
    <div className="flex flex-wrap items-center gap-2 max-sm:w-full">
      <FilterBox view={view} />
      <Span view={view} isPaused={isPaused} />
    </div>
  );
}

/** Time range and live switch of a view that has no filters. */
export function SpanBar(props: BarProps): ReactNode {
  return (
    <div className="flex flex-wrap items-center gap-2 max-sm:w-full">
      <Span {...props} />
    </div>
  );
}

function Span({ view, isPaused }: BarProps): ReactNode {
  useCommand('zoom-back', view.zoomBack);
  useCommand('span-earlier', () => view.shift(-1));
  useCommand('span-later', () => view.shift(1));
  return (
    <>
      <RangePicker view={view} />
      <LiveButton view={view} isHeld={isPaused} />
      {!isMoving(view.search) && (
        <Button onClick={view.zoomBack} title="Zoom back (Z)">
          <ZoomOut aria-hidden="true" className="size-3.5" />
          Zoom back
        </Button>
      )}
    </>
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
