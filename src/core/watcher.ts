import type { RampartEvent } from './events.ts';

/** Stages of the event corridor, in order: nothing is acted on that is not written. */
export const STAGES = ['journal', 'detect', 'alert', 'respond'] as const;
export type Stage = (typeof STAGES)[number];

/** One station of the event corridor; the same shape as a guard. */
export interface Watcher {
  readonly name: string;
  readonly stage: Stage;
  /** Types that it wants, or all. */
  readonly on: '*' | readonly string[];
  /**
   * Takes events in order. A journal watcher that rejects is asked again with the same events; in the other stages a
   * failure is reported and the events go on.
   */
  handle(events: readonly RampartEvent[]): void | Promise<void>;
}
