import { describe, expect, it, vi } from 'vitest';
import type { DecisionRecord } from '../core/decision.ts';
import type { RampartEvent } from '../core/events.ts';
import type { Journal } from '../ports/journal.ts';
import { ManualClock } from '../testing/clock.ts';
import { Pump, type PumpOptions } from './pump.ts';

/** A journal in memory that can be told to fail. */
function journal() {
  const state = { entries: [] as string[], broken: false, closed: false };
  const port: Journal = {
    append(entries) {
      if (state.broken) throw new Error('disk full');
      state.entries.push(...entries);
    },
    sync: () => Promise.resolve(),
    peek: (max) =>
      Promise.resolve({ entries: state.entries.slice(0, max), end: Math.min(max, state.entries.length) }),
    take: (batch) => Promise.resolve(void state.entries.splice(0, batch.end as number)),
    stats: () => ({ waiting: state.entries.length, bytes: 0, damaged: 0 }),
    close: () => Promise.resolve(void (state.closed = true)),
  };
  return { state, port };
}

function record(id: string, verdict: DecisionRecord['verdict']): DecisionRecord {
  return { id, verdict } as DecisionRecord;
}

function pump(options: PumpOptions = {}) {
  const { state, port } = journal();
  const clock = new ManualClock();
  const stored: string[] = [];
  const database = { down: false };
  const told: string[] = [];
  const insert = (rows: readonly { id: string }[]): Promise<void> => {
    if (database.down) return Promise.reject(new Error('down'));
    stored.push(...rows.map((row) => row.id));
    return Promise.resolve();
  };
  const texts: string[] = [];
  const insertTexts = (given: readonly string[]): Promise<void> => {
    texts.push(...given);
    return insert(given.map((text) => JSON.parse(text) as { id: string }));
  };
  const built = new Pump(
    {
      journal: port,
      clock,
      timers: clock,
      target: { insertDecisions: insert, insertEvents: insertTexts },
      onStalled: () => void told.push('stalled'),
      onRecovered: () => void told.push('recovered'),
    },
    options,
  );
  return { pump: built, journal: state, clock, stored, texts, database, told };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the pump', () => {
  it('has a refusal in the journal before write returns, and a pass within the turn', async () => {
    const { pump: one, journal: state } = pump();
    one.write(record('d1', 'deny'));
    expect(state.entries).toHaveLength(1);
    one.write(record('d2', 'pass'));
    expect(state.entries).toHaveLength(1);
    await turn();
    expect(state.entries).toHaveLength(2);
  });

  it('writes a flood of refusals in blocks instead of one by one, losing none', async () => {
    const { pump: one, journal: state, clock } = pump({ immediatePerSecond: 3 });
    for (let i = 0; i < 10; i++) one.write(record(`d${i}`, 'deny'));
    expect(state.entries).toHaveLength(3);
    await turn();
    expect(state.entries).toHaveLength(10);
    clock.advance(1000);
    await vi.waitFor(() => expect(state.entries).toHaveLength(0), 15_000);
    one.write(record('later', 'deny'));
    expect(state.entries).toHaveLength(1);
  });

  it('moves entries to the database and forgets them in the journal only after that', async () => {
    const { pump: one, journal: state, clock, stored, database, told } = pump();
    database.down = true;
    one.write(record('d1', 'deny'));
    clock.advance(100);
    await one.drain();
    expect(state.entries).toHaveLength(1);
    expect(one.stalled).toBe(true);
    one.write(record('d2', 'deny'));
    database.down = false;
    clock.advance(10_000);
    await one.drain();
    expect(stored).toEqual(['d1', 'd2']);
    expect(state.entries).toHaveLength(0);
    expect(told).toEqual(['stalled', 'recovered']);
  });

  it('sheds and counts beyond its bound instead of growing', async () => {
    const { pump: one, journal: state } = pump({ maxWaiting: 5 });
    for (let i = 0; i < 9; i++) one.write(record(`p${i}`, 'pass'));
    await turn();
    expect(state.entries).toHaveLength(5);
    expect(one.shed).toBe(4);
    state.broken = true;
    one.write(record('p', 'pass'));
    await turn();
    expect(one.shed).toBe(5);
  });

  it('leaves nothing behind on close', async () => {
    const { pump: one, journal: state, stored } = pump();
    one.write(record('p1', 'pass'));
    void one.watcher.handle([{ id: 'e1' } as never]);
    await one.close();
    expect(stored.toSorted()).toEqual(['e1', 'p1']);
    expect(state.closed).toBe(true);
  });

  it('moves events as they stand in the journal, and those that an earlier version wrote', async () => {
    const { pump: one, journal: state, texts } = pump();
    const event = { id: 'e1', address: '::ffff:10.0.0.1', atMs: 5.5, about: 'a \ud800 \0' } as RampartEvent;
    void one.watcher.handle([event]);
    state.entries.push(`e${JSON.stringify(event)}`);
    const [written] = state.entries;
    await one.drain();
    expect(texts).toEqual([written?.slice(1), written?.slice(1)]);
    expect(JSON.parse(texts[0] as string)).toEqual({
      ...event,
      ip: '10.0.0.1',
      atMs: 5,
      about: 'a \ufffd \ufffd',
    });
  });

  it('lets the event corridor know when the journal does not take events', () => {
    const { pump: one, journal: state } = pump();
    state.broken = true;
    expect(() => one.watcher.handle([{ id: 'e1' } as never])).toThrow('disk full');
  });
});
