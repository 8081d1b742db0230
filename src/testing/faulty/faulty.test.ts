import { describe, expect, it } from 'vitest';
import type { Journal } from '../../ports/journal.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { memoryBus } from '../../stores/memory/bus.ts';
import { faultyBus } from './bus.ts';
import { faultyJournal } from './journal.ts';
import { faultySql } from './sql.ts';

/** A SQL store that only notes what reaches it. */
function notingStore(): { store: SqlStore; seen: string[] } {
  const seen: string[] = [];
  const query: SqlStore['query'] = async (text) => {
    seen.push(text);
    return { rows: [], affected: 0 };
  };
  const store: SqlStore = {
    kind: 'embedded',
    query,
    async transaction(work) {
      try {
        const result = await work({ query });
        seen.push('COMMIT');
        return result;
      } catch (error) {
        seen.push('ROLLBACK');
        throw error;
      }
    },
    script: async (text) => void seen.push(text),
    withLock: (_name, work) => work(),
    listen: async () => async () => undefined,
    close: async () => undefined,
  };
  return { store, seen };
}

describe('a faulty SQL store', () => {
  it('is the healthy one until it is told otherwise, and again after it healed', async () => {
    const { store, seen } = notingStore();
    const faulty = faultySql(store);
    await faulty.store.query('a');
    faulty.control.alwaysThrow();
    await expect(faulty.store.query('b')).rejects.toThrow('the store is down');
    await expect(faulty.store.script('b')).rejects.toThrow('the store is down');
    faulty.control.heal();
    await faulty.store.query('c');
    expect(seen).toEqual(['a', 'c']);
    expect(faulty.control.calls).toEqual(['query', 'query', 'script', 'query']);
  });

  it('fails only the calls that fit', async () => {
    const { store, seen } = notingStore();
    const faulty = faultySql(store);
    faulty.control.throwWhen((call, before) => call === 'query' && before === 1, new Error('second'));
    await faulty.store.query('a');
    await expect(faulty.store.query('b')).rejects.toThrow('second');
    await faulty.store.query('c');
    expect(seen).toEqual(['a', 'c']);
  });

  it('rolls back a transaction whose commit fails', async () => {
    const { store, seen } = notingStore();
    const faulty = faultySql(store);
    faulty.control.throwWhen((call) => call === 'commit');
    await expect(faulty.store.transaction((sql) => sql.query('a'))).rejects.toThrow('the store failed');
    expect(seen).toEqual(['a', 'ROLLBACK']);
  });

  it('holds calls until they are released, in their order', async () => {
    const { store, seen } = notingStore();
    const faulty = faultySql(store);
    faulty.control.hold();
    const calls = [faulty.store.query('a'), faulty.store.query('b')];
    expect(faulty.control.held).toBe(2);
    expect(seen).toEqual([]);
    faulty.control.release();
    await Promise.all(calls);
    expect(seen).toEqual(['a', 'b']);
  });
});

describe('a faulty journal', () => {
  it('throws from append at once, and appends nothing', () => {
    const appended: string[] = [];
    const journal = { append: (entries: readonly string[]) => void appended.push(...entries) } as Journal;
    const faulty = faultyJournal(journal);
    faulty.control.alwaysThrow(new Error('full'));
    expect(() => faulty.journal.append(['a'])).toThrow('full');
    faulty.control.heal();
    faulty.journal.append(['b']);
    expect(appended).toEqual(['b']);
  });
});

describe('a faulty bus', () => {
  it('loses messages without a word while it is told to', async () => {
    const faulty = faultyBus(memoryBus());
    const heard: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    await faulty.bus.subscribe('c', (message) => {
      heard.push(message);
      resolve();
    });
    faulty.lose(true);
    await faulty.bus.publish('c', 'lost');
    faulty.lose(false);
    await faulty.bus.publish('c', 'heard');
    await promise;
    expect(heard).toEqual(['heard']);
    faulty.control.alwaysThrow();
    await expect(faulty.bus.publish('c', 'x')).rejects.toThrow('the store is down');
  });
});
