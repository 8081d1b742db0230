import type { Duration } from '../../ui/duration-field.tsx';

/** How long a response acts where nobody chooses. */
export const USUAL_MINUTES = 60;
/** How long responses act, in minutes. */
export const DURATIONS: readonly Duration<number>[] = [
  ['15 min', 15],
  ['1 hour', USUAL_MINUTES],
  ['4 hours', 240],
  ['1 day', 1440],
  ['7 days', 10_080],
];
