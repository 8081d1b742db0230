import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from 'vitest';
import { attach, type Attached } from '../../src/server/attach.ts';
import { ownRedis, postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { CONFIG, SEARCH, tune } from './exclusions.ts';
import { cleanUp, type Running, start, temporaryFolder } from './server.ts';
import { from } from './traffic.ts';

const postgres = await postgresService();
const redis = await ownRedis();
const absent = postgres.absent !== undefined || 'absent' in redis;
if (!('absent' in redis)) beforeAll(() => redis.start());
afterAll(async () => {
  await cleanUp();
  if (!('absent' in redis)) await redis.remove();
});

describe.skipIf(absent).each(['Redis and PostgreSQL', 'PostgreSQL alone'])(
  'two nodes and an application on %s',
  (on) => {
    if ('absent' in redis) return;
    const redisUrl = on === 'PostgreSQL alone' ? '' : redis.url;
    let nodes: readonly [Running, Running];
    let application: Attached | undefined;
    let drop: () => Promise<void>;
    beforeEach(async () => {
      const database = await temporaryDatabase(postgres.url as string);
      drop = () => database.drop();
      const env = {
        DATABASE_URL: database.url,
        ...(redisUrl === '' ? {} : { REDIS_URL: redisUrl }),
        NODE_ENV: 'test',
        RAMPART_SECRET: 'one secret of at least 32 characters',
      };
      nodes = await Promise.all([
        start({ dir: temporaryFolder(), config: CONFIG, env }),
        start({ dir: temporaryFolder(), config: CONFIG, env }),
      ]);
      application = await attach(CONFIG, { databaseUrl: database.url, redisUrl, dataDir: temporaryFolder() });
    });
    afterEach(async () => {
      await application?.close();
      application = undefined;
      await cleanUp();
      await drop();
      await redis.remove();
    });

    it('act together within a second on what is published, withdrawn and restored', async () => {
      const [first, second] = nodes;
      const onSecond = async () => (await second.send(from('198.51.100.8', { path: SEARCH }))).status;
      const inApplication = async () => {
        const { house } = application as Attached;
        const context = await house.enter({
          method: 'GET',
          target: SEARCH,
          peer: '198.51.100.9',
          encrypted: false,
          header: (name) => ({ host: 'localhost', accept: '*/*', 'user-agent': 'scenario/1' })[name],
        });
        house.leave(context, context.reply?.status ?? 200, 0, false);
        return context.reply?.status ?? 200;
      };
      await tune(first, [onSecond, inApplication]);
    });
  },
);
