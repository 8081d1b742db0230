import { createHash } from 'node:crypto';
import type { CounterProgram } from '../../ports/counter.ts';
import { RampartError } from '../../core/errors.ts';

/** A Lua script and its name in Redis' script cache. */
export interface Script {
  readonly text: string;
  readonly sha1: string;
}

/** Programs of one script. */
const MOST_PROGRAMS = 100;

/**
 * Rows that the caller's clock judges stay a minute longer in Redis than their life, which stands in the row itself:
 * the two clocks need not agree.
 */
const CALLER_SLACK_MS = 60_000;

/**
 * The script that runs a batch of calls. KEYS: every row once. ARGV[1]: little-endian doubles; first the number of
 * shapes, for each its program (from 1), flags (1: commit when refused, 2: advisory), time to live in milliseconds, number
 * of arguments and arguments; then for each call its time and number of steps, for each step its shape and the index of
 * its row in KEYS (from 1). Answers with doubles: for each call granted (1 or 0), time, and the rows as they stood before.
 *
 * A row is stored as doubles: its columns, then when it expires. Rows are read by one MGET and written at the very end:
 * calls of a batch see each other's writes through `rows`, and a script that fails has written nothing.
 * `struct` is part of every Redis, as are TIME in scripts that write (since 5.0).
 */
export function batchScript(programs: readonly CounterProgram[], clock: 'server' | 'caller'): Script {
  const time =
    clock === 'server'
      ? `local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)`
      : 'local clock = nil';
  return script(`${time}
local slack = ${clock === 'server' ? 0 : CALLER_SLACK_MS}
local function load(number)
${programs.map(lua).join('\n')}
end
${BATCH}`);
}

/** A branch that makes the program's functions: only those that a batch runs are made. */
function lua(program: CounterProgram, i: number): string {
  const format = `<${'d'.repeat(program.columns + 1)}`;
  const { take } = program.lua;
  const taking =
    take === undefined || program.columns > 4 ? '' : `\ntake = function(row, args, now)\n${take}\nend,`;
  return `if number == ${i + 1} then return { columns = ${program.columns}, bytes = ${8 * program.columns + 8}, format = '${format}',${taking}
peek = function(row, args, now)
${program.lua.peek}
end,
commit = function(row, args, now, granted)
${program.lua.commit}
end } end`;
}

const BATCH = `local ceil, rep, pack, unpackd, call = math.ceil, string.rep, struct.pack, struct.unpack, redis.call
local count = #ARGV[1] / 8
local input = { unpackd('<' .. rep('d', count), ARGV[1]) }
local stored = call('MGET', unpack(KEYS))
local programs, shapes, rows, owners, written, out, lives = {}, {}, {}, {}, {}, {}, {}
local w, x, y, z = {}, {}, {}, {}
local i, n = 2, 0
for s = 1, input[1] do
  local flags, args = input[i + 1], {}
  for a = 1, input[i + 3] do args[a] = input[i + 3 + a] end
  local program = programs[input[i]] or load(input[i])
  programs[input[i]] = program
  shapes[s] = { program, program.columns, args, flags % 2 == 1, flags >= 2, input[i + 2], program.peek, program.commit,
    program.take }
  i = i + 4 + #args
end
while i < count do
  local now, last = clock or input[i], i + 2 * input[i + 1]
  local granted, head = true, n
  n = n + 2
  for at = i + 2, last, 2 do
    local shape, k = shapes[input[at]], input[at + 1]
    local columns, row = shape[2], rows[k]
    if not row then
      local value, program = stored[k], shape[1]
      if value and #value == program.bytes then
        row = { unpackd(program.format, value) }
      else
        row = { [columns + 1] = 0 }
      end
      rows[k], owners[k] = row, program
    end
    if row[columns + 1] <= now then
      for c = 1, columns do row[c] = 0 end
    end
    for c = 1, columns do out[n + c] = row[c] end
    n = n + columns
    local take, own = shape[9], nil
    if take then
      own, w[at], x[at], y[at], z[at] = take(row, shape[3], now)
    else
      own = shape[7](row, shape[3], now)
    end
    if not own and not shape[5] then granted = false end
  end
  for at = i + 2, last, 2 do
    local shape = shapes[input[at]]
    if granted or shape[4] then
      local k, columns = input[at + 1], shape[2]
      local row, expires = rows[k], ceil(now + shape[6])
      if granted and w[at] then
        row[1] = w[at]
        if columns > 1 then row[2] = x[at] end
        if columns > 2 then row[3] = y[at] end
        if columns > 3 then row[4] = z[at] end
      else
        shape[8](row, shape[3], now, granted)
      end
      if not (expires < 35184372088831) then expires = 35184372088831 end
      row[columns + 1] = expires
      written[k] = expires - now
    end
  end
  i = last + 2
  out[head + 1], out[head + 2] = granted and 1 or 0, now
end
for k, left in pairs(written) do
  local program = owners[k]
  if left > 0 then
    local life = lives[left]
    if not life then
      life = string.format('%.0f', ceil(left) + slack)
      lives[left] = life
    end
    call('PSETEX', KEYS[k], life, pack(program.format, unpack(rows[k], 1, program.columns + 1)))
  else
    call('DEL', KEYS[k])
  end
end
return pack('<' .. rep('d', n), unpack(out, 1, n))`;

/**
 * The heartbeat: KEYS[1] is a sorted set of nodes by the server's time in milliseconds, ARGV[1] the node, ARGV[2] for
 * how many milliseconds a node counts. Answers with the number of nodes.
 */
export const HEARTBEAT: Script = script(`local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
if redis.call('ZCARD', KEYS[1]) < 1000 then redis.call('ZADD', KEYS[1], now, ARGV[1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
return redis.call('ZCARD', KEYS[1])`);

/** The programs that one store runs, and the script made of them. Grows when a call brings a new program. */
export class ScriptBook {
  readonly #programs: CounterProgram[] = [];
  readonly #indices = new Map<string, number>();
  readonly #clock: 'server' | 'caller';
  #script: Script | undefined;

  constructor(clock: 'server' | 'caller', programs: readonly CounterProgram[]) {
    this.#clock = clock;
    for (const program of programs) this.indexOf(program);
  }

  /**
   * The program's number in the script, from 1.
   * @throws RampartError `RAMPART_COUNTER_PROGRAM`
   */
  indexOf(program: CounterProgram): number {
    return this.#indices.get(program.name) ?? this.#add(program);
  }

  /** The script of all programs that were asked for up to now. */
  get script(): Script {
    this.#script ??= batchScript(this.#programs, this.#clock);
    return this.#script;
  }

  #add(program: CounterProgram): number {
    if (this.#programs.length >= MOST_PROGRAMS) {
      throw new RampartError('RAMPART_COUNTER_PROGRAM', `more than ${MOST_PROGRAMS} counter programs`);
    }
    const index = this.#programs.push(program);
    this.#indices.set(program.name, index);
    this.#script = undefined;
    return index;
  }
}

function script(text: string): Script {
  // Redis names scripts by SHA-1; nothing here relies on its strength.
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}
