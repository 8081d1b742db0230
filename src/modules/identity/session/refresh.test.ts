import { expect, test } from 'vitest';
import { newSecret } from '../../../core/id.ts';
import { onEachDatabase } from '../test-house.ts';
import { api, bearer, browser, cookie, refreshTokenOf, sessionTest } from './test-sessions.ts';

const DAY = 86_400_000;

onEachDatabase((sql) => {
  test('an exchange gives a new pair, and the old refresh token is used up', async () => {
    const { sessions, account, open } = await sessionTest(sql());
    const grant = await open(await account());
    const next = await sessions.refresh(refreshTokenOf(grant), api);
    expect(refreshTokenOf(next)).not.toBe(refreshTokenOf(grant));
    expect(next?.session.id).toBe(grant.session.id);
    expect(await sessions.identify(bearer(next), api)).toBeDefined();
    await sessions.close();
  });

  test('A9: a refresh token that comes back after the grace ends the session and raises the alarm', async () => {
    const told: string[] = [];
    const { sessions, ports, clock, account, open } = await sessionTest(
      sql(),
      {},
      { onReuse: (owner, session) => void told.push(owner, session) },
    );
    const id = await account();
    const grant = await open(id);
    const next = await sessions.refresh(refreshTokenOf(grant), api);
    expect(await sessions.identify(bearer(next), api)).toBeDefined();
    clock.advance(10_001);
    expect(await sessions.refresh(refreshTokenOf(grant), api)).toBeUndefined();
    expect(await sessions.refresh(refreshTokenOf(next), api)).toBeUndefined();
    expect(await sessions.identify(bearer(next), api)).toBeUndefined();
    await sessions.settled();
    expect(told).toEqual([id, grant.session.id]);
    expect(ports.signals.filter(({ type }) => type === 'REFRESH_REUSE')).toHaveLength(1);
    expect(ports.audited.map(({ details }) => details)).toEqual([
      { session: grant.session.id, why: 'refresh-reuse' },
    ]);
    await sessions.close();
  });

  test('A10: 50 exchanges at once make one child, and everybody is given the same pair', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql());
    for (const facts of [api, browser]) {
      const grant = await open(await account(), { facts });
      const token = refreshTokenOf(grant);
      const all = await Promise.all(Array.from({ length: 50 }, () => sessions.refresh(token, facts)));
      expect(new Set(all.map(refreshTokenOf))).toHaveProperty('size', 1);
      expect(new Set(all.map((one) => one?.tokens?.accessToken))).toHaveProperty('size', 1);
      const { rows } = await sql().query(
        'SELECT generation FROM rampart.identity_tokens WHERE session = $1 ORDER BY generation',
        [grant.session.id],
      );
      expect(rows).toEqual([{ generation: 1 }, { generation: 2 }]);
      expect(await sessions.refresh(refreshTokenOf(all[0]), facts)).toBeDefined();
    }
    expect(ports.signals).toEqual([]);
    await sessions.close();
  });

  test('A11: a grandparent within the grace is theft', async () => {
    const { sessions, ports, clock, account, open } = await sessionTest(sql(), { grace: '30s' });
    const grant = await open(await account());
    const child = await sessions.refresh(refreshTokenOf(grant), api);
    clock.advance(1_000);
    const grandchild = await sessions.refresh(refreshTokenOf(child), api);
    clock.advance(1_000);
    expect(await sessions.refresh(refreshTokenOf(grant), api)).toBeUndefined();
    expect(await sessions.refresh(refreshTokenOf(grandchild), api)).toBeUndefined();
    expect(ports.signals.filter(({ type }) => type === 'REFRESH_REUSE')).toHaveLength(1);
    await sessions.close();
  });

  test('without a grace the second exchange is theft', async () => {
    const { sessions, clock, account, open } = await sessionTest(sql(), { grace: '0s' });
    const grant = await open(await account());
    await sessions.refresh(refreshTokenOf(grant), api);
    clock.advance(1);
    expect(await sessions.refresh(refreshTokenOf(grant), api)).toBeUndefined();
    expect(await sessions.fresh(grant.session.id)).toBeUndefined();
    await sessions.close();
  });

  test('A12: a bound refresh token needs its key, and its access token too', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql(), { dpop: 'optional' });
    const mine = { ...api, dpopThumbprint: 'k'.repeat(43) };
    const theirs = { ...api, dpopThumbprint: 'x'.repeat(43) };
    const grant = await open(await account(), { facts: mine });
    expect(grant.session.dpopThumbprint).toBe(mine.dpopThumbprint);
    const token = grant.tokens?.accessToken ?? '';
    expect(await sessions.identify({ kind: 'dpop', token }, mine)).toBeDefined();
    expect(await sessions.identify({ kind: 'dpop', token }, theirs)).toBeUndefined();
    expect(await sessions.identify({ kind: 'bearer', token }, mine)).toBeUndefined();
    expect(await sessions.refresh(refreshTokenOf(grant), theirs)).toBeUndefined();
    expect(await sessions.refresh(refreshTokenOf(grant), api)).toBeUndefined();
    expect(ports.signals.filter(({ type }) => type === 'DPOP_REFUSED')).toHaveLength(4);
    expect(await sessions.refresh(refreshTokenOf(grant), mine)).toBeDefined();
    const plain = await open(await account());
    const unbound = { kind: 'dpop' as const, token: plain.tokens?.accessToken ?? '' };
    expect(await sessions.identify(unbound, mine)).toBeUndefined();
    await sessions.close();
  });

  test('A13: no exchange leads past the overall end of the session (33)', async () => {
    const { sessions, clock, account, open } = await sessionTest(sql());
    let grant = await open(await account());
    const end = clock.now() + 30 * DAY;
    while (clock.now() + 3 * DAY < end) {
      clock.advance(3 * DAY);
      const next = await sessions.refresh(refreshTokenOf(grant), api);
      expect(next).toBeDefined();
      grant = next ?? grant;
      expect(grant.session.expiresAtMs).toBeLessThanOrEqual(end);
    }
    clock.advance(end - clock.now() - 60_000);
    const last = await sessions.refresh(refreshTokenOf(grant), api);
    expect(last?.tokens?.expiresInSeconds).toBeLessThanOrEqual(60);
    clock.advance(60_000);
    expect(await sessions.refresh(refreshTokenOf(last), api)).toBeUndefined();
    expect(await sessions.identify(bearer(last), api)).toBeUndefined();
    await sessions.close();
  });

  test('a refresh token that nobody used for a week has run out, which is no theft', async () => {
    const { sessions, ports, clock, account, open } = await sessionTest(sql(), {
      lifetime: { 1: { idle: '20d' } },
    });
    const grant = await open(await account());
    clock.advance(7 * DAY);
    expect(await sessions.refresh(refreshTokenOf(grant), api)).toBeUndefined();
    expect(ports.signals.map(({ type }) => type)).toEqual(['TOKEN_REFUSED']);
    expect(await sessions.fresh(grant.session.id)).toBeDefined();
    await sessions.close();
  });

  test('a replaced session cookie is good for the grace and no longer', async () => {
    const { sessions, clock, account, open } = await sessionTest(sql());
    const grant = await open(await account(), { facts: browser });
    await sessions.identify(cookie(grant), browser);
    const next = await sessions.refresh(refreshTokenOf(grant), browser);
    expect(await sessions.identify(cookie(grant), browser)).toBeDefined();
    expect(await sessions.identify(cookie(next), browser)).toBeDefined();
    clock.advance(10_000);
    expect(await sessions.identify(cookie(grant), browser)).toBeUndefined();
    expect(await sessions.identify(cookie(next), browser)).toBeDefined();
    await sessions.close();
  });

  test('an exchange and the end of all sessions at once: nothing survives', async () => {
    const { sessions, ports, account, open } = await sessionTest(sql());
    const id = await account();
    for (let round = 0; round < 5; round++) {
      const grant = await open(id);
      const [next] = await Promise.all([
        sessions.refresh(refreshTokenOf(grant), api),
        ports.transaction((tx) => sessions.endAll(tx, id, 'password-changed')),
      ]);
      expect(await sessions.identify(bearer(grant), api)).toBeUndefined();
      if (next) expect(await sessions.identify(bearer(next), api)).toBeUndefined();
      if (next) expect(await sessions.refresh(refreshTokenOf(next), api)).toBeUndefined();
    }
    await sessions.close();
  });

  test('what is no refresh token asks the database nothing, and an unknown one opens no transaction', async () => {
    const { sessions, ports } = await sessionTest(sql());
    for (const token of ['', 'rr_', 'x'.repeat(100_000), `rr_${'a'.repeat(42)}\0`, "rr_' OR 1=1 --"]) {
      expect(await sessions.refresh(token, api)).toBeUndefined();
    }
    expect(await sessions.refresh(`rr_${newSecret()}`, api)).toBeUndefined();
    expect(ports.signals.every(({ type }) => type === 'TOKEN_REFUSED')).toBe(true);
    await sessions.close();
  });
});
