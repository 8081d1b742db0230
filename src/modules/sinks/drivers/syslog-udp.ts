import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { lookup } from 'node:dns/promises';
import { SinkError } from '../driver.ts';
import type { ReadSyslogSink } from '../options.ts';
import type { DriverPorts } from './ports.ts';
import type { MessageSender } from './syslog.ts';
import { failureOf, SETTLE_MS } from './syslog-stream.ts';

/**
 * A datagram for each message (RFC 5426). Nobody confirms them; but the socket is connected, so that a host which says that
 * nobody listens is heard, and a batch counts only once that had time to arrive.
 */
export function udpSender(sink: ReadSyslogSink, { timers }: Pick<DriverPorts, 'timers'>): MessageSender {
  let open: Promise<Socket> | null = null;
  let failed: Error | null = null;
  const drop = async (): Promise<void> => {
    const socket = await open?.catch(() => null);
    open = null;
    socket?.close();
  };
  return {
    async send(messages) {
      failed = null;
      try {
        open ??= connected(sink, (error) => (failed = error));
        const socket = await open;
        socket.ref();
        for (const message of messages) {
          await new Promise<void>((resolve, reject) => {
            socket.send(message, (error) => (error === null ? resolve() : reject(error)));
          });
          if (failed !== null) break;
        }
        await new Promise<void>((resolve) => void timers.after(SETTLE_MS, resolve));
        if (failed !== null) throw failed as Error;
        // An idle socket keeps no process alive.
        socket.unref();
      } catch (error) {
        await drop();
        const isTooLarge = (error as { code?: unknown } | null)?.code === 'EMSGSIZE';
        throw isTooLarge ? new SinkError('refused', 'A datagram cannot hold it.') : failureOf(error);
      }
    },
    close: drop,
  };
}

async function connected(sink: ReadSyslogSink, onError: (error: Error) => void): Promise<Socket> {
  const { address } = await lookup(sink.host);
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(sink.port, address, () => {
        socket.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.on('error', onError);
  return socket;
}
