import { type Algorithm, ARG, programOf } from './algorithm.ts';

/** Sizes of rows: a concurrency limit takes the smallest that holds it. */
export const LEASE_SIZES = [8, 32, 128] as const;

/**
 * Leases: the time at which each taken place expires. Leases that expire at the same millisecond are interchangeable, so
 * the expiry itself is what a holder gives back (argument `extra`); one that has expired finds nothing to give back.
 *
 * Error bound: never more than the limit at once, except for holders that outlive their lease (argument `window`).
 */
function makeLeases(size: number): Algorithm {
  const used: Algorithm['used'] = (row, at, _args, nowMs) => {
    let count = 0;
    for (let i = 0; i < size; i++) if ((row[at + i] as number) > nowMs) count++;
    return count;
  };
  return {
    name: 'concurrency',
    program: programOf({
      name: `leases${size}.v1`,
      columns: size,
      look: (row, at, args, nowMs) =>
        args[ARG.extra] !== 0 || used(row, at, args, nowMs) < (args[ARG.max] as number),
      add(row, at, args, nowMs) {
        const release = args[ARG.extra] as number;
        for (let i = 0; i < size; i++) {
          const expiry = row[at + i] as number;
          if (release === 0 ? expiry > nowMs : expiry !== release) continue;
          row[at + i] = release === 0 ? nowMs + (args[ARG.window] as number) : 0;
          return;
        }
      },
      ttlMs: (args) => args[ARG.window] as number,
      lua: luaOf(size),
    }),
    used,
    freeAtMs(row, at, args, nowMs) {
      if (used(row, at, args, nowMs) < (args[ARG.max] as number)) return nowMs;
      const held = [...row.subarray(at, at + size)].filter((expiry) => expiry > nowMs).sort((a, b) => a - b);
      return Math.ceil(held[held.length - (args[ARG.max] as number)] as number);
    },
    resetAtMs(row, at, _args, nowMs) {
      let last = nowMs;
      for (let i = 0; i < size; i++) last = Math.max(last, row[at + i] as number);
      return last;
    },
  };
}

function luaOf(size: number): { look: string; add: string } {
  return {
    look: `if args[4] ~= 0 then return true end
local count = 0
for i = 1, ${size} do
  if row[i] > now then count = count + 1 end
end
return count < args[1]`,
    add: `for i = 1, ${size} do
  if args[4] == 0 and row[i] <= now then
    row[i] = now + args[2]
    break
  elseif args[4] ~= 0 and row[i] == args[4] then
    row[i] = 0
    break
  end
end`,
  };
}

const LEASES = LEASE_SIZES.map(makeLeases);

/** The smallest row of leases that holds `max`; `undefined` above 128. */
export function leasesFor(max: number): Algorithm | undefined {
  return LEASES.find((one) => max <= one.program.columns);
}

/** All rows of leases, for the stores. */
export const LEASE: readonly Algorithm[] = LEASES;
