import { isSignedOut } from './caller.ts';
import type { Client } from './client.ts';
import type { SessionInfo } from './types.ts';

/** Who is signed in, as far as the page knows. */
export type SessionState =
  | { readonly status: 'loading' }
  | { readonly status: 'signed-in'; readonly info: SessionInfo }
  | { readonly status: 'signed-out' }
  /** It could not be asked. */
  | { readonly status: 'failed'; readonly error: unknown };

/** Keeps who is signed in up to date. */
export interface SessionStore {
  readonly state: () => SessionState;
  /** Asks the server when first subscribed to. @returns what ends it */
  readonly subscribe: (listener: () => void) => () => void;
  /** Asks the server now. */
  readonly reload: () => Promise<void>;
}

/** Makes the store of a client. */
export function sessionStore(client: Client): SessionStore {
  const listeners = new Set<() => void>();
  let state: SessionState = { status: 'loading' };
  let isAsked = false;
  let asking = 0;
  const set = (next: SessionState): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  const reload = async (): Promise<void> => {
    isAsked = true;
    asking += 1;
    const mine = asking;
    let next: SessionState;
    try {
      next = { status: 'signed-in', info: await client.session() };
    } catch (error) {
      next = isSignedOut(error) ? { status: 'signed-out' } : { status: 'failed', error };
    }
    // An older answer must not overwrite what was learnt since.
    if (mine === asking) set(next);
  };
  client.onChange((change) => {
    if (change === 'signed-out') {
      asking += 1;
      set({ status: 'signed-out' });
    } else if (change === 'signed-in') void reload();
  });
  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      if (!isAsked) void reload();
      return () => void listeners.delete(listener);
    },
    reload,
  };
}
