import { RampartError } from '../../core/errors.ts';
import type { Bus } from '../../ports/bus.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { channelName } from './values.ts';

/** Messages at most, bytes of UTF-8: the port's bound. PostgreSQL itself takes just under 8,000. */
const MAX_BYTES = 4_000;

/**
 * A bus over LISTEN and NOTIFY, for several nodes on one PostgreSQL without Redis. The store stays the caller's.
 * @throws (publish) RampartError `BUS_MESSAGE_TOO_LARGE`; what the store throws
 */
export function postgresBus(store: SqlStore): Bus {
  const stops = new Set<() => Promise<void>>();
  return {
    kind: 'postgres',
    async publish(channel, message) {
      channelName(channel);
      if (Buffer.byteLength(message) > MAX_BYTES) {
        throw new RampartError('BUS_MESSAGE_TOO_LARGE', `A message has at most ${MAX_BYTES} bytes.`);
      }
      await store.query('SELECT pg_notify($1, $2)', [channel, message]);
    },
    async subscribe(channel, handler) {
      const silence = await store.listen(channel, handler);
      const stop = async (): Promise<void> => {
        if (stops.delete(stop)) await silence();
      };
      stops.add(stop);
      return stop;
    },
    async close() {
      await Promise.all([...stops].map((stop) => stop()));
    },
  };
}
