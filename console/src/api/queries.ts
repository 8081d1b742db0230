import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  queryOptions,
} from '@tanstack/react-query';
import type {
  BlocksAnswer,
  CspAnswer,
  DecisionAnswer,
  DecisionsAnswer,
  HealthAnswer,
  LimitHistogramAnswer,
  LimitKeysAnswer,
  LimitsAnswer,
  OverviewAnswer,
  SessionAnswer,
} from '../../../src/server/api/types.ts';
import type { SinkEntry, SinksAnswer } from '../../../src/server/api/sink-types.ts';
import { apiQuery, RANGE_MS, spanOf } from '../state/search.ts';
import type { ViewSearch } from '../state/search.ts';
import { api, ApiError, endsSession, setCsrfToken } from './client.ts';

/** Buckets of the traffic chart at most: an hour in whole minutes touches 61. */
export const BUCKETS = 62;

/** One client for the page. A refusal is final; only silence is tried again. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: leaveOnExpiry }),
  mutationCache: new MutationCache({ onError: leaveOnExpiry }),
  defaultOptions: {
    queries: {
      staleTime: 5000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => error instanceof ApiError && error.status === 0 && failures < 2,
    },
  },
});

/** A session that has run out leads to the sign-in, wherever it was noticed. */
function leaveOnExpiry(error: Error): void {
  if (endsSession(error)) queryClient.setQueryData(['session'], null);
}

/** Whether there is an administrator's account to sign in with; assumed until the server has said that there is none. */
let hasAdministrator = true;

/** How somebody gets in who is not signed in: with an account, or with a link that the server prints. */
export function waysIn(): 'account' | 'link' {
  return hasAdministrator ? 'account' : 'link';
}

/** Notes what an answer, or the details of a refusal, says of administrators. */
export function noteAdministrator(said: unknown): void {
  const known = (said as { hasAdministrator?: unknown } | null | undefined)?.hasAdministrator;
  if (typeof known === 'boolean') hasAdministrator = known;
}

/** What of a view the server must know; the rest (table, tab) must not cause a new request. */
function scope(search: ViewSearch): object {
  const { range, from, to, filter, exclude } = search;
  return { range: range ?? '1h', from, to, filter, exclude };
}

/** Who is signed in, or null. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async ({ signal }): Promise<SessionAnswer | null> => {
    try {
      const session = await api<SessionAnswer>('/admin/session', { signal });
      setCsrfToken(session.csrfToken);
      noteAdministrator(session);
      return session;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      noteAdministrator(error.details);
      return null;
    }
  },
});

/** Where the traffic of a view is read, as of now. */
export const overviewPath = (search: ViewSearch): string =>
  `/admin/stats/overview${apiQuery(search, { ...spanOf(search, Date.now()), buckets: BUCKETS })}`;

/** The traffic of the view. Refetched while live; ticks of the stream fill the gap between. */
export const overviewQuery = (search: ViewSearch, live: boolean) =>
  queryOptions({
    queryKey: ['overview', scope(search)],
    placeholderData: keepPreviousData,
    refetchInterval: live ? (RANGE_MS[search.range ?? '1h'] > 3_600_000 ? 30_000 : 5000) : false,
    queryFn: ({ signal }) => api<OverviewAnswer>(overviewPath(search), { signal }),
  });

/** The newest refusals within the view. */
export const refusalsQuery = (search: ViewSearch, live: boolean) =>
  queryOptions({
    queryKey: ['refusals', scope(search)],
    placeholderData: keepPreviousData,
    refetchInterval: live ? 5000 : false,
    queryFn: ({ signal }) => {
      const refused = {
        ...search,
        exclude: [...(search.exclude ?? []), 'verdict:pass', 'verdict:answer'],
      };
      const query = apiQuery(refused, { ...spanOf(search, Date.now()), limit: 8 });
      return api<DecisionsAnswer>(`/admin/decisions${query}`, { signal });
    },
  });

/** One page of decisions, newest first. */
export const decisionsPage = (search: ViewSearch, before: string | undefined, signal: AbortSignal) =>
  api<DecisionsAnswer>(
    `/admin/decisions${apiQuery(search, { ...spanOf(search, Date.now()), limit: 50, before })}`,
    { signal },
  );

export const decisionsKey = (search: ViewSearch) => ['decisions', scope(search)] as const;

export const decisionQuery = (id: string) =>
  queryOptions({
    queryKey: ['decision', id],
    staleTime: 60_000,
    queryFn: ({ signal }) => api<DecisionAnswer>(`/admin/decisions/${encodeURIComponent(id)}`, { signal }),
  });

export const limitsQuery = queryOptions({
  queryKey: ['limits'],
  refetchInterval: 10_000,
  queryFn: ({ signal }) => api<LimitsAnswer>('/admin/limits', { signal }),
});

export const limitKeysQuery = (policy: string, search: string) =>
  queryOptions({
    queryKey: ['limits', policy, 'keys', search],
    placeholderData: keepPreviousData,
    refetchInterval: 5000,
    queryFn: ({ signal }) => {
      const query = search === '' ? '' : `?search=${encodeURIComponent(search)}`;
      return api<LimitKeysAnswer>(`/admin/limits/${encodeURIComponent(policy)}/keys${query}`, { signal });
    },
  });

export const histogramQuery = (policy: string) =>
  queryOptions({
    queryKey: ['limits', policy, 'histogram'],
    refetchInterval: 30_000,
    queryFn: ({ signal }) =>
      api<LimitHistogramAnswer>(`/admin/limits/${encodeURIComponent(policy)}/histogram`, { signal }),
  });

export const blocksQuery = queryOptions({
  queryKey: ['blocks'],
  queryFn: ({ signal }) => api<BlocksAnswer>('/admin/blocks', { signal }),
});

export const healthQuery = queryOptions({
  queryKey: ['health'],
  refetchInterval: 10_000,
  queryFn: ({ signal }) => api<HealthAnswer>('/admin/health', { signal }),
});

/** Where events are sent to. */
export const sinksQuery = queryOptions({
  queryKey: ['sinks'],
  refetchInterval: 10_000,
  queryFn: ({ signal }) => api<SinksAnswer>('/admin/sinks', { signal }),
});

/** Has a sink tried again at once. */
export const retrySink = (name: string): Promise<SinkEntry> =>
  api(`/admin/sinks/${encodeURIComponent(name)}/retry`, { method: 'POST' });

export const cspQuery = queryOptions({
  queryKey: ['csp'],
  queryFn: ({ signal }) => api<CspAnswer>('/admin/csp', { signal }),
});
