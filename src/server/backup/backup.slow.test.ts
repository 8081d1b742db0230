import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stampEnvironment } from '../../base/database/environment-stamp.ts';
import { systemClock } from '../../core/clock.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { migrate, openEmbedded, openServer } from '../../stores/postgres/index.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { auditWriter } from '../audit-writer.ts';
import { migrations } from '../data/index.ts';
import { backupName, listBackups, makeKey, pruneBackups, readIdentities, timeOf } from './files.ts';
import { readBackup } from './read.ts';
import { type Restored, restoreBackup } from './restore.ts';
import { writeBackup } from './write.ts';

const NOW = 1_795_000_123_456;
const service = await postgresService();
const folder = mkdtempSync(join(tmpdir(), 'rampart-backup-'));
const closers: (() => Promise<void>)[] = [];
let identity: string;
let recipient: string;

beforeAll(async () => {
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
});
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
});

async function embedded(): Promise<SqlStore> {
  const store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
  closers.push(() => store.close());
  return store;
}

async function onServer(): Promise<SqlStore & { readonly url: string }> {
  const database = await temporaryDatabase(service.url as string);
  closers.push(() => database.drop());
  const store = await openServer({ url: database.url, max: 4 });
  closers.push(() => store.close());
  return Object.assign(store, { url: database.url });
}

/** Every kind of value and restraint that tends to get lost. */
const SHAPE = `CREATE SCHEMA app;
  CREATE TYPE app.mood AS ENUM ('good', 'so''so');
  CREATE TABLE app.person (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, boss int REFERENCES app.person, mood app.mood,
    shout text GENERATED ALWAYS AS (upper(name)) STORED, extra jsonb, raw json, bytes bytea, tags text[], money numeric(30, 10),
    ratio double precision, born timestamptz, "odd ""name" varchar(5), code char(4), team int
  );
  CREATE TABLE app.team (id int PRIMARY KEY, lead int REFERENCES app.person);
  ALTER TABLE app.person ADD FOREIGN KEY (team) REFERENCES app.team DEFERRABLE;
  CREATE TABLE app.event (at timestamptz NOT NULL, n bigint) PARTITION BY RANGE (at);
  CREATE TABLE app.event_a PARTITION OF app.event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE TABLE app.event_rest PARTITION OF app.event DEFAULT;
  CREATE SEQUENCE app.numbers INCREMENT 10;
  CREATE FUNCTION app.spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := 'spoilt'; RETURN NEW; END $$;`;
const FILL = `INSERT INTO app.person (name, boss, mood, extra, raw, bytes, tags, money, ratio, born, "odd ""name", code) VALUES
  (E'O''Brien\\n\\t\\\\ "q" \\u2028 \\u0001 😀', 2, 'so''so', '{"a": [1, null, "x\\\\u0041"]}', '{"a":  1}', '\\x00ff27', ARRAY['a,b', NULL, '"', ''],
    12345678901234567890.0123456789, 'NaN', '0044-03-15 12:00:00.123456+00 BC', 'é', 'a'),
  ('', NULL, NULL, 'null', NULL, '', '{}', -0.5, '-Infinity', 'infinity', NULL, NULL);
  UPDATE app.person SET ratio = 0.1 + 0.2 WHERE id = 2;
  INSERT INTO app.person (name, boss) SELECT 'n' || i, CASE WHEN i < 850 THEN i + 50 END FROM generate_series(3, 903) AS i;
  INSERT INTO app.team VALUES (1, 900);
  UPDATE app.person SET team = 1 WHERE id = 3;
  INSERT INTO app.event SELECT timestamptz '2026-05-01' + i * interval '1 day', i FROM generate_series(1, 500) AS i;
  SELECT nextval('app.numbers'); SELECT nextval('app.numbers');`;
const TRIGGER = `CREATE TRIGGER spoil BEFORE INSERT ON app.person FOR EACH ROW EXECUTE FUNCTION app.spoil();`;

async function filled(sql: SqlStore): Promise<SqlStore> {
  await migrate(sql, migrations);
  await stampEnvironment(sql, 'test', NOW);
  await sql.query(
    'INSERT INTO rampart.settings (name, value, changed_at_ms, changed_by) VALUES ($1, $2, $3, $4)',
    ['kept', '"yes"', NOW, 'somebody'],
  );
  await sql.script(SHAPE);
  await sql.script(FILL);
  await sql.script(TRIGGER);
  return sql;
}

/** A new database with the application's empty tables. */
async function bare(sql: SqlStore): Promise<SqlStore> {
  await sql.script(SHAPE + TRIGGER);
  return sql;
}

