import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretBox } from '../../../base/secrets/index.ts';
import { newSecret } from '../../../core/id.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { openTestDatabase, testPorts } from '../test-house.ts';
import { TOKEN_ALGORITHMS } from '../token/index.ts';
import { createSessions } from './index.ts';
import { api, bearer, browser, cookie, refreshTokenOf, sessionTest } from './test-sessions.ts';

let sql: SqlStore;
let statements = 0;
beforeAll(async () => {
  const store = await openTestDatabase();
  sql = {
    kind: store.kind,
    query(text, values) {
      statements++;
      return store.query(text, values);
    },
    transaction: (work) => store.transaction(work),
    script: (text) => store.script(text),
    withLock: (name, work) => store.withLock(name, work),
    listen: (channel, handler) => store.listen(channel, handler),
    close: () => store.close(),
  };
});
afterAll(() => sql.close());

function segment(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

test('A1, A3: a header that is not ours asks no database and is an event of its kind', async () => {
  const { sessions, ports, account, open } = await sessionTest(sql);
  const grant = await open(await account());
  const [, body = ''] = bearer(grant).token.split('.');
  const before = statements;
  const texts = [
    `${segment({ alg: 'none' })}.${body}.`,
    `${segment({ alg: 'RS256', typ: 'at+jwt', kid: 'x' })}.${body}.AAAA`,
    `${segment({ alg: 'EdDSA', typ: 'at+jwt', kid: "' UNION SELECT 'k" })}.${body}.AAAA`,
    refreshTokenOf(grant),
    'A'.repeat(1_000_000),
  ];
  for (const token of texts) expect(sessions.identify({ kind: 'bearer', token }, api)).toBeUndefined();
  expect(statements).toBe(before);
  expect(ports.signals.map(({ type, fields }) => [type, fields.details?.['reason']])).toEqual([
    ['TOKEN_ALG_FORBIDDEN', 'algorithm'],
    ['TOKEN_ALG_FORBIDDEN', 'algorithm'],
    ['TOKEN_REFUSED', 'key'],
    ['TOKEN_REFUSED', 'form'],
    ['TOKEN_REFUSED', 'form'],
  ]);
  expect(JSON.stringify(ports.signals)).not.toContain(body);
  await sessions.close();
});

test('A6: a token that was seen ends when it ends, by its own time', async () => {
  const { sessions, clock, account, open } = await sessionTest(sql);
  const grant = await open(await account());
  expect(await sessions.identify(bearer(grant), api)).toBeDefined();
  clock.advance(899_000);
  expect(await sessions.identify(bearer(grant), api)).toBeDefined();
  clock.advance(1_000);
  expect(await sessions.identify(bearer(grant), api)).toBeUndefined();
  await sessions.close();
});

test('A5: cookie, refresh token and access token are three things', async () => {
  const { sessions, account, open } = await sessionTest(sql);
  const id = await account();
  const [token, page] = [await open(id), await open(id, { facts: browser })];
  for (const wrong of [refreshTokenOf(token), bearer(token).token, '', `rs_${newSecret()}`]) {
    expect(await sessions.identify({ kind: 'cookie', token: wrong }, browser)).toBeUndefined();
  }
  for (const wrong of [refreshTokenOf(token), cookie(page).token]) {
    expect(await sessions.identify({ kind: 'bearer', token: wrong }, api)).toBeUndefined();
  }
  expect(await sessions.identify(bearer(token), api)).toBeDefined();
  expect(await sessions.identify({ kind: 'cookie', token: bearer(token).token }, browser)).toBeUndefined();
  expect(await sessions.refresh(bearer(token).token, api)).toBeUndefined();
  await sessions.close();
});

test('an old token of an ended session costs the database one look, however often it comes', async () => {
  const { sessions, ports, account, open } = await sessionTest(sql);
  const id = await account();
  const grant = await open(id);
  await ports.transaction((tx) => sessions.end(tx, id, grant.session.id, 'user'));
  await sessions.identify(bearer(grant), api);
  const before = statements;
  for (let i = 0; i < 100; i++) expect(await sessions.identify(bearer(grant), api)).toBeUndefined();
  expect(statements).toBe(before);
  await sessions.close();
});

test('simultaneous questions for one session share one look', async () => {
  const { sessions, account, open } = await sessionTest(sql);
  const grant = await open(await account());
  const before = statements;
  const all = await Promise.all(
    Array.from({ length: 50 }, async () => sessions.identify(bearer(grant), api)),
  );
  expect(new Set(all).size).toBeLessThanOrEqual(50);
  expect(all.every((one) => one?.id === grant.session.id)).toBe(true);
  expect(statements - before).toBe(1);
  await sessions.close();
});

test('more sessions than memory holds are all told apart', async () => {
  const { sessions, account, open } = await sessionTest(sql, { cacheSize: 100, maxSessions: 1_000 });
  const id = await account();
  const grants = [];
  for (let i = 0; i < 250; i++) grants.push(await open(id));
  for (let round = 0; round < 2; round++) {
    for (const grant of grants) {
      expect((await sessions.identify(bearer(grant), api))?.id).toBe(grant.session.id);
    }
  }
  await sessions.close();
});

test.each(TOKEN_ALGORITHMS)('with %s sessions work, and a rotation loses nobody (46)', async (algorithm) => {
  const { sessions, clock, account, open } = await sessionTest(sql, { algorithm });
  const id = await account();
  const before = await open(id);
  expect(sessions.jwks().keys).toHaveLength(algorithm === 'HS256' ? 0 : 1);
  await sessions.rotateKeys();
  clock.advance(2_000);
  const after = await open(id);
  expect(await sessions.identify(bearer(before), api)).toBeDefined();
  expect(await sessions.identify(bearer(after), api)).toBeDefined();
  expect(bearer(before).token.split('.')[0]).not.toBe(bearer(after).token.split('.')[0]);
  expect(JSON.stringify(sessions.jwks())).not.toContain('"d"');
  await sessions.close();
});

test('A5: a token of another house is refused even where the keys are the same (47)', async () => {
  const { ports, account, open, sessions } = await sessionTest(sql);
  const grant = await open(await account());
  for (const other of [{ issuer: 'https://staging.test' }, { audience: 'staging' }]) {
    const stranger = createSessions({ issuer: 'https://house.test', audience: 'house', ...other }, ports);
    await stranger.start();
    expect(await stranger.identify(bearer(grant), api)).toBeUndefined();
    await stranger.close();
  }
  await sessions.close();
});

test('A3: a retired key is refused once its last token has ended', async () => {
  const { sessions, clock, account, open } = await sessionTest(sql);
  const grant = await open(await account());
  const [head = ''] = bearer(grant).token.split('.');
  await sessions.rotateKeys();
  clock.advance(2_000 + 900_000 + 60_000);
  const kid = (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid;
  expect(sessions.jwks().keys.map((key) => (key as { kid: string }).kid)).not.toContain(kid);
  await sessions.close();
});

test('a key whose secret cannot be opened is replaced, and its tokens stay good', async () => {
  const { sessions, ports, clock, account, open } = await sessionTest(sql);
  const grant = await open(await account());
  const box = secretBox([{ id: 'other', key: randomBytes(32) }]);
  const node = createSessions({ issuer: 'https://house.test', audience: 'house' }, { ...ports, box });
  await node.start();
  clock.advance(1);
  expect(await node.identify(bearer(grant), api)).toBeDefined();
  expect(node.jwks().keys).toHaveLength(2);
  await Promise.all([sessions.close(), node.close()]);
});

test('nothing can be opened before the start', async () => {
  const { account } = await sessionTest(sql);
  const ports = testPorts(sql, new ManualClock());
  const sessions = createSessions({ issuer: 'i', audience: 'a' }, ports);
  const id = await account();
  const given = { account: id, scope: 'full', factors: [], aal: 1, device: null, facts: api } as const;
  await expect(ports.transaction((tx) => sessions.open(tx, given))).rejects.toMatchObject({
    code: 'SESSIONS_NOT_STARTED',
  });
});
