import type { ApiPorts } from '../../ports.ts';
import type { OpenedAccess } from '../../../access.ts';

/** The API of a server that has a policy. */
export type KnownAccess = ApiPorts & { readonly access: OpenedAccess };

/** Tag of the OpenAPI document. */
export const TAG = 'Access';
/** What every write asks. */
export const FRESH = 'Needs a second factor proven 10 minutes ago at most.';

/** A page from one entry more than it holds. */
export function pageOf<T extends { readonly id: string }>(
  found: readonly T[],
  limit: number,
): { readonly entries: readonly T[]; readonly nextCursor: string | null } {
  const entries = found.slice(0, limit);
  return { entries, nextCursor: found.length > limit ? (entries.at(-1)?.id ?? null) : null };
}
