import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { FilterField, OverviewAnswer, TopEntry } from '../../../../src/server/api/types.ts';
import { compact, percent, whole } from '../../format/number.ts';
import { carry } from '../../shell/shell.tsx';
import { FilterButtons } from '../../shell/view-bar.tsx';
import { withFilter } from '../../state/search.ts';
import type { View } from '../../state/view.ts';
import { Panel } from '../../ui/parts.tsx';

/** Who and what stands out, with Filter and Exclude on each value. */
export function Tops({ answer, view }: { readonly answer: OverviewAnswer; readonly view: View }): ReactNode {
  return (
    <div className="grid gap-4 md:grid-cols-2 2xl:grid-cols-4">
      <Top title="Addresses" field="address" entries={answer.topAddresses} view={view} />
      <Top title="Routes" field="route" entries={answer.topRoutes} view={view} />
      <Top title="Guards" field="guard" entries={answer.topGuards} view={view} />
      <Top title="Principals" field="principal" entries={answer.topPrincipals} view={view} />
    </div>
  );
}

const SHOWN = 6;

function Top({
  title,
  field,
  entries,
  view,
}: {
  readonly title: string;
  readonly field: FilterField;
  readonly entries: readonly TopEntry[];
  readonly view: View;
}): ReactNode {
  const most = Math.max(1, ...entries.map(({ requests }) => requests));
  return (
    <Panel title={title} flush actions={<Heads />}>
      {entries.length === 0 ? (
        <p className="grid h-54 place-items-center px-4 text-sm text-faint">Nobody stands out</p>
      ) : (
        <ul className="min-h-54 px-2 pb-2">
          {entries.slice(0, SHOWN).map((entry) => (
            <Row key={entry.value} entry={entry} field={field} most={most} view={view} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Heads(): ReactNode {
  return (
    <span aria-hidden="true" className="flex gap-2 text-right text-xs text-faint">
      <span className="w-16">Requests</span>
      <span className="w-14">Refused</span>
    </span>
  );
}

function Row({
  entry,
  field,
  most,
  view,
}: {
  readonly entry: TopEntry;
  readonly field: FilterField;
  readonly most: number;
  readonly view: View;
}): ReactNode {
  const { value, requests, refused } = entry;
  return (
    <li
      data-row
      data-value={`${field}:${value}`}
      className="group/row relative flex h-9 items-center gap-2 rounded-md px-2 text-sm hover:bg-hover"
    >
      <Link
        to="/decisions"
        search={withFilter(carry(view.search), { field, value, exclude: false })}
        className="min-w-0 truncate rounded-sm row-link after:rounded-md"
        title={value}
      >
        {value}
      </Link>
      <FilterButtons view={view} field={field} value={value} />
      <span className="ml-auto w-16 shrink-0 text-right numeric" title={whole(requests)}>
        {compact(requests)}
      </span>
      <span
        className={`w-14 shrink-0 text-right numeric ${refused === 0 ? 'text-faint' : 'text-blocked-text'}`}
        title={`${whole(refused)} refused`}
      >
        {refused === 0 ? '0' : percent(refused / Math.max(1, requests))}
        <span className="sr-only"> refused</span>
      </span>
      <Bar requests={requests} refused={refused} most={most} />
    </li>
  );
}

/** Length: share of the busiest. Coloured part: refused. */
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
      data-bar
      className="absolute inset-x-2 bottom-0.5 flex h-0.5 overflow-hidden rounded-full"
    >
      <span className="bg-blocked" style={{ width: `${(refused / most) * 100}%` }} />
      <span className="bg-edge" style={{ width: `${((requests - refused) / most) * 100}%` }} />
    </span>
  );
}
