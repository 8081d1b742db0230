import type { ButtonHTMLAttributes, ReactNode } from 'react';

type Look = 'solid' | 'plain' | 'quiet' | 'danger';
const LOOKS: Readonly<Record<Look, string>> = {
  solid: 'bg-solid text-on-solid hover:opacity-90',
  plain: 'border border-edge bg-panel text-ink hover:bg-hover',
  quiet: 'text-mute hover:bg-hover hover:text-ink',
  danger: 'border border-blocked bg-blocked-tint text-blocked-text hover:opacity-90',
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: Look;
  /** Square, for a single icon; give it an aria-label. */
  readonly icon?: boolean;
  readonly small?: boolean;
}
/** A button. 32 px high, 24 px when small. */
export function Button({
  look = 'plain',
  icon = false,
  small = false,
  className = '',
  ...rest
}: ButtonProps): ReactNode {
  const height = small ? 'h-6 text-xs' : 'h-8 text-sm';
  const width = icon ? (small ? 'w-6' : 'w-8') : small ? 'px-2' : 'px-3';
  return (
    <button
      type="button"
      className={`inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors disabled:opacity-50 ${height} ${width} ${LOOKS[look]} ${className}`}
      {...rest}
    />
  );
}

/** A framed part of a page; a landmark with a name. */
export function Panel({
  title,
  note,
  actions,
  children,
  className = '',
  flush = false,
}: {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
  /** Content brings its own padding. */
  readonly flush?: boolean;
}): ReactNode {
  return (
    <section
      aria-label={title}
      className={`min-w-0 overflow-clip rounded-xl border border-line bg-panel ${className}`}
    >
      <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5">
        <h2 className="text-sm font-medium">{title}</h2>
        {note !== undefined && <span className="text-xs text-faint">{note}</span>}
        {actions !== undefined && <div className="ml-auto flex items-center gap-1.5">{actions}</div>}
      </header>
      <div className={flush ? '' : 'px-4 pb-4'}>{children}</div>
    </section>
  );
}

/** Title of a page with what belongs to it. */
export function PageHead({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div className="mb-4 flex min-h-8 flex-wrap items-center gap-x-3 gap-y-2">
      <h1 className="mr-auto text-lg font-semibold tracking-tight">{title}</h1>
      {children}
    </div>
  );
}

/** A grey stand-in of the same size as what will come. */
export function Skeleton({ className }: { readonly className: string }): ReactNode {
  return <div aria-hidden="true" className={`animate-pulse rounded-md bg-sunken ${className}`} />;
}

/** Rows of skeletons under a heading. */
export function SkeletonRows({
  rows,
  height = 'h-10',
}: {
  readonly rows: number;
  readonly height?: string;
}): ReactNode {
  return (
    <div role="status" className="px-4">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={`flex items-center gap-4 ${height}`}>
          <Skeleton className="h-3 w-16" />
          <Skeleton className="h-3 flex-1" />
          <Skeleton className="h-3 w-12" />
        </div>
      ))}
    </div>
  );
}

/** Nothing here, and what that means. */
export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div className="flex flex-col items-center px-6 py-10 text-center">
      {icon !== undefined && (
        <div className="mb-3 grid size-9 place-items-center rounded-lg border border-line bg-canvas text-mute">
          {icon}
        </div>
      )}
      <p className="text-sm font-medium">{title}</p>
      {children !== undefined && (
        <div className="mt-1 max-w-sm text-sm text-balance text-mute">{children}</div>
      )}
    </div>
  );
}

/** A key on the keyboard. */
export function Key({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <kbd className="inline-grid h-5 min-w-5 place-items-center rounded border border-edge bg-panel px-1 font-sans text-2xs text-mute">
      {children}
    </kbd>
  );
}

/** Code that can be read and copied by eye. */
export function Code({ children }: { readonly children: ReactNode }): ReactNode {
  return <code className="rounded bg-sunken px-1 py-0.5 font-mono text-xs">{children}</code>;
}

export const INPUT =
  'h-8 w-full rounded-md border border-edge bg-panel px-2.5 text-sm text-ink placeholder:text-faint disabled:opacity-50';
/** Text size on phones is 16 px, below which they zoom into the field. */
export const INPUT_TEXT = 'max-sm:text-[1rem]';
