import type { ReactNode } from 'react';

/** How long responses act, in minutes. */
export const DURATIONS = [
  ['15 min', 15],
  ['1 hour', 60],
  ['4 hours', 240],
  ['1 day', 1440],
  ['7 days', 10_080],
] as const;

/** One of a few lengths. */
export function DurationField({
  label,
  minutes,
  onChange,
}: {
  readonly label: string;
  readonly minutes: number;
  readonly onChange: (minutes: number) => void;
}): ReactNode {
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{label}</legend>
      <div className="flex flex-wrap gap-2">
        {DURATIONS.map(([words, value]) => (
          <label
            key={value}
            className="flex h-8 items-center rounded-md border border-edge px-3 has-checked:border-solid has-checked:bg-solid has-checked:text-on-solid has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus"
          >
            <input
              type="radio"
              name="minutes"
              className="sr-only"
              checked={minutes === value}
              onChange={() => onChange(value)}
            />
            {words}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
