import { RampartError } from '../../core/errors.ts';
import type { Bus } from '../../ports/bus.ts';

const MAX_BYTES = 4_000;

/**
 * A bus within one process. Messages arrive in a later turn of the event loop, as they would from elsewhere.
 * @throws (publish, subscribe) RampartError `BUS_MESSAGE_TOO_LARGE`, `BUS_CLOSED`; TypeError on a channel's name
 */
export function memoryBus(): Bus {
  const channels = new Map<string, Set<(message: string) => void>>();
  let closed = false;
  const check = (channel: string): void => {
    if (closed) throw new RampartError('BUS_CLOSED', 'The bus was closed.');
    if (!/^[A-Za-z0-9_.:-]{1,63}$/.test(channel)) {
      throw new TypeError('a channel has 1 to 63 letters, digits, _ . : or -');
    }
  };
  return {
    kind: 'memory',
    async publish(channel, message) {
      check(channel);
      if (Buffer.byteLength(message) > MAX_BYTES) {
        throw new RampartError('BUS_MESSAGE_TOO_LARGE', `A message has at most ${MAX_BYTES} bytes.`);
      }
      for (const handler of channels.get(channel) ?? []) {
        setImmediate(() => channels.get(channel)?.has(handler) === true && handler(message));
      }
    },
    async subscribe(channel, handler) {
      check(channel);
      // A function of its own, so that one handler subscribed twice hears twice.
      const own = (message: string): void => handler(message);
      const handlers = channels.get(channel) ?? new Set();
      channels.set(channel, handlers);
      handlers.add(own);
      return async () => {
        handlers.delete(own);
        if (handlers.size === 0 && channels.get(channel) === handlers) channels.delete(channel);
      };
    },
    async close() {
      closed = true;
      channels.clear();
    },
  };
}
