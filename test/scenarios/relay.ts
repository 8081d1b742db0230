import { connect, createServer, type Socket } from 'node:net';

/** A wire between two ends that a test can cut. */
export interface Relay {
  readonly port: number;
  /** Breaks all connections and refuses new ones. */
  cut(): void;
  /** Connections are made again. */
  mend(): void;
  close(): Promise<void>;
}

/** Listens on a free port and passes everything on to `host:port`. */
export async function openRelay(host: string, port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    near.on('error', () => near.destroy());
    if (!whole) {
      near.destroy();
      return;
    }
    const far = connect({ host, port });
    far.on('error', () => near.destroy());
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    cut() {
      whole = false;
      breakAll();
    },
    mend: () => void (whole = true),
    close() {
      breakAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
