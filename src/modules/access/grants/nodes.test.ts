import { beforeEach, describe, expect, it } from 'vitest';
import type { PrincipalValue } from '../../../core/fact.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { memoryBus } from '../../../stores/memory/bus.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { faultyBus } from '../../../testing/faulty/bus.ts';
import { faultySql } from '../../../testing/faulty/sql.ts';
import { Remembered } from './remembered.ts';
import { ADA, onEachDatabase, onServer, testGrants, type TestGrants, wipe } from './test-grants.ts';

const CARL: PrincipalValue = { id: 'user:carl', kind: 'user', roles: [] };
const GIVEN = { subject: CARL.id, role: 'clerk', reason: 'r' };

/** Two nodes on one database and one bus, which may lose messages. */
async function twoNodes(sql: SqlStore, second: SqlStore = sql) {
  await wipe(sql);
  const clock = new ManualClock();
  const bus = faultyBus(memoryBus());
  const nodes = [
    testGrants(sql, { clock, bus: bus.bus }),
    testGrants(second, { clock, bus: bus.bus }),
  ] as const;
  for (const node of nodes) await node.grants.start();
  return { clock, bus, one: nodes[0], two: nodes[1] };
}

async function rolesOn(node: TestGrants): Promise<readonly string[]> {
  return (await node.grants.principalOf(CARL)).roles;
}

