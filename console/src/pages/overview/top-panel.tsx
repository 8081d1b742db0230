import { Link } from '@tanstack/react-router';
import { Children } from 'react';
import type { ReactNode } from 'react';
import { compact, percent, whole } from '../../format/number.ts';
import type { ViewSearch } from '../../state/search.ts';
import { Panel } from '../../ui/parts.tsx';

const SHOWN = 5;

/** A list of the busiest; its first five rows, or what it means that there are none. */
export function TopPanel({
  title,
  note,
  empty,
  className = '',
  children,
}: {
  readonly title: string;
  readonly note?: ReactNode;
  readonly empty: string;
  readonly className?: string;
  readonly children: ReactNode;
}): ReactNode {
  const rows = Children.toArray(children);
  return (
    <Panel title={title} note={note} flush actions={<Heads />} className={className}>
      {rows.length === 0 ? (
        <p className="grid h-20 place-items-center px-4 text-sm text-faint md:h-42">{empty}</p>
      ) : (
        <ul className="px-2 pb-2 md:min-h-42">{rows.slice(0, SHOWN)}</ul>
      )}
    </Panel>
  );
}

function Heads(): ReactNode {
  return (
    <span aria-hidden="true" className="flex gap-2 text-right text-xs text-faint">
      <span className="w-14 sm:w-16">Requests</span>
      <span className="w-12 sm:w-14">Refused</span>
    </span>
  );
}

/** One of the busiest, leading to its decisions. */
export function TopRow({
  name,
  title,
  filter,
  search,
  requests,
  refused,
  most,
  children,
}: {
  readonly name: string;
  readonly title: string;
  /** `field:value` that the keys filter by. */
  readonly filter?: string;
  readonly search: ViewSearch;
  readonly requests: number;
  readonly refused: number;
  /** Requests of the busiest. */
  readonly most: number;
  /** What can be done with the value. */
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <li
      data-row
      data-value={filter}
      className="group/row relative isolate flex h-8 items-center gap-2 rounded-md px-2 text-sm"
    >
      <Link
        to="/decisions"
        search={search}
        className="min-w-0 truncate rounded-sm row-link after:rounded-md hover:underline hover:underline-offset-4"
        title={title}
      >
        {name}
      </Link>
      {children}
      <span className="ml-auto w-14 shrink-0 sm:w-16 text-right numeric" title={whole(requests)}>
        {compact(requests)}
      </span>
      <span
        className={`w-12 shrink-0 text-right sm:w-14 numeric ${refused === 0 ? 'text-faint' : 'text-blocked-text'}`}
        title={`${whole(refused)} refused`}
      >
        {refused === 0 ? '0' : percent(refused / Math.max(1, requests))}
        <span className="sr-only"> refused</span>
      </span>
      <Bar requests={requests} refused={refused} most={most} />
    </li>
  );
}

/** Behind the row. Length: share of the busiest; the tinted part was refused. */
function Bar({
  requests,
  refused,
  most,
}: {
  readonly requests: number;
  readonly refused: number;
  readonly most: number;
}): ReactNode {
  return (
    <span
      aria-hidden="true"
      className="absolute inset-y-0.5 left-0 -z-10 flex overflow-hidden rounded-md bg-sunken"
      style={{ width: `${(requests / most) * 100}%` }}
    >
      <span className="bg-blocked-tint/70" style={{ width: `${(refused / Math.max(1, requests)) * 100}%` }} />
    </span>
  );
}
