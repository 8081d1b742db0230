import { queryOptions } from '@tanstack/react-query';
import type { QueriesAnswer, QueryPlanAnswer } from '../../../src/server/api/query-types.ts';
import type { ViewSearch } from '../state/search.ts';
import { api } from './client.ts';

/** As many as the server hands out. */
const MAX_STATEMENTS = 500;

/** Whose statements are asked for; those of the node that answers where nothing is said. */
export type StatementSource = Pick<ViewSearch, 'node' | 'source'>;

function sourceParams({ node, source }: StatementSource): URLSearchParams {
  const params = new URLSearchParams();
  if (node !== undefined) params.set('node', node);
  if (source !== undefined) params.set('source', source);
  return params;
}

/** Slow statements of a node's database. */
export const statementsQuery = (of: StatementSource) =>
  queryOptions({
    queryKey: ['statements', of.node, of.source],
    refetchInterval: 10_000,
    queryFn: ({ signal }) => {
      const params = sourceParams(of);
      params.set('limit', String(MAX_STATEMENTS));
      return api<QueriesAnswer>(`/admin/queries?${params.toString()}`, { signal });
    },
  });

/** How the database would run a statement; asks the database, so only on demand. */
export const planQuery = (id: string, of: StatementSource) =>
  queryOptions({
    queryKey: ['statement-plan', id, of.node, of.source],
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    queryFn: ({ signal }) =>
      api<QueryPlanAnswer>(`/admin/queries/${encodeURIComponent(id)}/plan?${sourceParams(of).toString()}`, {
        signal,
      }),
  });

/** Order, search and source of the list go along to a statement and back. */
export function carryOrder({ q, sort, node, source }: ViewSearch): ViewSearch {
  return JSON.parse(JSON.stringify({ q, sort, node, source })) as ViewSearch;
}
