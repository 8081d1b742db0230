import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SqlStore } from '../../../ports/sql.ts';
import { openServer } from '../../../stores/postgres/server.ts';
import { postgresService, temporaryDatabase } from '../../../testing/services.ts';
import { identityTables } from '../tables/index.ts';
import { openTestDatabase } from '../test-house.ts';
import { POLL_MS } from './feed.ts';
import {
  api,
  bearer,
  browser,
  cookie,
  refreshTokenOf,
  sessionTest,
  type SessionTest,
} from './test-sessions.ts';

const service = await postgresService();

/** Lets a poll that is due run to its end. */
async function poll(house: SessionTest, until: () => Promise<boolean>): Promise<void> {
  house.clock.advance(POLL_MS);
  await vi.waitFor(async () => {
    if (!(await until())) throw new Error('not yet');
  }, 15_000);
}

describe.skipIf(service.absent !== undefined)('two nodes on one server, the bus cut', () => {
  let database: Awaited<ReturnType<typeof temporaryDatabase>>;
  let sql: SqlStore;
  beforeAll(async () => {
    database = await temporaryDatabase(service.url as string);
    sql = await openServer({ url: database.url });
    await sql.script(`CREATE SCHEMA rampart; ${identityTables}`);
  });
  afterAll(async () => {
    await sql.close();
    await database.drop();
  });

  test('A14: what one node ended the other refuses after one poll, and a sensitive route at once', async () => {
    const a = await sessionTest(sql);
    const b = await a.otherNode();
    const id = await a.account();
    const grants = [await a.open(id), await a.open(id, { facts: browser })] as const;
    expect(await b.sessions.identify(bearer(grants[0]), api)).toBeDefined();
    expect(await b.sessions.identify(cookie(grants[1]), browser)).toBeDefined();
    await a.ports.transaction((tx) => a.sessions.endAll(tx, id, 'admin'));
    expect(b.sessions.identify(bearer(grants[0]), api)).toBeDefined();
    expect(await b.sessions.fresh(grants[0].session.id)).toBeUndefined();
    await poll(a, async () => (await b.sessions.identify(bearer(grants[0]), api)) === undefined);
    expect(await b.sessions.identify(cookie(grants[1]), browser)).toBeUndefined();
    await Promise.all([a.sessions.close(), b.sessions.close()]);
  });

  test('A15: a role that was taken away is gone on the other node after one poll (52)', async () => {
    const a = await sessionTest(sql);
    const b = await a.otherNode();
    const id = await a.account(['admin']);
    const grant = await a.open(id);
    expect(await b.sessions.identify(bearer(grant), api)).toMatchObject({ roles: ['admin'] });
    await a.ports.transaction(async (tx) => {
      await tx.query(
        `UPDATE rampart.identity_accounts SET roles = '{user}', version = version + 1 WHERE id = $1`,
        [id],
      );
      await a.sessions.changed(tx, id);
    });
    expect(await a.sessions.identify(bearer(grant), api)).toMatchObject({ roles: ['user'], version: 2 });
    await poll(a, async () => (await b.sessions.identify(bearer(grant), api))?.roles[0] === 'user');
    await Promise.all([a.sessions.close(), b.sessions.close()]);
  });

  test('A14: a change that commits late, after others that began later, is not missed', async () => {
    const a = await sessionTest(sql);
    const b = await a.otherNode();
    const [slow, quick] = [await a.account(), await a.account()];
    const [first, second] = [await a.open(slow), await a.open(quick)];
    await b.sessions.identify(bearer(first), api);
    await b.sessions.identify(bearer(second), api);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const written = Promise.withResolvers<void>();
    const late = a.ports.transaction(async (tx) => {
      await a.sessions.endAll(tx, slow, 'admin');
      written.resolve();
      await held;
    });
    await written.promise;
    await a.ports.transaction((tx) => a.sessions.endAll(tx, quick, 'admin'));
    await poll(a, async () => (await b.sessions.identify(bearer(second), api)) === undefined);
    expect(await b.sessions.identify(bearer(first), api)).toBeDefined();
    // The node that is changing it keeps nothing of it while the change may still be open.
    const asked = a.sessions.identify(bearer(first), api);
    expect(asked).toBeInstanceOf(Promise);
    // Who asks while somebody else looks is told what that one finds.
    await asked;
    release();
    await late;
    expect(await a.sessions.identify(bearer(first), api)).toBeUndefined();
    await poll(a, async () => (await b.sessions.identify(bearer(first), api)) === undefined);
    await Promise.all([a.sessions.close(), b.sessions.close()]);
  });

  test('A14: over the bus the other node looks again before any poll', async () => {
    const a = await sessionTest(sql);
    const b = await a.otherNode(true);
    const id = await a.account();
    const grant = await a.open(id);
    await b.sessions.identify(bearer(grant), api);
    await a.ports.transaction((tx) => a.sessions.end(tx, id, grant.session.id, 'user'));
    await vi.waitFor(async () => {
      expect(await b.sessions.identify(bearer(grant), api)).toBeUndefined();
    }, 15_000);
    // What others put on the bus is a hint at most.
    for (const text of ['', 'keys', 'ses_', "acc_' OR 1=1", 'x'.repeat(4_000)]) {
      await a.ports.bus.publish('rampart.identity', text);
    }
    expect(await b.sessions.identify(bearer(await a.open(id)), api)).toBeDefined();
    await Promise.all([a.sessions.close(), b.sessions.close()]);
  });

  test('A14: more changes than are worth naming make every node forget everything', async () => {
    const a = await sessionTest(sql);
    const grant = await a.open(await a.account());
    await a.sessions.identify(bearer(grant), api);
    expect(a.sessions.identify(bearer(grant), api)).not.toBeInstanceOf(Promise);
    await sql.query(
      `INSERT INTO rampart.identity_revocations (account, at_ms) SELECT 'acc_' || n, $1 FROM generate_series(1, 10000) n`,
      [a.clock.now()],
    );
    a.clock.advance(POLL_MS);
    await vi.waitFor(() => expect(a.sessions.identify(bearer(grant), api)).toBeInstanceOf(Promise), 15_000);
    expect(await a.sessions.identify(bearer(grant), api)).toBeDefined();
    await a.sessions.close();
  });

  test('A16: the other node refuses tokens of before a step-up, and an old cookie after the grace', async () => {
    const a = await sessionTest(sql);
    const b = await a.otherNode();
    const id = await a.account();
    const token = await a.open(id);
    const old = await a.open(id, { facts: browser });
    await b.sessions.identify(bearer(token), api);
    await b.sessions.identify(cookie(old), browser);
    await a.ports.transaction((tx) => a.sessions.renew(tx, token.session.id, { proven: ['totp'] }, api));
    await a.sessions.refresh(refreshTokenOf(old), browser);
    await poll(a, async () => (await b.sessions.identify(bearer(token), api)) === undefined);
    expect(await b.sessions.identify(cookie(old), browser)).toBeDefined();
    a.clock.advance(10_000);
    expect(await b.sessions.identify(cookie(old), browser)).toBeUndefined();
    await Promise.all([a.sessions.close(), b.sessions.close()]);
  });

  test('a key that one node makes is read by the other before it signs, and the old one verifies on', async () => {
    const a = await sessionTest(sql);
    const b = await a.otherNode();
    const id = await a.account();
    const before = await a.open(id);
    const kid = await a.sessions.rotateKeys();
    await poll(a, () => Promise.resolve(b.sessions.jwks().keys.length === 2));
    expect(headerOf(bearer(await a.open(id)).token)).not.toMatchObject({ kid });
    a.clock.advance(2_000);
    const after = await a.open(id);
    expect(headerOf(bearer(after).token)).toMatchObject({ kid, alg: 'EdDSA', typ: 'at+jwt' });
    expect(await b.sessions.identify(bearer(after), api)).toBeDefined();
    expect(await b.sessions.identify(bearer(before), api)).toBeDefined();
    a.clock.advance(17 * 60_000);
    expect(b.sessions.jwks().keys).toHaveLength(1);
    await Promise.all([a.sessions.close(), b.sessions.close()]);
  });

  test('nodes that start together make one key', async () => {
    const a = await sessionTest(sql);
    await sql.query('DELETE FROM rampart.identity_keys');
    const nodes = await Promise.all(Array.from({ length: 4 }, () => a.otherNode()));
    const { rows } = await sql.query('SELECT id FROM rampart.identity_keys');
    expect(rows).toHaveLength(1);
    for (const node of nodes) expect(node.sessions.jwks()).toEqual(nodes[0]?.sessions.jwks());
    await Promise.all([a.sessions.close(), ...nodes.map((node) => node.sessions.close())]);
  });

  test('memory is believed for ten seconds without the database, and then nobody passes (66)', async () => {
    const fault = { on: false };
    const a = await sessionTest(breakable(sql, fault));
    const grant = await a.open(await a.account());
    expect(await a.sessions.identify(bearer(grant), api)).toBeDefined();
    fault.on = true;
    a.clock.advance(9_000);
    expect(await a.sessions.identify(bearer(grant), api)).toBeDefined();
    a.clock.advance(1_500);
    await expect(a.sessions.identify(bearer(grant), api)).rejects.toMatchObject({
      status: 503,
      code: 'SESSION_STORE_UNAVAILABLE',
    });
    await expect(a.sessions.refresh(refreshTokenOf(grant), api)).rejects.toMatchObject({ status: 503 });
    await expect(a.sessions.fresh(grant.session.id)).rejects.toMatchObject({ status: 503 });
    fault.on = false;
    expect(await a.sessions.identify(bearer(grant), api)).toBeDefined();
    await a.sessions.close();
  });

  test('revocations are forgotten after an hour', async () => {
    const a = await sessionTest(sql);
    const id = await a.account();
    await a.open(id);
    await a.ports.transaction((tx) => a.sessions.endAll(tx, id, 'admin'));
    a.clock.advance(3_600_001);
    await vi.waitFor(async () => {
      const { rows } = await sql.query('SELECT 1 FROM rampart.identity_revocations WHERE account = $1', [id]);
      expect(rows).toEqual([]);
    }, 15_000);
    await a.sessions.close();
  });
});

test('on the embedded database nothing is polled', async () => {
  const sql = await openTestDatabase();
  const { sessions, clock } = await sessionTest(sql);
  expect(clock.pending).toBe(0);
  await sessions.close();
  await sql.close();
});

function headerOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

function breakable(sql: SqlStore, fault: { on: boolean }): SqlStore {
  const refuse = <T>(work: () => Promise<T>): Promise<T> =>
    fault.on ? Promise.reject(new Error('the database is away')) : work();
  return {
    kind: sql.kind,
    query: (text, values) => refuse(() => sql.query(text, values)),
    transaction: (work) => refuse(() => sql.transaction(work)),
    script: (text) => sql.script(text),
    withLock: (name, work) => sql.withLock(name, work),
    listen: (channel, handler) => sql.listen(channel, handler),
    close: () => sql.close(),
  };
}