/** Lets what was begun come to its end: the database answers in its own time. */
async function until(done: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (performance.now() < end) {
    if (await done()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('it never came to be');
}

/** Moves the clock to the next poll of both nodes, once both wait for it. */
async function nextPoll(clock: ManualClock): Promise<void> {
  await until(() => Promise.resolve(clock.pending === 2));
  clock.advance(400);
}

onServer((sql) => {
  describe('two nodes', () => {
    it('agree at once over the bus, with no time gone by', async () => {
      const { one, two } = await twoNodes(sql());
      expect(await rolesOn(two)).toEqual([]);
      const made = await one.grants.assignments.grant(GIVEN, ADA);
      await until(async () => (await rolesOn(two)).includes('clerk'));
      await two.grants.assignments.end(made.id, ADA);
      await until(async () => !(await rolesOn(one)).includes('clerk'));
      await Promise.all([one.grants.close(), two.grants.close()]);
    });

    it('agree within a second when every message is lost', async () => {
      const { clock, bus, one, two } = await twoNodes(sql());
      bus.lose(true);
      expect(await rolesOn(two)).toEqual([]);
      const made = await one.grants.assignments.grant(GIVEN, ADA);
      expect(await rolesOn(two)).toEqual([]);
      await nextPoll(clock);
      await until(async () => (await rolesOn(two)).includes('clerk'));
      await one.grants.assignments.end(made.id, ADA);
      expect(await rolesOn(one)).toEqual([]);
      await nextPoll(clock);
      await until(async () => (await rolesOn(two)).length === 0);
      await Promise.all([one.grants.close(), two.grants.close()]);
    });

    it('do not believe memory that is older than a second: the database is asked, and when it is away nobody passes', async () => {
      const broken = faultySql(sql());
      const { clock, one, two } = await twoNodes(sql(), broken.store);
      const made = await one.grants.assignments.grant(GIVEN, ADA);
      await until(async () => (await rolesOn(two)).includes('clerk'));
      broken.control.alwaysThrow();
      clock.advance(1_001);
      await one.grants.assignments.end(made.id, ADA);
      await expect(rolesOn(two)).rejects.toThrow();
      broken.control.heal();
      expect(await rolesOn(two)).toEqual([]);
      expect(two.warned).toHaveLength(1);
      await Promise.all([one.grants.close(), two.grants.close()]);
    });

    it('refuse a key everywhere within a second of its revocation', async () => {
      const { clock, bus, one, two } = await twoNodes(sql());
      bus.lose(true);
      const { id } = await one.grants.services.create({ name: 's', about: '', responsible: 'user:x' }, ADA);
      const made = await one.grants.keys.create({ service: id, name: 'k', scopes: ['*'] }, ADA);
      expect(await two.grants.identify(made.text)).toMatchObject({ ok: true });
      await one.grants.keys.revoke(made.key.id, ADA);
      expect(await one.grants.identify(made.text)).toMatchObject({ fault: 'revoked' });
      await nextPoll(clock);
      await until(async () => !(await two.grants.identify(made.text)).ok);
      await Promise.all([one.grants.close(), two.grants.close()]);
    });
  });

  it('an act that confirms its principal in its transaction is over before the role is gone (A68)', async () => {
    const { one, two } = await twoNodes(sql());
    const made = await one.grants.assignments.grant(GIVEN, ADA);
    const order: string[] = [];
    let ending: Promise<unknown> | undefined;
    await sql().transaction(async (tx) => {
      expect((await one.grants.confirm(tx, CARL))?.roles).toEqual(['clerk']);
      ending = two.grants.assignments.end(made.id, ADA).then(() => order.push('ended'));
      // The other node waits for the row that is held here.
      const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await until(async () => (await sql().query(waiting)).rows[0]?.['n'] === 1);
      order.push('acted');
    });
    await ending;
    expect(order).toEqual(['acted', 'ended']);
    await sql().transaction(async (tx) => {
      expect((await one.grants.confirm(tx, { ...CARL, roles: ['clerk'] }))?.roles).toEqual([]);
    });
    await Promise.all([one.grants.close(), two.grants.close()]);
  });
});

onEachDatabase((sql) => {
  beforeEach(() => wipe(sql()));

  it('confirms nobody who may not act any more', async () => {
    const house = testGrants(sql());
    await house.grants.start();
    house.own.set(CARL.id, null);
    await sql().transaction(async (tx) => {
      expect(await house.grants.confirm(tx, CARL)).toBeUndefined();
    });
    await house.grants.close();
  });

  it('gives every change a version of its own', async () => {
    const house = testGrants(sql());
    await house.grants.start();
    const version = async (): Promise<unknown> =>
      (await sql().query('SELECT version FROM rampart.access_state')).rows[0]?.['version'];
    const before = Number(await version());
    await Promise.all(
      ['clerk', 'lead', 'auditor'].map((role) => house.grants.assignments.grant({ ...GIVEN, role }, ADA)),
    );
    expect(await version()).toBe(before + 3);
    await house.grants.close();
  });
});

describe('memory', () => {
  const parts = (load: (id: string) => Promise<{ version: number; value: string }>, max = 2) =>
    new Remembered<string>({ max, load, trusted: () => true, version: () => 5 });

  it('never holds more than its ceiling, and forgets what was not asked for longest', async () => {
    const asked: string[] = [];
    const memory = parts((id) => {
      asked.push(id);
      return Promise.resolve({ version: 5, value: id });
    });
    for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) {
      await memory.get(id);
      expect(memory.size).toBeLessThanOrEqual(2);
    }
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });

  it('does not keep what was read before a change that it has heard of', async () => {
    let finish: (value: { version: number; value: string }) => void = () => undefined;
    const memory = parts(() => new Promise((resolve) => (finish = resolve)));
    const waiting = memory.get('a');
    memory.forget(['a']);
    finish({ version: 5, value: 'old' });
    expect(await waiting).toBe('old');
    expect(memory.size).toBe(0);
    const late = memory.get('a');
    finish({ version: 4, value: 'older' });
    await late;
    expect(memory.size).toBe(0);
  });

  it('that is not trusted is asked for once by all who come at the same moment, and never answers', async () => {
    let reads = 0;
    const memory = new Remembered<string>({
      max: 2,
      load: () => Promise.resolve({ version: 5, value: `read ${++reads}` }),
      trusted: () => false,
      version: () => 5,
    });
    expect(await Promise.all([memory.get('a'), memory.get('a')])).toEqual(['read 1', 'read 1']);
    expect(await memory.get('a')).toBe('read 2');
  });

  it('reads once for all who ask at the same moment, and again after a failure', async () => {
    let reads = 0;
    const memory = parts(() => {
      reads += 1;
      return reads === 1 ? Promise.reject(new Error('away')) : Promise.resolve({ version: 5, value: 'x' });
    });
    await expect(Promise.all([memory.get('a'), memory.get('a')])).rejects.toThrow('away');
    expect(reads).toBe(1);
    expect(await memory.get('a')).toBe('x');
    expect(memory.get('a')).toBe('x');
  });
});
