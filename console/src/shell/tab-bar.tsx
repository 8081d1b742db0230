import { Link, useRouterState } from '@tanstack/react-router';
import { Ellipsis } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { AlertBadge } from './alert-badge.tsx';
import { carry, NAV_ITEM } from './pages.ts';
import type { ConsolePage } from './pages.ts';
import { ResponseBadge } from './response-badge.tsx';

/** Tabs that a phone has room for, the last of which opens the rest. */
const TABS = 6;
const TAB = `${NAV_ITEM} h-14 w-full flex-col justify-center gap-1 text-2xs font-medium`;

/** Navigation on phones, at the thumb. */
export function TabBar({ pages }: { readonly pages: readonly ConsolePage[] }): ReactNode {
  const shown = pages.length <= TABS ? pages : pages.slice(0, TABS - 1);
  const rest = pages.slice(shown.length);
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-6 border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {shown.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          search={carry}
          activeOptions={{ exact: to === '/', includeSearch: false }}
          className={`${TAB} relative`}
        >
          <Icon aria-hidden="true" className="size-[1.125rem]" />
          {label}
          {to === '/alerts' && <AlertBadge className="absolute top-1.5 left-1/2 ml-1" />}
          {to === '/responses' && <ResponseBadge className="absolute top-1.5 left-1/2 ml-1" />}
        </Link>
      ))}
      {rest.length > 0 && <More pages={rest} />}
    </nav>
  );
}

function More({ pages }: { readonly pages: readonly ConsolePage[] }): ReactNode {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isHere = pages.some(({ to }) => path.startsWith(to));
  useEffect(() => setOpen(false), [path]);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event: Event): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', away);
    document.addEventListener('focusin', away);
    return () => {
      document.removeEventListener('pointerdown', away);
      document.removeEventListener('focusin', away);
    };
  }, [open]);
  return (
    <div
      ref={root}
      className="relative"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        setOpen(false);
        root.current?.querySelector('button')?.focus();
      }}
    >
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className={`${TAB} ${isHere ? 'text-ink' : ''}`}
      >
        <Ellipsis aria-hidden="true" className="size-[1.125rem]" />
        More
      </button>
      {open && (
        <div className="absolute right-2 bottom-full mb-2 w-44 animate-enter rounded-xl bg-raised p-2 shadow-pop">
          {pages.map(({ to, label, icon: Icon }) => (
            <Link
              key={to}
              to={to}
              search={carry}
              activeOptions={{ includeSearch: false }}
              className={`${NAV_ITEM} h-10 gap-2.5 px-2.5 text-sm font-medium aria-[current=page]:bg-sunken`}
            >
              <Icon aria-hidden="true" className="size-4" />
              {label}
            </Link>
          ))}
        </div>
      )}
    </div>
  );
}
