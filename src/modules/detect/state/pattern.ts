import type { CounterProgram } from '../../../ports/counter.ts';
import {
  BUCKETS,
  confirm,
  CONFIRM_LUA,
  HEAD,
  HEAD_COLUMNS,
  settle,
  SETTLE_LUA,
  stamp,
  STAMP_LUA,
} from './layout.ts';

/** Places in the arguments of a pattern. */
export const PATTERN_ARG = {
  /**
   * When the event happened, milliseconds since the epoch: it, and not the store's clock, says which bucket counts. Negative: no
   * event happened, the detection of that time is told.
   */
  at: 0,
  bucketMs: 1,
  coolDownMs: 2,
  /** What must be counted in the window at least. */
  count: 3,
  /** How many different members at least; 0 where nobody asks. */
  distinct: 4,
  /** Share of what is counted in all that is compared with, 0 to 1; 0 where nobody asks. */
  ratio: 5,
  /** What the event adds to what is counted; 0 where it is only compared with. */
  counted: 6,
  /** What it adds to all that is compared with. */
  all: 7,
  /** Fingerprint of its member, 1 to 2^32 − 1; 0 for none. */
  member: 8,
  keepMs: 9,
} as const;

/** Members that a row can hold: a rule takes the smallest that holds its threshold. */
export const MEMBER_SIZES = [0, 10, 42, 90] as const;

/** A fingerprint and the bucket in which it was seen last share a number. */
const TICKS = 2 ** 20;
const HALF = TICKS / 2;

/** What a pattern's row says. */
export interface PatternState {
  /** Counted in the window. */
  readonly count: number;
  /** All that is compared with, in the window; 0 where nobody asks. */
  readonly all: number;
  /** Different members in the window; never above what the row holds. */
  readonly distinct: number;
}

/** One way of counting a window: with or without what is compared with, and with so many members. */
export interface Pattern {
  readonly program: CounterProgram;
  readonly members: number;
  /** Reads a row as it was at its newest bucket. */
  read(row: Float64Array, at: number): PatternState;
}

/**
 * Counts events in a window of 16 buckets, the share of them in all, and their different members: a set of fingerprints
 * with the bucket in which each was seen last, exact up to its size; beyond that the one seen longest ago makes room.
 *
 * Error bound: nothing older than the window is ever counted, so no threshold is reached by less than it says; events
 * that are spread over more than 15/16 of the window may fall into two sums.
 */
export function makePattern(compares: boolean, members: number): Pattern {
  const all = HEAD_COLUMNS + BUCKETS;
  const slots = compares ? all + BUCKETS : all;
  const columns = slots + members;
  const read: Pattern['read'] = (row, at) => {
    const newest = row[at + HEAD.newest] as number;
    let distinct = 0;
    for (let i = at + slots; i < at + columns; i++) if (isAlive(row[i] as number, newest)) distinct++;
    return {
      count: sum(row, at + HEAD_COLUMNS),
      all: compares ? sum(row, at + all) : 0,
      distinct,
    };
  };
  const commit: CounterProgram['commit'] = (row, at, args) => {
    const atMs = args[PATTERN_ARG.at] as number;
    if (atMs < 0) return confirm(row, at, -atMs);
    const counted = args[PATTERN_ARG.counted] as number;
    const index = turn(row, at, Math.floor(atMs / (args[PATTERN_ARG.bucketMs] as number)), slots, columns);
    const bucket = index % BUCKETS;
    if (counted > 0) {
      stamp(row, at, atMs, sum(row, at + HEAD_COLUMNS) === 0);
      row[at + HEAD_COLUMNS + bucket] = (row[at + HEAD_COLUMNS + bucket] as number) + counted;
    }
    if (compares)
      row[at + all + bucket] = (row[at + all + bucket] as number) + (args[PATTERN_ARG.all] as number);
    if (members > 0)
      put(row, at + slots, at + columns, args[PATTERN_ARG.member] as number, index, row[at] as number);
    const state = read(row, at);
    settle(row, at, {
      atMs,
      coolDownMs: args[PATTERN_ARG.coolDownMs] as number,
      hit: counted > 0 && isHit(state, args, compares),
      counted,
      value: state.count,
    });
  };
  return {
    members,
    read,
    program: {
      name: `detect-${compares ? 'share' : 'count'}${members}.v1`,
      columns,
      peek: () => true,
      commit,
      ttlMs: (args) => args[PATTERN_ARG.keepMs] as number,
      lua: { peek: 'return true', commit: luaOf(compares, slots, columns) },
    },
  };
}

function isHit({ count, all, distinct }: PatternState, args: readonly number[], compares: boolean): boolean {
  return (
    count >= (args[PATTERN_ARG.count] as number) &&
    distinct >= (args[PATTERN_ARG.distinct] as number) &&
    (!compares || count >= (args[PATTERN_ARG.ratio] as number) * all)
  );
}

