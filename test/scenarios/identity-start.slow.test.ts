import { afterAll, describe, expect, it } from 'vitest';
import type { SignedIn } from '../../src/server/api/auth-types.ts';
import type { EventsAnswer } from '../../src/server/api/types.ts';
import type { UsersAnswer } from '../../src/server/api/user-types.ts';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { PASSWORD, signIn, someAddress } from '../attacks/person.ts';
import { Visitor } from '../attacks/visitor.ts';
import { cleanUp, rampart, start, temporaryFolder } from './server.ts';

const postgres = await postgresService();
afterAll(cleanUp);

describe.skipIf(postgres.absent !== undefined)('nodes that start together on an empty database', () => {
  it('make one first administrator, whom each of them knows', { timeout: 120_000 }, async () => {
    const database = await temporaryDatabase(postgres.url as string);
    const env = {
      DATABASE_URL: database.url,
      RAMPART_SECRET: 'one secret of at least 32 characters',
      RAMPART_ADMIN_EMAIL: 'first@example.org',
      RAMPART_ADMIN_PASSWORD: PASSWORD,
    };
    // Migrated before: else they would come one after the other.
    expect((await rampart(['migrate'], temporaryFolder(), env)).code).toBe(0);
    const config = { trustProxy: ['loopback'], identity: {} };
    const nodes = await Promise.all([0, 1, 2, 3].map(() => start({ dir: temporaryFolder(), config, env })));
    for (const node of nodes) {
      const { body } = await node.ask<UsersAnswer>('GET', '/admin/users');
      expect(body.users.map(({ email }) => email)).toEqual(['first@example.org']);
      const answer = await signIn(new Visitor(node.port, { address: someAddress() }), 'first@example.org');
      expect([answer.status, (answer.body as SignedIn).scope]).toEqual([200, 'enrol']);
    }
    const { body } = await (nodes[0] as (typeof nodes)[number]).ask<EventsAnswer>(
      'GET',
      '/admin/events?type=USER_CREATED',
    );
    expect(body.events).toHaveLength(1);
    await cleanUp();
    await database.drop();
  });

  it(
    'say why they do not start, when the password of the administrator is refused',
    { timeout: 60_000 },
    async () => {
      const database = await temporaryDatabase(postgres.url as string);
      const env = {
        DATABASE_URL: database.url,
        RAMPART_ADMIN_EMAIL: 'first@example.org',
        RAMPART_ADMIN_PASSWORD: 'short',
      };
      const refused = start({ dir: temporaryFolder(), config: { identity: {} }, env });
      await expect(refused).rejects.toThrow(/\(1\): rampart: RAMPART_ADMIN_PASSWORD: Use at least 8/);
      await refused.catch((error: Error) => expect(error.message).not.toContain('short'));
      await database.drop();
    },
  );
});
