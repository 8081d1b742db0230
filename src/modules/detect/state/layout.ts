/** The first columns of every row: when the group's pattern was detected last, and what came of it since. */
export const HEAD = {
  /** Newest bucket (patterns) or interval (baselines), as its number since the epoch. */
  newest: 0,
  /**
   * When the present detection was made, milliseconds since the epoch; 0 for none. Its fraction, in 64ths, is how often it was
   * handed to a node that should tell it; without a fraction it is told.
   */
  firedMs: 1,
  /** What was counted since, with what led to it. */
  since: 2,
  /** What `since` was when it was told last. */
  told: 3,
  /** First and last event that was counted, milliseconds since the epoch. */
  firstMs: 4,
  lastMs: 5,
} as const;

/** Columns of the head. */
export const HEAD_COLUMNS = 6;

/** Buckets that a window is cut into: what is missed are events spread over more than 15/16 of it. */
export const BUCKETS = 16;

/** One try to tell a detection, as a fraction of a millisecond. */
const TRY = 1 / 64;
const MAX_TRIES = 62;
/** How long a node has to tell what it detected; doubled with every further try. */
const TELL_WITHIN_MS = 10_000;

/** When the detection of a row was made, milliseconds since the epoch; 0 for none. */
export function detectedMsOf(row: Float64Array, at: number): number {
  return Math.floor(row[at + HEAD.firedMs] as number);
}

/** Notes that the detection of a time is told: no other node need do so. */
export function confirm(row: Float64Array, at: number, detectedMs: number): void {
  if (detectedMsOf(row, at) === detectedMs) row[at + HEAD.firedMs] = detectedMs;
}

/** The same in Lua, over the local `at`, which is negative then: a row is confirmed by its own program. */
export const CONFIRM_LUA = `if at < 0 then
  if math.floor(row[2]) == -at then row[2] = -at end
  return
end`;

/** Whoever had a detection to tell has not: it died, or what it told was lost. */
function isOverdue(row: Float64Array, at: number, atMs: number): boolean {
  const detectedMs = detectedMsOf(row, at);
  const tries = ((row[at + HEAD.firedMs] as number) - detectedMs) / TRY;
  return tries > 0 && tries < MAX_TRIES && atMs >= detectedMs + TELL_WITHIN_MS * 2 ** (tries - 1);
}

/**
 * Settles whether a detection begins, goes on or is over, in a row whose counts are up to date.
 * @param hit the pattern is there now
 * @param counted what this event adds; 0 for one that is only compared with
 * @param value what a detection that begins now starts from
 */
export function settle(
  row: Float64Array,
  at: number,
  given: {
    readonly atMs: number;
    readonly coolDownMs: number;
    readonly hit: boolean;
    readonly counted: number;
    readonly value: number;
  },
): void {
  const firedMs = row[at + HEAD.firedMs] as number;
  if (firedMs !== 0 && given.atMs < detectedMsOf(row, at) + given.coolDownMs) {
    if (given.counted <= 0) return;
    if (isOverdue(row, at, given.atMs)) row[at + HEAD.firedMs] = firedMs + TRY;
    const since = (row[at + HEAD.since] as number) + given.counted;
    row[at + HEAD.since] = since;
    if (since >= 2 * (row[at + HEAD.told] as number)) row[at + HEAD.told] = since;
    return;
  }
  const value = given.hit ? given.value : 0;
  row[at + HEAD.firedMs] = given.hit ? Math.floor(given.atMs) + TRY : 0;
  row[at + HEAD.since] = value;
  row[at + HEAD.told] = value;
}

/** The same in Lua, over the locals `at`, `cool`, `hit`, `counted` and `value`. */
export const SETTLE_LUA = `local fired = math.floor(row[2])
if row[2] ~= 0 and at < fired + cool then
  if counted > 0 then
    local tries = (row[2] - fired) * 64
    if tries > 0 and tries < ${MAX_TRIES} and at >= fired + ${TELL_WITHIN_MS} * 2 ^ (tries - 1) then row[2] = row[2] + 1 / 64 end
    row[3] = row[3] + counted
    if row[3] >= 2 * row[4] then row[4] = row[3] end
  end
elseif hit then
  row[2], row[3], row[4] = math.floor(at) + 1 / 64, value, value
else
  row[2], row[3], row[4] = 0, 0, 0
end`;

/** Notes when an event was counted. @param isFirst nothing else is counted in the window */
export function stamp(row: Float64Array, at: number, atMs: number, isFirst: boolean): void {
  if (isFirst || atMs < (row[at + HEAD.firstMs] as number)) row[at + HEAD.firstMs] = atMs;
  if (isFirst || atMs > (row[at + HEAD.lastMs] as number)) row[at + HEAD.lastMs] = atMs;
}

/** The same in Lua, over the locals `at` and `first`. */
export const STAMP_LUA = `if first or at < row[5] then row[5] = at end
if first or at > row[6] then row[6] = at end`;
