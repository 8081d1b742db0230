import type { CounterProgram } from '../../../ports/counter.ts';

/** Names by which options and records call the algorithms. */
export const ALGORITHMS = ['sliding', 'gcra', 'fixed', 'log', 'concurrency'] as const;
export type AlgorithmName = (typeof ALGORITHMS)[number];

/**
 * One way of counting. The program runs in the store; the other three read a row that a program wrote, so that headers,
 * `Retry-After` and explanations come from the very numbers that decided.
 */
export interface Algorithm {
  readonly name: AlgorithmName;
  readonly program: CounterProgram;
  /** Requests (weighted by cost) that count against the limit at `nowMs`. */
  used(row: Float64Array, at: number, args: readonly number[], nowMs: number): number;
  /** The earliest time, whole milliseconds since the epoch, at which `peek` grants if nothing else happens. */
  freeAtMs(row: Float64Array, at: number, args: readonly number[], nowMs: number): number;
  /** When all of the quota is back if nothing else happens, milliseconds since the epoch. */
  resetAtMs(row: Float64Array, at: number, args: readonly number[], nowMs: number): number;
}

/** Places in a program's arguments, the same for every algorithm. */
export const ARG = {
  /** Requests per window; slots for leases. */
  max: 0,
  /** Window in milliseconds; of a sliding window its bucket, of a lease the time after which it expires. */
  window: 1,
  /** What this request counts; at most `max`. */
  cost: 2,
  /** GCRA: the most that may come at once. Leases: expiry of the lease to give back, 0 to take one. */
  extra: 3,
  /** Sum of `FLAG` values. */
  flags: 4,
  /** From here on those of the penalties: cap, decay and window in milliseconds, then the factors. */
  penalty: 5,
} as const;

/** Rare ways of counting, which cost the common one a single comparison. */
export const FLAG = {
  /** Refused requests count too. */
  countRefused: 1,
  /** The step is advisory: a granted call does not tell that this step was. */
  advisory: 2,
} as const;

/** What an algorithm brings: a look, a write, and the same as Lua 5.1 function bodies (`look` returns true or false). */
export interface Counting {
  readonly name: string;
  readonly columns: number;
  readonly look: CounterProgram['peek'];
  /** Counts the request, whether or not there is room. */
  readonly add: (row: Float64Array, at: number, args: readonly number[], nowMs: number) => void;
  /** `look`, and `add` where there is room, where that can be had for less than both. */
  readonly take?: CounterProgram['peek'];
  readonly ttlMs: (args: readonly number[]) => number;
  /** `take` returns false, or true and the columns that `add` leaves. */
  readonly lua: { readonly look: string; readonly add: string; readonly take?: string };
}

/** Makes the store's program of a way of counting: who is counted when, according to the flags. */
export function programOf(counting: Counting): CounterProgram {
  const { look, add } = counting;
  return {
    name: counting.name,
    columns: counting.columns,
    peek: look,
    commit(row, at, args, nowMs, granted) {
      const flags = args[ARG.flags] as number;
      if (flags === 0 ? granted : counts(flags, granted, look(row, at, args, nowMs)))
        add(row, at, args, nowMs);
    },
    // Granted by all and by this one: that counts whatever the flags.
    ...(counting.take && { take: counting.take }),
    ttlMs: counting.ttlMs,
    lua: {
      peek: counting.lua.look,
      commit: `${luaCounts(counting)}\nif counts then\n${counting.lua.add}\nend`,
      ...(counting.lua.take && { take: counting.lua.take }),
    },
  };
}

/** Whether a request counts: granted by all and by this one, or refused where refused ones count. */
export function counts(flags: number, granted: boolean, own: boolean): boolean {
  return (granted && own) || flags % 2 === 1;
}

function luaCounts(counting: Counting): string {
  return `local counts = granted
if args[5] ~= 0 then
  local own = (function()
${counting.lua.look}
  end)()
  counts = (granted and own) or args[5] % 2 == 1
end`;
}
