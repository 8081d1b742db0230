/**
 * What an adapter shows of a request. Getters are called at most a few times; nothing is copied. No body: a guard that
 * wants to see it has `openBody`.
 */
export interface RequestView {
  /** Upper case. */
  readonly method: string;
  /** Path and query as received, before any decoding: `/orders?id=1`. */
  readonly target: string;
  /** Remote address of the socket; `undefined` where the runtime does not tell. */
  readonly peer: string | undefined;
  /** Whether this hop is encrypted. */
  readonly encrypted: boolean;
  /** A header by its lower-case name; repeated ones joined with `', '` (cookies with `'; '`). */
  header(name: string): string | undefined;
  /** Names and values in turn as received, where the adapter has them: for checks on duplicates and sizes. */
  rawHeaders?(): readonly string[];
}
