import type { Verdict } from './verdict.ts';

/**
 * The one primitive: a verdict as a pure function of the request's features, the state that was read for it and the
 * time that was handed in. No I/O, no clock, no randomness inside, so that a decision record holds enough to compute
 * the same verdict again.
 *
 * Features and state are plain JSON data, because they are kept in the record.
 */
export interface Decider<Features = unknown, State = unknown> {
  /** Unique in the house, such as `limit`; the record names it. */
  readonly name: string;
  /** Raised whenever the same features and state may give another verdict. */
  readonly version: number;
  decide(features: Features, state: State, nowMs: number): Verdict;
}

/** What a decider was given: one guard's part of a decision record. */
export interface Evidence<Features = unknown, State = unknown> {
  readonly features: Features;
  readonly state: State;
  /** The time that was handed to `decide`, milliseconds since the epoch (the store's clock where the store has one). */
  readonly atMs: number;
}
