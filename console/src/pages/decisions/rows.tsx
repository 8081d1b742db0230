import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { ReactNode } from 'react';
import type { DecisionSummary } from '../../../../src/server/api/types.ts';
import { millis } from '../../format/number.ts';
import { FilterButtons } from '../../shell/filters.tsx';
import type { View } from '../../state/view.ts';
import { ClassBadge, ShadowBadge } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';

const HEAD = 'px-2 py-2 text-left text-xs font-medium text-faint first:pl-4 last:pr-4';
const CELL = 'px-2 py-2 first:pl-4 last:pr-4';

/** Decisions as a table; on a phone each row folds into two lines. */
export function DecisionTable({
  decisions,
  caption,
  view,
}: {
  readonly decisions: readonly DecisionSummary[];
  readonly caption: string;
  /** Where given, addresses carry Filter and Exclude. */
  readonly view?: View;
}): ReactNode {
  return (
    <table className="w-full text-sm max-sm:table-fixed">
      <caption className="sr-only">{caption}</caption>
      <thead className="max-sm:sr-only">
        <tr className="border-b border-line">
          <th scope="col" className={`${HEAD} w-24`}>
            Time
          </th>
          <th scope="col" className={`${HEAD} w-32`}>
            Verdict
          </th>
          <th scope="col" className={HEAD}>
            Request
          </th>
          <th scope="col" className={HEAD}>
            Why
          </th>
          <th scope="col" className={HEAD}>
            From
          </th>
          <th scope="col" className={`${HEAD} text-right max-lg:hidden`}>
            Took
          </th>
        </tr>
      </thead>
      <tbody>
        {decisions.map((decision) => (
          <Row key={decision.id} decision={decision} {...(view === undefined ? {} : { view })} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly decision: DecisionSummary;
  readonly view?: View;
}

/** Drawn again only when its decision or the address bar changes: another page of rows costs that page alone. */
const Row = memo(
  DecisionRow,
  (one, other) => one.decision === other.decision && one.view?.search === other.view?.search,
);

function DecisionRow({ decision, view }: RowProps): ReactNode {
  const { id, atMs, method, path, address, principal, trafficClass, guard, code, wouldRefuse } = decision;
  return (
    <tr
      data-row
      data-value={`address:${address}`}
      className="group/row relative border-b border-line last:border-0 hover:bg-hover max-sm:grid max-sm:grid-cols-[minmax(0,1fr)_auto] max-sm:px-4 max-sm:py-2"
    >
      <td className={`${CELL} text-mute max-sm:order-2 max-sm:p-0 max-sm:text-right max-sm:text-xs`}>
        <When atMs={atMs} look="clock" />
      </td>
      <td
        className={`${CELL} max-sm:order-4 max-sm:row-span-2 max-sm:justify-self-end max-sm:p-0 max-sm:pt-1`}
      >
        <span className="flex flex-wrap gap-1 max-sm:justify-end">
          <ClassBadge kind={trafficClass} />
        </span>
      </td>
      <td className={`${CELL} max-w-0 max-sm:order-1 max-sm:max-w-none max-sm:min-w-0 max-sm:p-0 sm:w-[34%]`}>
        <Link
          to="/decisions/$id"
          params={{ id }}
          className="block truncate rounded-sm row-link"
          title={`${method} ${path}`}
        >
          <span className="mr-1.5 font-mono text-xs text-mute">{method}</span>
          {path}
        </Link>
      </td>
      <td
        className={`${CELL} max-w-0 truncate text-mute max-sm:order-5 max-sm:max-w-none max-sm:min-w-0 max-sm:p-0 max-sm:text-xs sm:w-[28%]`}
      >
        <Why guard={guard} code={code} wouldRefuse={wouldRefuse} />
      </td>
      <td className={`${CELL} max-sm:order-3 max-sm:min-w-0 max-sm:p-0 max-sm:pt-0.5 max-sm:text-xs`}>
        <span className="flex items-center gap-1">
          <span className="truncate numeric">{address}</span>
          {principal !== null && <span className="truncate text-mute max-xl:hidden">{principal}</span>}
          {view !== undefined && (
            <span className="max-sm:hidden">
              <FilterButtons view={view} field="address" value={address} />
            </span>
          )}
        </span>
      </td>
      <td className={`${CELL} text-right whitespace-nowrap text-mute numeric max-lg:hidden`}>
        {millis(decision.durationMs)}
      </td>
    </tr>
  );
}

function Why({
  guard,
  code,
  wouldRefuse,
}: Pick<DecisionSummary, 'guard' | 'code' | 'wouldRefuse'>): ReactNode {
  if (guard !== null) {
    return (
      <>
        <span className="text-ink">{guard}</span>
        {code !== null && <span className="ml-2 font-mono text-xs">{code}</span>}
      </>
    );
  }
  if (wouldRefuse.length > 0) {
    return (
      <span className="inline-flex max-w-full items-center gap-2">
        <ShadowBadge />
        <span className="truncate">{wouldRefuse.join(', ')} would refuse</span>
      </span>
    );
  }
  return <span className="text-faint max-sm:hidden">–</span>;
}
