import { queryOptions } from '@tanstack/react-query';
import type { QueriesAnswer, QueryPlanAnswer } from '../../../src/server/api/query-types.ts';
import type { ViewSearch } from '../state/search.ts';
import { api } from './client.ts';

/** As many as the server hands out. */
const MAX_STATEMENTS = 500;

/** Slow statements of the node that answers. */
export const statementsQuery = queryOptions({
  queryKey: ['statements'],
  refetchInterval: 10_000,
  queryFn: ({ signal }) => api<QueriesAnswer>(`/admin/queries?limit=${MAX_STATEMENTS}`, { signal }),
});

/** How the database would run a statement; asks the database, so only on demand. */
export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ['statement-plan', id],
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    queryFn: ({ signal }) =>
      api<QueryPlanAnswer>(`/admin/queries/${encodeURIComponent(id)}/plan`, { signal }),
  });

/** Order and search of the list go along to a statement and back. */
export function carryOrder({ q, sort }: ViewSearch): ViewSearch {
  return JSON.parse(JSON.stringify({ q, sort })) as ViewSearch;
}
