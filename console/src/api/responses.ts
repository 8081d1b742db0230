import { queryOptions } from '@tanstack/react-query';
import type {
  BlastRadius,
  Responder,
  ResponseAnswer,
  ResponseEntry,
  ResponsesAnswer,
  ResponseState,
} from '../../../src/server/api/response-types.ts';
import type { ViewSearch } from '../state/search.ts';
import { api } from './client.ts';

export type {
  BlastRadius,
  Responder,
  ResponseAnswer,
  ResponseEntry,
  ResponsesAnswer,
  ResponseState,
} from '../../../src/server/api/response-types.ts';

const PAGE_RESPONSES = 50;

/** What is shown, by the tab that the address names. */
export const LEDGER_TABS: readonly {
  readonly name: string;
  readonly label: string;
  /** None: all. */
  readonly states: readonly ResponseState[];
}[] = [
  { name: 'all', label: 'All', states: [] },
  { name: 'waiting', label: 'Waiting', states: ['waiting'] },
  { name: 'acting', label: 'Acting', states: ['staged', 'full'] },
  { name: 'shadow', label: 'Would have acted', states: ['shadow'] },
  { name: 'ended', label: 'Ended', states: ['expired', 'undone', 'rolled-back', 'refused'] },
];

/** What of the address narrows the ledger. */
export interface LedgerFilter {
  readonly tab: string;
  readonly responder: string;
  readonly q: string;
}
export function ledgerFilterOf({ status = '', kind = '', q = '' }: ViewSearch): LedgerFilter {
  const tab = LEDGER_TABS.find(({ name }) => name === status)?.name ?? 'all';
  return { tab, responder: kind, q: q.trim() };
}

export const responsesKey = (filter: LedgerFilter) => ['responses', 'list', filter] as const;

/** A page of the ledger: what acts or waits first, then the newest. */
export function responsesPage(
  { tab, responder, q }: LedgerFilter,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<ResponsesAnswer> {
  const params = new URLSearchParams({ limit: String(PAGE_RESPONSES) });
  for (const state of LEDGER_TABS.find(({ name }) => name === tab)?.states ?? [])
    params.append('state', state);
  for (const [name, value] of Object.entries({ responder, q, cursor: cursor ?? '' }))
    if (value !== '') params.set(name, value);
  return api(`/admin/responses?${params.toString()}`, { signal });
}

/** One response with what happened to it and what is behind it. */
export const responseQuery = (id: string) =>
  queryOptions({
    queryKey: ['responses', 'one', id],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => api<ResponseAnswer>(`/admin/responses/${encodeURIComponent(id)}`, { signal }),
  });

/** What is in force or waits for people: at most as many as one question brings. */
export const inForceQuery = queryOptions({
  queryKey: ['responses', 'in-force'],
  retry: false,
  refetchInterval: 15_000,
  queryFn: ({ signal }) =>
    api<ResponsesAnswer>('/admin/responses?limit=200&state=staged&state=full&state=waiting', { signal }),
});

/** Responses that were begun for an alert. */
export const responsesOfAlert = (alert: string) =>
  queryOptions({
    queryKey: ['responses', 'of', alert],
    retry: false,
    queryFn: ({ signal }) =>
      api<ResponsesAnswer>(`/admin/responses?limit=50&alert=${encodeURIComponent(alert)}`, { signal }),
  });

/** Answer of GET /admin/responses/estimate. */
export interface Estimate {
  readonly radius: BlastRadius;
  readonly outcome: 'act' | 'wait' | 'refuse' | 'shadow';
  readonly approvalsNeeded: number;
}

/** What a response is asked for with. */
export interface Wanted {
  readonly responder: Responder;
  readonly target: string;
  readonly how?: 'deny' | 'challenge';
}

/** Whom a response would touch. */
export const estimateQuery = ({ responder, target, how }: Wanted) =>
  queryOptions({
    queryKey: ['estimate', responder, target, how],
    retry: false,
    staleTime: 30_000,
    queryFn: ({ signal }) => {
      const params = new URLSearchParams({ responder, target, ...(how === undefined ? {} : { how }) });
      return api<Estimate>(`/admin/responses/estimate?${params.toString()}`, { signal });
    },
  });

/** Begins a response, or has it wait for a second person. */
export const beginResponse = (
  wanted: Wanted & { readonly minutes: number; readonly reason: string; readonly alert?: string },
): Promise<ResponseEntry> => api('/admin/responses', { method: 'POST', body: wanted });

/** Does something with a response. @returns it as it is then */
export const actOnResponse = (
  id: string,
  act: 'approve' | 'refuse' | 'undo' | 'extend' | 'break-glass',
  body: object = {},
): Promise<ResponseEntry> =>
  api(`/admin/responses/${encodeURIComponent(id)}/${act}`, { method: 'POST', body });
