import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { FilterField, OverviewAnswer, TopEntry } from '../../../../src/server/api/types.ts';
import { targetOfField } from '../../format/block.ts';
import { compact, percent, whole } from '../../format/number.ts';
import { carry } from '../../shell/pages.ts';
import { FilterButtons } from '../../shell/filters.tsx';
import { withFilter } from '../../state/search.ts';
import type { View } from '../../state/view.ts';
import { Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';

interface List {
  readonly title: string;
  readonly empty: string;
  readonly field: FilterField;
  readonly of: (answer: OverviewAnswer) => readonly TopEntry[];
  /** Known only where a database of places is configured. */
  readonly isOfPlaces?: boolean;
}

/** From the caller outwards, then what was asked for, by whom, and who refused it. */
const LISTS: readonly List[] = [
  { title: 'Addresses', empty: 'No address seen yet', field: 'address', of: (one) => one.topAddresses },
  { title: 'Ranges', empty: 'No address seen yet', field: 'range', of: (one) => one.topRanges },
  {
    title: 'Networks',
    empty: 'No known network',
    field: 'asn',
    of: (one) => one.topNetworks,
    isOfPlaces: true,
  },
  {
    title: 'Countries',
    empty: 'No known country',
    field: 'country',
    of: (one) => one.topCountries,
    isOfPlaces: true,
  },
  { title: 'Routes', empty: 'No route called yet', field: 'route', of: (one) => one.topRoutes },
  { title: 'Clients', empty: 'No client named itself', field: 'userAgent', of: (one) => one.topClients },
  { title: 'Principals', empty: 'Nobody was signed in', field: 'principal', of: (one) => one.topPrincipals },
  { title: 'Guards', empty: 'No guard has stepped in', field: 'guard', of: (one) => one.topGuards },
  { title: 'Codes', empty: 'Nothing was refused', field: 'code', of: (one) => one.topCodes },
];

/** Who and what stands out, with Filter and Exclude on each value. */
export function Tops({ answer, view }: { readonly answer: OverviewAnswer; readonly view: View }): ReactNode {
  const topsSinceMs = answer.topsSinceMs ?? answer.fromMs;
  return (
    <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
      {topsSinceMs > answer.fromMs && (
        <p className="col-span-full -mb-2 text-xs text-faint">
          The lists below are made of the newest decisions only, since <When atMs={topsSinceMs} look="full" />
          .
        </p>
      )}
      {LISTS.map(({ title, empty, field, of, isOfPlaces }) => (
        <Top
          key={title}
          title={title}
          empty={isOfPlaces === true && !answer.knowsPlaces ? 'No database of places is configured' : empty}
          field={field}
          entries={of(answer)}
          view={view}
        />
      ))}
    </div>
  );
}

const SHOWN = 5;

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
        <p className="grid h-20 place-items-center px-4 text-sm text-faint md:h-42">{empty}</p>
      ) : (
        <ul className="px-2 pb-2 md:min-h-42">
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
        {field === 'asn' ? `AS${value}` : value}
      </Link>
      <FilterButtons
        view={view}
        field={field}
        value={value}
        className="row-tools"
        target={targetOfField(field, value)}
      />
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
