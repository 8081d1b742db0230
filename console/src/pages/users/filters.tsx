import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useCommand } from '../../keys/commands.ts';
import { MAX_QUERY } from '../../state/search.ts';
import { useView } from '../../state/view.ts';
import { INPUT, INPUT_TEXT } from '../../ui/parts.tsx';
import { ROLE_LABEL, ROLES } from './roles.ts';
import { STATUS_LABEL, STATUSES } from './words.ts';

/** Letters settle for this long before the address bar and the server hear of them. */
const SETTLE_MS = 250;

/** Search, status and role; all three stand in the address. */
export function UserFilters(): ReactNode {
  const { search, change } = useView();
  const set = (name: 'status' | 'role', value: string): void => {
    const { [name]: _, ...rest } = search;
    change(value === '' ? rest : { ...rest, [name]: value });
  };
  return (
    <div className="flex flex-wrap items-center justify-end gap-1.5 max-sm:w-full">
      <SearchBox />
      <Choice
        label="Status"
        all="Any status"
        value={search.status ?? ''}
        options={STATUSES.map((one) => [one, STATUS_LABEL[one]])}
        onChange={(value) => set('status', value)}
      />
      <Choice
        label="Role"
        all="Any role"
        value={search.role ?? ''}
        options={ROLES.map((one) => [one, ROLE_LABEL[one]])}
        onChange={(value) => set('role', value)}
      />
    </div>
  );
}

function SearchBox(): ReactNode {
  const { search, change } = useView();
  const box = useRef<HTMLInputElement>(null);
  const inUrl = search.q ?? '';
  const [typed, setTyped] = useState(inUrl);
  useCommand('filter-box', () => box.current?.focus());
  // Back, forward and the palette change the address; what is being typed is not overwritten by its own echo.
  useEffect(() => {
    if (document.activeElement !== box.current) setTyped(inUrl);
  }, [inUrl]);
  useEffect(() => {
    if (typed === inUrl) return undefined;
    const timer = setTimeout(() => {
      const { q: _, ...rest } = search;
      change(typed.trim() === '' ? rest : { ...rest, q: typed }, true);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
    // Typing alone starts the clock.
  }, [typed]);
  return (
    <input
      ref={box}
      type="search"
      aria-label="Search name or mail address"
      placeholder="Name or mail address"
      autoComplete="off"
      spellCheck={false}
      maxLength={MAX_QUERY}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      className={`${INPUT} ${INPUT_TEXT} sm:w-56`}
    />
  );
}

function Choice({
  label,
  all,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly all: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => void;
}): ReactNode {
  // A role of the application, come by a link, is shown as it is.
  const isForeign = value !== '' && options.every(([one]) => one !== value);
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="h-8 rounded-md border border-edge bg-panel px-2 text-sm font-medium hover:bg-hover max-sm:flex-1"
    >
      <option value="">{all}</option>
      {isForeign && <option value={value}>{value}</option>}
      {options.map(([one, name]) => (
        <option key={one} value={one}>
          {name}
        </option>
      ))}
    </select>
  );
}
