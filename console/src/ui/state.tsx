import type { UseQueryResult } from '@tanstack/react-query';
import { CloudOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { Button, Code, Empty } from './parts.tsx';
import { When } from './when.tsx';

/** What went wrong, in a sentence, and what to do. */
export function Failure({ error, retry }: { readonly error: Error; readonly retry?: () => void }): ReactNode {
  const silent = error instanceof ApiError && error.status === 0;
  return (
    <Empty
      icon={<CloudOff className="size-4" />}
      title={silent ? 'The server does not answer' : 'This could not be loaded'}
    >
      <p role="alert">
        {silent
          ? 'It may be restarting. The page tries again by itself when you return to it.'
          : error.message}
      </p>
      {error instanceof ApiError && error.decision !== null && (
        <p className="mt-2">
          Decision <Code>{error.decision}</Code>
        </p>
      )}
      {retry !== undefined && (
        <Button className="mt-4" onClick={retry}>
          Try again
        </Button>
      )}
    </Empty>
  );
}

/** Data, or what stands in its place. Old data stays visible under a line that says how old it is. */
export function Loaded<T>({
  query,
  skeleton,
  children,
}: {
  readonly query: UseQueryResult<T>;
  readonly skeleton: ReactNode;
  readonly children: (data: T) => ReactNode;
}): ReactNode {
  if (query.data === undefined) {
    return query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : skeleton;
  }
  return (
    <>
      {query.error && <Stale atMs={query.dataUpdatedAt} />}
      {children(query.data)}
    </>
  );
}

/** Says that what is shown is old. */
export function Stale({ atMs }: { readonly atMs: number }): ReactNode {
  return (
    <p
      role="status"
      className="flex items-center gap-2 bg-challenged-tint px-4 py-1.5 text-xs text-challenged-text"
    >
      <CloudOff aria-hidden="true" className="size-3.5" />
      <span>
        As of <When atMs={atMs} look="clock" />. The server has been silent since.
      </span>
    </p>
  );
}
