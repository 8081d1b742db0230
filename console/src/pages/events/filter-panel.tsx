import { SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Severity } from '../../../../src/server/api/types.ts';
import {
  EVENT_CHOICES,
  EVENT_FIELD_WORDS,
  eventFiltersOf,
  settingEvent,
  valuesOf,
  withEvent,
} from '../../state/event-search.ts';
import type { EventField } from '../../state/event-search.ts';
import type { View } from '../../state/view.ts';
import { Modal } from '../../ui/overlay.tsx';
import { Button, INPUT, INPUT_TEXT } from '../../ui/parts.tsx';
import { SeverityMark } from '../../ui/verdict.tsx';
import { TypePicker } from './type-picker.tsx';

const CHOICE_WORDS: Readonly<Record<string, string>> = { true: 'Yes', false: 'No' };
const TEXTS = [
  'actor',
  'subject',
  'address',
  'route',
  'session',
  'request',
  'trace',
  'decision',
  'text',
] as const;

/** Opens every filter at once. */
export function FilterPanelButton({ view }: { readonly view: View }): ReactNode {
  const [open, setOpen] = useState(false);
  const count = eventFiltersOf(view.search).length;
  return (
    <>
      <Button onClick={() => setOpen(true)} aria-haspopup="dialog">
        <SlidersHorizontal aria-hidden="true" className="size-3.5" />
        Filters
        {count > 0 && <span className="text-faint numeric">{count}</span>}
      </Button>
      {open && <FilterPanel view={view} onClose={() => setOpen(false)} />}
    </>
  );
}

function FilterPanel({ view, onClose }: { readonly view: View; readonly onClose: () => void }): ReactNode {
  return (
    <Modal title="Filters" onClose={onClose}>
      <div className="space-y-4">
        <TypePicker view={view} />
        <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
          {(['class', 'outcome', 'resolved'] as const).map((field) => (
            <Choice key={field} field={field} view={view} />
          ))}
        </div>
        <Texts view={view} onDone={onClose} />
      </div>
    </Modal>
  );
}

/** One of a few values, or any. */
function Choice({
  field,
  view,
}: {
  readonly field: 'class' | 'outcome' | 'resolved';
  readonly view: View;
}): ReactNode {
  const [label] = EVENT_FIELD_WORDS[field];
  return (
    <label className="block text-sm font-medium">
      {label}
      <select
        value={valuesOf(view.search, field)[0] ?? ''}
        onChange={(event) =>
          view.change(settingEvent(view.search, field, event.target.value === '' ? [] : [event.target.value]))
        }
        className="mt-1 h-8 w-full rounded-md border border-edge bg-panel px-2 text-sm font-normal"
      >
        <option value="">Any</option>
        {EVENT_CHOICES[field].map((value) => (
          <option key={value} value={value}>
            {CHOICE_WORDS[value] ?? value.charAt(0).toUpperCase() + value.slice(1)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What is typed; nothing is asked before it is sent. */
function Texts({ view, onDone }: { readonly view: View; readonly onDone: () => void }): ReactNode {
  const [typed, setTyped] = useState<Readonly<Partial<Record<EventField, string>>>>(() =>
    Object.fromEntries(TEXTS.map((field) => [field, valuesOf(view.search, field)[0] ?? ''])),
  );
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        view.change(
          TEXTS.reduce((search, field) => {
            const value = typed[field]?.trim() ?? '';
            return settingEvent(search, field, value === '' ? [] : [value]);
          }, view.search),
        );
        onDone();
      }}
    >
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        {TEXTS.map((field) => {
          const [label, example] = EVENT_FIELD_WORDS[field];
          return (
            <label key={field} className="block text-sm font-medium">
              {label}
              <input
                placeholder={example}
                autoComplete="off"
                spellCheck={false}
                maxLength={200}
                value={typed[field] ?? ''}
                onChange={(event) => setTyped({ ...typed, [field]: event.target.value })}
                className={`${INPUT} ${INPUT_TEXT} mt-1 font-normal`}
              />
            </label>
          );
        })}
      </div>
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="solid">
          Apply
        </Button>
      </div>
    </form>
  );
}

/** Severities that are kept; none chosen means all. */
export function SeverityChoice({ view }: { readonly view: View }): ReactNode {
  const chosen = valuesOf(view.search, 'severity');
  const toggle = (severity: Severity): void => {
    const next = chosen.includes(severity)
      ? settingEvent(
          view.search,
          'severity',
          chosen.filter((one) => one !== severity),
        )
      : withEvent(view.search, { field: 'severity', value: severity });
    view.change(next);
  };
  return (
    <div role="group" aria-label="Severity" className="flex rounded-lg bg-sunken p-0.5">
      {EVENT_CHOICES.severity.map((severity) => (
        <button
          key={severity}
          type="button"
          aria-pressed={chosen.includes(severity)}
          onClick={() => toggle(severity)}
          className="flex h-7 items-center rounded-md px-2 aria-pressed:bg-panel aria-pressed:shadow-sm"
        >
          <SeverityMark severity={severity} />
        </button>
      ))}
    </div>
  );
}
