import { describe, expect, it } from 'vitest';
import type { EventFields, EventType } from '../core/events.ts';
import { ManualClock } from '../testing/clock.ts';
import { journalNotices } from './journal-notices.ts';

function stand() {
  const clock = new ManualClock();
  const said: [EventType, EventFields['details']][] = [];
  const state = { waiting: 3, shed: 10 };
  const notices = journalNotices({
    journal: { stats: () => ({ waiting: state.waiting, bytes: 0, damaged: 0 }) },
    shed: () => state.shed,
    events: () => ({ emit: (type, fields) => void said.push([type, fields?.details]) }),
    clock,
    timers: clock,
  });
  return { clock, said, state, notices };
}

describe('notices of the journal', () => {
  it('tell how many records wait and what was dropped, once it lasts, and how long it lasted', () => {
    const { clock, said, state, notices } = stand();
    const refused = Object.assign(new Error('connect to db.internal as rampart:secret'), {
      code: 'ECONNREFUSED',
    });
    notices.stalled(refused);
    state.waiting = 900;
    state.shed = 14;
    clock.advance(4_999);
    expect(said).toEqual([]);
    clock.advance(1);
    expect(said).toEqual([['JOURNAL_STALLED', { waiting: 900, shed: 4, error: 'ECONNREFUSED' }]]);
    clock.advance(55_000);
    state.shed = 20;
    notices.recovered();
    expect(said.slice(1)).toEqual([['JOURNAL_RECOVERED', { seconds: 60, shed: 10 }]]);
  });

  it('say nothing of a database that is back within seconds, or of a house that closes', () => {
    const { clock, said, notices } = stand();
    notices.stalled(new Error('down'));
    clock.advance(2_000);
    notices.recovered();
    clock.advance(60_000);
    notices.stalled(new Error('down'));
    notices.close();
    clock.advance(60_000);
    expect(said).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('tell each outage anew', () => {
    const { clock, said, notices } = stand();
    for (let i = 0; i < 2; i++) {
      notices.stalled('gone');
      clock.advance(10_000);
      notices.recovered();
    }
    expect(said.map(([type]) => type)).toEqual([
      'JOURNAL_STALLED',
      'JOURNAL_RECOVERED',
      'JOURNAL_STALLED',
      'JOURNAL_RECOVERED',
    ]);
    expect(said[0]?.[1]).toMatchObject({ error: 'unknown' });
  });
});
