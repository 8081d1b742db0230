import type { ResponseEntry } from '../../api/responses.ts';
import type { ViewSearch } from '../../state/search.ts';

/** Decisions about a response's target from its beginning on; null where they cannot be filtered by it. */
export function touchedSearch({
  target,
  startedAtMs,
  endedAtMs,
  expiresAtMs,
}: Pick<ResponseEntry, 'target' | 'startedAtMs' | 'endedAtMs' | 'expiresAtMs'>): ViewSearch | null {
  const field = target.startsWith('user:')
    ? 'principal'
    : target.includes('/')
      ? 'range'
      : /[.:]/.test(target)
        ? 'address'
        : null;
  if (field === null) return null;
  const value = field === 'principal' ? target.slice('user:'.length) : target;
  return { from: startedAtMs, to: endedAtMs ?? expiresAtMs, filter: [`${field}:${value}`] };
}
