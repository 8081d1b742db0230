import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { Activity, Ban, Gauge, HeartPulse, ListTree, Search, ScrollText } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { sessionQuery } from '../api/queries.ts';
import { useStreamConnection } from '../api/stream.ts';
import { focusedValue, useCommand } from '../keys/commands.ts';
import type { Command } from '../keys/keymap.ts';
import { askToBlock, useBlockAsk } from '../state/block-ask.ts';
import { copy } from '../state/view.ts';
import type { ViewSearch } from '../state/search.ts';
import { Empty, Key } from '../ui/parts.tsx';
import { Failure } from '../ui/state.tsx';
import { runLastToast, Toasts } from '../ui/toast.tsx';
import { Announcer } from './announcer.tsx';
import { Mark } from './mark.tsx';
import { Posture } from './posture.tsx';
import { SettingsMenu } from './settings-menu.tsx';
import { SignedOut } from './setup.tsx';

const loadPalette = () => import('./palette.tsx');
const Palette = lazy(loadPalette);
const KeyList = lazy(() => import('./key-list.tsx'));
const BlockDialog = lazy(() => import('../pages/blocks/dialog.tsx'));

/** The pages of the console, in the order of the navigation. */
export const PAGES = [
  { to: '/', label: 'Overview', icon: Activity, command: 'go-overview' },
  { to: '/decisions', label: 'Decisions', icon: ListTree, command: 'go-decisions' },
  { to: '/limits', label: 'Limits', icon: Gauge, command: 'go-limits' },
  { to: '/blocks', label: 'Blocks', icon: Ban, command: 'go-blocks' },
  { to: '/events', label: 'Events', icon: ScrollText, command: 'go-events' },
  { to: '/health', label: 'Health', icon: HeartPulse, command: 'go-health' },
] as const;

/** Filters and range go along between the pages that understand them. */
export function carry(search: ViewSearch): ViewSearch {
  const { range, from, to, filter, exclude } = search;
  return JSON.parse(JSON.stringify({ range, from, to, filter, exclude })) as ViewSearch;
}

/** Frame of every page for whoever is signed in. */
export function Shell(): ReactNode {
  const session = useQuery(sessionQuery);
  useStreamConnection(Boolean(session.data));
  if (session.data === undefined) {
    if (session.error) return <Failure error={session.error} retry={() => void session.refetch()} />;
    return <div role="status" className="sr-only" aria-label="Loading" />;
  }
  return session.data === null ? <SignedOut /> : <Frame name={session.data.name} />;
}

function Frame({ name }: { readonly name: string }): ReactNode {
  const [open, setOpen] = useState<'palette' | 'keys' | null>(null);
  const close = (): void => setOpen(null);
  useCommand('palette', () => setOpen('palette'));
  useCommand('help', () => setOpen('keys'));
  useCommand('undo', runLastToast);
  useCommand('copy-link', () => void copy(location.href, 'Link'));
  const blockAsk = useBlockAsk();
  useCommand('block', () => {
    const focused = focusedValue();
    const isAddress = focused?.field === 'address' || focused?.field === 'group';
    askToBlock(isAddress ? focused.value : '');
  });
  useGoCommands();
  // There before it is asked for: what is typed right after its key must arrive in it.
  useEffect(() => void loadPalette(), []);
  const main = useFocusOnNewPage();
  return (
    <div className="lg:grid lg:grid-cols-[13.5rem_1fr]">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-solid px-3 py-2 text-on-solid focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <Sidebar name={name} onSearch={() => setOpen('palette')} />
      <div className="min-w-0">
        <Posture name={name} onSearch={() => setOpen('palette')} />
        <main
          id="main"
          ref={main}
          tabIndex={-1}
          className="mx-auto max-w-[90rem] px-4 pt-5 pb-24 outline-none sm:px-6 lg:pb-12"
        >
          <Suspense>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <TabBar />
      <Toasts />
      <Announcer />
      <Suspense>
        {open === 'palette' && <Palette onClose={close} />}
        {open === 'keys' && <KeyList onClose={close} />}
        {blockAsk !== null && <BlockDialog />}
      </Suspense>
    </div>
  );
}

function useGoCommands(): void {
  const navigate = useNavigate();
  const router = useRouter();
  const go = (to: (typeof PAGES)[number]['to']) => () =>
    void navigate({ to, search: carry(router.state.location.search) });
  const at = (command: Command): (() => void) =>
    go(PAGES.find((page) => page.command === command)?.to ?? '/');
  useCommand('go-overview', at('go-overview'));
  useCommand('go-decisions', at('go-decisions'));
  useCommand('go-limits', at('go-limits'));
  useCommand('go-blocks', at('go-blocks'));
  useCommand('go-events', at('go-events'));
  useCommand('go-health', at('go-health'));
}

/** A new page starts at its beginning for readers of the screen, too, and has its name in the title. */
function useFocusOnNewPage(): React.RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const first = useRef(true);
  useEffect(() => {
    const page = PAGES.findLast(({ to }) => path.startsWith(to));
    document.title = `${page?.label ?? 'Console'} · Rampart`;
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [path]);
  return main;
}

const NAV_ITEM =
  'flex items-center rounded-md text-mute transition-colors hover:bg-hover hover:text-ink aria-[current=page]:text-ink';

function Sidebar({ name, onSearch }: { readonly name: string; readonly onSearch: () => void }): ReactNode {
  return (
    <nav
      aria-label="Main"
      className="sticky top-0 hidden h-dvh flex-col border-r border-line px-3 py-4 lg:flex"
    >
      <Link to="/" className="mb-4 flex items-center gap-2.5 rounded-md px-2 font-semibold tracking-tight">
        <Mark />
        Rampart
      </Link>
      <button
        type="button"
        onClick={onSearch}
        className="mb-4 flex h-8 items-center gap-2 rounded-md border border-line bg-panel px-2.5 text-sm text-mute hover:border-edge"
      >
        <Search aria-hidden="true" className="size-3.5" />
        Search
        <span className="ml-auto flex gap-0.5">
          <Key>⌘</Key>
          <Key>K</Key>
        </span>
      </button>
      <div className="flex flex-col gap-0.5">
        {PAGES.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            search={carry}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            className={`${NAV_ITEM} h-8 gap-2.5 px-2 text-sm font-medium aria-[current=page]:bg-sunken`}
          >
            <Icon aria-hidden="true" className="size-4" />
            {label}
          </Link>
        ))}
      </div>
      <div className="mt-auto flex items-center gap-1">
        <SettingsMenu name={name} side="above-left" />
        <span className="truncate text-sm text-mute">{name}</span>
      </div>
    </nav>
  );
}

function TabBar(): ReactNode {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-6 border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {PAGES.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          search={carry}
          activeOptions={{ exact: to === '/', includeSearch: false }}
          className={`${NAV_ITEM} h-14 flex-col justify-center gap-1 text-2xs font-medium`}
        >
          <Icon aria-hidden="true" className="size-[1.125rem]" />
          {label}
        </Link>
      ))}
    </nav>
  );
}

/** A path that leads nowhere. */
export function NotFound(): ReactNode {
  return (
    <main className="grid min-h-dvh place-items-center">
      <Empty title="There is no such page">
        <Link to="/" className="underline underline-offset-4">
          Back to the overview
        </Link>
      </Empty>
    </main>
  );
}
