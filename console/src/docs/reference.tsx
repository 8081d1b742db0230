import { Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Mark } from '../shell/mark.tsx';
import { Button, Empty, INPUT, INPUT_TEXT, Skeleton } from '../ui/parts.tsx';
import { groupsOf, search } from './document.ts';
import type { ApiDocument, Group } from './document.ts';
import { Method, OperationCard } from './operation.tsx';
import { Prose } from './prose.tsx';

/** The API reference: /openapi.json, drawn. */
export function Reference(): ReactNode {
  const [document_, setDocument] = useState<ApiDocument | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setError(null);
    load(abort.signal).then(setDocument, (reason: unknown) => {
      if (!abort.signal.aborted) setError(reason instanceof Error ? reason.message : String(reason));
    });
    return () => abort.abort();
  }, [round]);
  if (document_) return <Loaded document={document_} />;
  return (
    <main className="mx-auto max-w-4xl px-4 py-16">
      <h1 className="sr-only">API reference</h1>
      {error === null ? (
        <div role="status">
          <span className="sr-only">Loading</span>
          <Skeleton className="h-8 w-64" />
          <Skeleton className="mt-8 h-64 rounded-xl" />
          <Skeleton className="mt-4 h-64 rounded-xl" />
        </div>
      ) : (
        <Empty title="The description of the API could not be loaded">
          <p role="alert">{error}</p>
          <Button className="mt-4" onClick={() => setRound(round + 1)}>
            Try again
          </Button>
        </Empty>
      )}
    </main>
  );
}

async function load(signal: AbortSignal): Promise<ApiDocument> {
  const response = await fetch('/openapi.json', { signal });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return (await response.json()) as ApiDocument;
}

function Loaded({ document: api }: { readonly document: ApiDocument }): ReactNode {
  const groups = useMemo(() => groupsOf(api), [api]);
  const [typed, setTyped] = useState('');
  const found = useMemo(() => search(groups, typed), [groups, typed]);
  const current = useCurrentAnchor();
  const about = api.info.description ?? api.info.summary;
  // The anchor of the address can only be followed once what it names is there.
  useEffect(() => {
    if (location.hash.length > 1) document.querySelector(`#${CSS.escape(anchorOfHash())}`)?.scrollIntoView();
  }, []);
  return (
    <div className="lg:grid lg:grid-cols-[17rem_1fr]">
      <Contents groups={found} current={current} typed={typed} onType={setTyped} version={api.info.version} />
      <main className="min-w-0 px-4 py-8 sm:px-8 lg:py-12">
        <div className="mx-auto max-w-5xl">
          <h1 className="text-2xl font-semibold tracking-tight">{api.info.title} API</h1>
          {about !== undefined && (
            <p className="mt-2 max-w-2xl whitespace-pre-line text-mute">
              <Prose text={about} />
            </p>
          )}
          {found.length === 0 && (
            <Empty icon={<Search className="size-4" />} title="No route matches">
              Search looks at groups, methods, paths and summaries.
            </Empty>
          )}
          {found.map((group) => (
            <section key={group.name} aria-label={group.name} className="mt-12">
              <h2 className="text-lg font-semibold tracking-tight">{group.name}</h2>
              {group.description !== '' && <p className="mt-1 text-sm text-mute">{group.description}</p>}
              <div className="mt-4 space-y-6">
                {group.operations.map((operation) => (
                  <OperationCard key={operation.anchor} operation={operation} document={api} />
                ))}
              </div>
            </section>
          ))}
        </div>
      </main>
    </div>
  );
}

function anchorOfHash(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
}

/** What the address names, kept up to date. */
function useCurrentAnchor(): string {
  const [anchor, setAnchor] = useState(anchorOfHash);
  useEffect(() => {
    const onChange = (): void => setAnchor(anchorOfHash());
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return anchor;
}

function Contents({
  groups,
  current,
  typed,
  onType,
  version,
}: {
  readonly groups: readonly Group[];
  readonly current: string;
  readonly typed: string;
  readonly onType: (typed: string) => void;
  readonly version: string;
}): ReactNode {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (event.key !== '/' || isTyping || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      box.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <nav
      aria-label="Routes"
      className="border-line px-4 py-4 max-lg:border-b lg:sticky lg:top-0 lg:h-dvh lg:overflow-y-auto lg:border-r lg:px-3 quiet-scroll"
    >
      <div className="mb-4 flex items-center gap-2.5 px-2">
        <Mark />
        <span className="font-semibold tracking-tight">Rampart</span>
        <span className="text-xs text-faint numeric">{version}</span>
        <a href="/console" className="ml-auto rounded-md text-sm text-mute hover:text-ink hover:underline">
          Console
        </a>
      </div>
      <input
        ref={box}
        type="search"
        value={typed}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        aria-label="Search routes"
        placeholder="Search routes  /"
        className={`${INPUT} ${INPUT_TEXT}`}
      />
      <div className="mt-4 max-lg:hidden">
        {groups.map((group) => (
          <div key={group.name} className="mb-4">
            <p className="px-2 pb-1 text-xs text-faint">{group.name}</p>
            <ul>
              {group.operations.map(({ anchor, method, summary }) => (
                <li key={anchor}>
                  <a
                    href={`#${encodeURIComponent(anchor)}`}
                    aria-current={anchor === current ? 'location' : undefined}
                    className="flex min-h-7 items-center gap-2 rounded-md px-2 text-sm text-mute hover:bg-hover hover:text-ink aria-[current]:bg-sunken aria-[current]:text-ink"
                  >
                    <span className="truncate">{summary}</span>
                    <Method method={method} quiet />
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </nav>
  );
}
