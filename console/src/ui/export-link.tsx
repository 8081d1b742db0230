import { Download } from 'lucide-react';
import type { ReactNode } from 'react';

/** Takes a list as a file, narrowed as it is shown. The server names the file and writes down who took it. */
export function ExportLink({
  path,
  narrow = {},
  about,
}: {
  readonly path: string;
  readonly narrow?: Readonly<Record<string, string>>;
  /** The list, for those who hear the link alone. */
  readonly about: string;
}): ReactNode {
  const query = new URLSearchParams(narrow).toString();
  return (
    <a
      href={query === '' ? path : `${path}?${query}`}
      download=""
      aria-label={`Export CSV: ${about}`}
      title={`Export ${about} as CSV`}
      className="inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md border border-edge bg-panel px-3 text-sm font-medium whitespace-nowrap text-ink transition-colors hover:bg-hover max-sm:px-2"
    >
      <Download aria-hidden="true" className="size-4" />
      <span className="max-sm:hidden">Export CSV</span>
    </a>
  );
}