/** Empties what time has passed, in both rows of buckets. @returns the bucket to count in */
function turn(row: Float64Array, at: number, index: number, slots: number, columns: number): number {
  const newest = row[at + HEAD.newest] as number;
  const steps = index - newest;
  if (steps >= BUCKETS || steps <= -BUCKETS) {
    // A clock that stepped far back begins anew, instead of counting nothing until it has caught up.
    row.fill(0, at + HEAD_COLUMNS, at + columns);
    row[at + HEAD.newest] = index;
    return index;
  }
  for (let i = 1; i <= steps; i++)
    for (let base = HEAD_COLUMNS; base < slots; base += BUCKETS)
      row[at + base + ((newest + i) % BUCKETS)] = 0;
  if (steps > 0) row[at + HEAD.newest] = index;
  return index;
}

function sum(row: Float64Array, from: number): number {
  let total = 0;
  for (let i = from; i < from + BUCKETS; i++) total += row[i] as number;
  return total;
}

function isAlive(slot: number, newest: number): boolean {
  return slot !== 0 && ageOf(slot, newest) < BUCKETS;
}

function ageOf(slot: number, newest: number): number {
  const age = (newest - slot) % TICKS;
  const passed = age < 0 ? age + TICKS : age;
  return passed > HALF ? 0 : passed;
}

/** Forgets members that left the window and puts one in: in its own place, a free one, or that of the oldest. */
function put(
  row: Float64Array,
  from: number,
  to: number,
  member: number,
  index: number,
  newest: number,
): void {
  let place = from;
  let oldest = -1;
  for (let i = from; i < to; i++) {
    const slot = row[i] as number;
    if (!isAlive(slot, newest)) row[i] = 0;
    const isOwn = row[i] !== 0 && Math.floor(slot / TICKS) === member;
    const age = isOwn ? Infinity : row[i] === 0 ? TICKS : ageOf(slot, newest);
    if (age <= oldest) continue;
    oldest = age;
    place = i;
  }
  if (member > 0) row[place] = member * TICKS + (index % TICKS);
}

/** The same in Lua: both languages count in 64-bit floats, so the rows are equal bit by bit. */
function luaOf(compares: boolean, slots: number, columns: number): string {
  const first = HEAD_COLUMNS + 1;
  const bases = compares ? `${HEAD_COLUMNS}, ${HEAD_COLUMNS + BUCKETS}` : `${HEAD_COLUMNS}`;
  return `local at, cool, counted = args[1], args[3], args[7]
${CONFIRM_LUA}
local index = math.floor(at / args[2])
local steps = index - row[1]
local bases = { ${bases} }
if steps >= ${BUCKETS} or steps <= -${BUCKETS} then
  for i = ${first}, ${columns} do row[i] = 0 end
  row[1] = index
else
  for i = 1, steps do
    for _, base in ipairs(bases) do row[base + 1 + (row[1] + i) % ${BUCKETS}] = 0 end
  end
  if steps > 0 then row[1] = index end
end
local bucket, value, all, distinct, newest = index % ${BUCKETS}, 0, 0, 0, row[1]
if counted > 0 then
  local before = 0
  for i = ${first}, ${HEAD_COLUMNS + BUCKETS} do before = before + row[i] end
  local first = before == 0
  ${STAMP_LUA}
  row[${first} + bucket] = row[${first} + bucket] + counted
end
for i = ${first}, ${HEAD_COLUMNS + BUCKETS} do value = value + row[i] end
${compares ? luaAll() : ''}
${columns > slots ? luaMembers(slots, columns) : ''}
local hit = counted > 0 and value >= args[4] and distinct >= args[5]${compares ? ' and value >= args[6] * all' : ''}
${SETTLE_LUA}`;
}

function luaAll(): string {
  const first = HEAD_COLUMNS + BUCKETS + 1;
  return `row[${first} + bucket] = row[${first} + bucket] + args[8]
for i = ${first}, ${first + BUCKETS - 1} do all = all + row[i] end`;
}

function luaMembers(slots: number, columns: number): string {
  return `local place, oldest = ${slots + 1}, -1
local function age_of(slot)
  local age = (newest - slot) % ${TICKS}
  if age > ${HALF} then return 0 end
  return age
end
for i = ${slots + 1}, ${columns} do
  local slot, age = row[i], ${TICKS}
  if slot ~= 0 then age = age_of(slot) end
  if slot ~= 0 and age >= ${BUCKETS} then row[i], age = 0, ${TICKS} end
  if row[i] ~= 0 and math.floor(slot / ${TICKS}) == args[9] then age = ${TICKS * 2} end
  if age > oldest then oldest, place = age, i end
end
if args[9] > 0 then row[place] = args[9] * ${TICKS} + index % ${TICKS} end
for i = ${slots + 1}, ${columns} do
  if row[i] ~= 0 and age_of(row[i]) < ${BUCKETS} then distinct = distinct + 1 end
end`;
}

const PATTERNS: readonly Pattern[] = [false, true].flatMap((compares) =>
  MEMBER_SIZES.map((members) => makePattern(compares, members)),
);

/**
 * The smallest pattern for a rule.
 * @param distinct different members that it must be able to count; 0 for none
 */
export function patternFor(compares: boolean, distinct: number): Pattern {
  const fitting = PATTERNS.slice(compares ? MEMBER_SIZES.length : 0);
  return fitting.find((one) => one.members >= distinct) as Pattern;
}

/** All patterns, for the stores. */
export const PATTERN_PROGRAMS: readonly CounterProgram[] = PATTERNS.map((one) => one.program);
