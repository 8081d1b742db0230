import { type Algorithm, ARG, programOf } from './algorithm.ts';

/**
 * Fixed window: the index of the window and its count. Windows start at multiples of their length since the epoch.
 *
 * Error bound: exact within its own windows; any other window of the same length holds at most twice the limit (a burst
 * right before an edge and one right after it).
 */
export const FIXED: Algorithm = {
  name: 'fixed',
  program: programOf({
    name: 'fixed.v1',
    columns: 2,
    look: (row, at, args, nowMs) =>
      countOf(row, at, args, nowMs) + (args[ARG.cost] as number) <= (args[ARG.max] as number),
    add(row, at, args, nowMs) {
      const count = countOf(row, at, args, nowMs);
      row[at] = indexOf(row, at, args, nowMs);
      row[at + 1] = count + (args[ARG.cost] as number);
    },
    ttlMs: (args) => args[ARG.window] as number,
    lua: {
      look: `local index = math.floor(now / args[2])
if index < row[1] and index >= row[1] - 2 then index = row[1] end
local count = 0
if index <= row[1] then count = row[2] end
return count + args[3] <= args[1]`,
      add: `local index = math.floor(now / args[2])
if index < row[1] and index >= row[1] - 2 then index = row[1] end
local count = 0
if index <= row[1] then count = row[2] end
row[1] = index
row[2] = count + args[3]`,
    },
  }),
  used: countOf,
  freeAtMs(row, at, args, nowMs) {
    if (FIXED.program.peek(row, at, args, nowMs)) return nowMs;
    return endOf(row, at, args, nowMs);
  },
  resetAtMs: (row, at, args, nowMs) =>
    countOf(row, at, args, nowMs) === 0 ? nowMs : endOf(row, at, args, nowMs),
};

/** The window of `nowMs`; a clock that stepped back a little stays in the newest window that was seen. */
function indexOf(row: Float64Array, at: number, args: readonly number[], nowMs: number): number {
  const index = Math.floor(nowMs / (args[ARG.window] as number));
  const stored = row[at] as number;
  return index < stored && index >= stored - 2 ? stored : index;
}

/** A count from a future far away (the clock was wrong) is taken as one of now. */
function countOf(row: Float64Array, at: number, args: readonly number[], nowMs: number): number {
  return indexOf(row, at, args, nowMs) <= (row[at] as number) ? (row[at + 1] as number) : 0;
}

function endOf(row: Float64Array, at: number, args: readonly number[], nowMs: number): number {
  return (indexOf(row, at, args, nowMs) + 1) * (args[ARG.window] as number);
}
