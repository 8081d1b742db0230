import { expect, test } from 'vitest';
import type { SqlStore } from '../../../ports/sql.ts';
import type { NewSession } from '../contract.ts';
import { onEachDatabase } from '../test-house.ts';
import {
  api,
  bearer,
  browser,
  cookie,
  FIREFOX,
  refreshTokenOf,
  SAFARI,
  sessionTest,
} from './test-sessions.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

onEachDatabase((sql) => {
  test('an API client gets an access token that proves it, synchronously once it was seen', async () => {
    const { sessions, account, open } = await sessionTest(sql());
    const id = await account(['user', 'admin']);
    const grant = await open(id);
    expect(grant.tokens?.refreshToken).toMatch(/^rr_[A-Za-z0-9_-]{43}$/);
    expect(grant.tokens?.expiresInSeconds).toBeGreaterThan(898);
    const first = await sessions.identify(bearer(grant), api);
    expect(first).toMatchObject({
      account: id,
      roles: ['user', 'admin'],
      aal: 1,
      scope: 'full',
      status: 'active',
    });
    const again = sessions.identify(bearer(grant), api);
    expect(again).not.toBeInstanceOf(Promise);
    expect(again).toBe(first);
    await sessions.close();
  });

  test('a browser gets an opaque cookie without personal data, and nothing else (38)', async () => {
    const { sessions, account, open } = await sessionTest(sql());
    const grant = await open(await account(), { facts: browser });
    expect(grant.tokens).toBeUndefined();
    expect(grant.cookie?.value).toMatch(/^rs_[A-Za-z0-9_-]{43}$/);
    expect(grant.cookie?.maxAgeSeconds).toBe(30 * 24 * 3_600);
    expect(await sessions.identify(cookie(grant), browser)).toMatchObject({ client: 'browser' });
    expect(sessions.identify(cookie(grant), browser)).not.toBeInstanceOf(Promise);
    expect(
      await sessions.identify({ kind: 'bearer', token: grant.cookie?.value ?? '' }, browser),
    ).toBeUndefined();
    await sessions.close();
  });

  test('secrets stand in the database as digests only (30)', async () => {
    const { account, open } = await sessionTest(sql());
    const grant = await open(await account());
    const tables = await Promise.all(
      ['identity_sessions', 'identity_tokens'].map((table) => sql().query(`SELECT * FROM rampart.${table}`)),
    );
    const text = JSON.stringify(tables.map(({ rows }) => rows));
    expect(text).not.toContain(refreshTokenOf(grant));
    expect(text).not.toContain(grant.tokens?.accessToken);
  });

  test('an account that is not active cannot open a session, and those it has do not pass', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql());
    const id = await account();
    const grant = await open(id);
    expect(await sessions.identify(bearer(grant), api)).toBeDefined();
    await ports.transaction(async (tx) => {
      await tx.query(`UPDATE rampart.identity_accounts SET status = 'locked' WHERE id = $1`, [id]);
      await sessions.changed(tx, id);
    });
    expect(await sessions.identify(bearer(grant), api)).toBeUndefined();
    expect(await sessions.refresh(refreshTokenOf(grant), api)).toBeUndefined();
    expect(await sessions.fresh(grant.session.id)).toBeUndefined();
    await expect(open(id)).rejects.toMatchObject({ status: 401 });
    await sessions.close();
  });

  test('an idle session ends, one in use does not, and none outlives its overall end (32)', async () => {
    const { sessions, clock, account, open } = await sessionTest(sql());
    const grant = await open(await account(), { facts: browser, aal: 2, factors: ['password', 'totp'] });
    for (let i = 0; i < 3; i++) {
      clock.advance(50 * MINUTE);
      expect(await sessions.identify(cookie(grant), browser)).toBeDefined();
      await sessions.settled();
    }
    clock.advance(61 * MINUTE);
    expect(await sessions.identify(cookie(grant), browser)).toBeUndefined();
    const busy = await open(await account(), { facts: browser, aal: 2, factors: ['password', 'totp'] });
    for (let i = 0; i < 28; i++) {
      clock.advance(50 * MINUTE);
      expect(await sessions.identify(cookie(busy), browser)).toBeDefined();
      await sessions.settled();
    }
    clock.advance(45 * MINUTE);
    expect(await sessions.identify(cookie(busy), browser)).toBeUndefined();
    await sessions.close();
  });

  test('the last use is written at most once a minute', async () => {
    const counted = counting(sql());
    const { sessions, clock, account, open } = await sessionTest(counted.sql);
    const grant = await open(await account(), { facts: browser });
    await sessions.identify(cookie(grant), browser);
    const before = counted.updates();
    for (let i = 0; i < 130; i++) {
      clock.advance(1_000);
      await sessions.identify(cookie(grant), browser);
      await sessions.settled();
    }
    expect(counted.updates() - before).toBe(2);
    await sessions.close();
  });

  test('A14: a session that was ended here is refused here at once (34)', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql());
    const id = await account();
    const [one, two] = [await open(id), await open(id)];
    await sessions.identify(bearer(one), api);
    await sessions.identify(bearer(two), api);
    expect(await ports.transaction((tx) => sessions.end(tx, 'acc_other', one.session.id, 'user'))).toBe(
      false,
    );
    expect(await ports.transaction((tx) => sessions.end(tx, id, one.session.id, 'user'))).toBe(true);
    expect(await ports.transaction((tx) => sessions.end(tx, id, one.session.id, 'user'))).toBe(false);
    expect(await sessions.identify(bearer(one), api)).toBeUndefined();
    expect(await sessions.refresh(refreshTokenOf(one), api)).toBeUndefined();
    expect(await sessions.identify(bearer(two), api)).toBeDefined();
    expect(ports.audited.map(({ type }) => type)).toEqual(['SESSION_REVOKED']);
    await sessions.close();
  });

  test('a change that was rolled back ends nothing', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql());
    const id = await account();
    const grant = await open(id);
    const failed = ports.transaction(async (tx) => {
      await sessions.endAll(tx, id, 'admin');
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await sessions.identify(bearer(grant), api)).toBeDefined();
    await sessions.close();
  });

  test('a user sees and ends sessions, all but the current one (35)', async () => {
    const { sessions, ports, clock, account, open } = await sessionTest(sql());
    const id = await account();
    const grants = [];
    for (let i = 0; i < 4; i++) {
      clock.advance(10);
      grants.push(await open(id, { facts: browser }));
    }
    const current = grants[0]?.session.id ?? '';
    const listed = await sessions.list(id, current);
    expect(listed).toHaveLength(4);
    expect(listed.at(-1)).toMatchObject({ id: current, current: true, deviceName: 'Firefox on Windows' });
    expect(await ports.transaction((tx) => sessions.endAll(tx, id, 'user', current))).toBe(3);
    expect((await sessions.list(id, current)).map((one) => one.id)).toEqual([current]);
    expect(await sessions.identify(cookie(grants[1]), browser)).toBeUndefined();
    expect(await sessions.identify(cookie(grants[0]), browser)).toBeDefined();
    await sessions.close();
  });

  test('beyond the limit of parallel sessions the oldest ends, also when 50 open at once (35)', async () => {
    const { sessions, account, open } = await sessionTest(sql(), { maxSessions: 3 });
    const id = await account();
    const grants = await Promise.all(Array.from({ length: 50 }, () => open(id)));
    const listed = await sessions.list(id, null);
    expect(listed).toHaveLength(3);
    const alive = await Promise.all(grants.map(async (grant) => sessions.identify(bearer(grant), api)));
    expect(alive.filter((one) => one !== undefined)).toHaveLength(3);
    await sessions.close();
  });

  test('A16: a step-up gives new tokens, and all that were before are dead (31)', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql());
    for (const facts of [api, browser]) {
      const grant = await open(await account(), { facts });
      const before = facts === api ? bearer(grant) : cookie(grant);
      expect(await sessions.identify(before, facts)).toBeDefined();
      const change = { proven: ['totp' as const], aal: 2 as const };
      const renewed = await ports.transaction((tx) => sessions.renew(tx, grant.session.id, change, facts));
      const after = facts === api ? bearer(renewed) : cookie(renewed);
      expect(await sessions.identify(before, facts)).toBeUndefined();
      expect(await sessions.refresh(refreshTokenOf(grant), facts)).toBeUndefined();
      expect(await sessions.identify(after, facts)).toMatchObject({ aal: 2, factors: ['password', 'totp'] });
      expect(renewed.session.provenAtMs.totp).toBe(ports.clock.now());
      expect(renewed.session.expiresAtMs).toBeLessThanOrEqual(ports.clock.now() + HOUR);
    }
    await sessions.close();
  });

  test('a renewal and an exchange at the same time leave one line of tokens', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql());
    for (let round = 0; round < 5; round++) {
      const grant = await open(await account());
      const [renewed] = await Promise.all([
        ports.transaction((tx) => sessions.renew(tx, grant.session.id, { proven: ['password'] }, api)),
        sessions.refresh(refreshTokenOf(grant), api),
      ]);
      const { rows } = await sql().query(
        'SELECT token_hash FROM rampart.identity_tokens WHERE session = $1 AND used_at_ms IS NULL',
        [grant.session.id],
      );
      expect(rows).toHaveLength(1);
      expect(await sessions.refresh(refreshTokenOf(renewed), api)).toBeDefined();
    }
    await sessions.close();
  });

  test('a session that has ended cannot be renewed', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql());
    const id = await account();
    const grant = await open(id);
    await ports.transaction((tx) => sessions.end(tx, id, grant.session.id, 'sign-out'));
    const renewal = ports.transaction((tx) =>
      sessions.renew(tx, grant.session.id, { proven: ['totp'] }, api),
    );
    await expect(renewal).rejects.toMatchObject({ code: 'SESSION_ENDED', status: 401 });
    expect(ports.audited).toEqual([]);
    await sessions.close();
  });

  test('another kind of client is told once, and nothing counts as freshly proven', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql());
    const grant = await open(await account(), { facts: browser });
    const elsewhere = { ...browser, userAgent: SAFARI };
    expect((await sessions.identify(cookie(grant), browser))?.provenAtMs).toHaveProperty('password');
    expect((await sessions.identify(cookie(grant), elsewhere))?.provenAtMs).toEqual({});
    expect((await sessions.identify(cookie(grant), elsewhere))?.provenAtMs).toEqual({});
    expect((await sessions.identify(cookie(grant), browser))?.provenAtMs).toEqual({});
    await sessions.refresh(refreshTokenOf(grant), elsewhere);
    const told = ports.signals.filter(({ type }) => type === 'DEVICE_MISMATCH');
    expect(told).toHaveLength(1);
    expect(told[0]?.fields.details).toMatchObject({ opened: 'Firefox on Windows', seen: 'Safari on iOS' });
    await sessions.close();
  });

  test('a newer version of the same browser is the same client', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql());
    const grant = await open(await account(), { facts: browser });
    const newer = { ...browser, userAgent: FIREFOX.replaceAll('140.0', '141.0') };
    expect((await sessions.identify(cookie(grant), newer))?.provenAtMs).toHaveProperty('password');
    expect(ports.signals).toEqual([]);
    await sessions.close();
  });

  test('another kind of client ends the session where that is the policy, by request and by refresh', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql(), { onDeviceMismatch: 'end' });
    const id = await account();
    const elsewhere = { ...browser, userAgent: SAFARI };
    const [one, two] = [await open(id, { facts: browser }), await open(id, { facts: browser })];
    expect(await sessions.identify(cookie(one), elsewhere)).toBeUndefined();
    expect(await sessions.refresh(refreshTokenOf(two), elsewhere)).toBeUndefined();
    expect(await sessions.identify(cookie(one), browser)).toBeUndefined();
    expect(await sessions.identify(cookie(two), browser)).toBeUndefined();
    expect(ports.signals.filter(({ type }) => type === 'DEVICE_MISMATCH')).toHaveLength(2);
    await sessions.close();
  });

  test('sessions that ended are deleted by and by, with their tokens', async () => {
    const { sessions, clock, account, open } = await sessionTest(sql());
    await sql().query('DELETE FROM rampart.identity_sessions');
    const id = await account();
    for (let i = 0; i < 5; i++) await open(id);
    clock.advance(31 * 24 * HOUR);
    const later = await open(id);
    expect(await sessions.prune(clock.now(), 2)).toBe(2);
    expect(await sessions.prune(clock.now(), 10)).toBe(3);
    expect(await sessions.prune(clock.now(), 10)).toBe(0);
    const { rows } = await sql().query('SELECT session FROM rampart.identity_tokens');
    expect(rows).toEqual([{ session: later.session.id }]);
    await sessions.close();
  });

  test('no question goes through all sessions', async () => {
    const watched = counting(sql());
    const { sessions, ports, account, open } = await sessionTest(watched.sql);
    const id = await account();
    const given: Partial<NewSession> = { facts: browser };
    const grant = await open(id, given);
    await sessions.identify(cookie(grant), browser);
    await sessions.refresh(refreshTokenOf(grant), browser);
    await sessions.list(id, null);
    await ports.transaction((tx) => sessions.endAll(tx, id, 'user'));
    const plans: string[] = [];
    await sql().transaction(async (tx) => {
      await tx.query('SET LOCAL enable_seqscan = off');
      for (const [text, values] of watched.statements()) {
        if (!/identity_(sessions|tokens)/.test(text) || text.includes('INSERT')) continue;
        const { rows } = await tx.query(`EXPLAIN ${text}`, values);
        plans.push(...rows.map((row) => String(row['QUERY PLAN'])));
      }
    });
    expect(plans.length).toBeGreaterThan(10);
    // With sequential scans switched off they appear only where no index serves.
    expect(plans.filter((line) => /Seq Scan on identity_(sessions|tokens)/.test(line))).toEqual([]);
    await sessions.close();
  });
});

type Statement = readonly [string, Parameters<SqlStore['query']>[1]];

/** Remembers the statements that run, inside of transactions too. */
function counting(sql: SqlStore): { sql: SqlStore; updates(): number; statements(): readonly Statement[] } {
  const seen: Statement[] = [];
  const query: SqlStore['query'] = (text, values) => {
    seen.push([text, values]);
    return sql.query(text, values);
  };
  const wrapped: SqlStore = {
    kind: sql.kind,
    query,
    transaction: (work) =>
      sql.transaction((tx) =>
        work({
          query: (text, values) => {
            seen.push([text, values]);
            return tx.query(text, values);
          },
        }),
      ),
    script: (text) => sql.script(text),
    withLock: (name, work) => sql.withLock(name, work),
    listen: (channel, handler) => sql.listen(channel, handler),
    close: () => sql.close(),
  };
  return {
    sql: wrapped,
    updates: () => seen.filter(([text]) => /UPDATE rampart\.identity_sessions/.test(text)).length,
    statements: () => seen,
  };
}
