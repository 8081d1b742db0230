import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SessionAnswer } from '../../../src/server/api/types.ts';
import { ApiError } from '../api/client.ts';
import { healthQuery, limitsQuery } from '../api/queries.ts';
import { useStream } from '../api/stream.ts';
import { plural } from '../format/number.ts';
import { duration } from '../format/time.ts';
import { Button, Skeleton } from '../ui/parts.tsx';
import { HealthGlyph } from '../ui/verdict.tsx';
import type { HealthState } from '../ui/verdict.tsx';
import { useNow } from '../ui/when.tsx';
import { Mark } from './mark.tsx';
import { SettingsMenu } from './settings-menu.tsx';

const WORDS: Readonly<Record<HealthState, string>> = { ok: 'All well', degraded: 'Degraded', down: 'Down' };

/** One line that is always there: state, limits store, nodes, journal, stream. */
export function Posture({
  session,
  onSearch,
}: {
  readonly session: SessionAnswer;
  readonly onSearch: () => void;
}): ReactNode {
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-3 border-b border-line bg-canvas/90 px-4 backdrop-blur sm:px-6">
      <Link to="/" aria-label="Rampart, overview" className="rounded-md lg:hidden">
        <Mark />
      </Link>
      <Facts />
      <div className="ml-auto flex items-center gap-1 lg:hidden">
        <Button icon look="quiet" aria-label="Search" onClick={onSearch}>
          <Search className="size-4" />
        </Button>
        <SettingsMenu session={session} side="below-right" />
      </div>
      <div className="ml-auto hidden lg:block">
        <StreamState />
      </div>
    </header>
  );
}

function Facts(): ReactNode {
  const health = useQuery(healthQuery);
  const limits = useQuery(limitsQuery);
  const now = useNow(10_000);
  if (!health.data || !limits.data) {
    const error = health.error ?? limits.error;
    if (error) {
      return (
        <dl aria-label="Posture">
          <Fact state="down" name="Server" value={isSilent(error) ? 'silent' : 'troubled'} />
        </dl>
      );
    }
    return <Skeleton className="h-4 w-72 max-w-[40vw]" />;
  }
  const { store } = limits.data;
  const isLocal = store.kind === 'redis' && store.state === 'local';
  const { journal, state } = health.data;
  const isBehind = journal.waiting > 1000 || journal.shed > 0;
  return (
    <dl className="flex min-w-0 items-center gap-x-5 text-sm" aria-label="Posture">
      <Fact state={state} name="State" value={WORDS[state]} strong />
      <Fact
        state={isLocal ? 'degraded' : 'ok'}
        name="Limits"
        value={
          isLocal
            ? `local for ${duration(now - store.sinceMs, 1)}`
            : store.kind === 'memory'
              ? 'in memory'
              : 'shared'
        }
        narrow={!isLocal}
      />
      <Fact name="Nodes" value={plural(store.nodes, 'node')} narrow bare />
      <Fact
        state={isBehind ? 'degraded' : 'ok'}
        name="Journal"
        value={
          journal.shed > 0
            ? `${plural(journal.shed, 'entry', 'entries')} shed`
            : isBehind
              ? 'behind'
              : 'written'
        }
        narrow
      />
    </dl>
  );
}

function isSilent(error: Error): boolean {
  return error instanceof ApiError && error.status === 0;
}

function Fact({
  state,
  name,
  value,
  strong = false,
  narrow = false,
  bare = false,
}: {
  readonly state?: HealthState;
  readonly name: string;
  readonly value: string;
  readonly strong?: boolean;
  /** Left out on phones, where only what matters has room. */
  readonly narrow?: boolean;
  /** The value says what it is by itself. */
  readonly bare?: boolean;
}): ReactNode {
  return (
    <div className={`flex items-center gap-1.5 whitespace-nowrap ${narrow ? 'max-md:hidden' : ''}`}>
      {state !== undefined && <HealthGlyph state={state} className="size-2" />}
      <dt className={strong || bare ? 'sr-only' : 'text-faint'}>{name}</dt>
      <dd className={strong ? 'font-medium' : 'text-mute'}>{value}</dd>
    </div>
  );
}

function StreamState(): ReactNode {
  const { state } = useStream();
  if (state !== 'silent') return null;
  return (
    <span role="status" className="flex items-center gap-1.5 text-xs text-challenged-text">
      <HealthGlyph state="degraded" className="size-2" />
      Stream lost, trying again
    </span>
  );
}