async function contents(sql: SqlStore): Promise<unknown> {
  const out: Record<string, unknown> = {};
  for (const table of ['app.person', 'app.team', 'app.event', 'rampart.settings', 'rampart.policies']) {
    const { rows } = await sql.query(`SELECT t::text AS row FROM ${table} AS t ORDER BY t::text COLLATE "C"`);
    out[table] = rows.map(({ row }) => row);
  }
  return out;
}

let files = 0;
async function backup(sql: SqlStore, recipients: readonly string[] = [recipient]): Promise<string> {
  const file = join(folder, `${files++}.age`);
  await writeBackup(sql, { file, recipients, schemas: ['app'], nowMs: NOW });
  return file;
}
const plan = (file: string, more: object = {}): Parameters<typeof restoreBackup>[1] => ({
  file,
  identities: [identity],
  migrations,
  ...more,
});

const columns: readonly (readonly [string, () => Promise<SqlStore>])[] = [
  ['embedded', embedded],
  ...(service.absent === undefined ? [['server', onServer] as const] : []),
];

describe.each(columns)('a backup of a database that is %s', (_kind, open) => {
  let source: SqlStore;
  let file: string;
  beforeAll(async () => {
    source = await filled(await open());
    file = await backup(source);
  });

  it.each(columns)('comes back whole in a new one that is %s', async (_other, openOther) => {
    const target = await bare(await openOther());
    const manifest = await restoreBackup(target, plan(file));
    expect(await contents(target)).toEqual(await contents(source));
    expect(manifest.tables).toContainEqual({ schema: 'app', name: 'person', rows: 903 });
    const { rows } = await target.query(
      `INSERT INTO app.person (name, boss) VALUES ('next', 903) RETURNING id, name, shout, nextval('app.numbers') AS number`,
    );
    // Identity, generated column, trigger and sequence work on; so does the foreign key.
    expect(rows).toEqual([{ id: 904, name: 'spoilt', shout: 'SPOILT', number: 21 }]);
    await expect(target.query(`INSERT INTO app.team VALUES (2, 9999)`)).rejects.toMatchObject({
      code: '23503',
    });
    expect(await migrate(target, migrations)).toEqual([]);
  });

  it('replaces what is there only when told to, and what it is for stays', async () => {
    const target = await filled(await open());
    await target.query('UPDATE rampart.settings SET value = \'"other"\'');
    await target.query('DELETE FROM app.event');
    const before = await contents(target);
    await expect(restoreBackup(target, plan(file))).rejects.toMatchObject({ code: 'BACKUP_NOT_EMPTY' });
    expect(await contents(target)).toEqual(before);
    await restoreBackup(target, plan(file, { replace: true }));
    expect(await contents(target)).toEqual(await contents(source));
  });

  it('is not put into a database of another stage unless that is meant', async () => {
    const target = await bare(await open());
    const asked = plan(file, { stage: 'production' });
    await expect(restoreBackup(target, asked)).rejects.toMatchObject({ code: 'BACKUP_ENVIRONMENT' });
    expect(
      (await target.query("SELECT to_regclass('rampart.settings') AS there")).rows[0]?.['there'],
    ).toBeNull();
    await restoreBackup(target, { ...asked, acceptStage: 'test' });
    expect(await contents(target)).toEqual(await contents(source));
  });

  it('leaves everything as it was when it breaks off in the middle', async () => {
    const target = await filled(await open());
    await target.query("UPDATE app.person SET name = 'mine' WHERE id = 5");
    const before = await contents(target);
    let batches = 0;
    const onProgress = (): void => {
      if (++batches === 3) throw new Error('pulled the plug');
    };
    await expect(restoreBackup(target, plan(file, { replace: true, onProgress }))).rejects.toThrow(
      'pulled the plug',
    );
    expect(await contents(target)).toEqual(before);
    await expect(target.query(`INSERT INTO app.team VALUES (2, 9999)`)).rejects.toMatchObject({
      code: '23503',
    });
  });

  it('is written down with what was put back, or is not put back', async () => {
    const audit = auditWriter('n', { ...systemClock, now: () => NOW });
    const record = (tx: SqlRunner, restored: Restored): Promise<void> =>
      audit(tx, 'BACKUP_RESTORED', { actor: 'operator', details: { ...restored } });
    const target = await bare(await open());
    const { tables } = await restoreBackup(target, plan(file, { record }));
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    const events = `SELECT actor, severity, details FROM rampart.events WHERE type = 'BACKUP_RESTORED'`;
    expect((await target.query(events)).rows).toEqual([
      { actor: 'operator', severity: 'CRITICAL', details: { createdAtMs: NOW, tables: tables.length, rows } },
    ]);
    const before = await contents(target);
    const refusing = (): Promise<void> => Promise.reject(new Error('no room'));
    const again = restoreBackup(target, plan(file, { replace: true, record: refusing }));
    await expect(again).rejects.toThrow('no room');
    expect(await contents(target)).toEqual(before);
  });

  it('does not fit tables that have changed', async () => {
    const target = await filled(await open());
    await target.script('ALTER TABLE app.team ADD COLUMN more int');
    await expect(restoreBackup(target, plan(file, { replace: true }))).rejects.toMatchObject({
      code: 'BACKUP_SCHEMA',
    });
    await target.script('ALTER TABLE app.team DROP COLUMN more; CREATE TABLE app.extra (a int)');
    await expect(restoreBackup(target, plan(file, { replace: true }))).rejects.toThrow('app.extra');
  });
});

