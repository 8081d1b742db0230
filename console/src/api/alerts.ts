import { queryOptions, useQueries } from '@tanstack/react-query';
import type {
  AlertAnswer,
  AlertEntry,
  AlertsAnswer,
  AlertState,
  BulkAlertsAnswer,
} from '../../../src/server/api/alert-types.ts';
import type { DetectorsAnswer } from '../../../src/server/api/detect-types.ts';
import type { ViewSearch } from '../state/search.ts';
import { api } from './client.ts';
import { usersPage } from './identity.ts';

export type {
  AlertAnswer,
  AlertEntry,
  AlertNote,
  AlertsAnswer,
  AlertState,
  Recommendation,
} from '../../../src/server/api/alert-types.ts';

/** Alerts on a page of the list. */
const PAGE_ALERTS = 50;

/** What is shown, by the tab that the address names. */
export const TABS: readonly {
  readonly name: string;
  readonly label: string;
  readonly states: readonly AlertState[];
}[] = [
  { name: 'open', label: 'Open', states: ['ACTIVE', 'INVESTIGATING'] },
  { name: 'active', label: 'Active', states: ['ACTIVE'] },
  { name: 'investigating', label: 'Investigating', states: ['INVESTIGATING'] },
  { name: 'resolved', label: 'Resolved', states: ['RESOLVED'] },
  { name: 'false', label: 'False positives', states: ['FALSE_POSITIVE'] },
];
export type AlertTab = (typeof TABS)[number];

/** The tab that the address names. */
export function tabOf({ status }: ViewSearch): AlertTab {
  return TABS.find(({ name }) => name === status) ?? (TABS[0] as AlertTab);
}

/** What of the address narrows the list. */
export interface AlertFilter {
  readonly tab: string;
  readonly severity: string;
  readonly rule: string;
  readonly assignee: string;
  readonly q: string;
}
export function alertFilterOf(search: ViewSearch): AlertFilter {
  const { severity = '', rule = '', assignee = '', q = '' } = search;
  return { tab: tabOf(search).name, severity, rule, assignee, q: q.trim() };
}

export const alertsKey = (filter: AlertFilter) => ['alerts', 'list', filter] as const;

/** A page of alerts: the most severe of those that are open first, then the newest. */
export function alertsPage(
  { tab, severity, rule, assignee, q }: AlertFilter,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<AlertsAnswer> {
  const params = new URLSearchParams({ limit: String(PAGE_ALERTS) });
  for (const state of tabOf({ status: tab }).states) params.append('state', state);
  if (assignee === 'nobody') params.set('unassigned', 'true');
  else if (assignee !== '') params.set('assignee', assignee);
  for (const [name, value] of Object.entries({ severity, rule, q, cursor: cursor ?? '' }))
    if (value !== '') params.set(name, value);
  return api(`/admin/alerts?${params.toString()}`, { signal });
}

/** The most severe alerts that are open: for the navigation, and for who listens. */
export const openAlertsQuery = queryOptions({
  queryKey: ['alerts', 'open'],
  refetchInterval: 60_000,
  retry: false,
  queryFn: ({ signal }) =>
    api<AlertsAnswer>('/admin/alerts?limit=50&state=ACTIVE&state=INVESTIGATING', { signal }),
});

const alertPath = (id: string): string => `/admin/alerts/${encodeURIComponent(id)}`;

export const alertKey = (id: string) => ['alerts', 'one', id] as const;
export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: alertKey(id),
    refetchInterval: 30_000,
    queryFn: ({ signal }) => api<AlertAnswer>(alertPath(id), { signal }),
  });

/** Asks for an act of the API, such as `resolve`. @returns the alert as it is then */
export const postAct = (id: string, name: string, body: object): Promise<AlertEntry> =>
  api(`${alertPath(id)}/${name}`, { method: 'POST', body });

/** Alerts of one call at most. */
export const MAX_BULK = 100;

/** Does something with several alerts in one call. @returns what came of each, in their order */
export async function postBulk(
  items: readonly { readonly id: string; readonly acts: readonly object[] }[],
): Promise<BulkAlertsAnswer['results']> {
  const results: BulkAlertsAnswer['results'][number][] = [];
  for (let at = 0; at < items.length; at += MAX_BULK) {
    const body = { items: items.slice(at, at + MAX_BULK) };
    const answer = await api<BulkAlertsAnswer>('/admin/alerts/bulk', { method: 'POST', body });
    results.push(...answer.results);
  }
  return results;
}

/** Has a channel told a test message. */
export const testChannel = (name: string): Promise<{ readonly delivery: string }> =>
  api(`/admin/alert-channels/${encodeURIComponent(name)}/test`, { method: 'POST', body: {} });

/** What is looked for in events; answers 404 where nothing looks. */
export const detectorsQuery = queryOptions({
  queryKey: ['detectors'],
  staleTime: 60_000,
  retry: false,
  queryFn: ({ signal }) => api<DetectorsAnswer>('/admin/detectors', { signal }),
});

const ROLES_THAT_ACT = ['administrator', 'analyst'] as const;

/** People who may act on alerts, by name; none where accounts are kept elsewhere. */
export function usePeople(): readonly { readonly subject: string; readonly name: string }[] {
  const found = useQueries({
    queries: ROLES_THAT_ACT.map((role) => ({
      queryKey: ['users', 'people', role],
      staleTime: 60_000,
      retry: false,
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        usersPage({ q: '', status: 'active', role }, undefined, signal),
    })),
  });
  const people = found.flatMap(({ data }) => data?.users ?? []);
  return [...new Map(people.map((one) => [one.id, one])).values()].map(({ id, name, email }) => ({
    subject: `user:${id}`,
    name: name === '' ? email : name,
  }));
}
