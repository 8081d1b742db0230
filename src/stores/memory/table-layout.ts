/** How a row and a segment of the counter table lie in memory, and the sums that follow from it. */

/** Doubles before a row's first column. */
export const HEAD = 2;
/**
 * `life` is `expiresAtMs * USES + uses`: when the row is forgotten, and how often it was used (0 to 255). Both fit a
 * double up to the year 3084.
 */
export const USES = 256;
export const MOST_USES = USES - 1;
/** The latest time at which a row may expire, milliseconds since the epoch. */
export const LATEST_MS = 2 ** 45 - 1;
export const WORD = 4_294_967_296;
/** A segment is rebuilt when more than this share of its slots is taken, and then has so many slots per row. */
export const FULL = 0.75;
export const SPACIOUS = 1.6;
/** The share that is taken of a full table: the emptier, the fewer lines of memory a search touches. */
export const TAKEN_AT_MOST = 0.65;
export const LEAST_SLOTS = 8;
/** Rows that one segment holds when the table is full. */
export const SEGMENT_ROWS = 4_096;
/** Slots among which the row to forget is chosen. */
export const WINDOW = 32;
/** Slots that the hand passes for each new row while the table is full. */
export const SWEEP = 64;

/** A part of the table: `slots` slots from `base` on in `data`, of `reach` that may be used without moving. */
export interface Segment {
  data: Float64Array;
  base: number;
  slots: number;
  reach: number;
  used: number;
}

/** When a row written at `nowMs` is forgotten; a time to live that is not a number never ends. */
export function expiryMs(nowMs: number, ttlMs: number): number {
  const at = Math.ceil(nowMs + ttlMs);
  return at < LATEST_MS ? at : LATEST_MS;
}

/** The least `life` of a row that is alive at `nowMs`. */
export function aliveFrom(nowMs: number): number {
  return (Math.floor(nowMs) + 1) * USES;
}

/** Whether a segment has no room left for another row. */
export function isFull(segment: Segment): boolean {
  return segment.used + 1 > segment.slots * FULL;
}

/** How often a row was used, from its packed life. */
export function usesOf(life: number): number {
  return life - Math.floor(life / USES) * USES;
}

/** The slot where the search for a fingerprint begins: its lower 32 bits, scaled to the number of slots. */
export function homeOf(fingerprint: number, slots: number): number {
  return Math.floor(((fingerprint >>> 0) * slots) / WORD);
}

/** The slot after a slot, round the end. */
export function next(slot: number, slots: number): number {
  return slot + 1 === slots ? 0 : slot + 1;
}

/** Slots from `from` forward to `to`. */
export function distance(from: number, to: number, slots: number): number {
  return to >= from ? to - from : to - from + slots;
}
