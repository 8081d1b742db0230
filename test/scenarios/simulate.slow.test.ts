import { afterAll, expect, it } from 'vitest';
import type { ResponseEntry, ResponsesAnswer } from '../../src/server/api/response-types.ts';
import type { UsersAnswer } from '../../src/server/api/user-types.ts';
import { ATTACKS } from '../../src/server/cli/simulate/attackers.ts';
import type { Watched } from '../../src/server/cli/simulate/detected.ts';
import { ownRedis, postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { cleanUp, rampart } from './server.ts';
import { twoNodes } from './two-nodes.ts';

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
      const { first, given } = await twoNodes(database.url, redis.url, '1m');
      const { out, err, code } = await rampart(
        ['simulate', ...given, '--seconds', '60', '--within', '60', '--json'],
        first.dir,
      );
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
      // Whom the attack upon the console made an administrator is none any more.
      const { users } = (await first.ask<UsersAnswer>('GET', '/admin/users?q=usurper&limit=50')).body;
      expect(users.length).toBeGreaterThan(0);
      expect(users.filter(({ roles, status }) => roles.length > 0 || status !== 'locked')).toEqual([]);
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
