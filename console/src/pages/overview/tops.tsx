import type { ReactNode } from 'react';
import type { FilterField, OverviewAnswer, TopEntry } from '../../../../src/server/api/types.ts';
import { targetOfField } from '../../format/block.ts';
import { carry } from '../../shell/pages.ts';
import { FilterButtons } from '../../shell/filters.tsx';
import { withFilter } from '../../state/search.ts';
import type { View } from '../../state/view.ts';
import { When } from '../../ui/when.tsx';
import { TopRules } from './rules.tsx';
import { TopPanel, TopRow } from './top-panel.tsx';

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
export function Tops({
  answer,
  view,
  isLive,
}: {
  readonly answer: OverviewAnswer;
  readonly view: View;
  readonly isLive: boolean;
}): ReactNode {
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
      <TopRules view={view} isLive={isLive} />
    </div>
  );
}

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
    <TopPanel title={title} empty={empty}>
      {entries.map(({ value, requests, refused }) => (
        <TopRow
          key={value}
          name={field === 'asn' ? `AS${value}` : value}
          title={value}
          filter={`${field}:${value}`}
          search={withFilter(carry(view.search), { field, value, exclude: false })}
          requests={requests}
          refused={refused}
          most={most}
        >
          <FilterButtons
            view={view}
            field={field}
            value={value}
            className="row-tools"
            target={targetOfField(field, value)}
          />
        </TopRow>
      ))}
    </TopPanel>
  );
}
