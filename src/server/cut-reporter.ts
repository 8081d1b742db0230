import type { CutReason } from '../adapters/node/index.ts';
import type { Timers } from '../core/clock.ts';
import type { EventSink } from '../core/events.ts';

const MINUTE_MS = 60_000;

/** Counts connections that were cut, and tells of them once a minute: an attacker must not write the journal full. */
export function cutReporter(
  events: EventSink,
  timers: Timers,
): { readonly report: (reason: CutReason, address: string | undefined) => void; readonly flush: () => void } {
  let counts: Partial<Record<CutReason, number>> = {};
  let last: string | undefined;
  let cancel: (() => void) | undefined;
  const flush = (): void => {
    if (cancel === undefined) return;
    cancel();
    cancel = undefined;
    events.emit('CONNECTIONS_CUT', {
      outcome: 'refused',
      details: counts,
      ...(last === undefined ? {} : { address: last }),
    });
    counts = {};
  };
  return {
    report(reason, address) {
      counts[reason] = (counts[reason] ?? 0) + 1;
      last = address;
      cancel ??= timers.after(MINUTE_MS, flush);
    },
    flush,
  };
}
