import { type Algorithm, ARG, programOf } from './algorithm.ts';

/**
 * Token bucket in the form of the generic cell rate algorithm (ITU-T I.371): what is owed, and since when. It drains at
 * limit ÷ window and holds at most `burst`. Kept as a small debt instead of a theoretical arrival time, because near
 * 10¹² milliseconds a float has only a quarter of a microsecond left for fractions.
 *
 * Error bound: exact for its own definition; any span of d milliseconds holds at most burst + limit × d ÷ window.
 */
export const GCRA: Algorithm = {
  name: 'gcra',
  program: programOf({
    name: 'gcra.v1',
    columns: 2,
    look: (row, at, args, nowMs) =>
      owed(row, at, args, nowMs) + (args[ARG.cost] as number) <= (args[ARG.extra] as number) + TOLERANCE,
    add(row, at, args, nowMs) {
      const debt = owed(row, at, args, nowMs) + (args[ARG.cost] as number);
      row[at] = Math.min(debt, (args[ARG.extra] as number) + (args[ARG.max] as number));
      row[at + 1] = timeOf(row, at, args, nowMs);
    },
    ttlMs: (args) =>
      Math.ceil(
        (((args[ARG.extra] as number) + (args[ARG.max] as number)) * (args[ARG.window] as number)) /
          (args[ARG.max] as number),
      ),
    lua: {
      look: `local at = now
if row[2] > now and row[2] <= now + args[2] then at = row[2] end
local debt = math.max(0, row[1] - math.max(0, at - row[2]) * args[1] / args[2])
return debt + args[3] <= args[4] + 1e-9`,
      add: `local at = now
if row[2] > now and row[2] <= now + args[2] then at = row[2] end
local debt = math.max(0, row[1] - math.max(0, at - row[2]) * args[1] / args[2])
row[1] = math.min(debt + args[3], args[4] + args[1])
row[2] = at`,
    },
  }),
  used: owed,
  freeAtMs(row, at, args, nowMs) {
    const over = owed(row, at, args, nowMs) + (args[ARG.cost] as number) - (args[ARG.extra] as number);
    if (over <= TOLERANCE) return nowMs;
    return timeOf(row, at, args, nowMs) + drainMs(over, args);
  },
  resetAtMs(row, at, args, nowMs) {
    const debt = owed(row, at, args, nowMs);
    return debt === 0 ? nowMs : timeOf(row, at, args, nowMs) + drainMs(debt, args);
  },
};

const TOLERANCE = 1e-9;

/** The later of now and the last write; a last write more than a window ahead came from a clock that was wrong. */
function timeOf(row: Float64Array, at: number, args: readonly number[], nowMs: number): number {
  const last = row[at + 1] as number;
  return last > nowMs && last <= nowMs + (args[ARG.window] as number) ? last : nowMs;
}

function owed(row: Float64Array, at: number, args: readonly number[], nowMs: number): number {
  const passedMs = Math.max(0, timeOf(row, at, args, nowMs) - (row[at + 1] as number));
  return Math.max(
    0,
    (row[at] as number) - (passedMs * (args[ARG.max] as number)) / (args[ARG.window] as number),
  );
}

function drainMs(debt: number, args: readonly number[]): number {
  return Math.ceil(((debt - TOLERANCE) * (args[ARG.window] as number)) / (args[ARG.max] as number));
}
