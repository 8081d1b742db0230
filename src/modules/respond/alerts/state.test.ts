import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEVERITIES } from '../../../core/events.ts';
import { readAlertOptions } from './options.ts';
import { act, type Act, due, isOpen, MAX_EVENTS, nextAtMs, occur } from './state.ts';
import { occurrence } from './test-house.ts';
import type { Alert, Step } from './types.ts';

const T0 = 1_795_000_000_000;
const MINUTE = 60_000;
const DAY = 86_400_000;
const rules = readAlertOptions();
const step = (found: Step | string): Step => {
  if (typeof found === 'string') throw new Error(found);
  return found;
};
const raise = (fields: Parameters<typeof occurrence>[1] = {}, atMs = T0): Alert =>
  occur(undefined, occurrence(atMs, fields), rules, atMs, 'alr_1').alert;
const again = (alert: Alert, atMs: number, fields: Parameters<typeof occurrence>[1] = {}): Step =>
  occur(alert, occurrence(atMs, fields), rules, atMs, 'alr_2');
const done = (alert: Alert, what: Act, atMs = T0 + 1): Alert =>
  step(act(alert, what, 'user:ada', rules, atMs)).alert;
const RESOLVE = { kind: 'resolve', note: 'mended' } as const;

describe('what happens', () => {
  it('raises one alert, and people are told once while it goes on', () => {
    const first = occur(undefined, occurrence(T0), rules, T0, 'alr_1');
    expect(first).toMatchObject({ tell: 'raised', alert: { id: 'alr_1', state: 'ACTIVE', count: 1 } });
    const second = again(first.alert, T0 + MINUTE);
    expect(second).toMatchObject({
      tell: null,
      notes: [],
      alert: { id: 'alr_1', count: 2, lastAtMs: T0 + MINUTE },
    });
  });

  it('is told again when it is more severe, and after a long silence', () => {
    expect(again(raise(), T0 + 1, { severity: 'CRITICAL' }).tell).toBe('worse');
    expect(again(raise(), T0 + 1, { severity: 'LOW' })).toMatchObject({
      tell: null,
      alert: { severity: 'HIGH' },
    });
    expect(again(raise(), T0 + DAY - 1).tell).toBeNull();
    expect(again(raise(), T0 + DAY).tell).toBe('again');
  });

  it('counts of a detection only what is new when its count is told again', () => {
    const first = raise({ part: 'det_1', count: 20 });
    const grown = again(first, T0 + 1, { part: 'det_1', count: 40 }).alert;
    expect(grown.count).toBe(40);
    expect(again(grown, T0 + 2, { part: 'det_1', count: 30 }).alert.count).toBe(40);
    expect(again(grown, T0 + 3, { part: 'det_2', count: 20 }).alert.count).toBe(60);
  });

  it('reopens what was resolved, for a week; then it is a new alert', () => {
    const resolved = done(raise(), RESOLVE);
    const back = again(resolved, T0 + DAY);
    expect(back).toMatchObject({
      tell: 'reopened',
      alert: { id: 'alr_1', state: 'ACTIVE', reopened: 1, count: 2 },
    });
    expect(again(resolved, T0 + 8 * DAY)).toMatchObject({ tell: 'raised', alert: { id: 'alr_2', count: 1 } });
  });

  it('does not reopen for what happened before it was resolved', () => {
    const resolved = done(raise(), RESOLVE, T0 + MINUTE);
    const late = occur(resolved, occurrence(T0 + 1), rules, T0 + 2 * MINUTE, 'alr_2');
    expect(late).toMatchObject({ tell: null, alert: { state: 'RESOLVED', count: 2 } });
  });

  it('stays quiet about a false positive, unless it is more severe', () => {
    const wrong = done(raise(), { kind: 'false-positive', note: 'our own scanner' });
    expect(again(wrong, T0 + DAY)).toMatchObject({
      tell: null,
      alert: { state: 'FALSE_POSITIVE', count: 2 },
    });
    expect(again(wrong, T0 + DAY, { severity: 'CRITICAL' }).tell).toBe('reopened');
    expect(again(wrong, T0 + 8 * DAY).alert.id).toBe('alr_2');
  });
});

