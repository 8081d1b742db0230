import { createHash } from 'node:crypto';
import type { CounterProgram } from '../../ports/counter.ts';
import { RampartError } from '../../core/errors.ts';

/** A Lua script and its name in Redis' script cache. */
export interface Script {
  readonly text: string;
  readonly sha1: string;
}

/** Programs of one script; there are about ten. */
const MOST_PROGRAMS = 64;

/**
 * Rows that the caller's clock judges stay a minute longer in Redis than their life, which stands in the row itself:
 * the two clocks need not agree.
 */
const CALLER_SLACK_MS = 60_000;

/**
 * The script that runs a batch of calls. KEYS: every row once. ARGV[1]: little-endian doubles; for each call its time
 * and number of steps, for each step program (from 1), index into KEYS, flags (1: commit when refused, 2: advisory),
 * time to live in milliseconds, number of arguments, arguments. Answers with doubles: for each call granted (1 or 0),
 * time, and the rows as they stood before it.
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
local programs = {
${programs.map(lua).join(',\n')}
}
${BATCH}`);
}

function lua(program: CounterProgram): string {
  const format = `<${'d'.repeat(program.columns + 1)}`;
  return `{ columns = ${program.columns}, bytes = ${8 * program.columns + 8}, format = '${format}',
peek = function(row, args, now)
${program.lua.peek}
end,
commit = function(row, args, now, granted)
${program.lua.commit}
end }`;
}

const BATCH = `local ceil, rep, pack, unpackd = math.ceil, string.rep, struct.pack, struct.unpack
local count = #ARGV[1] / 8
local input = { unpackd('<' .. rep('d', count), ARGV[1]) }
local stored = redis.call('MGET', unpack(KEYS))
local rows, owners, written, out, args = {}, {}, {}, {}, {}
local i, n = 1, 0
while i < count do
  local now, steps = clock or input[i], input[i + 1]
  local granted, head = true, n
  i, n = i + 2, n + 2
  local first = i
  for s = 1, steps do
    local program, k, given = programs[input[i]], input[i + 1], input[i + 4]
    local columns, row = program.columns, rows[k]
    if not row then
      local value = stored[k]
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
    local list = {}
    for a = 1, given do list[a] = input[i + 4 + a] end
    args[s] = list
    if not program.peek(row, list, now) and input[i + 2] < 2 then granted = false end
    i = i + 5 + given
  end
  local at = first
  for s = 1, steps do
    if granted or input[at + 2] % 2 == 1 then
      local program, k = programs[input[at]], input[at + 1]
      local row = rows[k]
      program.commit(row, args[s], now, granted)
      local expires = ceil(now + input[at + 3])
      if not (expires < 35184372088831) then expires = 35184372088831 end
      row[program.columns + 1] = expires
      written[k] = now
    end
    at = at + 5 + input[at + 4]
  end
  out[head + 1], out[head + 2] = granted and 1 or 0, now
end
for k, now in pairs(written) do
  local program, row = owners[k], rows[k]
  local left = row[program.columns + 1] - now
  if left > 0 then
    redis.call('SET', KEYS[k], pack(program.format, unpack(row, 1, program.columns + 1)), 'PX', string.format('%.0f', ceil(left + slack)))
  else
    redis.call('DEL', KEYS[k])
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
