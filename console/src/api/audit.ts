import { queryOptions } from '@tanstack/react-query';
import type {
  AuditAnswer,
  AuditIntegrityAnswer,
  AuditProofAnswer,
  AuditReport,
  BundlePage,
  HoldEntry,
  HoldsAnswer,
} from '../../../src/server/api/audit-types.ts';
import { api } from './client.ts';

export type { BundlePage } from '../../../src/server/api/audit-types.ts';

/** How the log is; asked more often while it is being verified. */
export const integrityQuery = queryOptions({
  queryKey: ['audit', 'integrity'],
  queryFn: ({ signal }) => api<AuditIntegrityAnswer>('/admin/audit/integrity', { signal }),
  refetchInterval: ({ state }) => (state.data?.verifying ? 500 : 5000),
});

/** The newest events of the log; of one type where it is given. */
export const auditTailQuery = (type: string | undefined, enabled: boolean) =>
  queryOptions({
    queryKey: ['audit', 'tail', type ?? ''],
    enabled,
    refetchInterval: type === undefined ? 5000 : 60_000,
    queryFn: ({ signal }) => {
      const query = type === undefined ? 'limit=15' : `limit=20&type=${type}`;
      return api<AuditAnswer>(`/admin/audit?${query}`, { signal });
    },
  });

/** Reads the whole log; ends when it is done. */
export const verifyLog = (): Promise<AuditReport> =>
  api<AuditReport>('/admin/audit/verify', { method: 'POST' });

/** Legal holds, those in force first. */
export const holdsQuery = (enabled: boolean) =>
  queryOptions({
    queryKey: ['audit', 'holds'],
    enabled,
    queryFn: ({ signal }) => api<HoldsAnswer>('/admin/events/holds', { signal }),
  });

/** Places a hold on what fits all that is given. */
export const placeHold = (
  hold: Pick<HoldEntry, 'reason'> & {
    readonly holder?: string;
    readonly type?: string;
    readonly fromMs?: number;
    readonly toMs?: number;
  },
): Promise<HoldEntry> => api<HoldEntry>('/admin/events/holds', { method: 'POST', body: hold });

/** Lifts a hold. */
export const liftHold = (id: string): Promise<HoldEntry> =>
  api<HoldEntry>(`/admin/events/holds/${encodeURIComponent(id)}/lift`, { method: 'POST' });

/** The proof of one event. */
export const proofOf = (id: string): Promise<AuditProofAnswer> =>
  api<AuditProofAnswer>(`/admin/audit/${encodeURIComponent(id)}/proof`);

/** A page of the export. */
export const bundlePage = (from: number, payloads: boolean): Promise<BundlePage> =>
  api<BundlePage>(`/admin/audit/bundle?from=${from}&payloads=${payloads}`);

/** A page of the proof of a range: of the events from `from` to `to` those from `at` on. */
export const rangePage = (
  range: { readonly from: number; readonly to: number } & Readonly<Record<string, unknown>>,
  at: number,
  payloads: boolean,
): Promise<BundlePage> => {
  const given = Object.entries({ ...range, at, payloads });
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return api<BundlePage>(`/admin/audit/range?${query}`);
};
