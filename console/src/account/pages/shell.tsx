import { useQuery } from '@tanstack/react-query';
import { Outlet, useLocation } from '@tanstack/react-router';
import { LogOut } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import type { SessionInfo } from '@rampart/client';
import { Mark } from '../../shell/mark.tsx';
import { Toasts, toast } from '../parts/toast.tsx';
import { Act } from '../parts/act.tsx';
import { Told } from '../parts/card.tsx';
import { Go, TextLink, useGo } from '../parts/link.tsx';
import { Gate, Heading, LanguageMenu, Lead } from '../parts/page.tsx';
import { sayProblem } from '../state/problem.ts';
import { client, sessionQuery } from '../state/queries.ts';
import type { WordKey } from '../words/en.ts';
import { useSpeech } from '../words/speech.ts';
import { StepUpHost } from './step-up.tsx';

/** What every page stands in. */
export function Root(): ReactNode {
  return (
    <>
      <Outlet />
      <StepUpHost />
      <Toasts />
    </>
  );
}

/** Shows its content to whom may see it, and leads everybody else to what comes first. */
export function Guarded({
  scope,
  children,
}: {
  readonly scope: 'full' | 'enrol' | 'reset';
  readonly children: (info: SessionInfo) => ReactNode;
}): ReactNode {
  const session = useQuery(sessionQuery);
  const go = useGo();
  const { pathname } = useLocation();
  const info = session.data;
  const has = info === undefined ? undefined : (info?.session.scope ?? null);
  useEffect(() => {
    const here = `?next=${encodeURIComponent(scope === 'full' ? location.pathname : '/account')}`;
    if (has === null) go(`/account/sign-in${here}`);
    else if (has === 'enrol' && scope !== 'enrol') go(`/account/enrol${here}`);
    else if (has === 'reset' && scope !== 'reset') go(`/account/new-password${here}`);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `go` is new each time; what counts is who is signed in where
  }, [has, scope, pathname]);
  if (info === undefined) {
    return (
      <Gate>
        <Told query={session}>{() => null}</Told>
      </Gate>
    );
  }
  // Those whose account is whole may add a factor at /account/enrol too.
  if (info === null || (has !== scope && has !== 'full')) return null;
  return children(info);
}

const NAV: readonly (readonly [path: string, key: WordKey])[] = [
  ['/', 'nav.overview'],
  ['/profile', 'nav.profile'],
  ['/security', 'nav.security'],
  ['/sessions', 'nav.sessions'],
  ['/history', 'nav.history'],
];

/** The account's pages: navigation beside or above the content. */
export function AccountShell(): ReactNode {
  return <Guarded scope="full">{(info) => <Framed info={info} />}</Guarded>;
}

function Framed({ info }: { readonly info: SessionInfo }): ReactNode {
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the page that is open may lie beyond the edge.
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [pathname]);
  const speech = useSpeech();
  const { t } = speech;
  const signOut = (): void => {
    client.signOut().catch((error: unknown) => toast(sayProblem(error, speech)));
  };
  return (
    <div className="mx-auto flex min-h-dvh w-full max-w-5xl flex-col px-4 sm:px-6">
      <a
        href="#content"
        className="sr-only rounded-md bg-raised px-4 py-2 shadow-pop focus:not-sr-only focus:fixed focus:start-4 focus:top-4 focus:z-50"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>('main h1')?.focus();
        }}
      >
        {t('page.skip')}
      </a>
      <header className="flex items-center gap-2 py-3 print:hidden">
        <Mark className="size-7 shrink-0" />
        <span className="ms-1 me-auto min-w-0 truncate text-sm text-mute">
          <bdi>{info.user.email}</bdi>
        </span>
        <LanguageMenu />
        <Act look="quiet" className="max-sm:w-10 max-sm:px-0" aria-label={t('act.signOut')} onClick={signOut}>
          <LogOut aria-hidden="true" className="size-4 rtl:-scale-x-100" />
          <span aria-hidden="true" className="max-sm:hidden">
            {t('act.signOut')}
          </span>
        </Act>
      </header>
      <div className="flex flex-1 flex-col gap-6 pb-16 sm:pt-4 md:flex-row md:gap-10">
        <nav
          ref={nav}
          aria-label={t('nav.label')}
          className="quiet-scroll -mx-4 shrink-0 overflow-x-auto px-4 sm:-mx-6 sm:px-6 md:mx-0 md:w-44 md:overflow-visible md:px-0 print:hidden"
        >
          <ul className="flex gap-1 md:flex-col">
            {NAV.map(([path, key]) => (
              <li key={path}>
                <Go
                  to={path}
                  activeOptions={{ exact: true }}
                  activeProps={{ className: 'bg-sunken !text-ink', 'aria-current': 'page' }}
                  className="flex min-h-10 items-center rounded-lg px-3 text-sm font-medium whitespace-nowrap text-mute hover:bg-hover hover:text-ink"
                >
                  {t(key)}
                </Go>
              </li>
            ))}
          </ul>
        </nav>
        <main id="content" className="min-w-0 flex-1">
          <Outlet />
        </main>
      </div>
    </div>
  );
}

/** No such page. */
export function NotFound(): ReactNode {
  const { t } = useSpeech();
  return (
    <Gate>
      <Heading>{t('page.notFound')}</Heading>
      <Lead>{t('page.notFoundText')}</Lead>
      <p className="mt-6 text-sm">
        <TextLink to="/">{t('page.toAccount')}</TextLink>
      </p>
    </Gate>
  );
}
