import { queryOptions } from '@tanstack/react-query';
import type { FollowedAnswer } from '../../../src/server/api/response-types.ts';
import { api } from './client.ts';

/** Which alerts and responses came of a decision or of an event. */
export const followedQuery = (of: 'decisions' | 'events', id: string) =>
  queryOptions({
    queryKey: ['followed', of, id],
    retry: false,
    refetchInterval: 30_000,
    queryFn: ({ signal }) =>
      api<FollowedAnswer>(`/admin/${of}/${encodeURIComponent(id)}/followed`, { signal }),
  });
