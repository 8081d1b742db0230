import type { ReactNode } from 'react';
import { Button } from './parts.tsx';

/** The next page of a list. @param words on the button */
export function More({
  query,
  words = 'Show more',
}: {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
  readonly words?: string;
}): ReactNode {
  if (!query.hasNextPage) return null;
  return (
    <div className="border-t border-line p-3 text-center">
      <Button data-row disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {query.isFetchingNextPage ? 'Loading…' : words}
      </Button>
    </div>
  );
}
