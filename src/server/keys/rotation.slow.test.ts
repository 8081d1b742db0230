import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EncryptedTable } from '../../base/secrets/index.ts';
import { systemClock, systemTimers } from '../../core/clock.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { migrate, openServer, postgresBus } from '../../stores/postgres/index.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { createStores, migrations } from '../data/index.ts';
import { openDataDir } from '../data-dir.ts';
import { type OpenedKeys, openKeys } from './open.ts';
import { wrappersOf } from './wrapper.ts';

const service = await postgresService();
const CLI = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const SECRET = 'a secret of the test, long enough for it';
const ROWS = 250_000;
/** Between two acts of the application, which is no load test. */
const PAUSE_MS = 5;
const INSERT = 5_000;
const COLUMNS = { phone: {}, born: { type: 'date' }, town: {}, points: { type: 'number' } } as const;
const ENCRYPTED = { 'app.people': { key: 'id', columns: COLUMNS } } as const;
const FIELDS = ROWS * Object.keys(COLUMNS).length;

const phoneOf = (id: number): string => `+49 30 ${String(id).padStart(7, '0')}`;
const bornOf = (id: number): Date => new Date(id * 86_400);
const personOf = (id: number): Readonly<Record<string, unknown>> => ({
  id,
  phone: phoneOf(id),
  born: bornOf(id),
  town: `Town ${id % 997}`,
  points: id / 4,
});

describe.skipIf(service.url === undefined)('a rotation of a million fields', () => {
  let folder: string;
  let drop: () => Promise<void>;
  let url: string;
  let sql: SqlStore;
  let keys: OpenedKeys;
  let people: EncryptedTable;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rampart-keys-'));
    writeFileSync(
      join(folder, 'rampart.config.mjs'),
      `export default ${JSON.stringify({ encrypted: ENCRYPTED })};\n`,
    );
    const database = await temporaryDatabase(service.url as string);
    ({ url } = database);
    drop = () => database.drop();
    sql = await openServer({ url });
    await migrate(sql, migrations);
    await sql.script(
      'CREATE SCHEMA app; CREATE TABLE app.people (id bigint PRIMARY KEY, phone text, born text, town text, points text)',
    );
    const { secret } = openDataDir(folder, SECRET);
    const stores = createStores(sql);
    keys = await openKeys({
      sql,
      clock: systemClock,
      timers: systemTimers,
      bus: postgresBus(sql),
      secret,
      wrappers: wrappersOf(
        { wrappingKey: undefined, kmsUrl: undefined, kmsToken: undefined, aws: undefined },
        secret,
      ),
      encrypted: ENCRYPTED,
      node: 'test',
      log: { warn: () => undefined, error: () => undefined },
      write: (tx, event) => stores.events.write(tx, event),
    });
    people = keys.tables.get('app.people') as EncryptedTable;
    for (let from = 1; from <= ROWS; from += INSERT) await insert(from);
    await sql.query('ANALYZE app.people');
  }, 180_000);

  afterAll(async () => {
    await keys.store.close();
    await sql.close();
    await drop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function insert(from: number): Promise<void> {
    const rows = Array.from({ length: INSERT }, (_, i) => people.encrypt(personOf(from + i)));
    const names = ['id', ...Object.keys(COLUMNS)];
    await sql.query(
      'INSERT INTO app.people SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])',
      names.map((name) => rows.map((row) => row[name])),
    );
  }

  /** Runs the command; with `killAt` kills it once that share of the rows is done. @returns what it said */
  async function rotate(killAt?: number): Promise<string> {
    const child = spawn(process.execPath, [CLI, 'keys', 'rotate', 'fields'], {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: url, RAMPART_DATA_DIR: folder, RAMPART_SECRET: SECRET },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      const [, done, total] = [...said.matchAll(/^(\d+) of (\d+) rows/gm)].at(-1) ?? [];
      if (killAt !== undefined && Number(done) >= killAt * Number(total)) child.kill('SIGKILL');
    });
    const signal = await new Promise((resolve) => child.once('close', (_code, by) => resolve(by)));
    expect(signal).toBe(killAt === undefined ? null : 'SIGKILL');
    return said;
  }

  /** An application that reads and writes until it is told to stop. */
  function application(): { readonly written: Map<number, string>; stop(): Promise<number> } {
    const written = new Map<number, string>();
    const over = new AbortController();
    let reads = 0;
    // The same rows in every run, all over the table: a step that shares no divisor with their number.
    let last = 0;
    const random = (): number => 1 + (last = (last + 96_487) % ROWS);
    const read = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const from = random();
        const { rows } = await sql.query('SELECT * FROM app.people WHERE id >= $1 ORDER BY id LIMIT 20', [
          from,
        ]);
        // Any field that cannot be opened ends the test.
        for (const row of await people.read(rows)) expect(row['born']).toEqual(bornOf(row['id'] as number));
        reads += rows.length;
        await pause(PAUSE_MS);
      }
    };
    const write = async (): Promise<void> => {
      for (let n = 0; !over.signal.aborted; n++) {
        const id = random();
        const phone = `changed ${n}`;
        const row = people.encrypt({ id, phone });
        await sql.query('UPDATE app.people SET phone = $2 WHERE id = $1', [id, row.phone as string]);
        written.set(id, phone);
        await pause(PAUSE_MS);
      }
    };
    const all = Promise.all([read(), write()]);
    // Told when it is stopped, and not as unhandled before.
    all.catch(() => undefined);
    return {
      written,
      async stop() {
        over.abort();
        await all;
        return reads;
      },
    };
  }

  it('that is killed twice loses nothing, and no read fails meanwhile', async () => {
    const app = application();
    const beganMs = performance.now();
    await rotate(0.25);
    const afterFirst = await keys.rotation.progress('fields');
    expect(afterFirst?.endedAtMs).toBeNull();
    const second = await rotate(0.6);
    expect(second).toContain('An unfinished rotation goes on.');
    const last = await rotate();
    const seconds = (performance.now() - beganMs) / 1_000;
    const reads = await app.stop();
    process.stdout.write(
      `${last}${Math.round(seconds)} s in all, ${reads} rows read, ${app.written.size} written\n`,
    );

    const done = await keys.rotation.progress('fields');
    expect(done).toMatchObject({ id: afterFirst?.id, keyId: 'k2' });
    expect(done?.tables[0]).toMatchObject({ rowsTotal: ROWS, unreadable: 0 });
    // Each run went on where the last batch of the one before had ended: rows that an application wrote come on top.
    expect(done?.tables[0]?.rowsDone).toBeLessThan(ROWS * 1.05);
    expect(last).toContain('Retired: k1.');
    expect([...(await keys.rotation.counts('fields'))]).toEqual([['k2', FIELDS]]);
    expect(reads).toBeGreaterThan(1_000);
    expect(app.written.size).toBeGreaterThan(100);
    await checkAll(app.written);
  }, 600_000);

  async function checkAll(written: ReadonlyMap<number, string>): Promise<void> {
    let seen = 0;
    for (let from = 1; from <= ROWS; from += 20_000) {
      const { rows } = await sql.query('SELECT * FROM app.people WHERE id >= $1 AND id < $2', [
        from,
        from + 20_000,
      ]);
      for (const row of await people.read(rows)) {
        const expected = personOf(row['id'] as number);
        const phone = written.get(row['id'] as number);
        if (!isDeepStrictEqual(row, phone === undefined ? expected : { ...expected, phone }))
          expect(row).toEqual({ ...expected, phone });
        seen += 1;
      }
    }
    expect(seen).toBe(ROWS);
  }
});
