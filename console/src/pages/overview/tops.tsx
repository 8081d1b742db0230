import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { FilterField, OverviewAnswer, TopEntry } from '../../../../src/server/api/types.ts';
import { compact, percent, whole } from '../../format/number.ts';
import { carry } from '../../shell/pages.ts';
import { FilterButtons } from '../../shell/filters.tsx';
import { withFilter } from '../../state/search.ts';
import type { View } from '../../state/view.ts';
import { Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';

/** Who and what stands out, with Filter and Exclude on each value. */
export function Tops({ answer, view }: { readonly answer: OverviewAnswer; readonly view: View }): ReactNode {
  const topsSinceMs = answer.topsSinceMs ?? answer.fromMs;
  return (
    <div className="grid gap-4 md:grid-cols-2 2xl:grid-cols-4">
      {topsSinceMs > answer.fromMs && (
        <p className="col-span-full -mb-2 text-xs text-faint">
          The lists below are made of the newest decisions only, since <When atMs={topsSinceMs} look="full" />
          .
        </p>
      )}
      <Top
        title="Addresses"
        empty="No address seen yet"
        field="address"
        entries={answer.topAddresses}
        view={view}
      />
      <Top title="Routes" empty="No route called yet" field="route" entries={answer.topRoutes} view={view} />
      <Top
        title="Guards"
        empty="No guard has stepped in"
        field="guard"
        entries={answer.topGuards}
        view={view}
      />
      <Top
        title="Principals"
        empty="Nobody was signed in"
        field="principal"
        entries={answer.topPrincipals}
        view={view}
      />
    </div>
  );
}

const SHOWN = 6;

function Top({
  title,
  empty,
  field,
  entries,
  view,
}: {
  readonly title: string;
  readonly empty: string;
  readonly field: FilterField;
  readonly entries: readonly TopEntry[];
  readonly view: View;
}): ReactNode {
  const most = Math.max(1, ...entries.map(({ requests }) => requests));
  return (
    <Panel title={title} flush actions={<Heads />}>
      {entries.length === 0 ? (
        <p className="grid h-20 place-items-center px-4 md:h-50 text-sm text-faint">{empty}</p>
      ) : (
        <ul className="px-2 pb-2 md:min-h-50">
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
      <span className="w-14 sm:w-16">Requests</span>
      <span className="w-12 sm:w-14">Refused</span>
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
      className="group/row relative isolate flex h-8 items-center gap-2 rounded-md px-2 text-sm"
    >
      <Link
        to="/decisions"
        search={withFilter(carry(view.search), { field, value, exclude: false })}
        className="min-w-0 truncate rounded-sm row-link after:rounded-md hover:underline hover:underline-offset-4"
        title={value}
      >
        {value}
      </Link>
      <FilterButtons view={view} field={field} value={value} className="row-tools" />
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
