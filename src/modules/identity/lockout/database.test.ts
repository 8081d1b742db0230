import { beforeEach, describe, expect, it } from 'vitest';
import type { SqlStore } from '../../../ports/sql.ts';
import { onEachDatabase, testPorts } from '../test-house.ts';
import { createLockout } from './lockout.ts';
import { pruneLockout } from './prune.ts';
import { type Scene, sceneOf } from './test-lockout.ts';

const DAY = 86_400_000;

async function counts(sql: SqlStore): Promise<{ buckets: number; tickets: number }> {
  const { rows } = await sql.query(
    'SELECT (SELECT count(*) FROM rampart.identity_lockout) AS buckets, (SELECT count(*) FROM rampart.identity_lockout_tickets) AS tickets',
  );
  return { buckets: Number(rows[0]?.['buckets']), tickets: Number(rows[0]?.['tickets']) };
}

onEachDatabase((sql) => {
  let house: Scene;
  beforeEach(async () => {
    await sql().script(
      'TRUNCATE rampart.identity_lockout, rampart.identity_lockout_tickets, rampart.identity_lockout_pressure',
    );
    const ports = testPorts(sql());
    house = sceneOf(createLockout({}, ports), ports);
  });

  describe('races', () => {
    it('gives 100 parallel guesses five leaves in all, on two nodes (A28)', async () => {
      const other = createLockout({}, house.ports);
      const leaves = await Promise.all(
        Array.from({ length: 100 }, (_, i) => (i % 2 ? house.lockout : other).begin(house.attempt({}))),
      );
      expect(leaves.filter(({ allowed }) => allowed)).toHaveLength(5);
    });

    it('gives 100 parallel guesses from 100 groups twenty leaves in all (A28)', async () => {
      const leaves = await Promise.all(
        Array.from({ length: 100 }, (_, i) => house.lockout.begin(house.attempt({ from: `192.0.2.${i}` }))),
      );
      expect(leaves.filter(({ allowed }) => allowed)).toHaveLength(20);
    });

    it('settles a ticket once, and says once that an authenticator is disabled', async () => {
      const given = { factor: 'totp', authenticator: 'fac_1' } as const;
      for (let i = 0; i < 9; i++) {
        expect(await house.wrong({ ...given, from: `192.0.2.${i}` })).toBe('tried');
      }
      const last = house.attempt({ ...given, from: '192.0.2.200' });
      const leave = await house.lockout.begin(last);
      if (!leave.allowed) throw new Error('expected leave');
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () => house.lockout.fail(last, leave.ticket)),
      );
      expect(outcomes.filter(({ disabled }) => disabled)).toHaveLength(1);
      expect(house.said('MFA_FACTOR_DISABLED')).toBe(1);
      expect(await house.wrong({ ...given, from: '192.0.2.201' })).toBe('disabled');
    });

    it('runs into no deadlock where many people and groups cross, and clears between them', async () => {
      const work = Array.from({ length: 150 }, (_, i) => {
        const given = {
          email: `user${i % 7}@example.com`,
          from: `192.0.2.${i % 5}`,
          secret: `word ${i % 3}`,
        };
        if (i % 10 === 0) {
          const { accountKey } = house.attempt(given);
          return sql().transaction((tx) => house.lockout.clear(tx, accountKey));
        }
        return i % 3 === 0 ? house.right(given) : house.wrong(given);
      });
      const settled = await Promise.allSettled(work);
      expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
    });
  });

  describe('what is kept', () => {
    it('holds no address, no client and no password, and nothing of a right password', async () => {
      await house.wrong({ account: 'acc_1', secret: 'Summer2026!' });
      await house.right({ account: 'acc_1', secret: 'a right password', from: '192.0.2.77' });
      const { rows } = await sql().query('SELECT * FROM rampart.identity_lockout');
      const text = JSON.stringify(rows);
      for (const word of ['owner', 'example', '192.0.2', 'Summer', 'right']) expect(text).not.toContain(word);
      expect(rows.filter(({ key }) => (key as string).startsWith('spray:'))).toHaveLength(1);
    });

    it('is told by factor, and gone for a factor or for all once it is cleared', async () => {
      const { accountKey } = house.attempt({});
      for (let i = 0; i < 5; i++) await house.wrong({});
      await house.wrong({ factor: 'totp', authenticator: 'fac_1' });
      expect(await house.lockout.state(accountKey)).toEqual([
        { factor: 'password', failures: 5, blockedUntilMs: house.clock.now() + 30_000, disabled: false },
        { factor: 'totp', failures: 1, blockedUntilMs: null, disabled: false },
      ]);
      await sql().transaction((tx) => house.lockout.clear(tx, accountKey, 'password'));
      expect(await house.lockout.state(accountKey)).toMatchObject([{ factor: 'totp' }]);
      expect(await house.wrong({})).toBe('tried');
      await sql().transaction((tx) => house.lockout.clear(tx, accountKey));
      expect(await house.lockout.state(accountKey)).toEqual([]);
    });

    it('enables what was disabled once it is cleared', async () => {
      const given = { factor: 'sms', authenticator: 'fac_2' } as const;
      for (let i = 0; i < 10; i++) await house.wrong({ ...given, from: `192.0.2.${i}` });
      expect(await house.wrong(given)).toBe('disabled');
      const { accountKey } = house.attempt({});
      expect(await house.lockout.state(accountKey)).toMatchObject([{ factor: 'sms', disabled: true }]);
      await sql().transaction((tx) => house.lockout.clear(tx, accountKey, 'sms'));
      expect(await house.wrong({ ...given, from: '192.0.2.99' })).toBe('tried');
    });

    it('is not written by refused attempts', async () => {
      for (let i = 0; i < 5; i++) await house.wrong({});
      const before = await counts(sql());
      for (let i = 0; i < 20; i++) expect(await house.wrong({ secret: `word ${i}` })).toBe('wait');
      expect(await counts(sql())).toEqual(before);
    });

    it('goes when it says nothing any more, a bounded number at a time; what is disabled stays', async () => {
      const given = { factor: 'totp', authenticator: 'fac_1', email: 'disabled@example.com' } as const;
      for (let i = 0; i < 10; i++) await house.wrong({ ...given, from: `192.0.2.${i}` });
      for (let i = 0; i < 30; i++) {
        const secret = `word ${i}`;
        await house.wrong({ email: `user${i}@example.com`, account: null, from: `198.51.100.${i}`, secret });
      }
      await house.lockout.begin(house.attempt({ email: 'lost@example.com' }));
      house.clock.advance(40 * DAY);
      const nowMs = house.clock.now();
      expect(await pruneLockout(sql(), nowMs, 10)).toBeLessThanOrEqual(10 + 10 + 7);
      while ((await pruneLockout(sql(), nowMs, 50)) > 0);
      expect(await counts(sql())).toEqual({ buckets: 1, tickets: 0 });
      expect(await house.wrong({ ...given, from: '203.0.113.1' })).toBe('disabled');
    });

    it('has a ceiling: what ends first goes first', async () => {
      for (let i = 0; i < 20; i++) await house.wrong({ email: `user${i}@example.com`, from: `192.0.2.${i}` });
      while ((await pruneLockout(sql(), house.clock.now(), 7, 25)) > 0);
      expect((await counts(sql())).buckets).toBe(25);
    });
  });

  it('sees a flood over all nodes, says it once, and holds a node that has just come to the tighter bound', async () => {
    const options = { floodFailuresPerMinute: 40 };
    const nodes = [0, 1, 2].map(() => sceneOf(createLockout(options, house.ports), house.ports));
    for (let i = 0; i < 60; i++) {
      await nodes[i % 2]?.wrong({ email: `user${i}@example.com`, from: `192.0.2.${i}` });
      house.clock.advance(200);
    }
    const everywhere = house.ports.signals.filter(({ fields }) => fields.details?.['scope'] === 'everywhere');
    expect(everywhere).toHaveLength(1);
    const seen: string[] = [];
    for (let i = 0; i < 5; i++)
      seen.push((await nodes[2]?.wrong({ email: `other${i}@example.com`, from: 'late' })) ?? '');
    expect(seen).toEqual(['tried', 'tried', 'tried', 'wait', 'wait']);
  });

  it('counts whatever it is handed: quotes, braces, NUL and lone surrogates', async () => {
    const hostile = '{"a\\",NULL}\0\uD800\u2028\'$1';
    const attempt = {
      accountKey: hostile,
      account: hostile,
      factor: 'password',
      knownDevice: null,
      secret: hostile,
      facts: { address: hostile, group: hostile, client: 'api' },
    } as const;
    for (let i = 0; i < 5; i++) {
      const leave = await house.lockout.begin(attempt);
      if (!leave.allowed) throw new Error('expected leave');
      await house.lockout.fail(attempt, leave.ticket);
    }
    expect(await house.lockout.begin(attempt)).toMatchObject({ allowed: false, why: 'wait' });
    expect(await house.lockout.state(hostile)).toMatchObject([{ factor: 'password', failures: 5 }]);
    await sql().transaction((tx) => house.lockout.clear(tx, hostile));
    expect(await house.lockout.begin(attempt)).toMatchObject({ allowed: true });
  });

  it('answers within bounded statements, known or not', async () => {
    const texts: string[][] = [];
    for (const account of ['acc_1', null]) {
      const seen: string[] = [];
      const spied: SqlStore = {
        ...sql(),
        query: (text, values) => (seen.push(text), sql().query(text, values)),
        transaction: (work) =>
          sql().transaction((tx) =>
            work({ query: (text, values) => (seen.push(text), tx.query(text, values)) }),
          ),
      };
      const ports = testPorts(spied);
      const own = sceneOf(createLockout({}, ports), ports);
      await own.wrong({ account, secret: 'a word' });
      texts.push(seen);
    }
    expect(texts[0]).toEqual(texts[1]);
    expect(texts[0]?.length).toBeLessThanOrEqual(8);
  });
});
