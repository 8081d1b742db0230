import { expect, it } from 'vitest';
import type { Timers } from '../../../core/clock.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { withinBounds } from './source.ts';

const BOUNDS = { maxBytes: 1_000, withinMs: 600_000, idleMs: 10_000 };

function stage() {
  const clock = new ManualClock();
  let armed = 0;
  const timers: Timers = {
    after(ms, task) {
      armed++;
      return clock.after(ms, task);
    },
  };
  return { clock, timers, armed: () => armed };
}

async function* twoThenSilence(): AsyncGenerator<Uint8Array, void, undefined> {
  yield new Uint8Array(1);
  yield new Uint8Array(1);
  await new Promise(() => undefined);
}

it('looks for silence no more often than silence may last, however slow the reader is', async () => {
  const { clock, timers, armed } = stage();
  const source = withinBounds(twoThenSilence(), BOUNDS, { clock, timers });
  await source.next();
  const before = armed();
  // The disk takes its time with the first piece.
  for (let ms = 0; ms < 120_000; ms += 100) clock.advance(100);
  expect(armed() - before).toBeLessThanOrEqual(12);
  expect(await source.next()).toMatchObject({ done: false });
  await source.return();
});

it('counts silence from when the reader listens, to the millisecond', async () => {
  const { clock, timers } = stage();
  const source = withinBounds(twoThenSilence(), BOUNDS, { clock, timers });
  await source.next();
  clock.advance(27_300);
  await source.next();
  let failed = false;
  const waiting = source.next().catch(() => (failed = true));
  await new Promise(setImmediate);
  clock.advance(9_999);
  await new Promise(setImmediate);
  expect(failed).toBe(false);
  clock.advance(1);
  await waiting;
  expect(failed).toBe(true);
});
