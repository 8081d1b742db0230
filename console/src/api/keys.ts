import { queryOptions } from '@tanstack/react-query';
import type { KeysAnswer, KeyView, RotationProgress } from '../../../src/server/api/key-types.ts';
import { api } from './client.ts';

export type { KeysAnswer, KeyView, RotationProgress } from '../../../src/server/api/key-types.ts';
export type KeyPurpose = KeyView['purpose'];

/** GET /admin/keys/:purpose/fields (administrator): fields by key id; an empty id stands for no key that is known. */
export interface KeyCountsAnswer {
  readonly purpose: KeyPurpose;
  readonly fields: Readonly<Record<string, number>>;
}

const RUNNING_MS = 1500;
const RESTING_MS = 15_000;

/** The keys and their rotations; looked at often while one runs. */
export const keysQuery = queryOptions<KeysAnswer>({
  queryKey: ['keys'],
  refetchInterval: ({ state }) =>
    state.data?.rotations.some(({ endedAtMs }) => endedAtMs === null) === true ? RUNNING_MS : RESTING_MS,
  queryFn: ({ signal }) => api('/admin/keys', { signal }),
});

/** Reads every row of the declared tables: only on demand. */
export const keyCountsQuery = (purpose: KeyPurpose) =>
  queryOptions({
    queryKey: ['key-counts', purpose],
    enabled: false,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => api<KeyCountsAnswer>(`/admin/keys/${purpose}/fields`, { signal }),
  });

/** Begins a rotation, or goes on with the one that has begun. */
export const rotateKey = (purpose: KeyPurpose): Promise<RotationProgress> =>
  api('/admin/keys/rotate', { method: 'POST', body: { purpose } });
