import { describe, expect, it } from 'vitest';
import { ConflictError } from '../../core/errors.ts';
import type { RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
import { ManualClock } from '../../testing/clock.ts';
import { Sightings } from './sightings.ts';

function stand() {
  const clock = new ManualClock();
  const answered: string[] = [];
  const lines: string[] = [];
  let fails: ((rule: string) => Error | undefined) | undefined;
  let stored: readonly RampartEvent[] = [];
  const asked: (readonly [number, number])[] = [];
  const say = (message: string): void => void lines.push(message);
  const sightings = new Sightings({
    clock,
    log: { warn: say, info: say },
    answer: async ({ details }, isLate) => {
      const rule = String(details?.['rule']);
      const error = fails?.(rule);
      if (error !== undefined) throw error;
      answered.push(isLate ? `${rule} late` : rule);
    },
    stored: async (...span) => {
      asked.push(span);
      return stored;
    },
  });
  return {
    clock,
    sightings,
    answered,
    lines,
    asked,
    seen: (rule: string) => makeEvent('DETECTION', 'one', clock.now(), { details: { rule } }),
    /** Everything that was begun. */
    settle: () => new Promise((resolve) => setImmediate(resolve)),
    breakWith: (how: typeof fails) => (fails = how),
    store: (...events: readonly RampartEvent[]) => (stored = events),
  };
}

describe('detections that are to be answered', () => {
  it('are answered in their order, and none late', async () => {
    const { sightings, seen, answered, settle, lines } = stand();
    for (const rule of ['a', 'b', 'c']) sightings.take(seen(rule));
    expect(answered).toEqual([]);
    await settle();
    expect([answered, lines, sightings.waiting]).toEqual([['a', 'b', 'c'], [], 0]);
  });

  it('wait while nothing can be written, are all answered afterwards as late ones, and it is said once', async () => {
    const { sightings, seen, answered, lines, settle, breakWith } = stand();
    let tries = 0;
    breakWith(() => {
      tries++;
      return new Error('no database');
    });
    for (const rule of ['a', 'b', 'c']) sightings.take(seen(rule));
    await settle();
    sightings.take(seen('d'));
    sightings.retry();
    await settle();
    // One try for each look, however many wait.
    expect([tries, sightings.waiting, lines.length]).toEqual([2, 4, 1]);
    breakWith(undefined);
    sightings.retry();
    await settle();
    expect(answered.toSorted()).toEqual(['a late', 'b late', 'c late', 'd late']);
    expect(sightings.waiting).toBe(0);
    sightings.take(seen('e'));
    await settle();
    expect(answered.at(-1)).toBe('e');
    expect(lines).toHaveLength(2);
  });

  it('do not bar the way for each other: one that fails for ever goes behind the others', async () => {
    const { sightings, seen, answered, settle, breakWith } = stand();
    breakWith((rule) => (rule === 'poison' ? new Error('of its own') : undefined));
    for (const rule of ['poison', 'a', 'b']) sightings.take(seen(rule));
    for (let i = 0; i < 2; i++) {
      await settle();
      sightings.retry();
    }
    await settle();
    expect(answered.toSorted()).toEqual(['a late', 'b late']);
  });

  it('are dropped where they were judged, and where they are too old', async () => {
    const { sightings, seen, clock, answered, settle, breakWith, lines } = stand();
    breakWith(() => new ConflictError('too many'));
    sightings.take(seen('a'));
    await settle();
    expect(sightings.waiting).toBe(0);
    breakWith(() => new Error('no database'));
    sightings.take(seen('b'));
    await settle();
    clock.advance(3_600_001);
    breakWith(undefined);
    sightings.retry();
    await settle();
    expect([answered, sightings.waiting]).toEqual([[], 0]);
    expect(lines.at(-1)).toContain('too old');
  });

  it('of a node that died are found in the database once they have settled, and looked at once', async () => {
    const { sightings, seen, clock, answered, asked, settle, store } = stand();
    const own = seen('own');
    sightings.take(own);
    await settle();
    store(seen('newer'), own, seen('older'));
    await sightings.look();
    await settle();
    await sightings.look();
    await settle();
    expect(answered).toEqual(['own', 'older late', 'newer late']);
    expect(asked[0]).toEqual([clock.now() - 900_000, clock.now() - 10_000]);
  });

  it('are at most a thousand; what is more is left to the database', async () => {
    const { sightings, seen, answered, settle, store, breakWith } = stand();
    breakWith(() => new Error('no database'));
    const all = Array.from({ length: 1_005 }, (_, i) => seen(`r${i}`));
    for (const event of all) sightings.take(event);
    await settle();
    expect(sightings.waiting).toBe(1_000);
    breakWith(undefined);
    sightings.retry();
    await settle();
    store(...all.toReversed().slice(0, 500));
    await sightings.look();
    await settle();
    expect(new Set(answered).size).toBe(1_005);
  });
});
