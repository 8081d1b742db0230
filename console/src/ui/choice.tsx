import type { ReactNode } from 'react';

/** One of a few values, or all of them. */
export function Choice({
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
  // What came by a link and is not among them is shown as it is.
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
