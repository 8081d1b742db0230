import type { Logger } from '../base/observe/index.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { Identity } from '../modules/identity/index.ts';

const PRUNE_MS = 600_000;
const FAILED = 'What has run out of accounts could not be forgotten; it is tried again.';
/** Batches of one round; what is left over waits for the next round. */
const MAX_BATCHES = 500;

/**
 * Forgets what accounts leave (ended sessions, links, counters) every ten minutes, for an application, which has no
 * housekeeping.
 * @param turn.everyMs from the end of a round to the next one, milliseconds; default ten minutes
 * @param turn.firstMs from the start to the first round, milliseconds; default ten minutes
 * @param turn.failed what is logged when a round fails
 * @returns what stops it, once the round that runs has ended
 */
export function keepPruned(
  identity: Pick<Identity, 'prune'>,
  { clock, timers, log }: { readonly clock: Clock; readonly timers: Timers; readonly log: Logger },
  {
    everyMs = PRUNE_MS,
    firstMs = PRUNE_MS,
    failed = FAILED,
  }: { readonly everyMs?: number; readonly firstMs?: number; readonly failed?: string } = {},
): () => Promise<void> {
  let stopped = false;
  let cancel = (): void => undefined;
  let round = Promise.resolve();
  const prune = async (): Promise<void> => {
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      if (stopped || (await identity.prune(clock.now())) === 0) return;
    }
  };
  const next = (delayMs: number): void => {
    if (stopped) return;
    cancel = timers.after(delayMs, () => {
      round = prune()
        .catch((error: unknown) => log.warn(failed, { error }))
        .finally(() => next(everyMs));
    });
  };
  next(firstMs);
  return async () => {
    stopped = true;
    cancel();
    await round;
  };
}