describe('a snooze', () => {
  const snooze = { kind: 'snooze', untilMs: T0 + DAY, untilCount: 5 } as const;

  it('is quiet until its time, and tells then when it went on meanwhile', () => {
    const quiet = done(raise(), snooze);
    expect(nextAtMs(quiet)).toBe(T0 + DAY);
    expect(due(quiet, rules, T0 + DAY)).toMatchObject({ tell: null, alert: { snoozedUntilMs: null } });
    const grown = again(quiet, T0 + MINUTE);
    expect(grown.tell).toBeNull();
    expect(due(grown.alert, rules, T0 + DAY - 1).alert).toBe(grown.alert);
    expect(due(grown.alert, rules, T0 + DAY)).toMatchObject({
      tell: 'again',
      alert: { snoozedUntilMs: null },
    });
  });

  it('ends at its count, and when it becomes critical', () => {
    const quiet = done(raise(), snooze);
    expect(again(quiet, T0 + 2, { count: 3 }).tell).toBeNull();
    expect(again(quiet, T0 + 2, { count: 4 }).tell).toBe('again');
    expect(again(quiet, T0 + 2, { severity: 'CRITICAL' }).tell).toBe('worse');
  });

  it('is refused for times that have passed and counts that were reached', () => {
    expect(act(raise(), { ...snooze, untilMs: T0 }, 'x', rules, T0)).toMatch(/passed/);
    expect(act(raise(), { ...snooze, untilCount: 1 }, 'x', rules, T0)).toMatch(/as often/);
  });
});

describe('escalation', () => {
  it('goes on until somebody acknowledges it, so often and no more', () => {
    let alert = raise();
    for (let round = 1; round <= 3; round++) {
      const atMs = T0 + round * 30 * MINUTE;
      expect(due(alert, rules, atMs - 1).tell).toBeNull();
      const next = due(alert, rules, atMs);
      expect(next).toMatchObject({ tell: 'escalated', alert: { escalations: round } });
      alert = next.alert;
    }
    expect(nextAtMs(alert)).toBeNull();
  });

  it('ends with the acknowledgement, which makes the alert that person’s', () => {
    const taken = step(act(raise(), { kind: 'acknowledge' }, 'user:ada', rules, T0));
    expect(taken).toMatchObject({
      tell: 'acknowledged',
      alert: { state: 'INVESTIGATING', assignee: 'user:ada' },
    });
    expect(nextAtMs(taken.alert)).toBeNull();
    expect(act(taken.alert, { kind: 'acknowledge' }, 'user:bob', rules, T0)).toMatch(/already/);
  });

  it('is not for what is not severe', () => {
    expect(nextAtMs(raise({ severity: 'MEDIUM' }))).toBeNull();
    expect(nextAtMs(raise({ severity: 'HIGH' }))).toBe(T0 + 30 * MINUTE);
  });
});

describe('people', () => {
  it('settle and reopen, and are told why not', () => {
    const resolved = done(raise(), RESOLVE);
    expect(resolved).toMatchObject({ state: 'RESOLVED', settledAtMs: T0 + 1, changedBy: 'user:ada' });
    expect(act(resolved, RESOLVE, 'x', rules, T0)).toMatch(/reopen/);
    expect(step(act(resolved, { kind: 'reopen', note: '' }, 'x', rules, T0 + 2)).tell).toBe('reopened');
    expect(act(raise(), { kind: 'reopen', note: '' }, 'x', rules, T0)).toMatch(/open/);
    expect(done(raise(), { kind: 'assign', to: 'user:bob' }).assignee).toBe('user:bob');
  });
});

const severity = fc.constantFrom(...SEVERITIES);
const move = fc.oneof(
  fc.record({
    what: fc.constant('occur' as const),
    severity,
    count: fc.integer({ min: 1, max: 99 }),
    back: fc.nat(DAY),
  }),
  fc.record({ what: fc.constant('due' as const) }),
  fc.record({
    what: fc.constant('act' as const),
    act: fc.oneof(
      fc.constantFrom<Act>(
        { kind: 'acknowledge' },
        { kind: 'assign', to: 'user:bob' },
        RESOLVE,
        { kind: 'false-positive', note: '' },
        { kind: 'reopen', note: '' },
        { kind: 'note', text: 'x' },
      ),
      fc.record({
        kind: fc.constant('snooze' as const),
        untilMs: fc.constant(T0 + 400 * DAY),
        untilCount: fc.constant(null),
      }),
    ),
  }),
);

