import { Globe } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { Mark } from '../../shell/mark.tsx';
import { chooseLanguage, LANGUAGES, useSpeech } from '../words/speech.ts';
import type { Language } from '../words/speech.ts';

/** Chooses the language; remembered for this browser. */
export function LanguageMenu(): ReactNode {
  const { t, language } = useSpeech();
  return (
    <label className="relative flex items-center rounded-md text-sm text-mute hover:bg-hover hover:text-ink">
      <Globe aria-hidden="true" className="pointer-events-none absolute start-2.5 size-4" />
      <span className="sr-only">{t('page.language')}</span>
      <select
        value={language}
        onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}
        className="min-h-10 cursor-pointer appearance-none rounded-md bg-transparent ps-8 pe-2.5 *:bg-panel *:text-ink"
      >
        {Object.entries(LANGUAGES).map(([code, { name }]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The title of a page: of the document too, and where the focus goes when the page appears. */
export function Heading({
  children,
  takesFocus = true,
  className = '',
}: {
  readonly children: string;
  /** Off where a field of the page takes it. */
  readonly takesFocus?: boolean;
  readonly className?: string;
}): ReactNode {
  const { t } = useSpeech();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = t('page.title', { page: children });
  }, [t, children]);
  useEffect(() => {
    if (takesFocus) heading.current?.focus({ preventScroll: true });
  }, [takesFocus]);
  return (
    <h1
      ref={heading}
      tabIndex={-1}
      className={`text-xl font-semibold tracking-tight text-balance outline-none ${className}`}
    >
      {children}
    </h1>
  );
}

/** A page with one thing to do. */
export function Gate({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex items-center justify-between px-4 py-3 sm:px-6 print:hidden">
        <Mark className="size-7" />
        <LanguageMenu />
      </header>
      <main className="flex flex-1 flex-col items-center px-4 pt-[max(1rem,8vh)] pb-16 print:pt-0">
        <div className="w-full max-w-100 animate-enter sm:rounded-2xl sm:border sm:border-line sm:bg-panel sm:p-8">
          {children}
        </div>
      </main>
    </div>
  );
}

/** A paragraph below a title. */
export function Lead({ children }: { readonly children: ReactNode }): ReactNode {
  return <p className="mt-2 text-base text-pretty text-mute">{children}</p>;
}

/** A word of data amid text of either direction: an address, a name. */
export function Data({ children }: { readonly children: ReactNode }): ReactNode {
  return <bdi className="font-medium break-words text-ink">{children}</bdi>;
}
