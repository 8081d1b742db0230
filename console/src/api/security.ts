import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { ResponsesAnswer } from '../../../src/server/api/response-types.ts';
import type {
  ActivityAnswer,
  HarmAnswer,
  IdentityAnswer,
  PostureAnswer,
} from '../../../src/server/api/security-types.ts';
import { apiQuery, spanOf } from '../state/search.ts';
import type { ViewSearch } from '../state/search.ts';
import { api, ApiError } from './client.ts';

export type {
  ActivityAnswer,
  ActivityEntry,
  HarmAnswer,
  IdentityAnswer,
  PostureAnswer,
  PostureLevel,
} from '../../../src/server/api/security-types.ts';

/** Past responses that the ledger of the first page shows. */
const LEDGER_LENGTH = 6;

/** How the site stands; asked again whenever the stream says that something changed. */
export const postureQuery = queryOptions({
  queryKey: ['posture'],
  refetchInterval: 10_000,
  queryFn: ({ signal }) => api<PostureAnswer>('/admin/security/posture', { signal }),
});

/** What of a view the figures are made of. */
function scope({ range = '1h', from, to, filter, exclude }: ViewSearch): object {
  return { range, from, to, filter, exclude };
}
const refetchOf = (live: boolean, everyMs: number) => (live ? everyMs : (false as const));

/** Suspicious activity of the view's span. */
export const activityQuery = (search: ViewSearch, live: boolean) => {
  const { range = '1h', from, to } = search;
  return queryOptions({
    queryKey: ['alerts', 'activity', { range, from, to }],
    placeholderData: keepPreviousData,
    refetchInterval: refetchOf(live, 15_000),
    queryFn: ({ signal }) => {
      const { fromMs, toMs } = spanOf(search, Date.now());
      return api<ActivityAnswer>(`/admin/security/activity?fromMs=${fromMs}&toMs=${toMs}`, { signal });
    },
  });
};

/** What was done to honest people in the view. */
export const harmQuery = (search: ViewSearch, live: boolean) =>
  queryOptions({
    queryKey: ['harm', scope(search)],
    placeholderData: keepPreviousData,
    refetchInterval: refetchOf(live, 15_000),
    queryFn: ({ signal }) =>
      api<HarmAnswer>(`/admin/security/harm${apiQuery(search, { ...spanOf(search, Date.now()) })}`, {
        signal,
      }),
  });

/** How people signed in within the last day. */
export const identityQuery = queryOptions({
  queryKey: ['identity-funnel'],
  refetchInterval: 60_000,
  queryFn: ({ signal }) => api<IdentityAnswer>('/admin/security/identity', { signal }),
});

/** What acts or waits, and the newest that ended; null where there are no responses. */
export const ledgerQuery = queryOptions({
  queryKey: ['responses', 'ledger'],
  refetchInterval: 15_000,
  queryFn: async ({ signal }): Promise<ResponsesAnswer | null> => {
    try {
      return await api<ResponsesAnswer>(`/admin/responses?limit=${LEDGER_LENGTH}`, { signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  },
});
