import type { ApiKeyEntry } from '../../../../src/server/api/access-types.ts';

/** Whether a key opens doors, and if not, why. */
export function stateOf(
  { revokedAtMs, expiresAtMs }: Pick<ApiKeyEntry, 'revokedAtMs' | 'expiresAtMs'>,
  nowMs: number,
): 'live' | 'revoked' | 'over' {
  if (revokedAtMs !== null) return 'revoked';
  return expiresAtMs <= nowMs ? 'over' : 'live';
}
