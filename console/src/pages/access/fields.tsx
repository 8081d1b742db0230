import { useId } from 'react';
import type { ReactNode } from 'react';
import { Field } from '../../ui/field.tsx';
import { INPUT, INPUT_TEXT } from '../../ui/parts.tsx';
import { byResource } from './matrix.ts';

/** A choice with its name above. */
export function SelectField({
  label,
  value,
  fault,
  hint,
  first = false,
  children,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly fault?: string | undefined;
  readonly hint?: ReactNode;
  readonly first?: boolean;
  readonly children: ReactNode;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const id = useId();
  return (
    <div className="text-sm">
      <label htmlFor={id} className="block font-medium">
        {label}
      </label>
      <select
        id={id}
        data-first={first ? '' : undefined}
        value={value}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
        className={`${INPUT} ${INPUT_TEXT} mt-1`}
      >
        {children}
      </select>
      <p
        id={`${id}-hint`}
        className={`mt-1 text-xs ${fault === undefined ? 'text-faint' : 'text-blocked-text'}`}
      >
        {fault ?? hint}
      </p>
    </div>
  );
}

/** Permissions as options, under their resources. */
export function PermissionOptions({ permissions }: { readonly permissions: readonly string[] }): ReactNode {
  return byResource(permissions).map(({ resource, permissions: list }) => (
    <optgroup key={resource} label={resource}>
      {list.map(({ permission }) => (
        <option key={permission} value={permission}>
          {permission}
        </option>
      ))}
    </optgroup>
  ));
}

const ENDS: readonly (readonly [string, string])[] = [
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['date', 'Until a day…'],
];

/** When something ends: after some days, with a day, or (where that is allowed) when somebody ends it. */
export function ExpiryField({
  legend,
  choice,
  day,
  never,
  fault,
  onChange,
}: {
  readonly legend: string;
  readonly choice: string;
  readonly day: string;
  /** Name of the choice without an end; null where there must be one. */
  readonly never: string | null;
  readonly fault?: string | undefined;
  readonly onChange: (change: { readonly choice?: string; readonly day?: string }) => void;
}): ReactNode {
  const name = useId();
  const choices = never === null ? ENDS : [...ENDS, ['', never] as const];
  return (
    <fieldset className="text-sm">
      <legend className="mb-1 font-medium">{legend}</legend>
      <div className="flex flex-wrap gap-2">
        {choices.map(([value, label]) => (
          <label
            key={value}
            className="flex h-8 items-center rounded-md border border-edge px-3 has-checked:border-solid has-checked:bg-solid has-checked:text-on-solid has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus"
          >
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={choice === value}
              onChange={() => onChange({ choice: value })}
            />
            {label}
          </label>
        ))}
      </div>
      {choice === 'date' && (
        <div className="mt-2 max-w-48">
          <Field
            label="Last day"
            type="date"
            required
            value={day}
            onChange={(event) => onChange({ day: event.target.value })}
          />
        </div>
      )}
      {fault !== undefined && (
        <p role="alert" className="mt-1 text-xs text-blocked-text">
          {fault}
        </p>
      )}
    </fieldset>
  );
}
