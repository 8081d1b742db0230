import pg from 'pg';
import type { RampartEvent } from '../../src/core/events.ts';

/** What the driver has of the protocol of COPY, beside its public types. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Rows a second that COPY puts into a table of as many columns, without index and log: the least that can be done. */
export async function copyRate(url: string, events: readonly RampartEvent[]): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('CREATE UNLOGGED TABLE bare (LIKE rampart.events)');
    const lines = Buffer.from(events.map(lineOf).join(''));
    const began = performance.now();
    await copy(client, lines);
    return (events.length / (performance.now() - began)) * 1_000;
  } finally {
    await client.end();
  }
}

function lineOf(one: RampartEvent): string {
  const { id, type, severity, class: kept, atMs, node, about, actor, address, route, details } = one;
  return `${[id, type, severity, kept, atMs, node, about, actor, address, route, JSON.stringify(details)].join('\t')}\n`;
}

function copy(client: pg.Client, lines: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const nothing = (): void => undefined;
    client.query({
      submit: (connection: unknown) =>
        (connection as CopyConnection).query(
          'COPY bare (id, type, severity, class, at_ms, node, about, actor, address, route, details) FROM STDIN',
        ),
      handleCopyInResponse(connection: CopyConnection) {
        connection.sendCopyFromChunk(lines);
        connection.endCopyFrom();
      },
      handleRowDescription: nothing,
      handleDataRow: nothing,
      handlePortalSuspended: nothing,
      handleEmptyQuery: nothing,
      handleCommandComplete: nothing,
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    } as unknown as pg.Submittable);
  });
}
