import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ViewSearch } from '../../state/search.ts';

/** A number that leads to the rows behind it. */
export function FigureLink({
  label,
  value,
  title,
  note,
  look = '',
  to,
  search,
}: {
  readonly label: ReactNode;
  readonly value: string;
  /** The whole number, on hover. */
  readonly title?: string;
  /** What puts the number in proportion. */
  readonly note: ReactNode;
  /** Class of the number. */
  readonly look?: string;
  readonly to: '/decisions' | '/shield' | '/events' | '/users';
  readonly search: ViewSearch;
}): ReactNode {
  return (
    <Link
      to={to}
      search={search}
      className="block min-w-0 bg-panel px-4 py-3 transition-colors hover:bg-hover focus-visible:-outline-offset-2"
    >
      <span className="flex items-center gap-1.5 text-xs text-mute">{label}</span>
      <span title={title} className={`mt-0.5 block text-xl font-semibold tracking-tight numeric ${look}`}>
        {value}
      </span>
      <span className="block text-xs text-faint numeric">{note}</span>
    </Link>
  );
}
