import { Link } from '@tanstack/react-router';
import { useCallback, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { useView } from '../../state/view.ts';
import type { View } from '../../state/view.ts';
import { PageHead } from '../../ui/parts.tsx';
import { CspReports } from './csp.tsx';
import { EventDrawer } from './drawer.tsx';
import { FilterPanelButton, SeverityChoice } from './filter-panel.tsx';
import { EventChips, EventFilterBox } from './filters.tsx';
import { EventsPanel, NewEvents, rowOf } from './list.tsx';
import { useEventList } from './live.ts';
import { TimeBar } from './time-bar.tsx';

const TAB =
  'flex h-8 items-center rounded-md px-3 text-sm font-medium text-mute hover:text-ink aria-[current=page]:bg-panel aria-[current=page]:text-ink aria-[current=page]:shadow-sm';
/** From this width on there is room for an event beside the list. */
const WIDE = '(min-width: 1100px)';

/** What happened, and what browsers reported. */
export function EventsPage(): ReactNode {
  const view = useView();
  const isCsp = view.search.tab === 'csp';
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
      {isCsp ? <CspReports /> : <Explorer view={view} />}
    </>
  );
}

/** The list with its filters, and the event that is open beside it. */
function Explorer({ view }: { readonly view: View }): ReactNode {
  const [isHeldHere, setHeld] = useState(false);
  const isWide = useIsWide();
  const { search, change } = view;
  const open = isWide ? search.open : undefined;
  // An open event is read beside its line, and a selection is about to be copied: neither may move.
  const isHeld = useIsSelecting() || isHeldHere || open !== undefined;
  const list = useEventList(search, isHeld);
  const onOpen = useCallback(
    (id: string): boolean => {
      if (!isWide) return false;
      change({ ...search, open: id }, true);
      return true;
    },
    [isWide, search, change],
  );
  const close = (): void => {
    const { open: id, ...rest } = search;
    change(rest, true);
    if (id !== undefined) rowOf(id)?.querySelector('a')?.focus();
  };
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <EventFilterBox view={view} />
        <SeverityChoice view={view} />
        <FilterPanelButton view={view} />
        <div className="sm:ml-auto">
          <TimeBar view={view} isHeld={isHeld} />
        </div>
      </div>
      <EventChips view={view} />
      <NewEvents list={list} />
      <div
        className={
          open === undefined
            ? ''
            : 'grid items-start gap-4 min-[1100px]:grid-cols-[minmax(0,1fr)_minmax(22rem,28rem)]'
        }
      >
        <EventsPanel
          view={{ ...view, search: { ...search, open } as typeof search }}
          list={list}
          onHold={setHeld}
          onOpen={onOpen}
        />
        {open !== undefined && <EventDrawer id={open} onClose={close} />}
      </div>
    </>
  );
}

function useIsWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(WIDE);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => matchMedia(WIDE).matches,
  );
}

/** Whether text is being selected. */
function useIsSelecting(): boolean {
  return useSyncExternalStore(
    (listener) => {
      document.addEventListener('selectionchange', listener);
      return () => document.removeEventListener('selectionchange', listener);
    },
    () => document.getSelection()?.type === 'Range',
  );
}