describe('whatever happens in whatever order', () => {
  it('keeps what an alert promises', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2 * DAY), move), { maxLength: 60 }), (moves) => {
        let nowMs = T0;
        let alert = raise();
        for (const [laterMs, one] of moves) {
          nowMs += laterMs;
          const before = alert;
          const next = ((): Step | string => {
            if (one.what === 'due') return due(before, rules, nowMs);
            if (one.what === 'act') return act(before, one.act, 'user:ada', rules, nowMs);
            const fields = { severity: one.severity, count: one.count };
            return occur(before, occurrence(nowMs - one.back, fields), rules, nowMs, `alr_${nowMs}`);
          })();
          if (typeof next === 'string') continue;
          alert = next.alert;
          const isNew = alert.id !== before.id;
          expect(alert.events.length).toBeLessThanOrEqual(MAX_EVENTS);
          expect(alert.firstAtMs).toBeLessThanOrEqual(alert.lastAtMs);
          // Settled means settled: nothing is due, and it says since when.
          expect(alert.settledAtMs === null).toBe(isOpen(alert));
          if (!isOpen(alert)) expect(nextAtMs(alert)).toBeNull();
          if (alert.state === 'INVESTIGATING') expect(alert.escalatesAtMs).toBeNull();
          if (alert.snoozedUntilMs !== null) expect(alert.escalatesAtMs).toBeNull();
          if (!isNew) {
            expect(alert.count).toBeGreaterThanOrEqual(before.count);
            expect(alert.reopened).toBeGreaterThanOrEqual(before.reopened);
            expect(SEVERITIES.indexOf(alert.severity)).toBeGreaterThanOrEqual(
              SEVERITIES.indexOf(before.severity),
            );
          }
          // Nobody is told of what is settled but that it is; a step that is due leaves nothing due.
          if (next.tell !== null && next.tell !== 'resolved') expect(isOpen(alert)).toBe(true);
          if (one.what === 'due') expect(nextAtMs(alert) ?? Infinity).toBeGreaterThan(nowMs);
          if (one.what === 'occur' && isOpen(before) && before.snoozedUntilMs === null && !isNew)
            expect(next.tell === null || next.tell === 'worse' || next.tell === 'again').toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('an act that is taken back', () => {
  const { state, assignee, snoozedUntilMs } = raise();
  const before = { state, assignee, snoozedUntilMs };
  const undo = (alert: Alert, by = 'user:ada', atMs = T0 + 2, to = before): Step | string =>
    act(alert, { kind: 'undo', seenAtMs: alert.changedAtMs ?? 0, before: to }, by, rules, atMs);

  it.each<Act>([
    { kind: 'acknowledge' },
    { kind: 'assign', to: 'user:grace' },
    { kind: 'snooze', untilMs: T0 + DAY, untilCount: null },
  ])('leaves it as it stood, and waits anew for somebody: $kind', (what) => {
    const { alert, tell } = step(undo(done(raise(), what)));
    expect({ ...alert, ...before }).toEqual(alert);
    expect(alert.escalatesAtMs).toBe(T0 + 2 + rules.escalation.afterMs);
    expect(tell).toBeNull();
  });

  it('opens what was settled, and tells those who heard that it was over', () => {
    const { alert, tell } = step(undo(done(raise(), RESOLVE)));
    expect(alert).toMatchObject({ state: 'ACTIVE', settledAtMs: null, reopened: 0 });
    expect(tell).toBe('reopened');
  });

  it('settles what was reopened, and gives back the rest of a snooze', () => {
    const reopened = done(done(raise(), RESOLVE), { kind: 'reopen', note: '' });
    const settled = step(undo(reopened, 'user:ada', T0 + 2, { ...before, state: 'RESOLVED' }));
    expect(settled).toMatchObject({
      alert: { state: 'RESOLVED', reopened: 0, escalatesAtMs: null },
      tell: 'resolved',
    });
    const snoozed = { ...before, snoozedUntilMs: T0 + DAY };
    const asleep = step(undo(done(raise(), RESOLVE), 'user:ada', T0 + 2, snoozed)).alert;
    expect(asleep).toMatchObject({ snoozedUntilMs: T0 + DAY, escalatesAtMs: null });
  });

  it('is one’s own, lately, and still the last', () => {
    const taken = done(raise(), { kind: 'acknowledge' });
    expect(undo(taken, 'user:grace')).toBe('It was changed since.');
    expect(undo(raise())).toBe('It was changed since.');
    expect(undo(taken, 'user:ada', T0 + 1 + MINUTE + 1)).toBe('It is too long ago to be taken back.');
    const later = done(taken, { kind: 'assign', to: null }, T0 + 5);
    expect(act(later, { kind: 'undo', seenAtMs: T0 + 1, before }, 'user:ada', rules, T0 + 6)).toBe(
      'It was changed since.',
    );
  });
});
