import { queryOptions } from '@tanstack/react-query';
import type { UploadEntry, UploadsAnswer, UploadState } from '../../../src/server/api/upload-types.ts';
import { api } from './client.ts';

export type { UploadEntry, UploadsAnswer, UploadState } from '../../../src/server/api/upload-types.ts';

/** What the list shows: everything, what is in quarantine, or one state. */
export type UploadView = 'all' | 'quarantine' | 'kept' | 'refused';

/** A page of files that people sent, newest first. */
export const uploadsQuery = (view: UploadView, cursor: string | null) =>
  queryOptions<UploadsAnswer>({
    queryKey: ['uploads', view, cursor],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ limit: '50' });
      if (cursor !== null) query.set('cursor', cursor);
      if (view === 'kept' || view === 'refused') query.set('state', view);
      const path = view === 'quarantine' ? '/admin/quarantine' : '/admin/uploads';
      return api(`${path}?${query.toString()}`, { signal });
    },
  });

/** Deletes a file for good. */
export const deleteUpload = ({ id, state }: UploadEntry): Promise<unknown> =>
  api(`/admin/${state === 'kept' ? 'uploads' : 'quarantine'}/${encodeURIComponent(id)}`, {
    method: 'DELETE',
  });

/** Lets the owner have a file against the word of the scanner. */
export const releaseUpload = ({ id }: UploadEntry, reason: string): Promise<UploadEntry> =>
  api(`/admin/quarantine/${encodeURIComponent(id)}/release`, { method: 'POST', body: { reason } });

/** Words for the states. */
export const STATE_LABEL: Readonly<Record<UploadState, string>> = {
  kept: 'Kept',
  held: 'Held',
  infected: 'Infected',
  refused: 'Refused',
};
