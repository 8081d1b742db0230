import type { UseQueryResult } from '@tanstack/react-query';
import { useId } from 'react';
import type { ReactNode } from 'react';
import { Skeleton } from '../../ui/parts.tsx';
import { sayProblem } from '../state/problem.ts';
import { useSpeech } from '../words/speech.ts';
import { Act } from './act.tsx';

/** A part of a page, with a name. */
export function Card({
  title,
  text,
  action,
  children,
}: {
  readonly title: string;
  readonly text?: string;
  readonly action?: ReactNode;
  readonly children?: ReactNode;
}): ReactNode {
  const own = useId();
  return (
    <section aria-labelledby={own} className="rounded-2xl border border-line bg-panel p-5 sm:p-6">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        <div className="me-auto min-w-0">
          <h2 id={own} className="font-semibold">
            {title}
          </h2>
          {text !== undefined && <p className="mt-0.5 max-w-prose text-sm text-pretty text-mute">{text}</p>}
        </div>
        {action}
      </div>
      {children !== undefined && <div className="mt-4">{children}</div>}
    </section>
  );
}

/** Lines of a list, each with what can be done about it. */
export function Rows({
  children,
  label,
}: {
  readonly children: ReactNode;
  readonly label?: string;
}): ReactNode {
  return (
    <ul aria-label={label} className="-mb-3 divide-y divide-line">
      {children}
    </ul>
  );
}
/** A line of a list. */
export function Row({
  icon,
  title,
  facts,
  action,
}: {
  readonly icon?: ReactNode;
  readonly title: ReactNode;
  /** What is known of it; nothing and false are left out. */
  readonly facts?: readonly ReactNode[];
  readonly action?: ReactNode;
}): ReactNode {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 py-3">
      {icon !== undefined && (
        <span
          aria-hidden="true"
          className="grid size-9 shrink-0 place-items-center rounded-lg border border-line bg-canvas text-mute *:size-4"
        >
          {icon}
        </span>
      )}
      <div className="min-w-40 flex-1">
        <div className="flex flex-wrap items-center gap-x-2 text-base font-medium break-words">{title}</div>
        {facts !== undefined && <Facts facts={facts} />}
      </div>
      {action !== undefined && <div className="flex shrink-0 gap-2">{action}</div>}
    </li>
  );
}

/** Facts in a row with dots between them; a dot that would begin a line falls outside the frame. */
function Facts({ facts }: { readonly facts: readonly ReactNode[] }): ReactNode {
  return (
    <div className="overflow-hidden">
      <div className="-ms-3.5 flex flex-wrap text-sm text-mute">
        {facts
          .filter((fact) => fact !== null && fact !== undefined && fact !== false)
          .map((fact, at) => (
            <span
              // oxlint-disable-next-line react/no-array-index-key -- facts have no identity beside their place
              key={at}
              className="relative ps-3.5 before:absolute before:start-1.25 before:content-['·'] before:text-faint"
            >
              {fact}
            </span>
          ))}
      </div>
    </div>
  );
}

/** A short mark beside a title. */
export function Tag({
  look = 'plain',
  children,
}: {
  readonly look?: 'plain' | 'good' | 'bad';
  readonly children: ReactNode;
}): ReactNode {
  const looks = {
    plain: 'bg-sunken text-mute',
    good: 'bg-good-tint text-good-text',
    bad: 'bg-blocked-tint text-blocked-text',
  };
  return (
    <span className={`inline-flex min-h-5 items-center rounded-full px-2 text-xs font-medium ${looks[look]}`}>
      {children}
    </span>
  );
}

/** Nothing here, said where something would stand. */
export function Nothing({ children }: { readonly children: ReactNode }): ReactNode {
  return <p className="rounded-lg bg-sunken px-4 py-6 text-center text-sm text-mute">{children}</p>;
}

/** Good news that stays where it was brought about. */
export function Good({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <p role="status" className="mb-4 rounded-lg bg-good-tint px-3.5 py-3 text-sm text-good-text">
      {children}
    </p>
  );
}

/** Data, or what stands in its place. */
export function Told<T>({
  query,
  rows = 3,
  children,
}: {
  readonly query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>;
  /** How many lines the stand-in has. */
  readonly rows?: number;
  readonly children: (data: T) => ReactNode;
}): ReactNode {
  const speech = useSpeech();
  if (query.data !== undefined) return children(query.data);
  if (query.error) {
    return (
      <div
        role="alert"
        className="flex flex-col items-center gap-3 rounded-lg bg-sunken px-4 py-6 text-center"
      >
        <p className="text-sm text-mute">{sayProblem(query.error, speech)}</p>
        <Act onClick={() => void query.refetch()}>{speech.t('act.retry')}</Act>
      </div>
    );
  }
  return (
    <div role="status" className="flex flex-col gap-4 py-1">
      <span className="sr-only">{speech.t('page.loading')}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex items-center gap-3">
          <Skeleton className="size-9" />
          <Skeleton className="h-4 flex-1" />
        </div>
      ))}
    </div>
  );
}
