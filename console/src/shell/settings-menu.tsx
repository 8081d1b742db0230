import { useQueryClient } from '@tanstack/react-query';
import { BookOpen, LogOut, Settings2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { api, setCsrfToken } from '../api/client.ts';
import { sessionQuery } from '../api/queries.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import type { Settings } from '../state/settings.ts';
import { Popover } from '../ui/overlay.tsx';
import { toast } from '../ui/toast.tsx';

/** Theme, times, keys, the way out. */
export function SettingsMenu({
  name,
  side,
}: {
  readonly name: string;
  readonly side: 'above-left' | 'below-right';
}): ReactNode {
  const settings = useSettings();
  return (
    <Popover label="Settings" side={side} button={<Settings2 className="size-4" />}>
      <p className="mb-3 truncate text-xs text-faint">Signed in as {name}</p>
      <Choice
        name="Theme"
        value={settings.theme}
        options={{ system: 'System', light: 'Light', dark: 'Dark' }}
        onChange={(theme) => changeSettings({ theme })}
      />
      <Choice
        name="Times"
        value={settings.zone}
        options={{ local: 'Local', utc: 'UTC' }}
        onChange={(zone) => changeSettings({ zone })}
      />
      <label className="mt-3 flex min-h-6 items-start gap-2 text-sm">
        <input
          type="checkbox"
          className="mt-0.5 size-4 accent-solid"
          checked={settings.keys}
          onChange={(event) => changeSettings({ keys: event.target.checked })}
        />
        <span>
          Single-key shortcuts
          <span className="block text-xs text-faint">Off leaves ⌘K, Tab, arrows and Esc.</span>
        </span>
      </label>
      <hr className="my-3 border-line" />
      <a href="/docs" className="flex h-8 items-center gap-2 rounded-md text-sm text-mute hover:text-ink">
        <BookOpen aria-hidden="true" className="size-4" /> API reference
      </a>
      <SignOut />
    </Popover>
  );
}

function SignOut(): ReactNode {
  const client = useQueryClient();
  const leave = async (): Promise<void> => {
    try {
      await api('/admin/session', { method: 'DELETE' });
    } catch {
      toast('Signing out failed: the server does not answer.');
      return;
    }
    setCsrfToken('');
    client.setQueryData(sessionQuery.queryKey, null);
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
  };
  return (
    <button
      type="button"
      onClick={() => void leave()}
      className="flex h-8 w-full items-center gap-2 rounded-md text-sm text-mute hover:text-ink"
    >
      <LogOut aria-hidden="true" className="size-4" /> Sign out
    </button>
  );
}

function Choice<Value extends Settings['theme'] | Settings['zone']>({
  name,
  value,
  options,
  onChange,
}: {
  readonly name: string;
  readonly value: Value;
  readonly options: Readonly<Record<Value, string>>;
  readonly onChange: (value: Value) => void;
}): ReactNode {
  return (
    <fieldset className="mb-2">
      <legend className="mb-1 text-xs text-faint">{name}</legend>
      <div className="flex rounded-md bg-canvas p-0.5 ring-1 ring-line">
        {(Object.entries(options) as [Value, string][]).map(([key, label]) => (
          <label
            key={key}
            className="flex h-7 flex-1 items-center justify-center rounded text-sm text-mute has-checked:bg-hover has-checked:text-ink has-checked:ring-1 has-checked:ring-edge has-focus-visible:outline-2 has-focus-visible:outline-focus"
          >
            <input
              type="radio"
              className="sr-only"
              name={name}
              checked={value === key}
              onChange={() => onChange(key)}
            />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
