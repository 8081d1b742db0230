import { useId } from 'react';
import type { InputHTMLAttributes, ReactNode } from 'react';
import { INPUT, INPUT_TEXT } from './parts.tsx';

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  /** What belongs in it; always readable, never a placeholder alone. */
  readonly hint?: ReactNode;
  /** What is wrong with it. */
  readonly fault?: string | undefined;
}
/** A text field with its name above, what belongs in it, and what is wrong with it. */
export function Field({ label, hint, fault, className = '', ...rest }: FieldProps): ReactNode {
  const id = useId();
  const about = [hint === undefined ? '' : `${id}-hint`, fault === undefined ? '' : `${id}-fault`];
  return (
    <div className="text-sm">
      <label htmlFor={id} className="block font-medium">
        {label}
        {rest.required !== true && <span className="font-normal text-faint"> (optional)</span>}
      </label>
      <input
        id={id}
        aria-invalid={fault !== undefined}
        aria-describedby={about.join(' ').trim() || undefined}
        className={`${INPUT} ${INPUT_TEXT} mt-1 aria-invalid:border-blocked ${className}`}
        {...rest}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1 text-xs text-faint">
          {hint}
        </p>
      )}
      {fault !== undefined && (
        <p id={`${id}-fault`} role="alert" className="mt-1 text-xs text-blocked-text">
          {fault}
        </p>
      )}
    </div>
  );
}
