import { createAccess } from '../../modules/access/index.ts';
import { samplePolicy } from '../sample-policy.ts';
import type { Stores } from './index.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConflictError } from '../../core/errors.ts';
import {
  MAX_ORDERS_PER_OWNER,
  SESSION_ABSOLUTE_MS,
  SESSION_IDLE_MS,
  SETUP_LINK_MS,
  type StoredBlock,
} from './index.ts';

const T0 = 1_795_000_000_000;
const MINUTE = 60_000;

/** Links, sessions, blocks, lists and sample orders on one database. */
export function actSuite(stores: () => Stores): void {
  beforeEach(() =>
    stores().sql.script(
      'TRUNCATE rampart.blocks, rampart.limit_lists, rampart.setup_tokens, rampart.console_sessions, rampart.sample_orders',
    ),
  );

  describe('set-up links', () => {
    const consume = (token: string, nowMs: number): Promise<string | undefined> =>
      stores().sql.transaction((sql) => stores().setup.consume(sql, token, nowMs));

    it('let in exactly one of fifty simultaneous uses', async () => {
      const { token } = await stores().setup.create('ada', T0);
      const uses = await Promise.all(Array.from({ length: 50 }, () => consume(token, T0)));
      expect(uses.filter((name) => name === 'ada')).toHaveLength(1);
      expect(uses.filter((name) => name === undefined)).toHaveLength(49);
    });

    it('can still be used when the transaction of a first use failed', async () => {
      const { token } = await stores().setup.create('ada', T0);
      const failing = stores().sql.transaction(async (sql) => {
        await stores().setup.consume(sql, token, T0);
        throw new Error('no session');
      });
      await expect(failing).rejects.toThrow('no session');
      expect(await consume(token, T0)).toBe('ada');
    });

    it('run out after an hour, to the millisecond', async () => {
      const first = await stores().setup.create('ada', T0);
      const second = await stores().setup.create('ada', T0);
      expect(await consume(first.token, T0 + SETUP_LINK_MS - 1)).toBe('ada');
      expect(await consume(second.token, T0 + SETUP_LINK_MS)).toBeUndefined();
    });

    it('and sessions are not kept in a form that could be used', async () => {
      const { token } = await stores().setup.create('ada', T0);
      const session = await stores().sql.transaction((sql) => stores().sessions.create(sql, 'ada', T0));
      const kept = await stores().sql.query(
        'SELECT s::text AS t FROM rampart.setup_tokens s UNION ALL SELECT c::text FROM rampart.console_sessions c',
      );
      const text = JSON.stringify(kept.rows);
      expect(kept.rows).toHaveLength(2);
      expect(text).not.toContain(token);
      expect(text).not.toContain(session.token);
    });
  });

  describe('console sessions', () => {
    const open = () => stores().sql.transaction((sql) => stores().sessions.create(sql, 'ada', T0));

    it('end after an hour without use, and use keeps them', async () => {
      const { token } = await open();
      const { sessions } = stores();
      expect(await sessions.find(token, T0 + SESSION_IDLE_MS, true)).toBeUndefined();
      expect(await sessions.find(token, T0 + SESSION_IDLE_MS - 1, true)).toMatchObject({ name: 'ada' });
      const later = T0 + 2 * SESSION_IDLE_MS - 2;
      expect(await sessions.find(token, later, false)).toMatchObject({ name: 'ada' });
      expect(await sessions.find(token, later + 2, false)).toBeUndefined();
    });

    it('are not kept in force by merely watching', async () => {
      const { token } = await open();
      for (let minute = 1; minute < 60; minute++) {
        await stores().sessions.find(token, T0 + minute * MINUTE, false);
      }
      expect(await stores().sessions.find(token, T0 + 60 * MINUTE, false)).toBeUndefined();
    });

    it('end after a day whatever happens', async () => {
      const { token } = await open();
      const { sessions } = stores();
      for (let atMs = T0; atMs < T0 + SESSION_ABSOLUTE_MS; atMs += 30 * MINUTE) {
        expect(await sessions.find(token, atMs, true)).toBeDefined();
      }
      expect(await sessions.find(token, T0 + SESSION_ABSOLUTE_MS, true)).toBeUndefined();
    });

    it('are gone once signed out', async () => {
      const { token } = await open();
      expect(await stores().sessions.remove(token)).toBe(true);
      expect(await stores().sessions.find(token, T0, true)).toBeUndefined();
      expect(await stores().sessions.remove(token)).toBe(false);
    });
  });

  describe('blocks', () => {
    it('have another revision after every change, and none after a change that was taken back', async () => {
      const { blocks, sql: database } = stores();
      const given = { reason: 'noise', createdBy: 'ada', expiresAtMs: null };
      const seen: (string | undefined)[] = [await blocks.revision()];
      const { id } = await database.transaction((tx) => blocks.add(tx, { ...given, target: '10.9.0.1' }, T0));
      seen.push(await blocks.revision());
      await database.transaction((tx) => blocks.remove(tx, id, 'bob', T0));
      seen.push(await blocks.revision());
      await database.transaction((tx) => blocks.restore(tx, id, T0));
      seen.push(await blocks.revision());
      expect(new Set(seen).size).toBe(4);
      const failing = database.transaction(async (tx) => {
        await blocks.add(tx, { ...given, target: '10.9.0.2' }, T0);
        throw new Error('no event');
      });
      await expect(failing).rejects.toThrow('no event');
      expect(await blocks.revision()).toBe(seen.at(-1));
    });

    const add = (target: string, expiresAtMs: number | null, nowMs = T0): Promise<StoredBlock> =>
      stores().sql.transaction((sql) =>
        stores().blocks.add(sql, { target, reason: 'noise', createdBy: 'ada', expiresAtMs }, nowMs),
      );
    const remove = (id: string, nowMs = T0): Promise<StoredBlock | undefined> =>
      stores().sql.transaction((sql) => stores().blocks.remove(sql, id, 'bob', nowMs));
    const restore = (id: string, nowMs = T0): Promise<StoredBlock | undefined> =>
      stores().sql.transaction((sql) => stores().blocks.restore(sql, id, nowMs));

    it('stand until they run out or are lifted', async () => {
      const brief = await add('10.0.0.1', T0 + MINUTE);
      const lasting = await add('10.0.0.0/24', null);
      const targets = async (nowMs: number): Promise<readonly string[]> =>
        (await stores().blocks.standing(nowMs)).map((block) => block.target).toSorted();
      expect(await targets(T0 + MINUTE - 1)).toEqual(['10.0.0.0/24', '10.0.0.1']);
      expect(await targets(T0 + MINUTE)).toEqual(['10.0.0.0/24']);
      expect(await remove(lasting.id)).toEqual(lasting);
      expect(await remove(lasting.id)).toBeUndefined();
      expect(await remove(brief.id, T0 + MINUTE)).toBeUndefined();
      expect(await targets(T0 + MINUTE)).toEqual([]);
    });

    it('are not doubled, even by simultaneous requests', async () => {
      const tries = await Promise.allSettled(Array.from({ length: 10 }, () => add('10.0.0.1', null)));
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      for (const one of tries)
        if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(ConflictError);
      expect(await stores().blocks.standing(T0)).toHaveLength(1);
    });

    it('can be set anew once the old one has run out', async () => {
      await add('10.0.0.1', T0 + MINUTE);
      const anew = await add('10.0.0.1', null, T0 + MINUTE);
      expect(await stores().blocks.standing(T0 + MINUTE)).toEqual([anew]);
    });

    it('come back with their old end when the lifting is undone', async () => {
      const block = await add('10.0.0.1', T0 + MINUTE);
      await remove(block.id);
      expect(await restore(block.id, T0 + 1)).toEqual(block);
      expect(await restore(block.id, T0 + 1)).toBeUndefined();
      await remove(block.id);
      await expect(restore(block.id, T0 + MINUTE)).rejects.toBeInstanceOf(ConflictError);
      expect(await restore('blk_unknown')).toBeUndefined();
    });

    it('do not come back over a newer one of the same target', async () => {
      const old = await add('10.0.0.1', null);
      await remove(old.id);
      const newer = await add('10.0.0.1', null);
      await expect(restore(old.id)).rejects.toBeInstanceOf(ConflictError);
      expect(await stores().blocks.standing(T0)).toEqual([newer]);
    });
  });

  describe('lists of the limits', () => {
    it('hold each value once and give it back', async () => {
      const entry = { value: '10.0.0.1', note: 'the office', addedBy: 'ada', addedAtMs: T0 };
      const add = (): Promise<void> =>
        stores().sql.transaction((sql) => stores().lists.add(sql, 'allow', entry));
      await add();
      await expect(add()).rejects.toBeInstanceOf(ConflictError);
      expect(await stores().lists.all()).toEqual({ allow: [entry], deny: [] });
      const remove = (list: 'allow' | 'deny'): Promise<boolean> =>
        stores().sql.transaction((sql) => stores().lists.remove(sql, list, '10.0.0.1'));
      expect([await remove('deny'), await remove('allow'), await remove('allow')]).toEqual([
        false,
        true,
        false,
      ]);
    });
  });

  describe('sample orders', () => {
    const policy = createAccess(samplePolicy);
    const of = (id: string) => policy.accessible({ id, kind: 'user', roles: ['customer'] }, 'orders:update');

    const items = [{ name: 'Tea', quantity: 2 }];

    it('are seen, changed and deleted by their owner alone', async () => {
      const { sampleOrders } = stores();
      const order = await sampleOrders.add('a', { items, instructions: null, restaurant: null }, T0);
      expect(await sampleOrders.get('ord_none')).toBeUndefined();
      expect(await sampleOrders.change(order.id, of('b'), { status: 'cancelled' }, T0)).toBeUndefined();
      expect(await sampleOrders.remove(order.id, of('b'))).toBe(false);
      expect(await sampleOrders.list(of('b'), 10, undefined)).toEqual([]);
      expect(await sampleOrders.get(order.id)).toEqual(order);
      expect(await sampleOrders.change(order.id, of('a'), { instructions: 'hot' }, T0 + 1)).toEqual({
        ...order,
        instructions: 'hot',
        updatedAtMs: T0 + 1,
      });
      expect(await sampleOrders.remove(order.id, of('a'))).toBe(true);
    });

    it('never exceed the ceiling of one customer', async () => {
      const { sampleOrders } = stores();
      for (let i = 0; i < MAX_ORDERS_PER_OWNER + 5; i++) {
        await sampleOrders.add('a', { items, instructions: null, restaurant: null }, T0 + i);
      }
      const kept = await sampleOrders.list(of('a'), 500, undefined);
      expect(kept).toHaveLength(MAX_ORDERS_PER_OWNER);
      expect(kept.at(-1)?.createdAtMs).toBe(T0 + 5);
    });
  });
}
