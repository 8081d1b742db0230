import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/clock.ts';
import { EventCorridor } from './event-corridor.ts';
import type { RampartEvent } from './events.ts';
import type { Watcher } from './watcher.ts';

function watcher(
  name: string,
  stage: Watcher['stage'],
  handle: Watcher['handle'],
  on: Watcher['on'] = '*',
): Watcher {
  return { name, stage, on, handle };
}

function corridor(watchers: Watcher[], more: { maxWaiting?: number } = {}) {
  const clock = new ManualClock();
  return { clock, events: new EventCorridor({ clock, timers: clock, node: 'n1', watchers, ...more }) };
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('the event corridor', () => {
  it('tells the stages in order, whatever the order of registration', async () => {
    const told: string[] = [];
    const stages = ['respond', 'alert', 'journal', 'detect'] as const;
    const { events } = corridor(stages.map((stage) => watcher(stage, stage, () => void told.push(stage))));
    events.emit('BLOCK_ADDED', { actor: 'user:1', details: { target: '10.0.0.1' } });
    expect(told).toEqual([]);
    await events.flush();
    expect(told).toEqual(['journal', 'detect', 'alert', 'respond']);
  });

  it('says where an address is, and goes on without where that breaks down', async () => {
    const seen: RampartEvent[] = [];
    const clock = new ManualClock();
    const placeOf = (address: string): string => {
      if (address === '192.0.2.1') throw new Error('the file is broken');
      return 'Hamburg, Germany';
    };
    const watchers = [watcher('j', 'journal', (batch) => void seen.push(...batch))];
    const events = new EventCorridor({ clock, timers: clock, node: 'n1', watchers, placeOf });
    events.emit('NEW_PLACE', { address: '198.51.100.7' });
    events.emit('NEW_PLACE', { address: '192.0.2.1' });
    events.emit('SERVER_STARTED');
    await events.flush();
    expect(seen.map(({ place }) => place)).toEqual(['Hamburg, Germany', undefined, undefined]);
  });

  it('fills in the catalogue and gives ids that sort by time', async () => {
    const seen: RampartEvent[] = [];
    const { events, clock } = corridor([watcher('j', 'journal', (batch) => void seen.push(...batch))]);
    events.emit('GUARD_FAILED', { subject: 'limit' });
    clock.advance(5);
    events.emit('GUARD_FAILED', { severity: 'CRITICAL' });
    await events.flush();
    expect(seen[0]).toMatchObject({
      type: 'GUARD_FAILED',
      severity: 'HIGH',
      class: 'signal',
      node: 'n1',
      subject: 'limit',
    });
    expect(seen[1]?.severity).toBe('CRITICAL');
    expect((seen[0]?.id ?? '') < (seen[1]?.id ?? '')).toBe(true);
  });

  it('acts on nothing that is not written: later stages wait until the journal takes the events', async () => {
    let broken = true;
    const written: string[] = [];
    const detected: string[] = [];
    const { events, clock } = corridor([
      watcher('j', 'journal', (batch) => {
        if (broken) throw new Error('disk full');
        written.push(...batch.map((event) => event.type));
      }),
      watcher('d', 'detect', (batch) => void detected.push(...batch.map((event) => event.type))),
    ]);
    events.emit('CSRF_ATTEMPT');
    await turns(3);
    expect(events.stalled).toBe(true);
    expect(detected).toEqual([]);
    broken = false;
    clock.advance(200);
    await events.flush();
    expect(written).toEqual(['CSRF_ATTEMPT']);
    expect(detected).toEqual(['CSRF_ATTEMPT']);
    expect(events.stalled).toBe(false);
  });

  it('sheds the least severe first when the journal stands still, and counts what it shed', async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const written: string[] = [];
    const { events } = corridor(
      [
        watcher('j', 'journal', async (batch) => {
          await gate;
          written.push(...batch.map((event) => `${event.type}/${event.severity}`));
        }),
      ],
      { maxWaiting: 3 },
    );
    events.emit('JOURNAL_STALLED');
    await turns(2);
    events.emit('REQUEST_REFUSED');
    events.emit('CSRF_ATTEMPT');
    events.emit('GUARD_FAILED');
    events.emit('REQUEST_REFUSED');
    expect(events.shed).toBe(2);
    expect(events.waiting).toBe(3);
    open();
    await events.flush();
    expect(written).toEqual(['JOURNAL_STALLED/CRITICAL', 'CSRF_ATTEMPT/MEDIUM', 'GUARD_FAILED/HIGH']);
  });

  it('keeps going when a watcher breaks down, reports it once, and does not feed on its own report', async () => {
    const alerts: string[] = [];
    const { events } = corridor([
      watcher('bad', 'detect', () => Promise.reject(new Error('oops'))),
      watcher('good', 'alert', (batch) => void alerts.push(...batch.map((event) => event.type))),
    ]);
    events.emit('BLOCK_ADDED');
    await events.flush();
    expect(alerts).toEqual(['BLOCK_ADDED', 'WATCHER_FAILED']);
  });

  it('hands a watcher only the types that it asked for', async () => {
    const seen: string[] = [];
    const { events } = corridor([
      watcher('d', 'detect', (batch) => void seen.push(...batch.map((event) => event.type)), ['BLOCK_ADDED']),
    ]);
    events.emit('CSRF_ATTEMPT');
    events.emit('BLOCK_ADDED');
    await events.flush();
    expect(seen).toEqual(['BLOCK_ADDED']);
  });

  it('ends on close even while the journal refuses', async () => {
    const { events } = corridor([
      watcher('j', 'journal', () => {
        throw new Error('gone');
      }),
    ]);
    events.emit('BLOCK_ADDED');
    await turns(2);
    await events.close();
    expect(events.waiting).toBe(1);
  });
});