describe('a backup', () => {
  let source: SqlStore;
  let file: string;
  let bytes: Buffer;
  beforeAll(async () => {
    source = await filled(await embedded());
    file = await backup(source);
    bytes = readFileSync(file);
  });
  const altered = (change: (copy: Buffer) => Uint8Array): string => {
    const other = join(folder, `altered-${files++}.age`);
    writeFileSync(other, change(Buffer.from(bytes)));
    return other;
  };
  const refusal = async (other: string, identities = [identity]): Promise<string> => {
    try {
      await readBackup(other, identities);
      return 'read';
    } catch (error) {
      expect(error).toMatchObject({ code: 'BACKUP_UNREADABLE' });
      return (error as Error).message;
    }
  };

  it('shows nothing of what it holds, and nobody else may read the file', () => {
    expect(bytes.includes('Brien')).toBe(false);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('opens with a newer or an older identity, and with no other (A90)', async () => {
    const other = await generateX25519Identity();
    expect(await refusal(file, [other])).toContain('identity');
    expect(await refusal(file, [other, identity])).toBe('read');
    const forBoth = await backup(source, [recipient, await identityToRecipient(other)]);
    expect(await refusal(forBoth, [other])).toBe('read');
  });

  it('with one bit changed is refused, wherever the bit is (A90)', async () => {
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
      const other = altered((copy) => {
        copy[at] = (copy[at] as number) ^ 1;
        return copy;
      });
      expect(await refusal(other), `byte ${at}`).not.toBe('read');
    }
  });

  it('that is cut off, empty, longer, or swapped in its parts is refused (A90)', async () => {
    const big = join(folder, `${files++}.age`);
    const random = await embedded();
    await migrate(random, migrations);
    await random.script(
      `CREATE SCHEMA app; CREATE TABLE app.noise AS SELECT md5(i::text) || md5((i + 1)::text) AS text FROM generate_series(1, 16000) AS i`,
    );
    await writeBackup(random, { file: big, recipients: [recipient], schemas: ['app'], nowMs: NOW });
    bytes = readFileSync(big);
    const part = 64 * 1024 + 16;
    const begin = bytes.indexOf('\n', bytes.indexOf('\n--- ') + 1) + 1 + 16;
    expect(bytes.length).toBeGreaterThan(begin + 3 * part);
    expect(await refusal(big)).toBe('read');
    for (const size of [0, 10, 100, begin, begin + part, begin + 2 * part + 5, bytes.length - 1]) {
      expect(await refusal(altered((copy) => copy.subarray(0, size))), `${size} bytes`).not.toBe('read');
    }
    expect(await refusal(altered((copy) => Buffer.concat([copy, Buffer.from('x')])))).not.toBe('read');
    const swapped = altered((copy) =>
      Buffer.concat([
        copy.subarray(0, begin),
        copy.subarray(begin + part, begin + 2 * part),
        copy.subarray(begin, begin + part),
        copy.subarray(begin + 2 * part),
      ]),
    );
    expect(await refusal(swapped)).not.toBe('read');
  });

  it('that is damaged touches no database', async () => {
    bytes = readFileSync(file);
    const target = await embedded();
    const half = altered((copy) => copy.subarray(0, copy.length - 20));
    await expect(restoreBackup(target, plan(half))).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' });
    expect(
      (await target.query("SELECT to_regclass('rampart.settings') AS there")).rows[0]?.['there'],
    ).toBeNull();
    await expect(restoreBackup(target, plan(join(folder, 'none.age')))).rejects.toThrow('no such file');
  });

  it('that cannot be written leaves nothing behind', async () => {
    const place = join(folder, 'absent', 'x.age');
    await expect(
      writeBackup(source, { file: place, recipients: [recipient], nowMs: NOW }),
    ).rejects.toMatchObject({ code: 'ENOENT' });
    const failing = join(folder, 'failing.age');
    const onProgress = (): void => {
      throw new Error('stopped');
    };
    const stopped = writeBackup(source, { file: failing, recipients: [recipient], nowMs: NOW, onProgress });
    await expect(stopped).rejects.toThrow('stopped');
    expect(readdirSync(folder).filter((name) => name.startsWith('failing'))).toEqual([]);
    expect((await source.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});

describe.skipIf(service.absent !== undefined)('on a server', () => {
  it('a backup shows one moment, whatever is written meanwhile', async () => {
    const source = await filled(await onServer());
    const file = join(folder, `${files++}.age`);
    let changed: Promise<unknown> | undefined;
    await writeBackup(source, {
      file,
      recipients: [recipient],
      schemas: ['app'],
      nowMs: NOW,
      onProgress: () => {
        changed ??= source
          .query('DELETE FROM app.event WHERE n > 10; ')
          .then(() => source.query("UPDATE app.person SET name = 'late'"));
      },
    });
    await changed;
    const { manifest } = await readBackup(file, [identity], (line) => {
      if (line.kind === 'rows') expect(JSON.stringify(line.rows)).not.toContain('late');
    });
    expect(manifest.tables).toContainEqual({ schema: 'app', name: 'event', rows: 500 });
  });

  it('a restoration whose process is killed in the middle has done nothing', async () => {
    const target = await filled(await onServer());
    const file = await backup(target);
    await target.query("UPDATE app.person SET name = 'mine' WHERE id = 5");
    const before = await contents(target);
    const here = (path: string): string => new URL(path, import.meta.url).href;
    const code = `
      import { openServer } from '${here('../../stores/postgres/index.ts')}';
      import { migrations } from '${here('../data/index.ts')}';
      import { restoreBackup } from '${here('./restore.ts')}';
      const sql = await openServer({ url: process.env.TARGET });
      let batches = 0;
      await restoreBackup(sql, {
        file: process.env.FILE, identities: [process.env.IDENTITY], migrations, replace: true,
        onProgress: () => { if (++batches === 4) process.kill(process.pid, 'SIGKILL'); },
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      env: {
        ...process.env,
        TARGET: (target as SqlStore & { url: string }).url,
        FILE: file,
        IDENTITY: identity,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    expect(await new Promise((resolve) => child.once('close', (_code, signal) => resolve(signal)))).toBe(
      'SIGKILL',
    );
    expect(await contents(target)).toEqual(before);
    await restoreBackup(target, plan(file, { replace: true }));
    expect(await contents(target)).not.toEqual(before);
  });
});

describe('on the embedded database on disk', () => {
  it('a restoration whose process is killed in the middle has done nothing, and can be done again', async () => {
    const dir = join(folder, 'killed');
    const reopened = (): Promise<SqlStore> => openEmbedded({ dir });
    let target = await filled(await reopened());
    const file = await backup(target);
    await target.query("UPDATE app.person SET name = 'mine' WHERE id = 5");
    const before = await contents(target);
    await target.close();
    const here = (path: string): string => new URL(path, import.meta.url).href;
    const code = `
      import { openEmbedded } from '${here('../../stores/postgres/index.ts')}';
      import { migrations } from '${here('../data/index.ts')}';
      import { restoreBackup } from '${here('./restore.ts')}';
      const sql = await openEmbedded({ dir: process.env.TARGET });
      let batches = 0;
      await restoreBackup(sql, {
        file: process.env.FILE, identities: [process.env.IDENTITY], migrations, replace: true,
        onProgress: () => { if (++batches === 4) process.kill(process.pid, 'SIGKILL'); },
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      env: { ...process.env, TARGET: dir, FILE: file, IDENTITY: identity },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const signal = await new Promise((resolve) => child.once('close', (_code, name) => resolve(name)));
    expect(signal).toBe('SIGKILL');
    target = await reopened();
    try {
      expect(await contents(target)).toEqual(before);
      await restoreBackup(target, plan(file, { replace: true }));
      expect(await contents(target)).not.toEqual(before);
    } finally {
      await target.close();
    }
  });
});

describe('files of backups', () => {
  it('are named by time; only old ones of them are removed', async () => {
    const own = mkdtempSync(join(folder, 'files-'));
    const names = [3, 1, 2, 4].map((day) => backupName(NOW + day * 86_400_000));
    for (const name of [...names, 'notes.txt', 'rampart-x.age']) writeFileSync(join(own, name), '');
    expect(await pruneBackups(own, 2)).toHaveLength(2);
    expect(await listBackups(own)).toEqual([names[3], names[0]]);
    expect(readdirSync(own)).toContain('rampart-x.age');
    expect(timeOf(names[0] as string)).toBe(NOW + 3 * 86_400_000);
    expect(timeOf('notes.txt')).toBeUndefined();
  });

  it('a key is written once, for its owner alone', async () => {
    const key = join(folder, 'key.txt');
    const made = await makeKey(key);
    expect(made).toMatch(/^age1/);
    expect(statSync(key).mode & 0o077).toBe(0);
    const [own] = readIdentities(readFileSync(key, 'utf8'));
    expect(await identityToRecipient(own as string)).toBe(made);
    await expect(makeKey(key)).rejects.toMatchObject({ code: 'EEXIST' });
  });
});
