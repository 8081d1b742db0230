import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { FeedEntry, FeedsAnswer } from '../../../src/server/api/feed-types.ts';
import type {
  ExclusionsAnswer,
  FalseAlarm,
  ReportsAnswer,
  ReportState,
  ShieldAnswer,
  ShieldExclusion,
} from '../../../src/server/api/shield-types.ts';
import { apiQuery, RANGE_MS, spanOf } from '../state/search.ts';
import type { ViewSearch } from '../state/search.ts';
import { api, ApiError } from './client.ts';

export type {
  ClassFigures,
  ExclusionReplay,
  ExclusionsAnswer,
  FalseAlarm,
  FindingFacts,
  ReportState,
  RuleFigures,
  ShieldAnswer,
  ShieldExclusion,
} from '../../../src/server/api/shield-types.ts';
export type { FeedEntry, FeedState } from '../../../src/server/api/feed-types.ts';

/** A kind of attack. */
export type AttackClass = ShieldAnswer['classes'][number]['class'];

/** Columns of the chart. */
const BUCKETS = 60;

/** Days of recorded decisions that an exclusion is tried on. */
export const REPLAY_DAYS = 7;

/** What the shield did within the view's span, to whom its filters leave. */
export const shieldQuery = (search: ViewSearch, live: boolean) => {
  const { range = '1h', from, to, filter, exclude } = search;
  return queryOptions({
    queryKey: ['shield', 'figures', { range, from, to, filter, exclude }],
    placeholderData: keepPreviousData,
    refetchInterval: live ? (RANGE_MS[range] > 3_600_000 ? 30_000 : 5000) : false,
    queryFn: ({ signal }) => {
      const { fromMs, toMs } = spanOf(search, Date.now());
      const query = apiQuery(search, { fromMs, toMs, buckets: BUCKETS });
      return api<ShieldAnswer>(`/admin/shield${query}`, { signal });
    },
  });
};

/** The same of the whole site, for pages that show no filters and carry them along. */
export const siteShieldQuery = (
  { filter: _filter, exclude: _exclude, ...search }: ViewSearch,
  live: boolean,
) => shieldQuery(search, live);

/** One page of reports in a state, newest first. */
export const reportsQuery = (state: ReportState, cursor: string | null) =>
  queryOptions({
    queryKey: ['shield', 'reports', state, cursor],
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ state, limit: '50', ...(cursor === null ? {} : { cursor }) });
      return api<ReportsAnswer>(`/admin/shield/reports?${query.toString()}`, { signal });
    },
  });

/** The report of a decision; null while there is none. */
export const reportOfQuery = (decision: string) =>
  queryOptions({
    queryKey: ['shield', 'report-of', decision],
    queryFn: async ({ signal }): Promise<FalseAlarm | null> => {
      const query = new URLSearchParams({ decision });
      const { reports } = await api<ReportsAnswer>(`/admin/shield/reports?${query.toString()}`, { signal });
      return reports.find((one) => one.decision === decision) ?? null;
    },
  });

export const exclusionsQuery = queryOptions({
  queryKey: ['shield', 'exclusions'],
  refetchInterval: 15_000,
  queryFn: ({ signal }) => api<ExclusionsAnswer>('/admin/shield/exclusions', { signal }),
});

export const feedsQuery = queryOptions({
  queryKey: ['feeds'],
  refetchInterval: 15_000,
  queryFn: ({ signal }) => api<FeedsAnswer>('/admin/feeds', { signal }),
});

const post = <T>(path: string, body?: unknown): Promise<T> =>
  api<T>(path, { method: 'POST', ...(body === undefined ? {} : { body }) });
const reportPath = (id: string, act: string): string =>
  `/admin/shield/reports/${encodeURIComponent(id)}/${act}`;
const exclusionPath = (id: string, act = ''): string =>
  `/admin/shield/exclusions/${encodeURIComponent(id)}${act === '' ? '' : `/${act}`}`;

/** Says that a decision was a false alarm; a second report answers the first. */
export const reportDecision = (decision: string, note: string): Promise<FalseAlarm> =>
  post('/admin/shield/reports', { decision, ...(note === '' ? {} : { note }) });

/** Closes a report: it was an attack after all. */
export const dismissReport = ({ id }: FalseAlarm): Promise<FalseAlarm> => post(reportPath(id, 'dismiss'));

/** Closes a report that was right, with the exclusion that was drafted for it; null where something else is done. */
export const acceptReport = ({ id }: Pick<FalseAlarm, 'id'>, exclusion: string | null): Promise<FalseAlarm> =>
  post(reportPath(id, 'accept'), { exclusion });

/** What a new exclusion says. */
export type ExclusionDraft = Pick<ShieldExclusion, 'route' | 'field' | 'rules' | 'reason'>;

/** Writes an exclusion down; it acts on nothing yet. */
export const draftExclusion = (draft: ExclusionDraft): Promise<ShieldExclusion> =>
  post('/admin/shield/exclusions', draft);

/** Writes a draft anew; its replay is forgotten. */
export const changeDraft = (id: string, draft: ExclusionDraft): Promise<ShieldExclusion> =>
  api(exclusionPath(id), { method: 'PATCH', body: draft });

/** Tries an exclusion on what was recorded. */
export const replayExclusion = ({ id }: ShieldExclusion): Promise<ShieldExclusion> =>
  post(`${exclusionPath(id, 'replay')}?days=${REPLAY_DAYS}`);

/** Makes an exclusion act on every node; what passes by it is what its replay said. */
export const publishExclusion = ({ id, replay }: ShieldExclusion): Promise<ShieldExclusion> =>
  post(exclusionPath(id, 'publish'), replay === null ? {} : { confirm: replay.wouldPass });

export const withdrawExclusion = ({ id }: ShieldExclusion): Promise<ShieldExclusion> =>
  post(exclusionPath(id, 'withdraw'));

/** Takes a withdrawal back, within an hour of it. */
export const restoreExclusion = ({ id }: ShieldExclusion): Promise<ShieldExclusion> =>
  post(exclusionPath(id, 'restore'));

/** Throws a draft away. */
export const deleteExclusion = ({ id }: ShieldExclusion): Promise<unknown> =>
  api(exclusionPath(id), { method: 'DELETE' });

/** Brings a feed up to date now. */
export const updateFeed = ({ name }: FeedEntry): Promise<FeedEntry> =>
  post(`/admin/feeds/${encodeURIComponent(name)}/update`);

/** The server has nothing of this kind: switched off, or not there. */
export const isAbsent = (error: Error | null): boolean => error instanceof ApiError && error.status === 404;
