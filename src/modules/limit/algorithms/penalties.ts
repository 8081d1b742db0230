import type { CounterProgram } from '../../../ports/counter.ts';
import { type Algorithm, ARG, counts } from './algorithm.ts';

/** What an offender has earned. */
export interface Penalty {
  /** 0 for none. */
  readonly level: number;
  /** Refused until then, milliseconds since the epoch; 0 for never. */
  readonly untilMs: number;
}

/**
 * Adds progressive penalties to an algorithm: two more columns, the level and until when everything is refused. A
 * refusal outside a penalty starts one and raises the level; refusals within it change nothing, so one burst is one
 * offence however many requests it has. Each clean period after a penalty's end takes a level back.
 *
 * Arguments after the algorithm's own: cap (ms), clean period (ms), window (ms), then the factors of the steps.
 */
export function withPenalties(base: Algorithm): Algorithm {
  const { program } = base;
  const own = program.columns;
  const look: CounterProgram['peek'] = (row, at, args, nowMs) =>
    (row[at + own + 1] as number) <= nowMs && program.peek(row, at, args, nowMs);
  const until = (row: Float64Array, at: number): number => row[at + own + 1] as number;
  return {
    ...base,
    program: {
      name: `${program.name}+penalty.v1`,
      columns: own + 2,
      peek: look,
      commit(row, at, args, nowMs, granted) {
        const granting = look(row, at, args, nowMs);
        if (!granting && until(row, at) <= nowMs) raise(row, at + own, args, nowMs);
        // The base is told only what it shall count, by a call whose flags ask nothing more.
        if (counts(args[ARG.flags] as number, granted, granting))
          program.commit(row, at, plain(args), nowMs, true);
      },
      ttlMs: (args) =>
        Math.max(
          program.ttlMs(args),
          (args[ARG.penalty] as number) + (args[ARG.penalty + 1] as number) * (args.length - ARG.penalty - 3),
        ),
      lua: luaOf(program, own),
    },
    freeAtMs: (row, at, args, nowMs) =>
      Math.max(Math.ceil(until(row, at)), base.freeAtMs(row, at, args, nowMs)),
    resetAtMs: (row, at, args, nowMs) => Math.max(until(row, at), base.resetAtMs(row, at, args, nowMs)),
  };
}

/** Reads the penalty columns of a row. */
export function penaltyOf(
  row: Float64Array,
  at: number,
  columns: number,
  args: readonly number[],
  nowMs: number,
): Penalty {
  const untilMs = row[at + columns - 1] as number;
  return { level: levelAt(row[at + columns - 2] as number, untilMs, args, nowMs), untilMs };
}

/** The level that is left after the clean periods since the last penalty's end. */
function levelAt(level: number, untilMs: number, args: readonly number[], nowMs: number): number {
  const clean = Math.floor(Math.max(0, nowMs - untilMs) / (args[ARG.penalty + 1] as number));
  return Math.max(0, level - clean);
}

function raise(row: Float64Array, place: number, args: readonly number[], nowMs: number): void {
  const steps = args.length - ARG.penalty - 3;
  const level = levelAt(row[place] as number, row[place + 1] as number, args, nowMs);
  const factor = args[ARG.penalty + 3 + Math.min(level, steps - 1)] as number;
  row[place] = Math.min(level + 1, steps);
  row[place + 1] = nowMs + Math.min(factor * (args[ARG.penalty + 2] as number), args[ARG.penalty] as number);
}

const scratch: number[] = [];
function plain(args: readonly number[]): readonly number[] {
  if (args[ARG.flags] === 0) return args;
  scratch.length = 0;
  for (const arg of args) scratch.push(arg);
  scratch[ARG.flags] = 0;
  return scratch;
}

function luaOf(program: CounterProgram, own: number): { peek: string; commit: string } {
  const peek = `if row[${own + 2}] > now then return false end
${program.lua.peek}`;
  return {
    peek,
    commit: `local granting = (function()
${peek}
end)()
if not granting and row[${own + 2}] <= now then
  local steps = #args - 8
  local level = math.max(0, row[${own + 1}] - math.floor(math.max(0, now - row[${own + 2}]) / args[7]))
  local factor = args[9 + math.min(level, steps - 1)]
  row[${own + 1}] = math.min(level + 1, steps)
  row[${own + 2}] = now + math.min(factor * args[8], args[6])
end
if (granted and granting) or args[5] % 2 == 1 then
  local flags = args[5]
  args[5] = 0
  local granted = true
  ;(function()
${program.lua.commit}
  end)()
  args[5] = flags
end`,
  };
}
