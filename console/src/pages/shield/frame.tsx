import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { reportsQuery } from '../../api/shield.ts';
import { whole } from '../../format/number.ts';
import { carry } from '../../shell/pages.ts';
import type { ViewSearch } from '../../state/search.ts';
import { PageHead } from '../../ui/parts.tsx';

/** Parts of the page; the address holds the name. */
export const TABS = [
  ['overview', 'Overview'],
  ['alarms', 'False alarms'],
  ['exclusions', 'Exclusions'],
  ['feeds', 'Feeds'],
] as const;
export type Tab = (typeof TABS)[number][0];

/** Heading of a tab with its tools, and the way to the others. */
export function ShieldFrame({
  tab,
  tools,
  children,
}: {
  readonly tab: Tab;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <>
      <PageHead title="Shield">{tools}</PageHead>
      <nav
        aria-label="Shield"
        className="-mx-4 mb-4 overflow-x-auto border-b border-line px-4 quiet-scroll sm:mx-0 sm:px-0"
      >
        <ul className="flex gap-1 max-sm:gap-0">
          {TABS.map(([name, label]) => (
            <li key={name}>
              <Link
                to="/shield"
                search={(before) => tabSearch(name, before)}
                activeOptions={{ exact: true, includeSearch: true }}
                aria-current={tab === name ? 'page' : undefined}
                className="-mb-px flex h-9 items-center gap-1.5 rounded-t-md border-b-2 border-transparent px-2.5 max-sm:px-1.5 text-sm font-medium whitespace-nowrap text-mute hover:text-ink focus-visible:-outline-offset-2 aria-[current=page]:border-solid aria-[current=page]:text-ink"
              >
                {label}
                {name === 'alarms' && <Waiting />}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </>
  );
}

/** Span and filters go along; what belongs to one tab alone does not. */
function tabSearch(tab: Tab, before: ViewSearch): ViewSearch {
  return { ...carry(before), ...(tab === 'overview' ? {} : { tab }) };
}

/** How many reports wait, where any do. */
function Waiting(): ReactNode {
  const { data } = useQuery(reportsQuery('open', null));
  if (data === undefined || data.counts.open === 0) return null;
  return (
    <span className="rounded-full bg-challenged-tint px-1.5 text-xs text-challenged-text numeric">
      {whole(data.counts.open)}
      <span className="sr-only"> open</span>
    </span>
  );
}
