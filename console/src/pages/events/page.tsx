import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useView } from '../../state/view.ts';
import { PageHead } from '../../ui/parts.tsx';
import { CspReports } from './csp.tsx';
import { EventList } from './list.tsx';

const TAB =
  'flex h-8 items-center rounded-md px-3 text-sm font-medium text-mute hover:text-ink aria-[current=page]:bg-panel aria-[current=page]:text-ink aria-[current=page]:shadow-sm';

/** What happened, and what browsers reported. */
export function EventsPage(): ReactNode {
  const { search } = useView();
  const isCsp = search.tab === 'csp';
  return (
    <>
      <PageHead title="Events">
        <nav aria-label="Kind" className="flex rounded-lg bg-sunken p-0.5">
          <Link
            to="/events"
            activeOptions={{ exact: true }}
            className={TAB}
            aria-current={isCsp ? undefined : 'page'}
          >
            Events
          </Link>
          <Link
            to="/events"
            search={{ tab: 'csp' }}
            className={TAB}
            aria-current={isCsp ? 'page' : undefined}
          >
            CSP reports
          </Link>
        </nav>
      </PageHead>
      {isCsp ? <CspReports /> : <EventList />}
    </>
  );
}
