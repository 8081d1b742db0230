import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import {
  guardPg,
  inputScope,
  nodeSource,
  sqlGuard,
  SqlInjectionError,
} from '../../src/base/database/sink/index.ts';
import { SLOTS } from './slots.ts';

/** An application that writes what it is sent into its statements. */
export interface CarelessApp {
  readonly url: string;
  /** Texts that went to the server. */
  readonly sent: string[];
  /** How many rows the tables hold, and whether the first person is still as it was. */
  look(): Promise<{ readonly people: number; readonly notes: number; readonly first: unknown }>;
  close(): Promise<void>;
}

const TABLES = `
  CREATE TABLE people (id int PRIMARY KEY, name text, secret text, active boolean, born timestamptz DEFAULT now(), extra jsonb);
  INSERT INTO people VALUES (1, 'anna', 'k3y', true, now(), '{"a": 1}'), (2, 'bob', 'hush', false, now(), '{}');
  CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY, body text, author int);`;

/** Starts it over a database of its own. `/SLOT?v=VALUE` or a JSON body `{ v }`. */
export async function startCareless(databaseUrl: string): Promise<CarelessApp> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4, statement_timeout: 5_000 });
  await pool.query(TABLES);
  const sent: string[] = [];
  const scope = inputScope();
  const guarded = guardPg(
    {
      query(text: string) {
        sent.push(text);
        return pool.query(text);
      },
    },
    sqlGuard({}, { inputs: scope.current }),
  );
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const text = Buffer.concat(parts).toString();
      const body = text === '' ? undefined : (JSON.parse(text) as { v: string });
      const value = body?.v ?? url.searchParams.get('v') ?? '';
      const slot = SLOTS[Number(url.pathname.slice(1))];
      const end = (status: number): void => void response.writeHead(status).end();
      scope.run({ ...nodeSource(request), body: () => body }, () => {
        guarded.query(slot?.write(value) ?? '').then(
          () => end(200),
          (error: unknown) => end(error instanceof SqlInjectionError ? 400 : 500),
        );
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    async look() {
      const count = async (table: string): Promise<number> =>
        Number((await pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n);
      const first = await pool.query('SELECT name, active FROM people WHERE id = 1');
      return { people: await count('people'), notes: await count('notes'), first: first.rows[0] };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await pool.end();
    },
  };
}
