import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeMmdb } from '../../src/modules/shield/place/test-mmdb.ts';
import { SHIPPED_RESPONSES } from '../../src/modules/respond/index.ts';
import type { ResponseEntry, ResponsesAnswer } from '../../src/server/api/response-types.ts';
import { ATTACKS } from '../../src/server/cli/simulate/attackers.ts';
import type { Watched } from '../../src/server/cli/simulate/detected.ts';
import type { RampartConfig } from '../../src/server/config.ts';
import { defaultConfig } from '../../src/server/default-config.ts';
import { ownRedis, postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { cleanUp, rampart, type Running, start, temporaryFolder } from './server.ts';

const postgres = await postgresService();
const redis = await ownRedis();
afterAll(async () => {
  await cleanUp();
  if (!('absent' in redis)) await redis.remove();
});

/** What `rampart simulate --json` prints, as far as it is looked at. */
interface Result {
  readonly honestRefused: number;
  readonly honestUnanswered: number;
  readonly notes: readonly string[];
  readonly detected: Watched;
}

it.skipIf(postgres.absent !== undefined || 'absent' in redis)(
  'every attack upon two nodes is seen, told in few alerts and answered for a while, and nobody honest is refused',
  { timeout: 600_000 },
  async () => {
    if ('absent' in redis) return;
    await redis.start();
    const database = await temporaryDatabase(postgres.url as string);
    try {
      const env = {
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        RAMPART_SECRET: 'one secret of at least 32 characters',
      };
      const places = join(temporaryFolder(), 'places.mmdb');
      const [berlin, sydney] = ['192.0.2.10', '198.19.0.10'] as const;
      const at = (iso_code: string, latitude: number, longitude: number) => ({
        country: { iso_code },
        location: { latitude, longitude, accuracy_radius: 20 },
      });
      writeFileSync(
        places,
        writeMmdb({ '192.0.2.0/24': at('DE', 52.5, 13.4), '198.19.0.0/24': at('AU', -33.9, 151.2) }),
      );
      const rules = Object.fromEntries(
        Object.entries(SHIPPED_RESPONSES).map(([name, rule]) => [name, { ...rule, ttl: '1m' }]),
      );
      const config = {
        ...defaultConfig,
        trustProxy: ['loopback'],
        shield: { place: { files: [places] } },
        responses: { mode: 'enforce', rules },
        // A busy machine keeps a node waiting for longer than in production.
        limitStore: { storeBudget: '5s' },
      } as RampartConfig;
      const [first, second] = await Promise.all([
        start({ dir: temporaryFolder(), config, env }),
        start({ dir: temporaryFolder(), config, env }),
      ]);
      const urlOf = ({ port }: Running): string => `http://127.0.0.1:${port}`;
      const given = ['--seconds', '60', '--within', '60', '--behind-proxy', '--json'];
      const nodes = ['--url', urlOf(first), '--node', urlOf(second), '--place', berlin, '--place', sydney];
      const { out, err, code } = await rampart(['simulate', ...nodes, ...given], first.dir);
      const { detected, ...result } = JSON.parse(out) as Result;
      for (const { kind, detector, eventSeconds, alertSeconds, lagSeconds } of detected.attacks)
        process.stdout.write(
          `${kind}: ${detector}, event ${eventSeconds} s, alert ${alertSeconds} s, ${lagSeconds} s after enough\n`,
        );
      process.stdout.write(`${detected.alerts} alerts for ${detected.behind} events\n`);
      expect({
        ...result,
        code,
        said: err.split('\n').filter((line) => line.startsWith('Not')),
      }).toMatchObject({ honestRefused: 0, honestUnanswered: 0, code: 0, said: [] });
      const wanted = new Set(
        ATTACKS.filter(({ expects = [] }) => expects.length > 0).map(({ kind }) => kind),
      );
      expect(new Set(detected.attacks.map(({ kind }) => kind))).toEqual(wanted);
      expect(detected.attacks.filter(({ detector }) => detector === null)).toEqual([]);
      // Grouped: not an alert for each event.
      expect(detected.alerts).toBeGreaterThan(0);
      expect(detected.behind).toBeGreaterThan(detected.alerts * 5);

      expect(detected.responses.begun).toBeGreaterThan(0);
      // Once a second: whoever asks more often is a flood to this server.
      let responses: readonly ResponseEntry[] = [];
      const acting = async (): Promise<readonly unknown[]> => {
        ({ responses } = (await first.ask<ResponsesAnswer>('GET', '/admin/responses?limit=200')).body);
        return responses.filter(({ endedAtMs, state }) => endedAtMs === null && state !== 'waiting');
      };
      await expect.poll(acting, { timeout: 180_000, interval: 1_000 }).toEqual([]);
      const acted = responses.filter(({ automatic, state }) => automatic && state !== 'waiting');
      expect(acted.length).toBeGreaterThanOrEqual(detected.responses.begun);
      expect(acted.filter(({ state }) => state === 'expired').length).toBeGreaterThan(acted.length / 2);
    } finally {
      await cleanUp();
      await database.drop();
    }
  },
);
