/** How a sink fares. `unknown`: no process that is up has it. */
export const SINK_STATES = ['working', 'failing', 'unknown'] as const;
export type SinkStateWord = (typeof SINK_STATES)[number];

/** A place that events are sent to. Times are milliseconds since the epoch. */
export interface SinkEntry {
  readonly name: string;
  readonly kind: string;
  /** Where it sends to, without path, user and secret. */
  readonly target: string;
  readonly state: SinkStateWord;
  /** Events that it has still to go through, also those that it does not want. */
  readonly waiting: number;
  /** When the oldest of them arrived; null: none waits. */
  readonly oldestAtMs: number | null;
  readonly sent: number;
  /** Events that the receiver refused for what they hold, and that were left out. */
  readonly refused: number;
  /** Events that were deleted before they could be sent. */
  readonly lost: number;
  readonly sentAtMs: number | null;
  readonly failingSinceMs: number | null;
  /** Tries that failed in a row. */
  readonly attempts: number;
  /** When it is tried again; null: it works. */
  readonly nextAtMs: number | null;
  /** Why the last try failed. */
  readonly error: string | null;
  /** Why the last refused event was refused. */
  readonly refusal: string | null;
  /** Whether the node that answers has it in its configuration. */
  readonly configured: boolean;
}

/** GET /admin/sinks */
export interface SinksAnswer {
  readonly sinks: readonly SinkEntry[];
}

/** POST /admin/sinks/{name}/test */
export interface SinkTestAnswer {
  readonly taken: boolean;
  readonly durationMs: number;
  /** Why it was not taken. */
  readonly error: string | null;
}
