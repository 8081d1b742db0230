import type { CounterProgram } from '../../../ports/counter.ts';
import { confirm, CONFIRM_LUA, HEAD, HEAD_COLUMNS, settle, SETTLE_LUA, stamp, STAMP_LUA } from './layout.ts';

/** Places in the arguments of a baseline. */
export const BASELINE_ARG = {
  /** When the event happened, milliseconds since the epoch; negative as in a pattern. */
  at: 0,
  intervalMs: 1,
  coolDownMs: 2,
  /** Below this nothing is unusual. */
  least: 3,
  /** Times the mean that are still usual. */
  times: 4,
  /** Deviations above the mean that are still usual. */
  deviations: 5,
  /** Intervals after which the baseline is trusted. */
  warmUp: 6,
  /** What is unusual before that; 0: nothing. */
  cold: 7,
  /** What the event adds. */
  counted: 8,
  /** What it adds to what is divided by; 0 where nothing is. */
  per: 9,
  /** Below this the quotient says nothing; 0 where nothing is divided. */
  leastPer: 10,
  /** Share of an interval in the mean once much was learnt: 1 ÷ intervals. */
  share: 11,
  keepMs: 12,
} as const;

const OWN = {
  /** What this interval holds: the sum, and what it is divided by. */
  sum: HEAD_COLUMNS,
  per: HEAD_COLUMNS + 1,
  /** What is usual: decaying mean and decaying mean absolute deviation. */
  mean: HEAD_COLUMNS + 2,
  deviation: HEAD_COLUMNS + 3,
  /** Intervals that were learnt from. */
  learnt: HEAD_COLUMNS + 4,
} as const;

/** Of a normal distribution, what a standard deviation is to the mean absolute one. */
const TO_STANDARD = 1.2533;

/** What a baseline's row says. */
export interface BaselineState {
  /** Of the present interval: a sum, or a quotient. */
  readonly value: number;
  /** From where on a value is unusual; `Infinity` while that is being learnt. */
  readonly bound: number;
  /** What is usual; null while it is being learnt. */
  readonly usual: number | null;
}

/** Reads a row as it was at its newest interval. */
export function readBaseline(row: Float64Array, at: number, args: readonly number[]): BaselineState {
  const isKnown = (row[at + OWN.learnt] as number) >= (args[BASELINE_ARG.warmUp] as number);
  return {
    value: valueOf(row, at, args),
    bound: boundOf(row, at, args),
    usual: isKnown ? (row[at + OWN.mean] as number) : null,
  };
}

function valueOf(row: Float64Array, at: number, args: readonly number[]): number {
  const sum = row[at + OWN.sum] as number;
  const leastPer = args[BASELINE_ARG.leastPer] as number;
  if (leastPer === 0) return sum;
  const per = row[at + OWN.per] as number;
  return per >= leastPer ? sum / per : 0;
}

function boundOf(row: Float64Array, at: number, args: readonly number[]): number {
  const cold = args[BASELINE_ARG.cold] as number;
  if ((row[at + OWN.learnt] as number) < (args[BASELINE_ARG.warmUp] as number))
    return cold > 0 ? cold : Infinity;
  const mean = row[at + OWN.mean] as number;
  const deviations =
    (args[BASELINE_ARG.deviations] as number) * TO_STANDARD * (row[at + OWN.deviation] as number);
  return Math.max(
    args[BASELINE_ARG.least] as number,
    (args[BASELINE_ARG.times] as number) * mean,
    mean + deviations,
  );
}

/** Learns an interval that is over. One that was unusual counts as much as what was still usual. */
function learn(row: Float64Array, at: number, args: readonly number[]): void {
  if ((row[at + OWN.per] as number) < (args[BASELINE_ARG.leastPer] as number)) return;
  const value = Math.min(valueOf(row, at, args), boundOf(row, at, args));
  const learnt = (row[at + OWN.learnt] as number) + 1;
  const share = Math.max(1 / learnt, args[BASELINE_ARG.share] as number);
  const distance = value - (row[at + OWN.mean] as number);
  const deviation = row[at + OWN.deviation] as number;
  // The first value is no distance from anything.
  if (learnt > 1) row[at + OWN.deviation] = deviation + share * (Math.abs(distance) - deviation);
  row[at + OWN.mean] = (row[at + OWN.mean] as number) + share * distance;
  row[at + OWN.learnt] = learnt;
}

/**
 * Sums events by interval and compares the present one with what was usual in those before it, in which something
 * happened: a decaying mean and a decaying mean absolute deviation. Unusual intervals are learnt as what was still
 * usual, so that an attack does not become the baseline in one stroke.
 */
export const BASELINE: CounterProgram = {
  name: 'detect-baseline.v1',
  columns: HEAD_COLUMNS + 5,
  peek: () => true,
  commit(row, at, args) {
    const atMs = args[BASELINE_ARG.at] as number;
    if (atMs < 0) return confirm(row, at, -atMs);
    const counted = args[BASELINE_ARG.counted] as number;
    const index = Math.floor(atMs / (args[BASELINE_ARG.intervalMs] as number));
    const newest = row[at + HEAD.newest] as number;
    if (index > newest) {
      if (newest > 0) learn(row, at, args);
      row[at + OWN.sum] = 0;
      row[at + OWN.per] = 0;
      row[at + HEAD.newest] = index;
    }
    if (counted > 0) stamp(row, at, atMs, row[at + OWN.sum] === 0);
    row[at + OWN.sum] = (row[at + OWN.sum] as number) + counted;
    row[at + OWN.per] = (row[at + OWN.per] as number) + (args[BASELINE_ARG.per] as number);
    const value = valueOf(row, at, args);
    settle(row, at, {
      atMs,
      coolDownMs: args[BASELINE_ARG.coolDownMs] as number,
      hit: value > 0 && value >= boundOf(row, at, args),
      counted,
      value: row[at + OWN.sum] as number,
    });
  },
  ttlMs: (args) => args[BASELINE_ARG.keepMs] as number,
  lua: {
    peek: 'return true',
    commit: `local at, cool, counted = args[1], args[3], args[9]
${CONFIRM_LUA}
local function value_of()
  if args[11] == 0 then return row[7] end
  if row[8] >= args[11] then return row[7] / row[8] end
  return 0
end
local function bound_of()
  if row[11] < args[7] then
    if args[8] > 0 then return args[8] end
    return math.huge
  end
  return math.max(args[4], args[5] * row[9], row[9] + args[6] * ${TO_STANDARD} * row[10])
end
local index = math.floor(at / args[2])
if index > row[1] then
  if row[1] > 0 and row[8] >= args[11] then
    local x = math.min(value_of(), bound_of())
    local learnt = row[11] + 1
    local share, distance = math.max(1 / learnt, args[12]), x - row[9]
    if learnt > 1 then row[10] = row[10] + share * (math.abs(distance) - row[10]) end
    row[9] = row[9] + share * distance
    row[11] = learnt
  end
  row[7], row[8], row[1] = 0, 0, index
end
if counted > 0 then
  local first = row[7] == 0
  ${STAMP_LUA}
end
row[7], row[8] = row[7] + counted, row[8] + args[10]
local now_value, value = value_of(), row[7]
local hit = now_value > 0 and now_value >= bound_of()
${SETTLE_LUA}`,
  },
};
