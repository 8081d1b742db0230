import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { carryOrder } from '../../api/statements.ts';
import { millis, percent, whole } from '../../format/number.ts';
import { useView } from '../../state/view.ts';
import { When } from '../../ui/when.tsx';
import { longTime, nextSort, orderOf } from './order.ts';
import type { Column, Statement } from './order.ts';

const HEAD = 'px-2 py-2 text-left text-xs font-medium text-faint first:pl-4 last:pr-4';
const CELL = 'px-2 py-2.5 align-top first:pl-4 last:pr-4';
const FIGURE = `${CELL} text-right whitespace-nowrap numeric`;

/** The list of slow statements; the whole row leads to the statement. */
export function StatementTable({ statements }: { readonly statements: readonly Statement[] }): ReactNode {
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">Slow statements</caption>
      <thead>
        <tr className="border-b border-line">
          <th scope="col" className={HEAD}>
            Statement
          </th>
          <SortHead column="time" label="Share of time" className="sm:min-w-40" />
          <SortHead column="calls" label="Slow calls" className="text-right max-sm:hidden" />
          <SortHead column="p95" label="p95" className="text-right max-md:hidden" />
          <SortHead column="p99" label="p99" className="text-right max-lg:hidden" />
          <SortHead column="max" label="Slowest" className="text-right max-sm:hidden" />
          <SortHead column="last" label="Last seen" className="text-right max-lg:hidden" />
        </tr>
      </thead>
      <tbody>
        {statements.map((statement) => (
          <Row key={statement.id} of={statement} />
        ))}
      </tbody>
    </table>
  );
}

function SortHead({
  column,
  label,
  className,
}: {
  readonly column: Column;
  readonly label: string;
  readonly className: string;
}): ReactNode {
  const { search } = useView();
  const order = orderOf(search.sort);
  const isHere = order.column === column;
  const sort = nextSort(order, column);
  const { sort: _, ...rest } = search;
  const Icon = order.direction === 'ascending' ? ArrowUp : ArrowDown;
  return (
    <th scope="col" aria-sort={isHere ? order.direction : undefined} className={`${HEAD} ${className}`}>
      <Link
        to="/queries"
        search={sort === undefined ? rest : { ...rest, sort }}
        replace
        resetScroll={false}
        className={`inline-flex min-h-6 items-center gap-1 rounded-sm whitespace-nowrap hover:text-ink ${isHere ? 'text-ink' : ''}`}
      >
        {label}
        {isHere && <Icon aria-hidden="true" className="size-3" />}
      </Link>
    </th>
  );
}

function Row({ of }: { readonly of: Statement }): ReactNode {
  const { id, shape, calls, failures, p95Ms, p99Ms, maxMs, totalMs, share, lastAtMs } = of;
  return (
    <tr className="relative border-b border-line last:border-0 hover:bg-hover">
      <td className={`${CELL} w-full max-w-0`}>
        <Link
          data-row
          to="/queries/$id"
          params={{ id }}
          search={carryOrder}
          title={shape.slice(0, 500)}
          className="row-link line-clamp-2 rounded-sm font-mono text-xs leading-5 break-words"
        >
          {shape}
        </Link>
        <span className="block text-xs text-faint numeric sm:hidden">
          {whole(calls)}×, p95 {millis(p95Ms)}, slowest {millis(maxMs)}
        </span>
        {failures > 0 && (
          <span className="block text-xs text-blocked-text">{whole(failures)} of these failed</span>
        )}
      </td>
      <td className={CELL}>
        <span className="flex items-baseline justify-between gap-2 whitespace-nowrap numeric">
          {percent(share)}
          <span className="text-xs text-faint max-sm:hidden">{longTime(totalMs)}</span>
        </span>
        <span aria-hidden="true" className="mt-1 block h-1.5 overflow-hidden rounded-full bg-line">
          <span className="block h-full rounded-full bg-allowed" style={{ width: `${share * 100}%` }} />
        </span>
      </td>
      <td className={`${FIGURE} max-sm:hidden`}>{whole(calls)}</td>
      <td className={`${FIGURE} max-md:hidden`}>{millis(p95Ms)}</td>
      <td className={`${FIGURE} max-lg:hidden`}>{millis(p99Ms)}</td>
      <td className={`${FIGURE} max-sm:hidden`}>{millis(maxMs)}</td>
      <td className={`${FIGURE} text-mute max-lg:hidden`}>
        <When atMs={lastAtMs} />
      </td>
    </tr>
  );
}
