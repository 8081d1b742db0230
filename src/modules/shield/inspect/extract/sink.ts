import type { Place } from '../types.ts';

/** What is wrong with the shape of a request, before any value was looked at. */
export type Problem =
  | 'too-deep'
  | 'too-many-values'
  | 'too-much-suspicious'
  | 'too-large'
  | 'bad-encoding'
  | 'malformed'
  | 'wrong-type';

/** Where values go that did not stop at the gate. */
export interface ValueSink {
  /** A value, decoded as the application will decode it. */
  suspect(value: string, place: Place, name: string): void;
  /** The request cannot be inspected as it is. */
  problem(problem: Problem): void;
}

/** Takes a body while it comes. */
export interface BodyScan {
  /** Whether the rest is of no interest: nothing need be held back for it. */
  readonly passing: boolean;
  /** Whether the body is answered while it comes: nothing of it may be held back. */
  readonly streams?: boolean;
  /** Takes the next bytes; says whether the sink may have been given something. */
  write(chunk: Uint8Array): boolean;
  end(): void;
}
