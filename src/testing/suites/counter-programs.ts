import type { CounterProgram } from '../../ports/counter.ts';

/** Counts up to a maximum. Arguments: maximum, cost, time to live in milliseconds. */
export const tally: CounterProgram = {
  name: 'suite-tally.v1',
  columns: 1,
  peek: (row, at, [max = 0, cost = 0]) => (row[at] as number) + cost <= max,
  commit(row, at, [, cost = 0]) {
    row[at] = (row[at] as number) + cost;
  },
  ttlMs: ([, , ttlMs = 0]) => ttlMs,
  lua: { peek: 'return row[1] + args[2] <= args[1]', commit: 'row[1] = row[1] + args[2]' },
};

/** The sliding window counter. Arguments: maximum, window in milliseconds, cost. Columns: window, current, previous. */
export const sliding: CounterProgram = {
  name: 'suite-sliding.v1',
  columns: 3,
  peek(row, at, [max = 0, windowMs = 1, cost = 0], nowMs) {
    const window = Math.floor(nowMs / windowMs);
    const last = row[at] as number;
    const current = last === window ? (row[at + 1] as number) : 0;
    const previous =
      last === window ? (row[at + 2] as number) : last === window - 1 ? (row[at + 1] as number) : 0;
    return current + previous * (1 - (nowMs % windowMs) / windowMs) + cost <= max;
  },
  commit(row, at, [, windowMs = 1, cost = 0], nowMs) {
    const window = Math.floor(nowMs / windowMs);
    if (row[at] !== window) {
      row[at + 2] = row[at] === window - 1 ? (row[at + 1] as number) : 0;
      row[at + 1] = 0;
      row[at] = window;
    }
    row[at + 1] = (row[at + 1] as number) + cost;
  },
  ttlMs: ([, windowMs = 0]) => 2 * windowMs,
  lua: {
    peek: `local window, current, previous = math.floor(now / args[2]), 0, 0
if row[1] == window then current, previous = row[2], row[3]
elseif row[1] == window - 1 then previous = row[2] end
return current + previous * (1 - (now % args[2]) / args[2]) + args[3] <= args[1]`,
    commit: `local window = math.floor(now / args[2])
if row[1] ~= window then
  if row[1] == window - 1 then row[3] = row[2] else row[3] = 0 end
  row[1], row[2] = window, 0
end
row[2] = row[2] + args[3]`,
  },
};

/** Keeps what it is given: three arguments, the time and whether the call was granted. Refuses a first argument below 0. */
export const keep: CounterProgram = {
  name: 'suite-keep.v1',
  columns: 5,
  peek: (_row, _at, [first = 0]) => !(first < 0),
  commit(row, at, [first = 0, second = 0, third = 0], nowMs, granted) {
    row.set([first, second, third, nowMs, granted ? 1 : 2], at);
  },
  ttlMs: () => 60_000,
  lua: {
    peek: 'return not (args[1] < 0)',
    commit: `for i = 1, 3 do row[i] = args[i] end
row[4] = now
if granted then row[5] = 1 else row[5] = 2 end`,
  },
};
