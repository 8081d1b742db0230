import { useSyncExternalStore } from 'react';

let target: string | null = null;
const listeners = new Set<() => void>();

/** Opens the dialog that blocks an address or range; null closes it. */
export function askToBlock(next: string | null): void {
  target = next;
  for (const listener of listeners) listener();
}
/** What is about to be blocked, or null. */
export function useBlockAsk(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => target,
  );
}
