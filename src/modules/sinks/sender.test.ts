import { describe, expect, it } from 'vitest';
import type { RampartEvent } from '../../core/events.ts';
import { ManualClock } from '../../testing/clock.ts';
import { pauseMs } from './backoff.ts';
import { deliver } from './deliver.ts';
import { ALL_SENT, type Sent, SinkError } from './driver.ts';
import { eventAt, happen, nodeOf, Receiver, sinkDatabase } from './test-house.ts';

const database = sinkDatabase();
const NOW = 1_795_000_123_456;
const DOWN = new SinkError('down', 'The server answered 503.');

function events(count: number): readonly RampartEvent[] {
  return Array.from({ length: count }, (_, i) => eventAt(NOW + i));
}
const idsOf = (some: readonly RampartEvent[]): readonly string[] => some.map(({ id }) => id);

/** Refuses whole what holds one of these. */
function refusing(bad: ReadonlySet<string>): (some: readonly RampartEvent[]) => Sent {
  return (some) => {
    if (some.some(({ id }) => bad.has(id))) throw new SinkError('refused', 'The server answered 400.');
    return ALL_SENT;
  };
}

describe('a sink that is down', () => {
  it('loses nothing, is asked less and less often, and catches up', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    node.receiver.answer = () => {
      throw DOWN;
    };
    const some = events(1_200);
    await happen(sql, some.slice(0, 600));
    for (let minute = 0; minute < 60; minute += 1) {
      await node.drain();
      node.clock.advance(60_000);
    }
    await happen(sql, some.slice(600));
    expect(node.receiver.sends.length).toBeLessThanOrEqual(60);
    expect(await node.state()).toMatchObject({ waiting: 600, sent: 0, error: DOWN.message });
    node.receiver.answer = () => ALL_SENT;
    expect(await node.drain()).toBe('idle');
    expect(node.receiver.taken).toEqual(idsOf(some));
    expect(await node.state()).toMatchObject({
      waiting: 0,
      sent: 1_200,
      attempts: 0,
      error: null,
      failingSinceMs: null,
    });
    expect(node.told.map(({ type }) => type)).toEqual(['SINK_FAILING', 'SINK_RECOVERED']);
  });

  it('waits for its pause, unless somebody asks for a retry', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    node.receiver.answer = () => {
      throw new SinkError('down', 'The server answered 429.', 120_000);
    };
    await happen(sql, events(1));
    expect(await node.drain()).toBe('failing');
    node.receiver.answer = () => ALL_SENT;
    node.clock.advance(119_000);
    expect(await node.drain()).toBe('failing');
    expect(node.receiver.sends).toHaveLength(1);
    expect(await node.book.retry('siem')).toBe(true);
    expect(await node.drain()).toBe('idle');
    expect(await node.book.retry('nobody')).toBe(false);
  });

  it('is asked again after a random part of a span that doubles, and never sooner than it asked for', () => {
    const spans = Array.from({ length: 9 }, (_, i) => pauseMs(i + 1, null, (max) => max - 1));
    expect(spans).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(pauseMs(3, null, () => 0)).toBe(0);
    expect(pauseMs(1, 30_000, () => 5)).toBe(30_005);
    expect(pauseMs(1, 1e12, () => 0)).toBe(900_000);
  });
});

describe('an event that is refused', () => {
  it('is found among 500, left out, counted and told once; the others are sent once', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    const some = events(500);
    const bad = some[317] as RampartEvent;
    node.receiver.answer = refusing(new Set([bad.id]));
    await happen(sql, some);
    expect(await node.drain()).toBe('idle');
    expect(node.receiver.taken).toEqual(idsOf(some.filter((one) => one !== bad)));
    expect(node.receiver.sends.length).toBeLessThan(25);
    expect(await node.state()).toMatchObject({
      waiting: 0,
      sent: 499,
      refused: 1,
      refusal: 'The server answered 400.',
      error: null,
    });
    expect(node.told).toEqual([
      {
        type: 'SINK_REFUSED',
        fields: expect.objectContaining({
          subject: 'siem',
          details: { sink: 'siem', count: 1, event: bad.id, error: 'The server answered 400.' },
        }) as object,
      },
    ]);
  });

  it('is left out alone only where a test is taken', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    const [bad] = events(1) as [RampartEvent];
    node.receiver.answer = refusing(new Set([bad.id]));
    await happen(sql, [bad]);
    expect(await node.drain()).toBe('idle');
    expect(await node.state()).toMatchObject({ waiting: 0, sent: 0, refused: 1 });
    expect(node.receiver.taken).toHaveLength(1);
  });

  it('is not given up for a receiver that refuses everything', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    node.receiver.answer = () => {
      throw new SinkError('refused', 'The server answered 400.');
    };
    const some = events(300);
    await happen(sql, some);
    expect(await node.drain()).toBe('failing');
    expect(node.receiver.sends.length).toBeLessThan(60);
    expect(await node.state()).toMatchObject({ waiting: 300, refused: 0 });
    expect((await node.state()).error).toContain('not even a test');
    node.receiver.answer = () => ALL_SENT;
    node.clock.advance(60_000);
    await node.drain();
    expect(node.receiver.taken).toEqual(idsOf(some));
  });

  it('is told of once a minute, and what tells of it is not told of again', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    const some = events(4);
    node.receiver.answer = refusing(new Set(idsOf(some.slice(0, 3))));
    for (const event of some.slice(0, 3)) {
      await happen(sql, [event]);
      await node.drain();
    }
    expect(node.told).toHaveLength(1);
    const notice = eventAt(NOW, {}, 'SINK_REFUSED');
    node.receiver.answer = refusing(new Set([notice.id]));
    node.clock.advance(60_000);
    await happen(sql, [notice]);
    await node.drain();
    expect(node.told.map(({ fields }) => fields.details?.['count'])).toEqual([1, 2]);
    node.clock.advance(60_000);
    await node.drain();
    expect(node.told).toHaveLength(2);
  });

  it('is named by receivers that answer for each event; those that they want later come again', async () => {
    const some = events(5);
    let calls = 0;
    const done = await deliver(some, () => {
      calls += 1;
      return Promise.resolve({
        refused: new Map([[1, 'The index answered 400.']]),
        again: { places: new Set([3]), reason: 'The index answered 429.', afterMs: 2_000 },
        unnamed: 0,
      });
    });
    expect(calls).toBe(1);
    expect(done).toMatchObject({ handled: 3, sent: 2, wasTaken: true });
    expect([...done.refused]).toEqual([[1, 'The index answered 400.']]);
    expect(done.failure).toMatchObject({ kind: 'down', afterMs: 2_000 });
  });

  it('is narrowed down with a bounded number of sends, each pass further than the one before', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    const some = events(500);
    node.receiver.answer = refusing(new Set(idsOf(some.filter((_, i) => i % 7 === 3))));
    await happen(sql, some);
    expect(await node.drain()).toBe('idle');
    expect(await node.state()).toMatchObject({ waiting: 0, sent: 429, refused: 71 });
    expect(new Set(node.receiver.taken).size).toBe(node.receiver.taken.length);
  });
});

