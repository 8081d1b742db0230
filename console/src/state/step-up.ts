import { useSyncExternalStore } from 'react';
import type { AuthFactor } from '../../../src/server/api/auth-types.ts';
import { ApiError } from '../api/client.ts';

/** A proof that an act waits for. */
export interface StepUpAsk {
  /** What the act accepts; null: whatever the account has. */
  readonly factors: readonly AuthFactor[] | null;
  /** Age of a proof that is still good, in seconds; null when the server did not say. */
  readonly withinSeconds: number | null;
  readonly settle: (isProven: boolean) => void;
}

/** The reader closed the dialog: nothing was done, and nothing is wrong. */
export class StepUpCancelled extends Error {
  override readonly name = 'StepUpCancelled';
  constructor() {
    super('Nothing was done: you have not proven that it is you.');
  }
}

let ask: StepUpAsk | null = null;
const listeners = new Set<() => void>();
function set(next: StepUpAsk | null): void {
  ask = next;
  for (const listener of listeners) listener();
}

/** The proof that is being asked for, or null. */
export function useStepUpAsk(): StepUpAsk | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => ask,
  );
}

/** Reads the details of FRESH_AUTH_REQUIRED, whatever they hold. */
export function readFreshDetails(details: unknown): Pick<StepUpAsk, 'factors' | 'withinSeconds'> {
  const { factors, withinSeconds } = (details ?? {}) as { factors?: unknown; withinSeconds?: unknown };
  const isList = Array.isArray(factors) && factors.length > 0;
  return {
    factors: isList ? (factors as readonly AuthFactor[]) : null,
    withinSeconds: typeof withinSeconds === 'number' ? withinSeconds : null,
  };
}

/**
 * Does something that needs a fresh proof: when the server asks for one, the dialog does, and the act is repeated once.
 * @throws StepUpCancelled when the reader gave none; otherwise what the act throws
 */
export async function withFreshProof<T>(act: () => Promise<T>, demand = demandProof): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'FRESH_AUTH_REQUIRED') throw error;
    if (!(await demand(error.details))) throw new StepUpCancelled();
    return act();
  }
}

/** Opens the dialog; resolves with whether a proof was given. A second demand while one is open is refused. */
function demandProof(details: unknown): Promise<boolean> {
  if (ask !== null) return Promise.resolve(false);
  return new Promise((resolve) => {
    set({
      ...readFreshDetails(details),
      settle: (isProven) => {
        set(null);
        resolve(isProven);
      },
    });
  });
}
