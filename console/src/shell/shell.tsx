import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { sessionQuery } from '../api/queries.ts';
import { useStreamConnection } from '../api/stream.ts';
import type { SessionAnswer } from '../../../src/server/api/types.ts';
import { focusedValue, pressUndo, useFrameCommand } from '../keys/commands.ts';
import { targetOfField } from '../format/block.ts';
import { askToBlock, useBlockAsk } from '../state/block-ask.ts';
import { useResponseAsk } from '../state/response-ask.ts';
import { useStepUpAsk } from '../state/step-up.ts';
import { copy } from '../state/view.ts';
import { Empty, Key } from '../ui/parts.tsx';
import { runLastToast, Toasts } from '../ui/toast.tsx';
import { AlertBadge } from './alert-badge.tsx';
import { Announcer } from './announcer.tsx';
import { FirstAdministrator } from './first-administrator.tsx';
import { Refused, SignedOut } from './gate.tsx';
import { Mark } from './mark.tsx';
import { carry, NAV_ITEM, PAGES, pagesFor } from './pages.ts';
import type { ConsolePage } from './pages.ts';
import { Posture } from './posture.tsx';
import { ResponseBadge } from './response-badge.tsx';
import { SettingsMenu } from './settings-menu.tsx';
import { TabBar } from './tab-bar.tsx';

const loadPalette = () => import('./palette.tsx');
const Palette = lazy(loadPalette);
const KeyList = lazy(() => import('./key-list.tsx'));
const StepUpDialog = lazy(() => import('./step-up.tsx'));
const BeginDialog = lazy(() => import('../pages/responses/begin-dialog.tsx'));
const BlockDialog = lazy(() => import('../pages/blocks/dialog.tsx'));

/** Frame of every page for whoever is signed in. */
export function Shell(): ReactNode {
  const session = useQuery(sessionQuery);
  useStreamConnection(Boolean(session.data));
  if (session.data === undefined) {
    if (session.error) return <Refused error={session.error} retry={() => void session.refetch()} />;
    return <div role="status" className="sr-only" aria-label="Loading" />;
  }
  return session.data === null ? <SignedOut /> : <Frame session={session.data} />;
}

function Frame({ session }: { readonly session: SessionAnswer }): ReactNode {
  const [open, setOpen] = useState<'palette' | 'keys' | null>(null);
  const close = (): void => setOpen(null);
  useFrameCommand('palette', () => setOpen('palette'));
  useFrameCommand('help', () => setOpen('keys'));
  useFrameCommand('undo', () => pressUndo() || runLastToast());
  useFrameCommand('copy-link', () => void copy(location.href, 'Link'));
  const blockAsk = useBlockAsk();
  const responseAsk = useResponseAsk();
  const stepUpAsk = useStepUpAsk();
  const pages = pagesFor(session);
  useFrameCommand('block', () => {
    const focused = focusedValue();
    askToBlock((focused && targetOfField(focused.field, focused.value)) ?? '');
  });
  useGoCommands(pages);
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
      <Sidebar session={session} pages={pages} onSearch={() => setOpen('palette')} />
      <div className="min-w-0">
        <Posture session={session} onSearch={() => setOpen('palette')} />
        <main
          id="main"
          ref={main}
          tabIndex={-1}
          className="mx-auto max-w-[90rem] px-4 pt-5 pb-24 outline-none sm:px-6 lg:pb-12"
        >
          {!session.hasAdministrator && <FirstAdministrator />}
          <Suspense>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <TabBar pages={pages} />
      <Toasts />
      <Announcer />
      <Suspense>
        {open === 'palette' && <Palette pages={pages} onClose={close} />}
        {open === 'keys' && <KeyList onClose={close} />}
        {blockAsk !== null && <BlockDialog />}
        {responseAsk !== null && <BeginDialog />}
        {stepUpAsk !== null && <StepUpDialog />}
      </Suspense>
    </div>
  );
}

function useGoCommands(pages: readonly ConsolePage[]): void {
  const navigate = useNavigate();
  const router = useRouter();
  const at = (command: ConsolePage['command']): (() => void) => {
    const page = pages.find((one) => one.command === command);
    // A page that is not there for this reader leads nowhere.
    return () => page && void navigate({ to: page.to, search: carry(router.state.location.search) });
  };
  useFrameCommand('go-overview', at('go-overview'));
  useFrameCommand('go-alerts', at('go-alerts'));
  useFrameCommand('go-responses', at('go-responses'));
  useFrameCommand('go-decisions', at('go-decisions'));
  useFrameCommand('go-shield', at('go-shield'));
  useFrameCommand('go-limits', at('go-limits'));
  useFrameCommand('go-blocks', at('go-blocks'));
  useFrameCommand('go-events', at('go-events'));
  useFrameCommand('go-audit', at('go-audit'));
  useFrameCommand('go-users', at('go-users'));
  useFrameCommand('go-access', at('go-access'));
  useFrameCommand('go-uploads', at('go-uploads'));
  useFrameCommand('go-keys', at('go-keys'));
  useFrameCommand('go-statements', at('go-statements'));
  useFrameCommand('go-mailbox', at('go-mailbox'));
  useFrameCommand('go-health', at('go-health'));
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

function Sidebar({
  session,
  pages,
  onSearch,
}: {
  readonly session: SessionAnswer;
  readonly pages: readonly ConsolePage[];
  readonly onSearch: () => void;
}): ReactNode {
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
        {pages.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            search={carry}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            className={`${NAV_ITEM} h-8 gap-2.5 px-2 text-sm font-medium aria-[current=page]:bg-sunken`}
          >
            <Icon aria-hidden="true" className="size-4" />
            {label}
            {to === '/alerts' && <AlertBadge className="ml-auto" />}
            {to === '/responses' && <ResponseBadge className="ml-auto" />}
          </Link>
        ))}
      </div>
      <div className="mt-auto flex items-center gap-1">
        <SettingsMenu session={session} side="above-left" />
        <span className="truncate text-sm text-mute">{session.name}</span>
      </div>
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
