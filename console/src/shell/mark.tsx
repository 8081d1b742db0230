import type { ReactNode } from 'react';

/** The sign of the house: a gate under three merlons. */
export function Mark({ className = 'size-6' }: { readonly className?: string }): ReactNode {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className}>
      <rect width="32" height="32" rx="8" className="fill-solid" />
      <path d="M7 9h4v3h3V9h4v3h3V9h4v14h-5v-3.5a4 4 0 0 0-8 0V23H7z" className="fill-on-solid" />
    </svg>
  );
}
