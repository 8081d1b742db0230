import type { ReactNode } from 'react';

/** One of a few lengths: its words, and its minutes; null is for ever. */
export type Duration<M extends number | null = number | null> = readonly [words: string, minutes: M];

/** How long something goes on. */
export function DurationField<M extends number | null>({
  label,
  lengths,
  minutes,
  onChange,
}: {
  readonly label: string;
  readonly lengths: readonly Duration<M>[];
  readonly minutes: M;
  readonly onChange: (minutes: M) => void;
}): ReactNode {
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{label}</legend>
      <div className="flex flex-wrap gap-2">
        {lengths.map(([words, value]) => (
          <label
            key={words}
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
