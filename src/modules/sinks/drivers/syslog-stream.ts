import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { SinkError } from '../driver.ts';
import type { ReadSyslogSink } from '../options.ts';
import type { DriverPorts } from './ports.ts';
import type { MessageSender } from './syslog.ts';

/** Time for connecting, and for handing a batch over. */
const LIMIT_MS = 15_000;
/** How long a receiver has to say that it is gone, after a batch was handed to the operating system. */
export const SETTLE_MS = 100;

/**
 * Messages over one connection, each with its length before it (RFC 6587, octet counting; RFC 5425 within TLS). Syslog
 * confirms nothing: a batch counts once the operating system has taken all of it and the receiver has not hung up. One that
 * begins to hang up at any time in between makes the whole batch come again on a new connection.
 */
export function streamSender(
  sink: ReadSyslogSink,
  ports: Pick<DriverPorts, 'timers' | 'file'>,
): MessageSender {
  let line: Line | null = null;
  let socket: Socket | null = null;
  const drop = (): void => {
    socket?.destroy();
    socket = null;
    line = null;
  };
  return {
    async send(messages) {
      try {
        await within(ports, async () => {
          if (line === null || line.ended !== null) {
            drop();
            // Known before it is connected: a receiver that never answers is let go, too.
            line = await open(sink, ports, (made) => (socket = made));
          }
          line.socket.ref();
          await write(line, framed(messages), ports);
          // An idle connection keeps no process alive.
          line.socket.unref();
        });
      } catch (error) {
        drop();
        throw failureOf(error);
      }
    },
    close() {
      drop();
      return Promise.resolve();
    },
  };
}

/** A connection, and why it is over. */
interface Line {
  readonly socket: Socket;
  ended: Error | null;
  /** Told once, when it ends. */
  onEnd: () => void;
}

/** `LENGTH MESSAGE`, one after the other. */
export function framed(messages: readonly Buffer[]): Buffer {
  return Buffer.concat(messages.flatMap((message) => [Buffer.from(`${message.length} `), message]));
}

async function open(
  sink: ReadSyslogSink,
  ports: Pick<DriverPorts, 'file'>,
  made: (socket: Socket) => void,
): Promise<Line> {
  const socket = await socketOf(sink, ports);
  made(socket);
  const line: Line = { socket, ended: null, onEnd: () => undefined };
  const end = (error: Error): void => {
    line.ended ??= error;
    line.onEnd();
  };
  await new Promise<void>((resolve, reject) => {
    socket.once(sink.transport === 'tls' ? 'secureConnect' : 'connect', resolve);
    socket.once('error', reject);
    // Stays: what breaks later must find a listener.
    socket.on('error', end);
    socket.on('end', () => end(new SinkError('down', 'The receiver hung up.')));
    socket.on('close', () => {
      end(new SinkError('down', 'The receiver hung up.'));
      reject(line.ended);
    });
  });
  // Receivers say nothing; what they say all the same is not kept.
  socket.resume();
  return line;
}

async function socketOf(sink: ReadSyslogSink, ports: Pick<DriverPorts, 'file'>): Promise<Socket> {
  const { host, port, transport } = sink;
  if (transport !== 'tls') return connectTcp({ host, port, keepAlive: true, noDelay: true });
  const pem = async (path: string | null): Promise<string | undefined> => {
    if (path === null) return undefined;
    try {
      return await ports.file(path);
    } catch {
      throw new SinkError('down', 'A file of ca, cert or key cannot be read.');
    }
  };
  const [ca, cert, key] = await Promise.all([pem(sink.ca), pem(sink.cert), pem(sink.key)]);
  return connectTls({
    host,
    port,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
}

async function write(line: Line, bytes: Buffer, { timers }: Pick<DriverPorts, 'timers'>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  line.onEnd = () => reject(line.ended);
  if (line.ended !== null) line.onEnd();
  line.socket.write(bytes, (error) => {
    if (error) reject(error);
    else timers.after(SETTLE_MS, resolve);
  });
  await promise;
}

/** A receiver that takes nothing must not hold the sink for ever. */
async function within(ports: Pick<DriverPorts, 'timers'>, work: () => Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = ports.timers.after(LIMIT_MS, () =>
    reject(new SinkError('down', 'The receiver does not take it.')),
  );
  const done = work();
  // Its failure after the limit is nobody's.
  done.catch(() => undefined);
  try {
    await Promise.race([done, promise]);
  } finally {
    cancel();
  }
}

/** The words of a socket hold addresses: only its code is shown. */
export function failureOf(error: unknown): SinkError {
  if (error instanceof SinkError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const known = typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : '';
  return new SinkError('down', `The receiver could not be reached${known}.`);
}
