import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlStore } from '../../ports/sql.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { openServer } from './server.ts';

/** A way to the server that the test can cut and mend. */
class Line {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  constructor(target: string) {
    this.#target = new URL(target);
  }

  get url(): string {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${this.#port}`;
    return url.href;
  }

  async mend(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(Number(this.#target.port || 5432), this.#target.hostname);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => to.destroy()).on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as { port: number }).port;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await closed;
  }
}

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('a PostgreSQL server that goes away', () => {
  let line: Line;
  let store: SqlStore;
  let direct: SqlStore;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await temporaryDatabase(service.url as string);
    drop = () => database.drop();
    line = new Line(database.url);
    await line.mend();
    direct = await openServer({ url: database.url });
    store = await openServer({ url: line.url, max: 3, connectLimit: '1s', queryLimit: '500ms' });
    await direct.script('CREATE TABLE rows (n int)');
  });
  afterAll(async () => {
    await Promise.all([store?.close(), direct?.close()]);
    await line?.cut();
    await drop?.();
  });

  const value = async (): Promise<unknown> => (await store.query('SELECT 1 AS v')).rows[0]?.['v'];

  it('rejects at once while it is away, and works again when it is back', async () => {
    expect(await value()).toBe(1);
    await line.cut();
    const refused = store.query('SELECT 1');
    await expect(refused).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', name: 'RampartError' });
    await expect(refused).rejects.toHaveProperty('cause');
    await expect(store.transaction((sql) => sql.query('SELECT 1'))).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
    await expect(store.withLock('a', async () => 1)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(store.listen('a', () => undefined)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await line.mend();
    expect(await value()).toBe(1);
  });

  it('rejects a statement that was on its way when the connection was cut', async () => {
    const started = Promise.withResolvers<void>();
    const cut = store.transaction(async (sql) => {
      await sql.query('INSERT INTO rows VALUES (1)');
      started.resolve();
      await sql.query('SELECT pg_sleep(10)');
    });
    await started.promise;
    await line.cut();
    await expect(cut).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await line.mend();
    expect((await store.query('SELECT n FROM rows')).rows).toEqual([]);
  });

  it('hears again, without being told, after the listening connection was cut', async () => {
    const heard: string[] = [];
    const stop = await store.listen('again', (payload) => void heard.push(payload));
    await line.cut();
    await line.mend();
    // Reconnecting takes its own time; each turn tells once.
    while (heard.length === 0) await direct.query("SELECT pg_notify('again', 'x')");
    expect(heard[0]).toBe('x');
    await stop();
  });

  it('says that a lock was lost with its connection', async () => {
    const lost = store.withLock('b', async () => {
      await line.cut();
      await line.mend();
    });
    await expect(lost).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(lost).rejects.toThrow("'b' was lost");
  });

  it('ends a statement that takes too long with the server’s own code', async () => {
    await expect(store.query('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
    expect(await value()).toBe(1);
  });

  it('lets a script take longer than a statement, and puts the limit back', async () => {
    await store.script('SELECT pg_sleep(0.7)');
    const limits = await Promise.all(
      [1, 2, 3].map(() => store.query("SELECT current_setting('statement_timeout') AS v, pg_sleep(0.05)")),
    );
    expect(limits.map(({ rows }) => rows[0]?.['v'])).toEqual(['500ms', '500ms', '500ms']);
  });

  it('keeps its connections when statements fail', async () => {
    const pids = new Set<unknown>();
    for (let i = 0; i < 5; i++) {
      pids.add((await store.query('SELECT pg_backend_pid() AS pid')).rows[0]?.['pid']);
      await store.query('SELECT nonsense').catch(() => undefined);
    }
    expect(pids.size).toBeLessThanOrEqual(3);
  });

  it('survives that the server ends its idle connections', async () => {
    await value();
    await direct.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rampart' AND pid <> pg_backend_pid() AND datname = current_database()",
    );
    await expect.poll(() => value().catch(() => undefined)).toBe(1);
  });

  it('keeps a lock between two stores', async () => {
    const seen: string[] = [];
    const inside = Promise.withResolvers<void>();
    const first = direct.withLock('c', async () => {
      inside.resolve();
      seen.push('first in');
      await direct.query('SELECT pg_sleep(0.1)');
      seen.push('first out');
    });
    await inside.promise;
    await Promise.all([first, store.withLock('c', async () => void seen.push('second in'))]);
    expect(seen).toEqual(['first in', 'first out', 'second in']);
  });

  it('refuses more statements than may wait', async () => {
    const small = await openServer({ url: line.url, max: 1, maxWaiting: 2 });
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => small.query('SELECT 1')));
    expect(results.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    expect(results[0]?.status).toBe('fulfilled');
    await small.close();
  });
});

describe('a server that is not there', () => {
  it('is told by code when it is opened, without the password', async () => {
    const refused = openServer({ url: 'postgres://someone:secret@127.0.0.1:1/db' });
    await expect(refused).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(refused).rejects.not.toThrow('secret');
  });
});
