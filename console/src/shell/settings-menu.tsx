import { useQueryClient } from '@tanstack/react-query';
import { BookOpen, CircleUser, LogOut, Settings2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SessionAnswer } from '../../../src/server/api/types.ts';
import { api, setCsrfToken } from '../api/client.ts';
import { sessionQuery } from '../api/queries.ts';
import { ROLE_LABEL } from '../pages/users/roles.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import type { Settings } from '../state/settings.ts';
import { Popover } from '../ui/overlay.tsx';
import { toast } from '../ui/toast.tsx';

const ENTRY = 'flex h-8 items-center gap-2 rounded-md text-sm text-mute hover:text-ink';

/** Who is here, theme, times, keys, the way out. */
export function SettingsMenu({
  session,
  side,
}: {
  readonly session: SessionAnswer;
  readonly side: 'above-left' | 'below-right';
}): ReactNode {
  const settings = useSettings();
  return (
    <Popover label="Settings" side={side} button={<Settings2 className="size-4" />}>
      <Who session={session} />
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
      {session.kind === 'account' && (
        <a href="/account" className={ENTRY}>
          <CircleUser aria-hidden="true" className="size-4" /> Your account
        </a>
      )}
      <a href="/docs" className={ENTRY}>
        <BookOpen aria-hidden="true" className="size-4" /> API reference
      </a>
      <SignOut />
    </Popover>
  );
}

/** Who is signed in, and as what. */
function Who({ session }: { readonly session: SessionAnswer }): ReactNode {
  const { name, email, role, kind } = session;
  return (
    <div className="mb-3 text-sm">
      <p className="text-xs text-faint">Signed in as</p>
      <p className="truncate font-medium">{name}</p>
      {email !== null && email !== name && <p className="truncate text-mute">{email}</p>}
      <p className="text-mute">
        {ROLE_LABEL[role]}
        {kind === 'setup' && ', by a set-up link'}
      </p>
    </div>
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
    <button type="button" onClick={() => void leave()} className={`${ENTRY} w-full`}>
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
