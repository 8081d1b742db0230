import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HealthAnswer } from '../../src/server/api/types.ts';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import type { Answer } from './client.ts';
import { openRelay, type Relay } from './relay.ts';
import { cleanUp, eventually, type Running, start, temporaryFolder } from './server.ts';
import { from, refusalsOf, SMALL_LIMIT, unknownTo } from './traffic.ts';

const postgres = await postgresService();
afterAll(cleanUp);

describe.skipIf(postgres.absent !== undefined)(
  'a server whose PostgreSQL cannot be reached for a while',
  () => {
    let relay: Relay;
    let env: { readonly DATABASE_URL: string };
    let drop: () => Promise<void>;
    let server: Running;
    beforeEach(async () => {
      const database = await temporaryDatabase(postgres.url as string);
      drop = () => database.drop();
      const url = new URL(database.url);
      relay = await openRelay(url.hostname, Number(url.port));
      url.host = `127.0.0.1:${relay.port}`;
      env = { DATABASE_URL: url.href };
      server = await start({ dir: temporaryFolder(), config: SMALL_LIMIT, env });
    });
    afterEach(async () => {
      await cleanUp();
      await relay.close();
      await drop();
    });

    const health = async (): Promise<HealthAnswer> =>
      (await server.ask<HealthAnswer>('GET', '/admin/health')).body;
    const burst = async (address: string): Promise<readonly Answer[]> => {
      const answers = [];
      for (let i = 0; i < 20; i++) answers.push(await server.send(from(address)));
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
      expect(refusalsOf(answers)).toHaveLength(15);
      return answers;
    };

    it('goes on deciding, holds the records, and drains them afterwards', async () => {
      const refused = [...refusalsOf(await burst('198.51.100.1'))];
      relay.cut();
      await eventually(health, ({ state }) => state === 'down');
      refused.push(...refusalsOf(await burst('198.51.100.2')));
      expect((await server.send({ path: '/readyz' })).status).toBe(200);
      const { journal, checks } = await health();
      expect(journal.waiting).toBeGreaterThanOrEqual(20);
      expect(journal.shed).toBe(0);
      expect(checks.find(({ name }) => name === 'database')?.text).toContain('DATABASE_URL');
      // What needs the database says that it is not there now, and when to come again.
      const asked = await server.ask<{ error: { code: string } }>('GET', `/admin/decisions/${refused[0]}`);
      expect([asked.status, asked.body.error.code]).toEqual([503, 'DATABASE_UNAVAILABLE']);
      relay.mend();
      await eventually(health, (answer) => answer.state === 'ok' && answer.journal.waiting === 0, 25_000);
      expect(await unknownTo(server, refused)).toEqual([]);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
    });

    it('stops while it is away, and brings the records home at the next start', async () => {
      relay.cut();
      const refused = refusalsOf(await burst('198.51.100.3'));
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      relay.mend();
      server = await start({ dir: server.dir, config: SMALL_LIMIT, env });
      await eventually(health, ({ journal }) => journal.waiting === 0);
      expect(await unknownTo(server, refused)).toEqual([]);
    });
  },
);
