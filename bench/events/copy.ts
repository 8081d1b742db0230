import pg from 'pg';
import { newId } from '../../src/core/id.ts';

/** What the driver has of the protocol of COPY, beside its public types. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

const COLUMNS =
  'id, type, severity, class, at_ms, node, about, actor, subject, address, ip, route, session, request, trace, outcome, details';
/** Tables that COPY writes into, by what they have. */
const TARGETS: Readonly<Record<string, string>> = {
  'without index or log': 'CREATE UNLOGGED TABLE copied (LIKE rampart.events)',
  'with two indexes':
    'CREATE TABLE copied (LIKE rampart.events); ALTER TABLE copied ADD PRIMARY KEY (id); CREATE INDEX ON copied (type, id)',
};

/** Rows a second that COPY puts into tables of as many columns: the least that can be done. */
export async function copyRates(url: string, count: number): Promise<Readonly<Record<string, number>>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const rates: Record<string, number> = {};
    const lines = Buffer.from(Array.from({ length: count }, (_, i) => lineOf(i)).join(''));
    for (const [name, make] of Object.entries(TARGETS)) {
      await client.query(make);
      const began = performance.now();
      await copy(client, lines);
      rates[name] = (count / (performance.now() - began)) * 1_000;
      const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM copied');
      if (rows[0]?.n !== count) throw new Error('COPY did not write every row');
      await client.query('DROP TABLE copied');
    }
    return rates;
  } finally {
    await client.end();
  }
}

function lineOf(i: number): string {
  const atMs = 1_795_000_000_000 + i;
  const address = `10.${i % 60}.${i % 251}.${i % 241}`;
  const trace = (i * 2_654_435_761).toString(16).padStart(32, '0');
  return `${[newId('evt', atMs), 'SIGN_IN_FAILED', 'MEDIUM', 'signal', atMs, 'one', 'A sign-in was refused.', `user:${i % 5_000}`, `acc_${i % 5_000}`, address, address, 'POST /auth/sign-in', `ses_${i}`, `edge-${i}`, trace, 'failure', `{"reason":"reason${i % 500}","tries":${i % 7}}`].join('\t')}\n`;
}

function copy(client: pg.Client, lines: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const nothing = (): void => undefined;
    client.query({
      submit: (connection: unknown) =>
        (connection as CopyConnection).query(`COPY copied (${COLUMNS}) FROM STDIN`),
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
