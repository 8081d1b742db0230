import { afterAll, beforeAll, describe } from 'vitest';
import type { RampartConfig } from '../../src/server/config.ts';
import { samplePolicy } from '../../src/server/sample-policy.ts';
import { ownRedis, postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { preparedFolder } from '../scenarios/prepared.ts';
import { cleanUp, type Running, start, temporaryFolder } from '../scenarios/server.ts';

/** What a suite of attacks is given. */
export interface Stage {
  /** The first node. */
  server(): Running;
  /** Another node on the same stores; the first one where there is only one. */
  other(): Running;
  readonly column: 'embedded' | 'servers' | 'redis-down';
}

/** Where people would reach these servers: links lead there. */
export const PUBLIC_URL = 'http://localhost:4600';

const CONFIG: RampartConfig<'accounts'> = {
  // Visitors name their address as a proxy on this machine would.
  trustProxy: ['loopback'],
  limits: { accounts: { max: 100_000, window: '15m', by: 'ip' } },
  routes: { 'POST /auth/*': { limit: 'accounts' } },
  identity: {},
  access: { ...samplePolicy, grants: { approval: ['admin'] } },
};

const isSlow = process.env['RAMPART_SLOW'] === '1';
const services = isSlow ? { postgres: await postgresService(), redis: await ownRedis() } : undefined;

/**
 * Runs a suite against real servers: on embedded stores; among the slow tests as two nodes on PostgreSQL and Redis, and as
 * the same once Redis has been killed.
 */
export function onEachColumn(name: string, suite: (stage: Stage) => void): void {
  if (services === undefined) embedded(name, suite);
  else onServers(services, name, suite);
}

function embedded(name: string, suite: (stage: Stage) => void): void {
  describe(`${name}, on embedded stores`, () => {
    let node: Running;
    beforeAll(async () => {
      node = await start({
        dir: await preparedFolder(),
        config: CONFIG,
        env: { RAMPART_PUBLIC_URL: PUBLIC_URL },
      });
    });
    afterAll(cleanUp);
    suite({ server: () => node, other: () => node, column: 'embedded' });
  });
}

function onServers(
  { postgres, redis }: NonNullable<typeof services>,
  name: string,
  suite: (stage: Stage) => void,
): void {
  const absent = postgres.absent !== undefined || 'absent' in redis;
  for (const column of ['servers', 'redis-down'] as const) {
    describe.skipIf(absent)(
      `${name}, on PostgreSQL and Redis${column === 'redis-down' ? ', Redis down' : ''}`,
      () => {
        if ('absent' in redis) return;
        let nodes: readonly Running[] = [];
        let drop: (() => Promise<void>) | undefined;
        beforeAll(async () => {
          await redis.start();
          const database = await temporaryDatabase(postgres.url as string);
          drop = () => database.drop();
          const env = {
            DATABASE_URL: database.url,
            REDIS_URL: redis.url,
            RAMPART_PUBLIC_URL: PUBLIC_URL,
            RAMPART_SECRET: 'one secret of at least 32 characters',
          };
          nodes = await Promise.all([0, 1].map(() => start({ dir: temporaryFolder(), config: CONFIG, env })));
          if (column === 'redis-down') await redis.kill();
        });
        afterAll(async () => {
          await cleanUp();
          await drop?.();
          // The folder goes with the last column.
          await (column === 'servers' ? redis.kill() : redis.remove());
        });
        suite({ server: () => nodes[0] as Running, other: () => nodes[1] as Running, column });
      },
    );
  }
}
