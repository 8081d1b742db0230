import { useSyncExternalStore } from 'react';
import type { Responder } from '../../../src/server/api/response-types.ts';

/** A response that somebody is about to begin, as far as it is known. */
export interface ResponseAsk {
  readonly responder?: Responder;
  readonly target?: string;
  /** Alert that it is for. */
  readonly alert?: string;
}

let ask: ResponseAsk | null = null;
const listeners = new Set<() => void>();

/** Opens the dialog that begins a response; null closes it. */
export function askToRespond(next: ResponseAsk | null): void {
  ask = next;
  for (const listener of listeners) listener();
}
/** What is about to be begun, or null. */
export function useResponseAsk(): ResponseAsk | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => ask,
  );
}
