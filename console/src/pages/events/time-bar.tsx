import { CalendarRange } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { inputTime, readInputTime, shortTime } from '../../format/time.ts';
import { useCommand } from '../../keys/commands.ts';
import { LiveButton } from '../../shell/live-button.tsx';
import { SINCE_MS, sinceOf } from '../../state/event-search.ts';
import { RANGE_LABEL } from '../../state/search.ts';
import type { ViewSearch } from '../../state/search.ts';
import { useSettings } from '../../state/settings.ts';
import type { View } from '../../state/view.ts';
import { Field } from '../../ui/field.tsx';
import { Popover } from '../../ui/overlay.tsx';
import { Button } from '../../ui/parts.tsx';

const LABELS: Readonly<Record<string, string>> = { ...RANGE_LABEL, '30d': 'Last 30 days' };

/** From when until when, and whether the list moves with the clock. */
export function TimeBar({ view, isHeld }: { readonly view: View; readonly isHeld: boolean }): ReactNode {
  useCommand('span-earlier', () => shift(view, -1));
  useCommand('span-later', () => shift(view, 1));
  return (
    <div className="flex items-center gap-2">
      <Presets view={view} />
      <Popover label="From and to" button={<CalendarRange aria-hidden="true" className="size-4" />}>
        <Span view={view} />
      </Popover>
      <LiveButton view={view} isHeld={isHeld} />
    </div>
  );
}

function Presets({ view }: { readonly view: View }): ReactNode {
  const select = useRef<HTMLSelectElement>(null);
  const { zone } = useSettings();
  const { from, to } = view.search;
  useCommand('range', () => {
    select.current?.focus();
    select.current?.showPicker();
  });
  const isFixed = from !== undefined && to !== undefined;
  return (
    <select
      ref={select}
      aria-label="Time range"
      title="Time range (T)"
      value={isFixed ? 'fixed' : (sinceOf(view.search) ?? '')}
      onChange={(event) => view.change(since(view.search, event.target.value))}
      className="h-8 min-w-0 rounded-md border border-edge bg-panel px-2 text-sm font-medium hover:bg-hover"
    >
      {isFixed && (
        <option value="fixed">
          {shortTime(from, zone)} – {shortTime(to, zone)}
        </option>
      )}
      <option value="">Any time</option>
      {Object.keys(SINCE_MS).map((name) => (
        <option key={name} value={name}>
          {LABELS[name]}
        </option>
      ))}
    </select>
  );
}

function Span({ view }: { readonly view: View }): ReactNode {
  const { zone } = useSettings();
  const nowMs = Date.now();
  const { from = nowMs - (SINCE_MS[sinceOf(view.search) ?? '24h'] ?? 0), to = nowMs } = view.search;
  const [first, setFirst] = useState(inputTime(from, zone));
  const [last, setLast] = useState(inputTime(to, zone));
  const fromMs = readInputTime(first, zone);
  const toMs = readInputTime(last, zone);
  const isSpan = fromMs !== null && toMs !== null && toMs > fromMs;
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (isSpan) view.change({ ...since(view.search, ''), from: fromMs, to: toMs });
      }}
    >
      <Field
        required
        type="datetime-local"
        label="From"
        value={first}
        onChange={(event) => setFirst(event.target.value)}
      />
      <Field
        required
        type="datetime-local"
        label="To"
        value={last}
        onChange={(event) => setLast(event.target.value)}
        hint={zone === 'utc' ? 'In UTC.' : 'In the time of this machine.'}
        fault={isSpan || first === '' || last === '' ? undefined : 'It ends before it begins.'}
      />
      <Button type="submit" look="solid" className="w-full" disabled={!isSpan}>
        Show
      </Button>
    </form>
  );
}

/** A span that counts back from now, in place of any other. */
function since(search: ViewSearch, name: string): ViewSearch {
  const { from: _from, to: _to, range: _range, since: _since, ...rest } = search;
  return name === '' ? rest : { ...rest, since: name };
}

/** Moves a span by its own length; one that would end in the future counts back from now again. */
function shift(view: View, direction: -1 | 1): void {
  const { search } = view;
  const name = sinceOf(search);
  const lengthMs =
    search.from !== undefined && search.to !== undefined ? search.to - search.from : SINCE_MS[name ?? ''];
  if (lengthMs === undefined) return;
  const toMs = (search.to ?? Date.now()) + direction * lengthMs;
  if (toMs < Date.now()) {
    view.change({ ...since(search, ''), from: Math.round(toMs - lengthMs), to: Math.round(toMs) });
    return;
  }
  const preset = Object.entries(SINCE_MS).find(([, spanMs]) => Math.abs(spanMs - lengthMs) < 1000)?.[0];
  view.change(since(search, preset ?? ''));
}
