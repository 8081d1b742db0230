import { Link } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SessionAnswer } from '../../../src/server/api/types.ts';
import { Button } from '../ui/parts.tsx';
import { Mark } from './mark.tsx';
import { PostureStrip } from './posture-strip.tsx';
import { SettingsMenu } from './settings-menu.tsx';

/** What stays at the top of every page: how the site stands, and on phones the way to search and settings. */
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
      <PostureStrip />
      <div className="ml-auto flex items-center gap-1 lg:hidden">
        <Button icon look="quiet" aria-label="Search" onClick={onSearch}>
          <Search className="size-4" />
        </Button>
        <SettingsMenu session={session} side="below-right" />
      </div>
    </header>
  );
}
