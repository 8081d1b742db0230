import { type Algorithm, ARG, programOf } from './algorithm.ts';

/** Sizes of rows: a log takes the smallest that holds its limit. */
export const LOG_SIZES = [10, 25, 50, 100] as const;

/**
 * Sliding log: the time of every request that still counts, in no order; a time of 0 or older than the window is a free
 * place. Error bound: none, no window of its length ever holds more than the limit. Costs 8 bytes per request of the
 * limit for every key, hence limits up to 100.
 */
function makeLog(size: number): Algorithm {
  const live = (time: number, args: readonly number[], nowMs: number): boolean =>
    time > nowMs - (args[ARG.window] as number) && time <= nowMs + (args[ARG.window] as number);
  const used: Algorithm['used'] = (row, at, args, nowMs) => {
    let count = 0;
    for (let i = 0; i < size; i++) if (live(row[at + i] as number, args, nowMs)) count++;
    return count;
  };
  return {
    name: 'log',
    program: programOf({
      name: `log${size}.v1`,
      columns: size,
      look: (row, at, args, nowMs) =>
        used(row, at, args, nowMs) + (args[ARG.cost] as number) <= (args[ARG.max] as number),
      add(row, at, args, nowMs) {
        let left = args[ARG.cost] as number;
        for (let i = 0; i < size && left > 0; i++) {
          if (live(row[at + i] as number, args, nowMs)) continue;
          row[at + i] = nowMs;
          left--;
        }
        // Only refused requests that count find no place: they take the oldest.
        for (; left > 0; left--) row[at + oldest(row, at, size)] = nowMs;
      },
      ttlMs: (args) => args[ARG.window] as number,
      lua: luaOf(size),
    }),
    used,
    freeAtMs(row, at, args, nowMs) {
      const over = used(row, at, args, nowMs) + (args[ARG.cost] as number) - (args[ARG.max] as number);
      if (over <= 0) return nowMs;
      const times = [...row.subarray(at, at + size)].filter((time) => live(time, args, nowMs));
      times.sort((a, b) => a - b);
      return Math.ceil((times[over - 1] as number) + (args[ARG.window] as number));
    },
    resetAtMs(row, at, args, nowMs) {
      let last = 0;
      for (let i = 0; i < size; i++) {
        const time = row[at + i] as number;
        if (live(time, args, nowMs)) last = Math.max(last, time);
      }
      return last === 0 ? nowMs : last + (args[ARG.window] as number);
    },
  };
}

function oldest(row: Float64Array, at: number, size: number): number {
  let place = 0;
  for (let i = 1; i < size; i++) if ((row[at + i] as number) < (row[at + place] as number)) place = i;
  return place;
}

function luaOf(size: number): { look: string; add: string } {
  return {
    look: `local count = 0
for i = 1, ${size} do
  if row[i] > now - args[2] and row[i] <= now + args[2] then count = count + 1 end
end
return count + args[3] <= args[1]`,
    add: `local left = args[3]
for i = 1, ${size} do
  if left > 0 and not (row[i] > now - args[2] and row[i] <= now + args[2]) then
    row[i] = now
    left = left - 1
  end
end
while left > 0 do
  local place = 1
  for i = 2, ${size} do
    if row[i] < row[place] then place = i end
  end
  row[place] = now
  left = left - 1
end`,
  };
}

const LOGS = LOG_SIZES.map(makeLog);

/** The smallest log that holds `max` requests; `undefined` above 100. */
export function logFor(max: number): Algorithm | undefined {
  return LOGS.find((one) => max <= one.program.columns);
}

/** All logs, for the stores. */
export const LOG: readonly Algorithm[] = LOGS;