describe('several nodes', () => {
  it('send one at a time, and another takes over once the first is dead', async () => {
    const sql = database();
    const clock = new ManualClock();
    const receiver = new Receiver();
    const first = await nodeOf(sql, { clock, receiver, me: 'first' });
    const second = await nodeOf(sql, { clock, receiver, me: 'second' });
    const some = events(3);
    await happen(sql, some.slice(0, 1));
    expect(await first.drain()).toBe('idle');
    expect(await second.drain()).toBe('elsewhere');
    await happen(sql, some.slice(1, 2));
    clock.advance(59_000);
    expect(await second.drain()).toBe('elsewhere');
    clock.advance(2_000);
    expect(await second.drain()).toBe('idle');
    expect(await first.drain()).toBe('elsewhere');
    await second.sender.close();
    await happen(sql, some.slice(2));
    expect(await first.drain()).toBe('idle');
    expect(receiver.taken).toEqual(idsOf(some));
  });

  it('never move the cursor back: one that was silent for too long leaves what it did to the other', async () => {
    const sql = database();
    const clock = new ManualClock();
    const slow = await nodeOf(sql, { clock, me: 'slow' });
    const quick = await nodeOf(sql, { clock, me: 'quick' });
    const some = events(2);
    await happen(sql, some.slice(0, 1));
    slow.receiver.answer = async () => {
      clock.advance(61_000);
      await quick.drain();
      await happen(sql, some.slice(1));
      await quick.drain();
      return ALL_SENT;
    };
    expect((await slow.sender.round()).state).toBe('elsewhere');
    expect(quick.receiver.taken).toEqual(idsOf(some));
    expect(await quick.state()).toMatchObject({ waiting: 0, sent: 2, holder: 'quick' });
  });

  it('send again what was sent, where the sender died before it could say so', async () => {
    const sql = database();
    const clock = new ManualClock();
    const receiver = new Receiver();
    const first = await nodeOf(sql, { clock, receiver, me: 'first' });
    const second = await nodeOf(sql, { clock, receiver, me: 'second' });
    const some = events(2);
    await happen(sql, some);
    first.book.progress = () => Promise.reject(new Error('the process is gone'));
    await expect(first.sender.round()).rejects.toThrow('the process is gone');
    clock.advance(61_000);
    await second.drain();
    expect(receiver.taken).toEqual([...idsOf(some), ...idsOf(some)]);
  });
});

describe('what is left', () => {
  it('is forgotten once every sink has passed it, and a sink that nobody has for a week', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    await happen(sql, events(10));
    await node.drain();
    await happen(sql, events(3));
    const count = async (table: string) =>
      Number((await sql.query(`SELECT count(*) AS n FROM rampart.${table}`)).rows[0]?.['n']);
    await node.book.prune(node.clock.now());
    expect(await count('sink_feed')).toBe(0);
    expect(await count('sink_arrivals')).toBe(3);
    expect(await node.book.prune(node.clock.now() + 8 * 86_400_000)).toBeGreaterThan(0);
    expect([await count('sinks'), await count('sink_arrivals')]).toEqual([0, 0]);
  });

  it('is counted as lost where a sink has been down for thirty days', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    node.receiver.answer = () => {
      throw DOWN;
    };
    await happen(sql, events(10));
    await node.drain();
    for (let day = 0; day < 31; day += 1) {
      node.clock.advance(86_400_000);
      await node.drain();
    }
    await node.book.prune(node.clock.now());
    expect(await node.state()).toMatchObject({ waiting: 0, lost: 10, oldestAtMs: null });
  });
});
