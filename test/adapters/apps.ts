import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';

/** Starts a server on a free port of the loopback. */
export async function listening(server: Server): Promise<RunningApp> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** How many bytes a stream brings. */
export async function countBytes(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  let bytes = 0;
  for await (const chunk of body ?? []) bytes += chunk.byteLength;
  return String(bytes);
}
