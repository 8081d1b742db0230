import type { Clock, Timers } from '../core/clock.ts';
import type { EventSink } from '../core/events.ts';
import type { Journal } from '../ports/journal.ts';

/** What the notices stand on. */
export interface JournalNoticeParts {
  readonly journal: Pick<Journal, 'stats'>;
  /** Decisions and events that were dropped since the start. */
  readonly shed: () => number;
  /** Asked late: the house is built with the pump. */
  readonly events: () => EventSink;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** A database that is started anew is back within seconds, and nobody need hear of it. */
const PATIENCE_MS = 5_000;

/** Tells as events that records wait, and that they are taken again. */
export interface JournalNotices {
  stalled(error: unknown): void;
  recovered(): void;
  close(): void;
}

/** Makes what tells `JOURNAL_STALLED`, once it has lasted for five seconds, and `JOURNAL_RECOVERED` after that. */
export function journalNotices({ journal, shed, events, clock, timers }: JournalNoticeParts): JournalNotices {
  let cancel: (() => void) | null = null;
  let told = false;
  let sinceMs = 0;
  let shedBefore = 0;
  const facts = () => ({ waiting: journal.stats().waiting, count: shed() - shedBefore });
  return {
    stalled(error) {
      sinceMs = clock.now();
      shedBefore = shed();
      cancel?.();
      cancel = timers.after(PATIENCE_MS, () => {
        cancel = null;
        told = true;
        const { waiting, count } = facts();
        events().emit('JOURNAL_STALLED', {
          outcome: 'failure',
          details: { waiting, shed: count, error: wordsOf(error) },
        });
      });
    },
    recovered() {
      cancel?.();
      cancel = null;
      if (!told) return;
      told = false;
      const details = { seconds: Math.round((clock.now() - sinceMs) / 1_000), shed: facts().count };
      events().emit('JOURNAL_RECOVERED', { outcome: 'success', details });
    },
    close: () => cancel?.(),
  };
}

/** The code of a system's or a database's error, or the kind of another; never its text, which may hold what was written. */
function wordsOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (typeof code === 'string') return code.slice(0, 60);
  return error instanceof Error ? error.name.slice(0, 60) : 'unknown';
}
