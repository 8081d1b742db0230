/** The hand-made minimum: nothing but the work, and none of the safety. What it reaches is what could be reached. */
import { connect, type Socket } from 'node:net';
import type { LimitContender } from './contenders.ts';

const STRIDE = 4;
const SLOTS = 2 ** 21;

/** A sliding window of two counters in open addressing with an unkeyed hash; cannot grow. */
export function bareMemory(max: number, windowMs: number): LimitContender {
  const data = new Float64Array(SLOTS * STRIDE);
  const hit = (keys: readonly string[]): boolean => {
    const key = keys[0] as string;
    const nowMs = Date.now();
    let low = 0x811c9dc5;
    let high = 0x9747b28c;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x5bd1e995);
    }
    const print = (low >>> 0) + (high & 0x1fffff) * 4_294_967_296 || 1;
    let slot = (low ^ (low >>> 15)) & (SLOTS - 1);
    while (data[slot * STRIDE] !== 0 && data[slot * STRIDE] !== print) slot = (slot + 1) & (SLOTS - 1);
    const at = slot * STRIDE;
    const window = Math.floor(nowMs / windowMs);
    if (data[at + 1] !== window) {
      data[at + 3] = data[at + 1] === window - 1 ? (data[at + 2] as number) : 0;
      data[at + 2] = 0;
      data[at + 1] = window;
    }
    const past = (data[at + 3] as number) * (1 - (nowMs % windowMs) / windowMs);
    if ((data[at + 2] as number) + past + 1 > max) return false;
    data[at] = print;
    data[at + 2] = (data[at + 2] as number) + 1;
    return true;
  };
  return { hit, end: () => Promise.resolve() };
}

const SCRIPT = `local out = {}
for i = 1, #KEYS, 3 do
  local full = false
  for k = i, i + 2 do if tonumber(redis.call('GET', KEYS[k]) or 0) >= tonumber(ARGV[1]) then full = true end end
  if not full then
    for k = i, i + 2 do if redis.call('INCR', KEYS[k]) == 1 then redis.call('PEXPIRE', KEYS[k], ARGV[2]) end end
  end
  out[#out + 1] = full and '0' or '1'
end
return table.concat(out)`;

interface Waiting {
  readonly keys: readonly string[];
  readonly resolve: (granted: boolean) => void;
}

/** Fixed windows; a turn's requests in one EVAL over a raw socket; trusts every answer. */
export async function bareRedis(
  url: string,
  prefix: string,
  max: number,
  windowMs: number,
): Promise<LimitContender> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve) => socket.once('connect', resolve));
  let waiting: Waiting[] = [];
  const sent: Waiting[][] = [];
  const tail = `$${String(max).length}\r\n${max}\r\n$${String(windowMs).length}\r\n${windowMs}\r\n`;
  const flush = (): void => {
    const calls = waiting;
    waiting = [];
    sent.push(calls);
    let text = `*${5 + calls.length * 3}\r\n$4\r\nEVAL\r\n$${SCRIPT.length}\r\n${SCRIPT}\r\n`;
    const count = String(calls.length * 3);
    text += `$${count.length}\r\n${count}\r\n`;
    for (const { keys } of calls) {
      for (let i = 0; i < 3; i++) {
        const key = `${prefix}:${i}:${keys[i]}`;
        text += `$${key.length}\r\n${key}\r\n`;
      }
    }
    socket.write(text + tail, 'latin1');
  };
  socket.setEncoding('latin1');
  let rest = '';
  socket.on('data', (chunk) => {
    rest += String(chunk);
    for (;;) {
      const head = rest.indexOf('\r\n');
      const length = Number(rest.slice(1, head));
      if (head === -1 || rest.length < head + 4 + length) return;
      (sent.shift() ?? []).forEach(({ resolve }, i) => resolve(rest[head + 2 + i] === '1'));
      rest = rest.slice(head + 4 + length);
    }
  });
  return {
    hit: (keys) =>
      new Promise((resolve) => {
        if (waiting.push({ keys, resolve }) === 1) setImmediate(flush);
      }),
    // Its keys end by themselves: one window.
    end: () => Promise.resolve(void socket.destroy()),
  };
}
